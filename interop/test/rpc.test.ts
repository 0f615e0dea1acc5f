/** Functions called across nodes, in both directions, as `rpc` and `erpc` of OTP do. */
import { atom, CallExit, RpcFailed, timeout, tuple } from "umbel"
import { boot } from "umbel/nodejs"
import { describeReport } from "umbel/otp"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { BeamNode, evaluate } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"

const COOKIE = "interop"

describe.skipIf(!peers.erlang)("functions", () => {
  test("of an Erlang node are called from here, typed, and say how they failed", async () => {
    const epmdPort = await freePort()
    const reports: string[] = []
    await using node = await boot({
      name: "rpc1@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      report: (r) => reports.push(describeReport(r)),
    })
    await using beam = await BeamNode.start({
      program: "erl",
      name: "rpc1beam@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `io:format("ready~n").`,
    })
    interface Lists {
      lists: { reverse<T>(list: readonly T[]): T[]; max(list: readonly number[]): number }
    }
    expect(await node.rpc<Lists>(beam.name).lists.reverse([1, 2, 300])).toEqual([300, 2, 1])
    expect(await node.rpc<Lists>(beam.name).lists.max([1, 5, 2])).toBe(5)
    expect(await node.rpc(beam.name).erlang!.node!()).toBe(atom(beam.name))
    const undefinedFunction = await node.rpc(beam.name).nosuch!.f!(1).catch((error: unknown) => error)
    expect(undefinedFunction).toBeInstanceOf(RpcFailed)
    expect(undefinedFunction).toMatchObject({ kind: "error", reason: atom("undef") })
    await expect(node.rpc(beam.name).erlang!.throw!("ball")).rejects.toMatchObject({ kind: "throw", reason: "ball" })
    await expect(node.rpc(beam.name).erlang!.exit!(atom("bye"))).rejects.toMatchObject({
      kind: "exit",
      reason: atom("bye"),
    })
    await expect(node.rpc(beam.name, { timeout: 30 }).timer!.sleep!(10_000)).rejects.toMatchObject({ reason: timeout })
    await expect(node.rpc("nobody@127.0.0.1").erlang!.node!()).rejects.toBeInstanceOf(CallExit)
    // What a function prints does not make it wait.
    expect(await node.rpc(beam.name).io!.put_chars!("printed over there\n")).toBe(atom("ok"))
    expect(reports.join("\n")).toContain("printed over there")
  })

  test("that a node exposes are called from Erlang, and nothing else is", async () => {
    const epmdPort = await freePort()
    await using node = await boot({
      name: "rpc2@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      report: () => {},
      expose: {
        shop: {
          total: (_self, prices: readonly number[]) => prices.reduce((sum, price) => sum + price, 0),
          slow: async (_self, text: string) => text.toUpperCase(),
          broken: () => {
            throw new RangeError("no such price")
          },
          quit: (self) => self.exit(tuple(atom("shutdown"), 7)),
        },
      },
    })
    const lines = await evaluate({
      name: "rpc2beam@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `
        N = '${node.name}',
        P = fun(X) -> io:format("~0p~n", [X]) end,
        P(rpc:call(N, shop, total, [[1,2,3000]])),
        P(erpc:call(N, shop, slow, [<<"text">>])),
        P(try erpc:call(N, shop, broken, []) catch error:{exception, #{message := M}, _} -> M end),
        P(try erpc:call(N, shop, quit, []) catch exit:{exception, R} -> R end),
        P(rpc:call(N, shop, nosuch, [1])),
        P(rpc:call(N, shop, constructor, [])),
        P(rpc:call(N, erlang, halt, [])),
        P(net_adm:ping(N)),
        P(rpc:cast(N, shop, total, [[1]])),
        {Good, Bad} = rpc:multicall([node(), N], shop, total, [[1, 2000]]), P({length(Good), Bad}),`,
    })
    expect(lines.slice(0, 4)).toEqual(["3003", '<<"TEXT">>', '<<"no such price">>', "{shutdown,7}"])
    expect(lines[4]).toContain("undef")
    expect(lines[5]).toContain("undef")
    expect(lines[6]).toContain("undef")
    expect(lines.slice(7)).toEqual(["pong", "true", "{2,[]}"])
  })

  test("of one Umbel node are called from another", async () => {
    const epmdPort = await freePort()
    const quiet = { cookie: COOKIE, epmdPort, report: () => {} }
    await using there = await boot({
      name: "rpc3a@127.0.0.1",
      ...quiet,
      expose: { clock: { node: (self) => self.pid.node } },
    })
    await using here = await boot({ name: "rpc3b@127.0.0.1", ...quiet })
    expect(await here.rpc(there.name).clock!.node!()).toBe(there.name)
    expect(await there.rpc(there.name).clock!.node!()).toBe(there.name)
    await expect(there.rpc(here.name).clock!.node!()).rejects.toMatchObject({ kind: "error", reason: atom("undef") })
  })
})
