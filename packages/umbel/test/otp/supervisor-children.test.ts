/**
 * What supervisors tell of their children and do for them: specifications, extra arguments, reasons, pages of very many, children that behave oddly, significant ones.
 * Cases of OTP's `supervisor_SUITE` and Elixir's `dynamic_supervisor_test.exs`, and our own.
 */
import { describe, expect, test } from "vitest"
import {
  type Child,
  changeCode,
  child,
  dynamicSupervisor,
  genServer,
  name,
  type Shutdown,
  supervisor,
} from "../../src/otp/index.ts"
import type { CrashReport } from "../../src/runtime/index.ts"
import { atom, inspect, ok, type Pid, shutdown, tuple } from "../../src/term/index.ts"
import { endOf, rejection, settled } from "../conformance/fixture.ts"
import { simulated } from "../support/simulated.ts"

const boom = atom("boom")
const idle = genServer("children.idle", { init: (_id: string) => ({}) })
const one = (id: string, options: object = {}): Child => child(idle, { arg: id, id, ...options })

describe("the specification of a child", () => {
  test("is given back, with its defaults, and starts another one like it elsewhere", async () => {
    const { node } = await simulated()
    const top = await node.start(supervisor("children.top", { children: [one("a", { restart: "transient" })] }))
    const spec = await node.call(top).childSpec("a")
    expect(spec).toEqual({
      id: "a",
      start: ["children.idle", "a"],
      name: undefined,
      restart: "transient",
      shutdown: 5_000,
      significant: false,
    })
    const other = await node.start(supervisor("children.other", { children: [] }))
    await node.call(other).startChild(spec)
    expect(await node.call(other).children()).toMatchObject([{ id: "a" }])
    expect(await rejection(node.call(top).childSpec("b"))).toMatchObject({ reason: atom("not_found") })
  })
  test("is told to BEAM nodes as supervisor:get_childspec does", async () => {
    const { node } = await simulated()
    const inner = supervisor("children.inner", { children: [] })
    const top = await node.start(supervisor("children.top", { children: [one("a"), child(inner, { id: "b" })] }))
    const asked = (id: string) => node.ask(top, tuple(atom("get_childspec"), atom(id)))
    expect(await asked("a")).toEqual(
      tuple(ok, {
        id: atom("a"),
        start: tuple(atom("children.idle"), atom("start_link"), ["a"]),
        restart: atom("permanent"),
        shutdown: 5_000,
        significant: false,
        type: atom("worker"),
        modules: [atom("children.idle")],
      }),
    )
    expect(inspect(await asked("b"))).toMatch(/shutdown: :infinity.*type: :supervisor/)
    expect(await asked("c")).toEqual(tuple(atom("error"), atom("not_found")))
  })
  test("of a supervisor lets it take as long as its own children do, unless told otherwise", async () => {
    const { node } = await simulated()
    const inner = supervisor("children.inner", { children: [] })
    const shutdowns = async (options: { shutdown?: Shutdown }) => {
      const top = await node.start(supervisor("children.top", { children: [child(inner, options)] }))
      return ((await node.call(top).childSpec("children.inner")) as unknown as { shutdown: Shutdown }).shutdown
    }
    expect([await shutdowns({}), await shutdowns({ shutdown: 7 })]).toEqual(["infinity", 7])
  })
})

describe("extra arguments of a dynamic supervisor", () => {
  interface Arg {
    readonly table?: string
    readonly limit?: number
    readonly id: string
  }
  const worker = genServer("children.worker", {
    init: (arg: Arg) => ({ arg }),
    calls: { arg: ({ state }) => state.arg },
  })
  type Worker = Pid<{ calls: { arg(): Arg }; casts: {} }>
  const extra = { table: "orders", limit: 5 }

  test("are in the argument of every child, whose own count where both say something", async () => {
    const { node } = await simulated()
    const top = await node.start(dynamicSupervisor("children.dynamic", { extra }))
    const pid = (await node.call(top).startChild(child(worker, { arg: { id: "a", limit: 9 } }))) as Worker
    expect(await node.call(pid).arg()).toEqual({ table: "orders", limit: 9, id: "a" })
  })
  test("are there again when the child is restarted", async () => {
    const { node, until } = await simulated()
    const WORKER = name<typeof worker>("worker")
    const top = await node.start(dynamicSupervisor("children.dynamic", { extra }))
    const pid = await node.call(top).startChild(child(worker, { arg: { id: "a" }, name: WORKER }))
    node.exit(pid, boom)
    await until(() => ![pid, undefined].includes(node.whereis(WORKER)))
    expect(await node.call(WORKER).arg()).toEqual({ table: "orders", limit: 5, id: "a" })
  })
  test("refuse an argument that nothing can be added to", async () => {
    const { node } = await simulated()
    const top = await node.start(dynamicSupervisor("children.dynamic", { extra }))
    expect(await rejection(node.call(top).startChild(one("a")))).toMatchObject({ reason: atom("badarg") })
    expect(await node.call(top).countChildren()).toEqual({ active: 0 })
  })
})

describe("what is shown of children", () => {
  test("says why the last life of each ended", async () => {
    const { node, until } = await simulated()
    const top = await node.start(supervisor("children.top", { children: [one("a"), one("b")] }))
    const rows = () => node.find(top)!.describe().supervision!.children
    const first = rows()[0]!.pid!
    node.exit(first, boom)
    await until(() => ![first, undefined].includes(rows()[0]?.pid))
    expect(rows()).toMatchObject([
      { id: "a", restarts: 1, lastReason: boom },
      { id: "b", restarts: 0, lastReason: undefined },
    ])
  })
  test("is made only when somebody looks, a page at a time, however many there are", async () => {
    const { node } = await simulated()
    const top = await node.start(dynamicSupervisor("children.dynamic"))
    const pids: Pid[] = []
    for (let i = 0; i < 1_500; i++) pids.push(await node.call(top).startChild(one(String(i))))
    const { supervision } = node.find(top)!.describe()
    expect(supervision?.count).toBe(1_500)
    expect(Object.getOwnPropertyDescriptor(supervision, "children")?.get).toBeDefined()
    expect(supervision?.children).toHaveLength(1_000)
    expect(supervision?.page(1_498, 10).map(({ pid }) => pid)).toEqual(pids.slice(1_498))
    expect(supervision?.page(2_000, 10)).toEqual([])
  })
})

