/** Trace context that travels between nodes: from one Umbel node to another, and through Erlang processes that know nothing of it. */
import { AsyncLocalStorage } from "node:async_hooks"
import { type Api, genServer, name, type TraceContext } from "umbel"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { BeamNode } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "trace-context"
const requests = new AsyncLocalStorage<{ readonly traceparent: string }>()
const traceContext: TraceContext<{ readonly traceparent: string }> = {
  capture: () => requests.getStore(),
  run: (context, handle) => requests.run(context, handle),
}
const current = (): string => requests.getStore()?.traceparent ?? "none"

const desk = genServer("interop.desk", {
  init: () => ({ noted: [] as string[] }),
  calls: { request: () => current(), noted: ({ state }) => state.noted },
  casts: { note: ({ state }) => void state.noted.push(current()) },
  info: ({ state }) => void state.noted.push(current()),
})
const DESK = name<typeof desk>("desk")
const inRequest = <T>(id: string, work: () => T): T => requests.run({ traceparent: `00-${id}` }, work)

test("calls, casts and messages to another Umbel node are handled for the request they were sent for", async () => {
  const epmdPort = await freePort()
  await using here = await umbelNode("here@127.0.0.1", COOKIE, epmdPort, { traceContext })
  await using there = await umbelNode("there@127.0.0.1", COOKIE, epmdPort, { traceContext })
  await there.node.start(desk, { name: DESK })
  const far = DESK.at("there@127.0.0.1")
  const answer = await inRequest("a", () => {
    here.node.cast(far).note()
    here.node.send(far, "hello")
    return here.node.call(far).request()
  })
  expect(answer).toBe("00-a")
  expect(await here.node.call(far).noted()).toEqual(["00-a", "00-a"])
  expect(await here.node.call(far).request()).toBe("none")
})

interface RelayApi extends Api {
  calls: { relay(node: string): string }
  casts: {}
}
const RELAY = name<RelayApi>("relay")

describe.skipIf(!peers.erlang)("through Erlang", () => {
  test("a context goes through an Erlang server that asks an Umbel server in turn, and is no longer there afterwards", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("asker@127.0.0.1", COOKIE, epmdPort, { traceContext })
    await umbel.node.start(desk, { name: DESK })
    await using _beam = await BeamNode.start({
      program: "erl",
      name: "relay@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `
        register(relay, spawn(fun() ->
          (fun Loop() ->
            receive {'$gen_call', {Pid, [alias | Ref]}, {relay, Node}} ->
              Answer = gen_server:call({desk, binary_to_atom(Node)}, request),
              Ref ! {[alias | Ref], Answer}
            end,
            Loop()
          end)()
        end)),
        io:format("ready~n").`,
    })
    const relay = RELAY.at("relay@127.0.0.1")
    expect(await inRequest("b", () => umbel.node.call(relay).relay("asker@127.0.0.1"))).toBe("00-b")
    expect(await umbel.node.call(relay).relay("asker@127.0.0.1")).toBe("none")
    expect(await inRequest("c", () => umbel.node.call(relay).relay("asker@127.0.0.1"))).toBe("00-c")
  })
})
