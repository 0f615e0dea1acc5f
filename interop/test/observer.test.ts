/** The OTP observer, `etop`, `rpc` and `erl_call`, pointed at an Umbel node: what they ask, as they ask it. */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { application, child, genServer, local, name, supervisor } from "umbel"
import { boot } from "umbel/nodejs"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { evaluate } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"

const COOKIE = "interop"

const prices = genServer("observed.prices", {
  init: () => ({ list: [1, 2, 3], api_key: "k-1" }),
  // Answers only when it is ended.
  calls: {
    slow: ({ signal }) => new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
  },
  info: () => {},
})
const PRICES = name<typeof prices>("prices")
const cart = genServer("observed.cart", {
  init: (_arg: undefined, self) => {
    self.monitor(PRICES)
    self.dictionary.set("password", "p")
    return { items: 0 }
  },
})
const carts = supervisor("observed.carts", {
  children: [child(cart, { id: "one", arg: undefined, name: name("cart") })],
})
const unspeakable = genServer("observed.unspeakable", { init: () => ({ socket: local({}), n: 1 }) })
const unshowable = genServer("observed.unshowable", {
  init: () => ({ n: 1 }),
  formatStatus: () => {
    throw new Error("no")
  },
})
const shop = application({
  name: "shop",
  description: "A shop",
  start: () =>
    supervisor("observed.top", { children: [child(prices, { name: PRICES }), child(carts, { name: name("carts") })] }),
})

/** The entries of maps in the order of their keys: since OTP 26 they are printed in any. */
const ordered = (line: string): string =>
  line.replace(
    /#\{([^{}]*)\}/g,
    (_, entries: string) =>
      `#{${entries
        .split(/,(?=[a-z_]+ =>)/)
        .sort()
        .join()}}`,
  )

/** Runs expressions on an Erlang node beside an observed node; `N` is that node, and `P(Term)` prints a line. */
async function observed(title: string, script: string): Promise<readonly string[]> {
  const epmdPort = await freePort()
  await using node = await boot({
    name: `${title}@127.0.0.1`,
    cookie: COOKIE,
    epmdPort,
    report: () => {},
    applications: [shop],
  })
  const lines = await evaluate({
    name: `${title}beam@127.0.0.1`,
    cookie: COOKIE,
    epmdPort,
    script: `N = '${node.name}', P = fun(X) -> io:format("~0p~n", [X]) end, ${script}`,
  })
  return lines.map(ordered)
}

const PROCESS_WINDOW = `[binary, catchlevel, current_function, error_handler, garbage_collection, group_leader, heap_size,
  initial_call, last_calls, links, memory, message_queue_len, monitored_by, monitors, priority, reductions, registered_name,
  sequential_trace_token, stack_size, status, suspending, total_heap_size, trace, trap_exit]`

