# A GenServer as Elixir's own documentation writes it: a stack, registered by its module's name.
defmodule Stack do
  use GenServer

  def init(elements), do: {:ok, elements}

  def handle_call(:pop, _from, [top | rest]), do: {:reply, top, rest}
  def handle_call(:pop, _from, []), do: {:reply, {:error, "empty"}, []}
  def handle_call({:sum, numbers}, _from, state), do: {:reply, Enum.sum(numbers), state}
  def handle_call({:describe, map}, _from, state), do: {:reply, {:ok, map.name, map}, state}
  def handle_call(:crash, _from, _state), do: raise("boom")
  def handle_call(:sleep, _from, state), do: {:noreply, state}

  def handle_cast({:push, element}, state), do: {:noreply, [element | state]}
end

{:ok, _} = GenServer.start(Stack, [1], name: Stack)

# Ends the process that it is told to end, and says what it hears of the one it watches.
spawn(fn ->
  Process.register(self(), :watcher)

  loop = fn loop ->
    receive do
      {:watch, pid} ->
        ref = Process.monitor(pid)
        IO.puts("watching #{is_reference(ref)}")

      {:DOWN, _ref, :process, _pid, reason} ->
        IO.puts("down #{inspect(reason)}")

      {:link, pid} ->
        Process.flag(:trap_exit, true)
        Process.link(pid)
        send(pid, "linked")

      {:EXIT, _pid, reason} ->
        IO.puts("exit #{inspect(reason)}")

      {:echo, from, term} ->
        send(from, {:echoed, term})
    end

    loop.(loop)
  end

  loop.(loop)
end)

IO.puts("ready")
