/**
 * Starts that come to no process: `init` says `ignore`, or is late. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import {
  agent,
  child,
  dynamicSupervisor,
  genServer,
  genStatem,
  ignore,
  name,
  type Restart,
  supervisor,
} from "../../src/otp/index.ts"
import { CallRefused, isExit, StartFailed, StartIgnored } from "../../src/runtime/index.ts"
import { atom, killed, normal, type Pid, timeout } from "../../src/term/index.ts"
import { endOf, type Fixture, inProcess, rejection, reports } from "./fixture.ts"

/** Runs only while `wanted` says so. */
const optional = (wanted: () => boolean = () => false) =>
  genServer("starts.optional", { init: (_id: string) => (wanted() ? {} : ignore) })
const idle = genServer("starts.idle", { init: (_id: string) => ({}) })
/** Its `init` never comes to an end. */
const hanging = genServer("starts.hanging", { init: (): Promise<object> => new Promise(() => {}) })
const HANGING = name<typeof hanging>("hanging")
const ignored = atom("ignore")

export function starts(platform: Fixture): void {
  describe("an init that says ignore", () => {
    test("makes no process: the start rejects with StartIgnored, the name is free, and nothing is reported", async () => {
      const { all, report } = reports()
      const node = await platform.boot({ report })
      const before = node.count
      const OPTIONAL = name<ReturnType<typeof optional>>("optional")
      const error = await rejection(node.start(optional(), { arg: "a", name: OPTIONAL }))
      expect(error).toBeInstanceOf(StartIgnored)
      expect(error).toMatchObject({ reason: ignored, message: "optional did not start: its init said ignore" })
      expect([node.count, node.whereis(OPTIONAL)]).toEqual([before, undefined])
      await node.start(
        optional(() => true),
        { arg: "a", name: OPTIONAL },
      )
      expect(all).toEqual([])
    })
    test("may be one that awaits, a state machine's, an agent's or a supervisor's", async () => {
      const node = await platform.boot()
      const late = genServer("starts.late", { init: async (): Promise<{ up: true } | typeof ignore> => ignore })
      const machine = genStatem<{ calls: {}; casts: {} }>()("starts.machine", {
        init: () => (Math.abs(1) === 1 ? ignore : { state: "on", data: {} }),
        states: { on: {} },
      })
      const top = supervisor("starts.top", { children: () => ignore })
      const held = agent("starts.agent", (): number | typeof ignore => ignore)
      const starts = [node.start(late), node.start(machine), node.start(top), node.start(held)]
      for (const error of await Promise.all(starts.map(rejection))) expect(error).toBeInstanceOf(StartIgnored)
    })
    test("tells a linked starter that traps exits of a normal end, and does not end one that does not", async () => {
      const node = await platform.boot()
      const seen = await inProcess(platform, node, async (self) => {
        await rejection(self.startLink(optional(), { arg: "a" }))
        self.trapExit(true)
        await rejection(self.startLink(optional(), { arg: "a" }))
        return (await self.receive(isExit)).reason
      })
      expect(seen).toBe(normal)
    })
    test("is a supervisor's child that does not run; its siblings do, and it can be started once it is wanted", async () => {
      let wanted = false
      const node = await platform.boot()
      const top = await node.start(
        supervisor("starts.top", {
          children: [
            child(idle, { arg: "a", id: "a" }),
            child(
              optional(() => wanted),
              { arg: "b", id: "b" },
            ),
          ],
        }),
      )
      expect(await node.call(top).children()).toMatchObject([{ id: "a" }, { id: "b", pid: undefined }])
      expect(await node.call(top).countChildren()).toMatchObject({ specs: 2, active: 1 })
      expect(await rejection(node.call(top).restartChild("b"))).toMatchObject({ reason: ignored })
      wanted = true
      const pid = await node.call(top).restartChild("b")
      expect(node.find(pid)).toBeDefined()
    })
    test("is forgotten when it is a temporary child, from the beginning or added later, and kept when it is not", async () => {
      const node = await platform.boot()
      const one = (id: string, restart: Restart) => child(optional(), { arg: id, id, restart })
      const top = await node.start(
        supervisor("starts.top", { children: [one("a", "temporary"), one("b", "transient")] }),
      )
      for (const each of [one("c", "temporary"), one("d", "permanent")]) {
        const refused = await rejection(node.call(top).startChild(each))
        expect(refused).toBeInstanceOf(CallRefused)
        expect(refused).toMatchObject({ reason: ignored })
      }
      expect((await node.call(top).children()).map(({ id }) => id)).toEqual(["b", "d"])
    })
    test("of a dynamic supervisor's child leaves nothing behind, whatever its restart", async () => {
      const node = await platform.boot()
      const top = await node.start(dynamicSupervisor("starts.dynamic"))
      for (const restart of ["temporary", "permanent"] as const) {
        const refused = await rejection(node.call(top).startChild(child(optional(), { arg: "x", restart })))
        expect(refused).toMatchObject({ reason: ignored })
      }
      expect(await node.call(top).countChildren()).toEqual({ active: 0 })
    })
    test("when it is to be restarted ends the restarts: a supervisor keeps it as not running, a dynamic one forgets it", async () => {
      let wanted = true
      const node = await platform.boot()
      const spec = child(
        optional(() => wanted),
        { arg: "x", id: "x" },
      )
      const top = await node.start(supervisor("starts.top", { children: [spec] }))
      const dynamic = await node.start(dynamicSupervisor("starts.dynamic"))
      const first = (await node.call(top).children())[0]?.pid as Pid
      const second = await node.call(dynamic).startChild(spec)
      wanted = false
      node.exit(first, atom("boom"))
      node.exit(second, atom("boom"))
      await endOf(platform, node, second)
      expect(await node.call(top).children()).toMatchObject([{ id: "x", pid: undefined }])
      expect(await node.call(dynamic).countChildren()).toEqual({ active: 0 })
    })
  })

  describe("an init that is late", () => {
    test("is killed, its starter told timeout, and its name free", async () => {
      const node = await platform.boot()
      const before = node.count
      const error = await rejection(node.start(hanging, { name: HANGING, timeoutMs: 10 }))
      expect(error).toBeInstanceOf(StartFailed)
      expect(error).toMatchObject({
        reason: timeout,
        message: "hanging did not start: its init took longer than 10 ms",
      })
      expect([node.count, node.whereis(HANGING)]).toEqual([before, undefined])
    })
    test("ends no linked starter, and one in time is not bounded any more", async () => {
      const node = await platform.boot()
      const [reason, reply] = await inProcess(platform, node, async (self) => {
        const error = await rejection(self.startLink(hanging, { timeoutMs: 10 }))
        const echo = genServer("starts.echo", { init: () => ({}), calls: { echo: (_self, text: string) => text } })
        const pid = await self.startLink(echo, { timeoutMs: 10 })
        await self.receive((message): message is never => message === 0, { timeout: 30 })
        return [(error as StartFailed).reason, await self.call(pid).echo("still here")]
      })
      expect([reason, reply]).toEqual([timeout, "still here"])
    })
    test("fails the start of a supervisor whose child says how long it may take", async () => {
      const node = await platform.boot()
      const first = child(idle, { arg: "a", name: name<typeof idle>("a") })
      const top = supervisor("starts.top", { children: [first, child(hanging, { startTimeoutMs: 10 })] })
      expect(await rejection(node.start(top))).toBeInstanceOf(StartFailed)
      expect(node.whereis(name("a"))).toBeUndefined()
      const dynamic = await node.start(dynamicSupervisor("starts.dynamic"))
      const late = await rejection(node.call(dynamic).startChild(child(hanging, { startTimeoutMs: 10 })))
      expect(late).toMatchObject({ reason: timeout })
    })
    test("is killed for those who watch it", async () => {
      const node = await platform.boot()
      const starting = rejection(node.start(hanging, { name: HANGING, timeoutMs: 10 }))
      const end = endOf(platform, node, HANGING)
      await starting
      expect(await end).toBe(killed)
    })
    test("a child's time is milliseconds, or refused", () => {
      expect(() => child(idle, { arg: "a", startTimeoutMs: -1 })).toThrow(/startTimeoutMs is milliseconds, not -1/)
    })
  })
}
