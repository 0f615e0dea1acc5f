/** What Phoenix LiveDashboard asks of a node: the calls of its module `SystemInfo`, by `erpc`, from a real BEAM node. */
import { application, child, genServer, name, supervisor } from "umbel"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { evaluate } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "live-dashboard"
const counter = genServer("shop.counter", {
  init: (start: number) => ({ count: start }),
  calls: { get: ({ state }) => state.count },
})
const COUNTER = name<typeof counter>("counter")
const shop = application({
  name: "shop",
  description: "A shop",
  start: () =>
    supervisor("shop.supervisor", {
      children: [child(counter, { arg: 1, name: COUNTER }), child(counter, { id: "other", arg: 2 })],
    }),
})

/** Expressions on a BEAM node, with `Call(Function, Args)` for the dashboard's module here. */
async function asked(expressions: string): Promise<readonly string[]> {
  const epmdPort = await freePort()
  await using _umbel = await umbelNode("shop@127.0.0.1", COOKIE, epmdPort, { applications: [shop] })
  return await evaluate({
    name: "dashboard@127.0.0.1",
    cookie: COOKIE,
    epmdPort,
    script: `
      N = 'shop@127.0.0.1',
      M = 'Elixir.Phoenix.LiveDashboard.SystemInfo',
      Call = fun(F, A) -> erpc:call(N, M, F, A) end,
      P = fun(Term) -> io:format("~0p~n", [Term]) end,
      ${expressions}`,
  })
}

describe.skipIf(!peers.erlang)("LiveDashboard", () => {
  test("finds its module loaded and a dashboard running, so it pushes no bytecode, and learns what can be shown", async () => {
    const lines = await asked(`
      {file, _} = erpc:call(N, code, is_loaded, [M]),
      C = Call(capabilities_callback, [[{application, shop}, {application, os_mon}, {process, counter}, {module, none}]]),
      P([maps:get(K, C) || K <- ['dashboard_running?', applications, processes, modules]]),
      P(is_binary(maps:get(system_info, C))),`)
    expect(lines).toEqual(["[true,[shop],[counter],[]]", "true"])
  })

  test("the home page has numbers wherever it divides or adds", async () => {
    const lines = await asked(`
      #{system_info := I, system_limits := L, system_usage := U, environment := nil} = Call(info_callback, [nil, shop]),
      P(lists:all(fun(K) -> is_list(maps:get(K, I)) orelse is_binary(maps:get(K, I)) end, maps:keys(I))),
      P(lists:all(fun erlang:is_integer/1, maps:values(L))),
      P(lists:all(fun erlang:is_integer/1, maps:values(maps:get(memory, U)))),
      #{uptime := T, processes := C, io := {_, _}} = Call(usage_callback, []),
      P({T >= 0, C > 0}),
      P(Call(env_info_callback, [[<<"HOME">>]])),`)
    expect(lines).toEqual(["true", "true", "true", "{true,true}", '[{<<"HOME">>,nil}]'])
  })

  test("processes are found, sorted and compared with the time before", async () => {
    const lines = await asked(`
      {Rows, Count, State} = Call(processes_callback, [<<"counter">>, memory, desc, 50, nil]),
      P({length(Rows), Count, maps:size(State)}),
      P([proplists:get_value(name_or_initial_call, Row) || Row <- Rows]),
      {[Top], All, _} = Call(processes_callback, [nil, reductions_diff, desc, 1, State]),
      P({length(Top), All > 2}),
      {ok, Info} = Call(process_info_callback, [erpc:call(N, erlang, whereis, [counter])]),
      P(proplists:get_value(registered_name, Info)),
      [#{'__struct__' := Struct, name_or_initial_call := Link}] = proplists:get_value(links, Info),
      P({Struct, Link}),`)
    expect(lines).toEqual([
      "{2,2,2}",
      '[<<":counter">>,<<"shop.counter">>]',
      "{7,true}",
      "counter",
      "{'Elixir.Phoenix.LiveDashboard.SystemInfo.ProcessDetails',<<\"shop.supervisor\">>}",
    ])
  })

  test("applications are listed, and drawn as trees", async () => {
    const lines = await asked(`
      {Apps, 1} = Call(applications_info_callback, [<<"shop">>, name, asc, 50]),
      P(Apps),
      {{master, Master, []}, [{{supervisor, Master, <<"shop.supervisor">>}, Below}]} = Call(app_tree_callback, [shop]),
      P([{Kind, Name, length(Children)} || {{Kind, _, Name}, Children} <- Below]),
      P(Call(app_tree_callback, [nope])),`)
    expect(lines).toEqual([
      "[[{name,shop},{description,<<\"A shop\">>},{version,<<>>},{state,started},{'tree?',true}]]",
      '[{worker,counter,0},{worker,<<"shop.counter">>,0}]',
      "error",
    ])
  })

  test("allocators keep their maxima, and of what does not exist here there is none", async () => {
    const lines = await asked(`
      {[#{name := total, max_carrier_size := Max} | _], Maxima} = Call(memory_allocators_callback, [nil]),
      P(Max =:= maps:get(total, Maxima)),
      {[#{max_carrier_size := Kept} | _], _} = Call(memory_allocators_callback, [#{total => Max * 2}]),
      P(Kept =:= Max * 2),
      P([Call(F, [nil, memory, desc, 50]) || F <- [ets_callback, ports_callback, sockets_callback]]),
      P(Call(port_info_callback, [none])),`)
    expect(lines).toEqual(["true", "true", "[{[],0},{[],0},{[],0}]", "error"])
  })
})
