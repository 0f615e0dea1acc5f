/** Servers and supervisors under global names: what OTP's suites do with `{global, Name}`. */
import { describe, expect, test } from "vitest"
import { Global, global, randomExitName } from "../../src/global/index.ts"
import { child, genServer, Sys, supervisor } from "../../src/otp/index.ts"
import { type Running, StartFailed } from "../../src/runtime/index.ts"
import { type SimulatedNode, simulate } from "../../src/sim/index.ts"
import { atom, kill, makeName, noproc, normal, tuple } from "../../src/term/index.ts"

const echo = genServer("sim.echo", { init: () => ({}), calls: { same: (_, what: number) => what } })
const ECHO = global<typeof echo>("echo")
const top = supervisor("sim.global_top", { children: [child(echo, { name: ECHO })] })
const TOP = global<typeof top>("top")

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no failure",
    (error: unknown) => error,
  )
async function two() {
  const world = simulate({ seed: 11 })
  const a = await world.boot({ name: "a@sim", hidden: false })
  const b = await world.boot({ name: "b@sim", hidden: false })
  await a.connect(b.name)
  for (const node of [a, b]) await node.awaited(Global.sync(node))
  return { world, a, b }
}
/** What a process of that node makes of it. */
const within = <T>(
  node: SimulatedNode,
  run: Parameters<SimulatedNode["spawn"]>[0] extends (self: infer S) => unknown ? (self: S) => Promise<T> : never,
) =>
  node.awaited(
    new Promise<T>((resolve, reject) => {
      node.spawn(async (self) => {
        await run(self).then(resolve, reject)
      })
    }),
  )

describe("under a global name", () => {
  test("a server is started once in the cluster, by itself, linked or by a supervisor: a second start is already_started with who has it", async () => {
    const { world, a, b } = await two()
    const pid = await a.start(echo, { name: ECHO })
    for (const node of [a, b]) {
      for (const start of [
        node.start(echo, { name: ECHO }),
        within(node, (self) => self.startLink(echo, { name: ECHO })),
      ]) {
        const failed = await failure(start)
        expect(failed).toBeInstanceOf(StartFailed)
        expect((failed as StartFailed).reason).toEqual(tuple(atom("already_started"), pid))
      }
    }
    expect(await failure(b.start(top, { name: TOP }))).toBeInstanceOf(StartFailed)
    a.exit(pid, kill)
    await world.run(1_000)
    const supervised = await b.start(top, { name: TOP })
    expect([a.whereis(TOP)?.key, a.whereis(ECHO)?.node]).toEqual([supervised.key, b.name])
  })
  test("a server is called from any node, and nobody is noproc", async () => {
    const { a, b } = await two()
    expect(await failure(a.call(ECHO).same(1))).toMatchObject({ reason: noproc })
    await a.start(echo, { name: ECHO })
    expect([await a.call(ECHO).same(1), await b.call(ECHO).same(2)]).toEqual([1, 2])
  })
  test("a server stays, whatever a node that does not share its names says of them", async () => {
    const { world, a, b } = await two()
    const pid = await a.start(echo, { name: ECHO })
    const c = await world.boot({ name: "c@sim", hidden: true })
    const asks = (request: (self: Running) => unknown) =>
      within(c, (self) => self.ask(makeName("global_name_server", b.name), request(self)))
    expect(await asks((self) => tuple(atom("register"), atom("echo"), self.pid, randomExitName))).toBe(atom("yes"))
    expect(await asks(() => tuple(atom("unregister"), atom("echo")))).toBe(atom("ok"))
    for (const node of [a, b]) expect(Global.whereis(node, atom("echo"))).toEqual(pid)
  })
  test("a server is ended by sys, from its own node and from another; then its name is nobody's", async () => {
    const { world, a, b } = await two()
    for (const node of [a, b]) {
      await a.start(echo, { name: ECHO })
      await within(node, (self) => Sys.terminate(self, ECHO, normal))
      await world.run(100)
      expect([a.whereis(ECHO), b.whereis(ECHO)]).toEqual([undefined, undefined])
      expect(await failure(within(node, (self) => Sys.terminate(self, ECHO, normal)))).toMatchObject({ reason: noproc })
    }
  })
  test("a supervisor is asked from any node, and its child has its global name again after each restart", async () => {
    const { world, a, b } = await two()
    await a.start(top, { name: TOP })
    for (let life = 0; life < 2; life++) {
      const pid = b.whereis(ECHO)!
      expect((await b.call(TOP).children()).map((one) => (one.pid as typeof pid).key)).toEqual([pid.key])
      b.exit(pid, kill)
      await world.run(2_000)
      expect(b.whereis(ECHO)?.key).not.toBe(pid.key)
      expect(await b.call(ECHO).same(7)).toBe(7)
    }
  })
})