describe("a child", () => {
  test("that has unlinked itself from its supervisor is terminated all the same, and nothing hangs", async () => {
    const { node } = await simulated()
    const naughty = genServer("children.naughty", {
      init: (_: void, self) => {
        self.trapExit(true)
        return {}
      },
      casts: { leave: (self, from: Pid) => self.unlink(from) },
      calls: { there: () => true },
    })
    const NAUGHTY = name<typeof naughty>("naughty")
    const top = await node.start(
      supervisor("children.top", { children: [child(naughty, { name: NAUGHTY, shutdown: 20 })] }),
    )
    node.cast(NAUGHTY).leave(top)
    expect(await node.call(NAUGHTY).there()).toBe(true)
    expect(await node.call(top).terminateChild("naughty")).toBe("ok")
    expect(node.whereis(NAUGHTY)).toBeUndefined()
    await node.call(top).restartChild("naughty")
    expect(await node.call(NAUGHTY).there()).toBe(true)
  })
  for (const patience of [1_000, "infinity"] as const) {
    test(`whose terminate throws when it is told to end (shutdown ${patience}) is reported, and the supervisor goes on`, async () => {
      const { node, all } = await simulated()
      const failing = genServer("children.failing", {
        init: (_: void, self) => {
          self.trapExit(true)
          return {}
        },
        terminate: () => {
          throw new Error("cannot clean up")
        },
      })
      const top = await node.start(dynamicSupervisor("children.dynamic"))
      const pid = await node.call(top).startChild(child(failing, { shutdown: patience }))
      expect(await node.call(top).terminateChild(pid)).toBe("ok")
      const crash = all.find((report): report is CrashReport => report.kind === "crash")
      expect(crash).toMatchObject({ pid, title: "children.failing" })
      expect(String(crash?.error)).toMatch(/cannot clean up/)
      expect(await node.call(top).countChildren()).toEqual({ active: 0 })
    })
  }
})

describe("significant children", () => {
  test("that a sibling's end takes along do not end their supervisor: only an end of their own does", async () => {
    const { node, until, platform } = await simulated()
    const A = name<typeof idle>("a")
    const top = await node.start(
      supervisor("children.top", {
        strategy: "one_for_all",
        autoShutdown: "any_significant",
        children: [one("a", { name: A }), one("b", { restart: "temporary", significant: true })],
      }),
    )
    const before = node.whereis(A)!
    node.exit(before, boom)
    await until(() => ![before, undefined].includes(node.whereis(A)))
    await settled(platform, node)
    expect((await node.call(top).children()).map(({ id }) => id)).toEqual(["a"])
  })
  test("may be supervisors: one that ends by itself ends the one above it, which ends the next", async () => {
    const { node, platform } = await simulated()
    const LAST = name<typeof idle>("last")
    const level = (id: string, below: Child) =>
      supervisor(`children.${id}`, { autoShutdown: "any_significant", children: [below] })
    const last = one("last", { name: LAST, restart: "transient", significant: true })
    const inner = child(level("inner", last), { restart: "transient", significant: true })
    const top = await node.start(level("outer", inner))
    const end = endOf(platform, node, top)
    node.exit(node.whereis(LAST)!, shutdown)
    expect(await end).toBe(shutdown)
    expect(node.whereis(LAST)).toBeUndefined()
  })
  test("keep or lose that meaning when the code of their supervisor changes, and so does its auto shutdown", async () => {
    for (const [before, after, ends] of [
      ["never", "any_significant", true],
      ["any_significant", "never", false],
      ["never", "all_significant", true],
      ["all_significant", "never", false],
      ["any_significant", "all_significant", false],
      ["all_significant", "any_significant", true],
    ] as const) {
      const { node, platform, until } = await simulated()
      const family = (autoShutdown: typeof before) =>
        supervisor("children.family", {
          autoShutdown,
          children: ["a", "b"].map((id) => one(id, { name: name(id), restart: "transient", significant: true })),
        })
      const top = await node.start(family(before))
      expect(await changeCode(node, [family(after)])).toMatchObject([{ outcome: "changed" }])
      const both = after === "all_significant" && before === "never"
      for (const id of both ? ["a", "b"] : ["a"]) {
        node.exit(node.whereis(name(id))!, shutdown)
        await until(() => node.whereis(name(id)) === undefined)
      }
      await settled(platform, node)
      expect(node.find(top) === undefined, `${before} to ${after}`).toBe(ends)
    }
  })
  test("may become significant, or cease to be, with the code of their supervisor", async () => {
    for (const significant of [true, false]) {
      const { node, platform, until } = await simulated()
      const A = name<typeof idle>("a")
      const family = (isSignificant: boolean) =>
        supervisor("children.family", {
          autoShutdown: "any_significant",
          children: [one("a", { name: A, restart: "transient", significant: isSignificant })],
        })
      const top = await node.start(family(!significant))
      await changeCode(node, [family(significant)])
      node.exit(node.whereis(A)!, shutdown)
      await until(() => node.whereis(A) === undefined)
      await settled(platform, node)
      expect(node.find(top) === undefined).toBe(significant)
    }
  })
})
