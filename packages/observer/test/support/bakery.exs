# An Elixir application to look at: a supervisor, a server with a state, and one that traps exits.
defmodule Bakery.Oven do
  use GenServer
  def start_link(arg), do: GenServer.start_link(__MODULE__, arg, name: __MODULE__)
  def init(loaves), do: {:ok, %{loaves: loaves, password: "hunter2"}}
  def handle_info({:bake, count}, state), do: {:noreply, %{state | loaves: state.loaves + count}}
  def handle_info(_other, state), do: {:noreply, state}
end

defmodule Bakery.Shelf do
  use GenServer
  def start_link(_arg), do: GenServer.start_link(__MODULE__, [], name: __MODULE__)

  def init(_arg) do
    Process.flag(:trap_exit, true)
    {:ok, []}
  end
end

defmodule Bakery do
  use Application

  def start(_type, _args) do
    Supervisor.start_link([{Bakery.Oven, 3}, Bakery.Shelf], strategy: :one_for_one, name: Bakery.Supervisor)
  end
end

spec = [
  description: 'Bakes bread.',
  vsn: '1.2.0',
  modules: [Bakery, Bakery.Oven, Bakery.Shelf],
  registered: [],
  applications: [:kernel, :stdlib, :elixir],
  mod: {Bakery, []}
]

:ok = :application.load({:application, :bakery, spec})
{:ok, _} = Application.ensure_all_started(:bakery)
IO.puts("ready")