describe.skipIf(!peers.erlang)("the OTP observer", () => {
  test("gets its System tab, its load charts and its allocators", async () => {
    const lines = await observed(
      "obs1",
      `
      Info = rpc:call(N, observer_backend, sys_info, []),
      Keys = [uptime, run_queue, io_input, io_output, logical_processors, logical_processors_online,
        logical_processors_available, schedulers, schedulers_online, schedulers_available, otp_release, version,
        system_architecture, kernel_poll, smp_support, threads, thread_pool_size, wordsize_internal, wordsize_external,
        alloc_info, process_count, atom_limit, atom_count, process_limit, port_limit, port_count, ets_limit, ets_count,
        dist_buf_busy_limit, total, processes, processes_used, system, atom, atom_used, binary, code, ets],
      P([K || K <- Keys, not lists:keymember(K, 1, Info)]),
      V = fun(K) -> proplists:get_value(K, Info) end,
      P({V(otp_release), io_lib:printable_list(V(version)), V(wordsize_external)}),
      P([K || K <- [total, processes, atom, code, process_count, atom_count, logical_processors], not (V(K) > 0)]),
      P(V(total) =:= V(processes) + V(system)),
      P(length([T || {T, [{instance, 0, [{mbcs, [{blocks, [{T, [{size, Used, _, _}]}]}, {carriers_size, All, _, _}]} | _]}]}
        <- V(alloc_info), Used > 0, All >= Used]) > 0),
      P(rpc:call(N, erlang, system_info, [dirty_cpu_schedulers])),
      Stats = spawn_link(N, observer_backend, fetch_stats, [self(), 50]),
      Sample = fun() -> receive {stats, 1, [{1, A, T}], {{input, I}, {output, O}}, Mem} -> {A, T, I, O, Mem} end end,
      {A1, T1, I1, O1, Mem} = Sample(), {A2, T2, I2, O2, _} = Sample(),
      P({A2 >= A1, T2 > T1, I2 >= I1, O2 > O1, is_integer(proplists:get_value(total, Mem))}),
      process_flag(trap_exit, true),
      Stats ! exit,
      P(receive {'EXIT', Stats, R} -> R end),`,
    )
    expect(lines).toEqual(["[]", '{"25",true,8}', "[]", "true", "true", "0", "{true,true,true,true,true}", "normal"])
  })

  test("gets the list of processes in parts, with a normal end, and etop the same", async () => {
    const lines = await observed(
      "obs2",
      `
      P(rpc:call(N, code, ensure_loaded, [observer_backend])),
      P([rpc:call(N, erlang, function_exported, [observer_backend, F, A]) ||
        {F, A} <- [{procs_info, 1}, {get_port_list, 0}, {get_socket_list, 0}, {procs_info, 2}, {nosuch, 0}]]),
      process_flag(trap_exit, true),
      Pid = spawn_link(N, observer_backend, procs_info, [self()]),
      Rows = receive {procs_info, Pid, L} -> L end,
      P(receive {'EXIT', Pid, R} -> R end),
      P([E || E <- Rows, not (is_tuple(E) andalso element(1, E) =:= etop_proc_info andalso size(E) =:= 8)]),
      {_, Cart, Mem, Reds, _, 0, CF, MQ} = lists:keyfind(cart, 5, Rows),
      P({node(Cart) =:= N, Mem > 0, Reds >= 0, CF, MQ}),
      P([Name || {_, _, _, _, {supervisor, 'observed.top', _} = Name, _, _, _} <- Rows]),
      P(rpc:call(N, observer_backend, vsn, [])),
      Etop = spawn_link(N, observer_backend, etop_collect, [self()]),
      receive {Etop, {etop_info, {_, _, _}, Count, undefined, [{1, _, _}], _, [], Memi, Procs}} ->
        P({Count =:= length(Procs), [K || {K, _} <- Memi]}) end,`,
    )
    expect(lines).toEqual([
      "{module,observer_backend}",
      "[true,true,true,false,false]",
      "normal",
      "[]",
      "{true,true,true,{'observed.cart',idle,0},0}",
      "[{supervisor,'observed.top',1}]",
      '{ok,"1.19"}',
      "{true,[total,processes,ets,atom,code,binary]}",
    ])
  })

  test("gets a process window: information, messages, dictionary, stack and state", async () => {
    const lines = await observed(
      "obs3",
      `
      Items = ${PROCESS_WINDOW},
      Pid = rpc:call(N, erlang, whereis, [prices]),
      Cart = rpc:call(N, erlang, whereis, [cart]),
      Get = fun(Of, Item) -> rpc:call(N, erlang, process_info, [Of, Item]) end,
      Info = Get(Pid, Items),
      P([K || {K, _} <- Info] =:= Items),
      P({Get(Pid, registered_name), Get(rpc:call(N, application_controller, get_master, [shop]), registered_name)}),
      P(proplists:get_value(monitored_by, Info) =:= [Cart]),
      P(Get(Cart, monitors)),
      P(lists:member(rpc:call(N, erlang, whereis, [carts]), element(2, Get(Cart, links)))),
      P(proplists:get_value(min_heap_size, proplists:get_value(garbage_collection, Info))),
      P(rpc:call(N, proc_lib, translate_initial_call, [Pid])),
      P(rpc:call(N, proc_lib, translate_initial_call, [rpc:call(N, erlang, whereis, [carts])])),
      P(rpc:call(N, supervisor, module_info, [attributes])),
      P(rpc:call(N, 'observed.prices', module_info, [attributes])),
      P(lists:member({init, 1}, rpc:call(N, 'observed.prices', module_info, [exports]))),
      P(rpc:call(N, 'observed.carts', module_info, [attributes])),
      {status, Pid, {module, _}, [_, running, _, _, [{header, _}, {data, _}, {data, State}]]} =
        rpc:call(N, sys, get_status, [Pid, 200]),
      P(State),
      {dictionary, D} = Get(Cart, dictionary), P([proplists:get_value(K, D) || K <- ['$initial_call', <<"password">>]]),
      P(hd(proplists:get_value('$ancestors', D))),
      P(Get(Pid, current_stacktrace)),
      Slow = spawn(fun() -> gen_server:call(Pid, slow, infinity) end),
      Until = fun Until(Item, Fits, Tries) when Tries > 0 ->
        case Fits(Get(Pid, Item)) of true -> ok; false -> receive after 10 -> Until(Item, Fits, Tries - 1) end end end,
      Until(current_function, fun({_, {_, F, _}}) -> F =:= slow end, 500),
      [Pid ! {tell, #{token => <<"t">>, n => I}} || I <- [1, 2]],
      Until(message_queue_len, fun(Len) -> Len =:= {message_queue_len, 2} end, 500),
      P(Get(Pid, messages)),
      P({Get(Pid, current_function), Get(Pid, status), rpc:call(N, sys, get_status, [Pid, 50])}),
      exit(Slow, kill), exit(Pid, kill),
      Until(Items, fun(Gone) -> Gone =:= undefined end, 500),
      P(element(1, Get(self(), Items))),
      P(rpc:call(N, proc_lib, translate_initial_call, [rpc:call(N, erlang, whereis, [user])])),`,
    )
    expect(lines).toEqual([
      "true",
      "{{registered_name,prices},[]}",
      "true",
      "{monitors,[{process,{prices,'obs3@127.0.0.1'}}]}",
      "true",
      "0",
      "{'observed.prices',init,1}",
      "{supervisor,'observed.carts',1}",
      "[{behaviour,[gen_server]}]",
      "[{behaviour,[gen_server]}]",
      "true",
      "[{behaviour,[supervisor]}]",
      '[{"State",#{api_key => <<"[redacted]">>,list => [1,2,3]}}]',
      "[{'observed.cart',init,1},<<\"[redacted]\">>]",
      "carts",
      "{current_stacktrace,[{'observed.prices',idle,0,[]}]}",
      '{messages,[{tell,#{n => 1,token => <<"[redacted]">>}},{tell,#{n => 2,token => <<"[redacted]">>}}]}',
      expect.stringMatching(
        /^\{\{current_function,\{'observed\.prices',slow,0\}\},\{status,waiting\},\{badrpc,\{'EXIT',\{timeout,/,
      ),
      "badrpc",
      "{proc_lib,init_p,5}",
    ])
  })

  test("harms no server whose state cannot be shown", async () => {
    const epmdPort = await freePort()
    await using node = await boot({ name: "obs9@127.0.0.1", cookie: COOKIE, epmdPort, report: () => {} })
    const speechless = await node.start(unspeakable, { name: name("unspeakable") })
    const throwing = await node.start(unshowable, { name: name("unshowable") })
    const lines = await evaluate({
      name: "obs9beam@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `
        N = '${node.name}', P = fun(X) -> io:format("~0p~n", [X]) end,
        State = fun(Name) -> {status, _, _, [_, _, _, _, [_, _, {data, [{_, S}]}]]} = rpc:call(N, sys, get_status, [Name]), S end,
        P(State(unspeakable)), P(sys:get_state({unspeakable, N})), P(rpc:call(N, sys, get_state, [unspeakable])),
        P(State(unshowable)), P(sys:get_state({unshowable, N})),`,
    })
    expect(lines.map(ordered)).toEqual([
      '#{n => 1,socket => <<"#Local<Object>">>}',
      '<<"%{socket: #Local<Object>, n: 1}">>',
      '<<"%{socket: #Local<Object>, n: 1}">>',
      expect.stringContaining("formatStatus threw"),
      "#{n => 1}",
    ])
    expect(node.whereis(name("unspeakable"))).toBe(speechless)
    expect(node.whereis(name("unshowable"))).toBe(throwing)
  })

  test("gets the applications and their trees, again only when they change, and kills", async () => {
    const lines = await observed(
      "obs4",
      `
      {ok, App} = appmon_info:start_link(N, self(), []),
      P(App =:= rpc:call(N, erlang, whereis, [appmon_info])),
      appmon_info:app_ctrl(App, N, true, []),
      receive {delivery, App, app_ctrl, N, Apps} -> P([{A, D} || {_, A, {A, D, V}} <- Apps, is_list(V)]) end,
      appmon_info:app(App, shop, true, [{timeout, 50}]),
      Tree = fun() -> receive {delivery, App, app, shop, T} -> T end end,
      {Root, Pids, Branches, []} = Tree(),
      P([{lists:keyfind(F, 2, Pids) =/= false, F =:= Root, T} || {F, T} <- Branches]),
      P(length(lists:usort([S || {_, S} <- Pids])) =:= length(Pids)),
      Clock = spawn_link(N, observer_backend, fetch_stats, [self(), 60]),
      [receive {stats, 1, _, _, _} -> ok end || _ <- [1, 2, 3]], Clock ! exit,
      P(receive {delivery, _, app, _, _} -> again after 0 -> same end),
      {Cart, "cart"} = lists:keyfind("cart", 2, Pids),
      exit(Cart, kill),
      Until = fun Until() -> {_, Ps, _, _} = Tree(), case lists:keyfind("cart", 2, Ps) of false -> Until(); {C, _} -> C end end,
      P(Until() =/= Cart),
      appmon_info:app(App, nosuch, true, []),
      P(receive {delivery, App, app, nosuch, Nothing} -> Nothing end),
      P([rpc:call(N, application_master, get_child, [M]) =:= {M, A} || {M, A, _} <- Apps]),
      process_flag(trap_exit, true),
      exit(App, normal),
      P(receive {'EXIT', App, Why} -> Why end),`,
    )
    expect(lines).toEqual([
      "true",
      '[{umbel,"Umbel: OTP for TypeScript"},{shop,"A shop"}]',
      '[{true,true,"prices"},{true,true,"carts"},{true,false,"cart"}]',
      "true",
      "same",
      "true",
      "{[],[],[],[]}",
      "[true,true]",
      "normal",
    ])
  })

  test("finds no ports, sockets and tables, and is refused a trace in words", async () => {
    const lines = await observed(
      "obs5",
      `
      C = fun(F, A) -> rpc:call(N, observer_backend, F, A) end,
      P({C(get_port_list, []), C(get_socket_list, []), lists:keyfind(num_sockets, 1, C(socket_info, []))}),
      P(C(get_table_list, [ets, [{sys_hidden, true}, {unread_hidden, true}]])),
      P(C(get_table_list, [mnesia, []])),
      {badrpc, {'EXIT', {#{message := M}, _}}} = C(ttb_init_node, ["file", false, []]), P(M),
      process_flag(trap_exit, true),
      R = spawn_link(N, dbg, do_relay, [self(), x]),
      P(receive {'EXIT', R, Why} -> Why end),`,
    )
    expect(lines).toEqual([
      "{[],[],{num_sockets,0}}",
      "[]",
      '{error,"Mnesia is not running on: obs5@127.0.0.1"}',
      '<<"an Umbel node cannot be traced from a BEAM node; look at it with `umbel observer`">>',
      "umbel_nodes_cannot_be_traced",
    ])
  })
})

describe.skipIf(!peers.erlang)("rpc from Erlang", () => {
  test("asks a node about itself", async () => {
    const lines = await observed(
      "obs6",
      `
      C = fun(M, F, A) -> rpc:call(N, M, F, A) end,
      P({C(erlang, node, []), C(erlang, nodes, []), C(erlang, nodes, [this])}),
      P([lists:member(X, C(erlang, registered, [])) || X <- [prices, rex, net_kernel]]),
      Pid = C(erlang, whereis, [prices]),
      P({lists:member(Pid, C(erlang, processes, [])), C(erlang, is_process_alive, [Pid]), C(erlang, whereis, [nobody])}),
      P({C(erlang, system_info, [otp_release]), C(erlang, system_info, [wordsize]), C(erlang, system_info, [{wordsize, internal}])}),
      P([is_integer(X) || {_, X} <- C(erlang, memory, [])] =:= lists:duplicate(9, true)),
      P({C(erlang, memory, [ets]), [K || {K, _} <- C(erlang, memory, [[total, code]])]}),
      {W1, _} = C(erlang, statistics, [wall_clock]), {W2, Since} = C(erlang, statistics, [wall_clock]), P({W2 >= W1, W2 - W1 =:= Since}),
      P({C(erlang, garbage_collect, []), C(erlang, garbage_collect, [Pid]), C(erlang, ports, [])}),
      P([{A, S, W} || {A, D, V} <- C(application, which_applications, []), S <- [is_list(D)], W <- [is_list(V)]]),
      P(lists:sort(C(supervisor, count_children, [carts]))),
      P([{Id, T, Ms} || {Id, _, T, Ms} <- C(supervisor, which_children, [carts])]),
      P(lists:keyfind(rex, 1, C(supervisor, which_children, [init])) =/= false),
      P(C(sys, get_state, [prices])),
      P({C(net_kernel, get_net_ticktime, []), C(init, get_argument, [home]), element(1, C(os, type, []))}),
      P({C(code, is_loaded, [nosuch]), C(code, which, [nosuch]), C(code, ensure_loaded, [nosuch]), C(code, is_loaded, ['observed.cart'])}),
      {badrpc, {'EXIT', {#{message := M}, _}}} = C(erlang, system_info, [nosuch]), P(string:slice(M, 0, 38)),
      P([X || {F, A} <- [{halt, []}, {apply, [erlang, halt, []]}, {get_cookie, []}, {constructor, []}],
        {badrpc, {'EXIT', {X, _}}} <- [C(erlang, F, A)]]),
      P(C(erlang, exit, [Pid, kill])),`,
    )
    const [own, peer] = ["'obs6@127.0.0.1'", "'obs6beam@127.0.0.1'"]
    expect(lines).toEqual([
      `{${own},[${peer}],[${own}]}`,
      "[true,true,true]",
      "{true,true,undefined}",
      '{"25",8,8}',
      "true",
      "{0,[total,code]}",
      "{true,true}",
      "{true,true,[]}",
      "[{umbel,true,true},{shop,true,true}]",
      "[{active,1},{specs,1},{supervisors,0},{workers,1}]",
      "[{one,worker,['observed.cart']}]",
      "true",
      '#{api_key => <<"k-1">>,list => [1,2,3]}',
      "{60,error,unix}",
      "{false,non_existing,{error,nofile},{file,preloaded}}",
      '<<"erlang:system_info/1 has no item nosuc">>',
      "[undef,undef,undef,undef]",
      "true",
    ])
  })

  test("reaches rex, which runs what is exposed and nothing else", async () => {
    const lines = await observed(
      "obs7",
      `
      Ask = fun(M) -> {rex, N} ! {self(), M}, receive {rex, R} -> R; {rex, _, _} = R -> R; {features_reply, _, _} = R -> R end end,
      P(Ask(features_request)),
      P(Ask({call, erlang, node, [], group_leader()})),
      P(Ask({call, erlang, halt, [], user})),
      P(Ask({call, "no", atom, [], user})),
      P(Ask({sbcast, prices, hello})),
      P(Ask({sbcast, nobody, hello})),
      P(rpc:block_call(N, erlang, whereis, [nobody])),
      P(element(1, rpc:block_call(N, os, cmd, ["ls"]))),
      P(gen_server:call({rex, N}, {call, erlang, node, [], group_leader()})),
      P(rpc:sbcast([N], prices, hello)),
      P(rpc:abcast([N], prices, hello)),
      [Cart] = [Pid || {one, Pid, _, _} <- rpc:call(N, supervisor, which_children, [carts])],
      Watch = monitor(process, Cart),
      gen_server:cast({rex, N}, {cast, erlang, exit, [Cart, kill], group_leader()}),
      P(receive {'DOWN', Watch, _, _, Why} -> Why end),`,
    )
    const own = "'obs7@127.0.0.1'"
    expect(lines).toEqual([
      `{features_reply,${own},[erpc]}`,
      own,
      "{badrpc,{'EXIT',{undef,[{erlang,halt,[],[]}]}}}",
      "{badrpc,{'EXIT',{badarg,[]}}}",
      `{rex,${own},${own}}`,
      `{rex,${own},{nonexisting_name,nobody}}`,
      "undefined",
      "badrpc",
      own,
      `{[${own}],[]}`,
      "abcast",
      "killed",
    ])
  })

  const erlCall = promisify(execFile)
  test("or erl_call, a C node, calls what is exposed", async ({ skip }) => {
    const program = "erl_call"
    try {
      await erlCall("sh", ["-c", `command -v ${program}`])
    } catch {
      skip("erl_call is not installed")
    }
    const epmdPort = await freePort()
    await using node = await boot({ name: "obs8@127.0.0.1", cookie: COOKIE, epmdPort, report: () => {} })
    const call = async (what: string): Promise<string> => {
      const env = { ...process.env, ERL_EPMD_PORT: String(epmdPort) }
      const { stdout } = await erlCall(program, ["-name", node.name, "-c", COOKIE, "-a", what], { env })
      return stdout.trim()
    }
    expect(await call("erlang node []")).toBe("'obs8@127.0.0.1'")
    expect(await call("erlang system_info [wordsize]")).toBe("8")
    expect(await call("erlang halt []")).toContain("undef")
    expect(node.whereis(name("rex"))).toBeDefined()
  })
})
