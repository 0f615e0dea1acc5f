/** What Erlang's own tools ask of servers and supervisors, asked of ours. */
import { child, genServer, name, type SupervisorApi, supervisor } from "umbel"
import { Sys } from "umbel/otp"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { BeamNode, evaluate } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const counter = genServer("interop.counter", {
  init: (start: number) => ({ count: start }),
  calls: { get: ({ state }) => state.count },
})
const COUNTER = name<typeof counter>("counter")
const top = supervisor("interop.supervisor", {
  children: [
    child(counter, { arg: 5, name: COUNTER }),
    child(supervisor("interop.empty", { children: [] }), { id: "empty" }),
  ],
})
const TOP = name<SupervisorApi>("top")

describe.skipIf(!peers.erlang)("Erlang's tools", () => {
  test("see the state and status of a server, suspend and resume it", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("tools1@127.0.0.1", COOKIE, epmdPort)
    await umbel.node.start(top, { name: TOP })
    const lines = await evaluate({
      name: "tools1beam@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `
        C = {counter, '${umbel.node.name}'},
        P = fun(X) -> io:format("~0p~n", [X]) end,
        P(sys:get_state(C)),
        {status, Pid, {module, Mod}, [_, running, _, _, Misc]} = sys:get_status(C),
        P({is_pid(Pid), Mod, proplists:get_value("State", element(2, lists:last(Misc)))}),
        P(sys:suspend(C)),
        P(catch gen_server:call(C, get, 50)),
        P(sys:get_state(C)),
        P(sys:resume(C)),
        P(gen_server:call(C, get)),
        P(sys:statistics(C, true)),
        P(element(1, sys:statistics(C, get))),
        P(catch sys:terminate(C, normal)),`,
    })
    expect(lines).toEqual([
      "#{count => 5}",
      "{true,'interop.counter',#{count => 5}}",
      "ok",
      "{'EXIT',{timeout,{gen_server,call,[{counter,'tools1@127.0.0.1'},get,50]}}}",
      "#{count => 5}",
      "ok",
      "5",
      "ok",
      "ok",
      "ok",
    ])
  })

  test("see the children of a supervisor", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("tools2@127.0.0.1", COOKIE, epmdPort)
    await umbel.node.start(top, { name: TOP })
    const lines = await evaluate({
      name: "tools2beam@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `
        S = {top, '${umbel.node.name}'},
        P = fun(X) -> io:format("~0p~n", [X]) end,
        P([{Id, is_pid(Pid), Type, Mods} || {Id, Pid, Type, Mods} <- supervisor:which_children(S)]),
        P(lists:sort(supervisor:count_children(S))),
        P(supervisor:terminate_child(S, counter)),
        P([Pid || {counter, Pid, _, _} <- supervisor:which_children(S)]),`,
    })
    expect(lines).toEqual([
      "[{empty,true,supervisor,['interop.empty']},{counter,true,worker,['interop.counter']}]",
      "[{active,2},{specs,2},{supervisors,1},{workers,1}]",
      "ok",
      "[undefined]",
    ])
  })

  test("are ours too: the state of a process of an Erlang node", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("tools3@127.0.0.1", COOKIE, epmdPort)
    await using beam = await BeamNode.start({
      program: "erl",
      name: "tools3beam@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `io:format("ready~n").`,
    })
    const status = await Sys.getStatus(umbel.node, name("rex").at(beam.name))
    expect(status).toMatchObject({ elements: [{ text: "status" }, { node: beam.name }, {}, {}] })
    expect(await Sys.getState(umbel.node, name("rex").at(beam.name))).toBeDefined()
    await expect(Sys.getState(umbel.node, name("nobody").at(beam.name))).rejects.toMatchObject({
      reason: { text: "noproc" },
    })
  })
})
