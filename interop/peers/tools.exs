# What Elixir's own modules come to when they are pointed at processes of another node. One line for each: its name, and the outcome.
[node] = Enum.map(System.argv(), &String.to_atom/1)
true = Node.connect(node)

say = fn name, run ->
  outcome =
    try do
      run.()
    catch
      :exit, reason -> {:exit, reason}
      :error, reason -> {:error, reason}
    end

  IO.puts("#{name} => #{inspect(outcome, limit: 50, width: :infinity)}")
end

counter = {:counter, node}
say.("GenServer.call", fn -> GenServer.call(counter, {:increment, 2}) end)
say.("GenServer.cast", fn -> {GenServer.cast(counter, :reset), GenServer.call(counter, :get)} end)
say.("GenServer.multi_call", fn -> {[{^node, 0}], []} = GenServer.multi_call([node], :counter, :get); :ok end)
say.("GenServer.whereis", fn -> GenServer.whereis(counter) == counter end)
say.("sys.get_state", fn -> :sys.get_state(counter) end)
say.("sys.get_status", fn -> elem(:sys.get_status(counter), 0) end)
say.("sys.suspend", fn -> {:sys.suspend(counter), :sys.resume(counter), GenServer.call(counter, :get)} end)
say.("sys.statistics", fn ->
  :ok = :sys.statistics(counter, true)
  GenServer.call(counter, :get)
  {:ok, found} = :sys.statistics(counter, :get)
  Keyword.keys(found)
end)
say.("sys.replace_state", fn -> :sys.replace_state(counter, fn state -> state end) end)
say.("GenServer.stop", fn -> GenServer.stop({:brief, node}, :shutdown, 2_000) end)

[worker] = Enum.map(Supervisor.which_children({:top, node}), fn {id, pid, type, modules} -> {id, is_pid(pid), type, modules} end)
say.("Supervisor.which_children", fn -> worker end)
say.("Supervisor.count_children", fn -> Enum.sort(Supervisor.count_children({:top, node})) end)
say.("Supervisor.terminate_child", fn -> Supervisor.terminate_child({:top, node}, :kept) end)
say.("Supervisor.restart_child", fn -> {:ok, pid} = Supervisor.restart_child({:top, node}, :kept); is_pid(pid) end)
say.("Supervisor.delete_child", fn -> Supervisor.delete_child({:top, node}, :kept) end)

rooms = {:rooms, node}
say.("DynamicSupervisor.count_children", fn -> Enum.sort(DynamicSupervisor.count_children(rooms)) end)
say.("DynamicSupervisor.which_children", fn ->
  for {id, pid, type, modules} <- DynamicSupervisor.which_children(rooms), do: {id, is_pid(pid), type, modules}
end)
say.("DynamicSupervisor.terminate_child", fn ->
  [{_, pid, _, _}] = DynamicSupervisor.which_children(rooms)
  {DynamicSupervisor.terminate_child(rooms, pid), DynamicSupervisor.terminate_child(rooms, pid)}
end)

say.("Agent.get", fn -> Agent.get({:cache, node}, :shop, :plus, [10]) end)
say.("Agent.update", fn -> {Agent.update({:cache, node}, :shop, :plus, [5]), Agent.get({:cache, node}, :shop, :plus, [0])} end)
say.("Agent.get_and_update", fn -> Agent.get_and_update({:cache, node}, :shop, :swap, [100]) end)
say.("Agent.cast", fn -> {Agent.cast({:cache, node}, :shop, :plus, [1]), Agent.get({:cache, node}, :shop, :plus, [0])} end)
say.("Agent.stop", fn -> Agent.stop({:cache, node}) end)

tasks = {:tasks, node}
say.("Task.Supervisor.async", fn -> Task.await(Task.Supervisor.async(tasks, :shop, :total, [[1, 2, 300]]), 2_000) end)
say.("Task.Supervisor.async_nolink", fn ->
  Task.yield(Task.Supervisor.async_nolink(tasks, :shop, :broken, []), 2_000) |> elem(1) |> elem(0) |> Map.to_list() |> Enum.sort()
end)
say.("Task.Supervisor.async_stream", fn ->
  Task.Supervisor.async_stream(tasks, [1, 2, 3], :shop, :plus, [10], timeout: 2_000) |> Enum.to_list()
end)
say.("Task.Supervisor.start_child", fn -> {:ok, pid} = Task.Supervisor.start_child(tasks, :shop, :total, [[1]]); node(pid) == node end)

heard = fn ->
  receive do
    message -> message
  after
    2_000 -> :nothing
  end
end

say.("Node.spawn", fn ->
  Node.spawn(node, :shop, :send_back, [self(), "over there"])
  heard.()
end)
say.("Node.spawn_link", fn ->
  Process.flag(:trap_exit, true)
  pid = Node.spawn_link(node, :shop, :quit, [])
  {:EXIT, ^pid, reason} = heard.()
  reason
end)
say.("Node.spawn_monitor", fn ->
  {pid, ref} = Node.spawn_monitor(node, :shop, :quit, [])
  {:DOWN, ^ref, :process, ^pid, reason} = heard.()
  reason
end)
say.(":erpc.multicall", fn -> :erpc.multicall([node(), node], :erlang, :node, []) == [ok: node(), ok: node] end)
say.("Process.monitor", fn ->
  ref = Process.monitor({:nobody, node})
  {:DOWN, ^ref, :process, _, reason} = heard.()
  reason
end)
say.("Node.ping", fn -> Node.ping(node) end)

# And what the other node asks of Elixir's own processes.
{:ok, _} = DynamicSupervisor.start_link(name: :theirs, strategy: :one_for_one)
{:ok, _} = DynamicSupervisor.start_child(:theirs, {Agent, fn -> 1 end})
{:ok, _} = Agent.start_link(fn -> 41 end, name: :agent)
{:ok, _} = Registry.start_link(keys: :unique, name: Names)
{:ok, _} = Registry.register(Names, "room", 7)
{:ok, _} = Task.Supervisor.start_link(name: :their_tasks)

IO.puts("ready")
# They live as long as who started them.
Process.sleep(:infinity)
