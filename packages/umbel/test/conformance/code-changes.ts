/**
 * Running processes that go on with new definitions. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import {
  Agent,
  agent,
  type Child,
  CodeChangeFailed,
  changeCode,
  child,
  dynamicSupervisor,
  genServer,
  genStatem,
  name,
  partitionSupervisor,
  Sys,
  supervisor,
} from "../../src/otp/index.ts"
import { type Api, CallRefused, type Node } from "../../src/runtime/index.ts"
import { atom, inspect, type Pid, timeout, tuple } from "../../src/term/index.ts"
import { type Fixture, inProcess, rejection, reports } from "./fixture.ts"

/** What both editions of a counter answer. */
interface CounterApi extends Api {
  calls: { get(): number; edition(): string }
  casts: {}
}
const COUNTER = name<CounterApi>("counter")
const first = () =>
  genServer("change.counter", {
    version: 1,
    init: (start: number) => ({ count: start }),
    calls: { get: ({ state }) => state.count, edition: () => "first" },
  })
/** Its state has another shape. */
const second = (seen: unknown[] = []) =>
  genServer("change.counter", {
    version: 2,
    init: (start: number) => ({ value: start }),
    calls: { get: ({ state }) => state.value, edition: () => "second" },
    codeChange: (old, change) => {
      seen.push(change)
      return { value: (old as { count: number }).count }
    },
  })
const throwing = () =>
  genServer("change.counter", {
    init: (start: number) => ({ value: start }),
    calls: { get: ({ state }) => state.value, edition: () => "throwing" },
    codeChange: (): never => {
      throw new TypeError("this cannot be")
    },
  })
const outcomes = (changes: readonly { outcome: string }[]): string[] => changes.map(({ outcome }) => outcome)

export function codeChanges(platform: Fixture): void {
  const ask = (node: Node, pid: Pid, request: "get" | "edition") => node.call(pid as Pid<CounterApi>)[request]()

  describe("a server whose code changes", () => {
    test("goes on as the same process, with what codeChange makes of its state, and is told from which version and with what", async () => {
      const node = await platform.boot()
      const seen: unknown[] = []
      const pid = await node.start(first(), { arg: 5 })
      const changes = await changeCode(node, [second(seen)], { extra: tuple(atom("limit"), 3) })
      expect(changes).toEqual([{ module: "change.counter", pid, outcome: "changed" }])
      expect([await ask(node, pid, "get"), await ask(node, pid, "edition")]).toEqual([5, "second"])
      expect(seen).toEqual([{ from: 1, extra: tuple(atom("limit"), 3) }])
    })
    test("keeps its state as it is without codeChange, and changes at once however often it is asked", async () => {
      const node = await platform.boot()
      const pid = await node.start(first(), { arg: 5 })
      const next = genServer("change.counter", {
        init: (start: number) => ({ count: start }),
        calls: { get: ({ state }) => state.count * 2 },
      })
      expect(outcomes(await changeCode(node, [next]))).toEqual(["changed"])
      expect(await changeCode(node, [next])).toEqual([])
      expect(await ask(node, pid, "get")).toBe(10)
    })
    test("answers what it was asked before by the older code, what comes after by the newer, and nothing in between", async () => {
      const node = await platform.boot()
      const pid = await node.start(first(), { arg: 1 })
      let release = (): void => {}
      let begun = false
      const slow = genServer("change.counter", {
        init: (start: number) => ({ value: start }),
        calls: { get: ({ state }) => state.value },
        codeChange: async () => {
          begun = true
          await new Promise<void>((resolve) => {
            release = resolve
          })
          return { value: 7 }
        },
      })
      let released = false
      const before = ask(node, pid, "get")
      const changing = changeCode(node, [slow])
      const after = ask(node, pid, "get").then((value) => [value, released])
      expect(await before).toBe(1)
      await platform.until(() => begun)
      released = true
      release()
      expect(outcomes(await changing)).toEqual(["changed"])
      expect(await after).toEqual([7, true])
    })
    test("that cannot change ends with the reason, and its supervisor starts it anew with the new definition", async () => {
      const { all, report } = reports()
      const node = await platform.boot({ report })
      const top = supervisor("change.top", { children: [child(first(), { arg: 5, name: COUNTER })] })
      await node.start(top)
      const before = node.whereis(COUNTER)
      const [change, ...rest] = await changeCode(node, [throwing()])
      expect(rest).toEqual([])
      expect(change).toMatchObject({ module: "change.counter", pid: before, outcome: "restarted" })
      expect(inspect(change?.reason)).toMatch(
        /cannot go on with its new definition: codeChange threw TypeError: this cannot be/,
      )
      expect(await node.call(COUNTER).edition()).toBe("throwing")
      expect(node.whereis(COUNTER)).not.toBe(before)
      const crash = all.find((report) => report.kind === "crash")
      expect(crash?.kind === "crash" && crash.error).toBeInstanceOf(CodeChangeFailed)
    })
    test("that cannot change and has nobody to start it anew has failed, and so has one whose handler is late: that changes afterwards", async () => {
      const node = await platform.boot()
      await node.start(first(), { arg: 5 })
      expect(outcomes(await changeCode(node, [throwing()]))).toEqual(["failed"])

      let release = (): void => {}
      const busy = genServer("change.busy", {
        init: () => ({}),
        casts: {
          wait: () =>
            new Promise<void>((resolve) => {
              release = resolve
            }),
        },
        calls: { edition: () => "first" },
      })
      const pid = await node.start(busy)
      node.cast(pid).wait()
      await platform.until(() => node.find(pid)?.status === 3)
      const next = genServer("change.busy", { init: () => ({}), calls: { edition: () => "second" } })
      expect(await changeCode(node, [next], { timeoutMs: 20 })).toEqual([
        { module: "change.busy", pid, outcome: "failed", reason: timeout },
      ])
      release()
      expect(await node.call(pid).edition()).toBe("second")
    })
    test("cannot become a state machine: it ends, and is started anew as one", async () => {
      const node = await platform.boot()
      const top = supervisor("change.top", { children: [child(first(), { arg: 5, name: COUNTER })] })
      await node.start(top)
      const machine = genStatem<CounterApi>()("change.counter", {
        init: (start: number) => ({ state: "on", data: { start } }),
        states: { on: { calls: { get: ({ data }) => data.start, edition: () => "machine" } } },
      })
      const [change] = await changeCode(node, [machine])
      expect(change?.outcome).toBe("restarted")
      expect(inspect(change?.reason)).toMatch(/it was a server and is a state machine now/)
      expect(await node.call(COUNTER).edition()).toBe("machine")
    })
    test("is started by its current definition from then on, whatever older one is named: by a start, a child spec, a restart", async () => {
      const node = await platform.boot()
      const old = first()
      const top = await node.start(supervisor("change.top", { children: [child(old, { arg: 1, name: COUNTER })] }))
      await changeCode(node, [second()])
      const pid = await node.start(old, { arg: 2 })
      const added = await node.call(top).startChild(child(old, { arg: 3, id: "added" }))
      const before = node.whereis(COUNTER)!
      node.exit(before, atom("boom"))
      await platform.until(() => ![before, undefined].includes(node.whereis(COUNTER)))
      for (const each of [pid, added, node.whereis(COUNTER)!]) expect(await ask(node, each, "edition")).toBe("second")
    })
    test("two definitions of one module are refused, and nothing changes", async () => {
      const node = await platform.boot()
      const pid = await node.start(first(), { arg: 1 })
      await expect(changeCode(node, [second(), second()])).rejects.toThrow(/two definitions are called change.counter/)
      expect(await ask(node, pid, "edition")).toBe("first")
    })
  })

  describe("sys:change_code", () => {
    /** The node's code is changed, and the server still runs the older one. */
    const behind = async (next: Parameters<typeof changeCode>[1][number]) => {
      const node = await platform.boot()
      await changeCode(node, [next])
      node.changedModules.clear()
      const pid = await node.start(first(), { arg: 5 })
      node.changedModules.add("change.counter")
      return { node, pid }
    }
    test("changes a suspended server, and refuses any other", async () => {
      const seen: unknown[] = []
      const { node, pid } = await behind(second(seen))
      const change = { module: "change.counter", from: "1.0", extra: 7 }
      const refused = await rejection(Sys.changeCode(node, pid, change))
      expect(refused).toBeInstanceOf(CallRefused)
      expect(inspect((refused as CallRefused).reason)).toMatch(/unknown_system_msg/)
      await Sys.suspend(node, pid)
      await Sys.changeCode(node, pid, change)
      await Sys.resume(node, pid)
      expect([await ask(node, pid, "edition"), await ask(node, pid, "get")]).toEqual(["second", 5])
      expect(seen).toEqual([{ from: "1.0", extra: 7 }])
    })
    test("that fails says why, and the server goes on as it was", async () => {
      const { node, pid } = await behind(throwing())
      await Sys.suspend(node, pid)
      const refused = await rejection(Sys.changeCode(node, pid, { module: "change.counter" }))
      expect(inspect((refused as CallRefused).reason)).toMatch(/this cannot be/)
      await Sys.resume(node, pid)
      expect([await ask(node, pid, "edition"), await ask(node, pid, "get")]).toEqual(["first", 5])
    })
    test("keeps the state of a server whose definition says nothing of it", async () => {
      const { node, pid } = await behind(first())
      await Sys.suspend(node, pid)
      await Sys.changeCode(node, pid, { module: "change.counter" })
      await Sys.resume(node, pid)
      expect(await ask(node, pid, "get")).toBe(5)
    })
  })

  describe("a state machine whose code changes", () => {
    interface LightApi extends Api {
      calls: { push(): string; shown(): string }
      casts: {}
    }
    const light = (states: "two" | "one", migrated = true) => {
      const init = (_: void) => ({ state: "off" as const, data: { pushes: 0 } })
      const push = (self: { data: { pushes: number }; next(state: "off" | "on"): void }) => {
        self.data.pushes++
        self.next("on")
        return "pushed"
      }
      if (states === "two") {
        return genStatem<LightApi>()("change.light", {
          init,
          states: { off: { calls: { push } }, on: { calls: { shown: ({ data }) => `on ${data.pushes}` } } },
        })
      }
      return genStatem<LightApi>()("change.light", {
        init,
        states: { off: { calls: { shown: ({ data, state }) => `${state}, pushed ${data.pushes} times` } } },
        ...(migrated && {
          codeChange: ({ data }: { data: unknown }) => ({ state: "off" as const, data: data as { pushes: number } }),
        }),
      })
    }
    test("keeps its state and data, or goes on where codeChange says", async () => {
      const node = await platform.boot()
      const pid = await node.start(light("two"))
      await node.call(pid).push()
      expect(outcomes(await changeCode(node, [light("two")]))).toEqual(["changed"])
      expect(await node.call(pid).shown()).toBe("on 1")
      expect(outcomes(await changeCode(node, [light("one")]))).toEqual(["changed"])
      expect(await node.call(pid).shown()).toBe("off, pushed 1 times")
    })
    test("ends when it is in a state that is no more and nothing says where to go on", async () => {
      const node = await platform.boot()
      const pid = await node.start(light("two"))
      await node.call(pid).push()
      const [change] = await changeCode(node, [light("one", false)])
      expect(change?.outcome).toBe("failed")
      expect(inspect(change?.reason)).toMatch(/it has no state on any more/)
    })
  })

  test("an agent changes its value, or keeps it", async () => {
    const node = await platform.boot()
    const pid = await node.start(agent("change.agent", () => 3))
    await changeCode(node, [agent("change.agent", () => 3)])
    await inProcess(platform, node, async (self) => {
      expect(await Agent.get(self, pid, (value) => value)).toBe(3)
    })
    const next = agent("change.agent", () => "", { codeChange: (old, { extra }) => `${extra} ${old}` })
    await changeCode(node, [next], { extra: "was" })
    expect(await Sys.getState(node, pid)).toEqual({ value: "was 3" })
  })

  describe("a supervisor whose code changes", () => {
    const idle = genServer("change.idle", { init: (_id: string) => ({}) })
    const of = (children: readonly Child[], options: object = {}) =>
      supervisor("change.family", { children, ...options })
    const one = (id: string, options: object = {}) => child(idle, { arg: id, id, ...options })
    test("keeps its children, starts those that are new, and has the new rules", async () => {
      const node = await platform.boot()
      const pid = await node.start(of([one("a"), one("b")]))
      const before = await node.call(pid).children()
      await node.call(pid).startChild(one("guest"))
      const next = of([one("b", { restart: "transient" }), one("c"), one("a")], {
        strategy: "one_for_all",
        intensity: 7,
      })
      expect(outcomes(await changeCode(node, [next]))).toEqual(["changed"])
      const after = await node.call(pid).children()
      expect(after.map(({ id }) => id)).toEqual(["guest", "b", "c", "a"])
      expect(after.every((known) => typeof known.pid === "object")).toBe(true)
      for (const { id, pid: same } of before) expect(after.find((known) => known.id === id)?.pid).toBe(same)
      const { supervision } = node.find(pid)!.describe()
      expect(supervision).toMatchObject({ strategy: "one_for_all", intensity: 7, count: 4 })
      expect(supervision?.children.find(({ id }) => id === "b")?.restart).toBe("transient")
    })
    test("does not bring back what has ended for good or was deleted", async () => {
      const node = await platform.boot()
      const pid = await node.start(of([one("a", { restart: "temporary" }), one("b")]))
      const [a] = await node.call(pid).children()
      node.exit(a!.pid as Pid, atom("boom"))
      await node.call(pid).terminateChild("b")
      await node.call(pid).deleteChild("b")
      await changeCode(node, [of([one("a", { restart: "temporary" }), one("b"), one("c")])])
      expect((await node.call(pid).children()).map(({ id }) => id)).toEqual(["c"])
    })
    test("goes on as it was when its new children cannot be: two of one id, or a function that throws", async () => {
      const node = await platform.boot()
      const pid = await node.start(of([one("a")]))
      const [twice] = await changeCode(node, [of([one("b"), one("b")])])
      expect(twice).toMatchObject({ pid, outcome: "failed" })
      expect(inspect(twice?.reason)).toMatch(/two children are called b/)
      const broken = supervisor("change.family", {
        children: () => {
          throw new Error("no children today")
        },
      })
      const [thrown] = await changeCode(node, [broken])
      expect(inspect(thrown?.reason)).toMatch(/no children today/)
      expect((await node.call(pid).children()).map(({ id }) => id)).toEqual(["a"])
    })
    test("asks the function of its children again, with the argument it was started with", async () => {
      const node = await platform.boot()
      const made = (more: readonly string[]) =>
        supervisor("change.made", { children: (arg: string) => [arg, ...more].map((id) => one(id)) })
      const pid = await node.start(made([]), { arg: "x" })
      await changeCode(node, [made(["y"])])
      expect((await node.call(pid).children()).map(({ id }) => id)).toEqual(["x", "y"])
    })
    test("a dynamic one keeps its children and has the new rules", async () => {
      const node = await platform.boot()
      const pid = await node.start(dynamicSupervisor("change.dynamic", { maxChildren: 3 }))
      const kept = [await node.call(pid).startChild(one("a")), await node.call(pid).startChild(one("b"))]
      expect(outcomes(await changeCode(node, [dynamicSupervisor("change.dynamic", { maxChildren: 1 })]))).toEqual([
        "changed",
      ])
      expect(await node.call(pid).children()).toEqual(kept)
      expect(await rejection(node.call(pid).startChild(one("c")))).toMatchObject({ reason: atom("max_children") })
    })
    test("a partition supervisor takes another child, and refuses another number of them", async () => {
      const node = await platform.boot()
      const made = (partitions: number) => partitionSupervisor("change.partitions", { child: one("x"), partitions })
      const pid = await node.start(made(2))
      expect(outcomes(await changeCode(node, [made(2)]))).toEqual(["changed"])
      const [refused] = await changeCode(node, [made(3)])
      expect(refused?.outcome).toBe("failed")
      expect(inspect(refused?.reason)).toMatch(/has 2 partitions and cannot have 3/)
      expect(await node.call(pid).partitions()).toBe(2)
    })
    test("a new child that does not start is tried again, as after a death", async () => {
      const node = await platform.boot()
      let tries = 0
      const late = genServer("change.late", {
        init: () => {
          if (++tries === 1) throw new Error("not yet")
          return {}
        },
      })
      const pid = await node.start(of([one("a")]))
      expect(outcomes(await changeCode(node, [of([one("a"), child(late)])]))).toEqual(["changed"])
      await platform.until(() => tries === 2)
      const children = await node.call(pid).children()
      expect(typeof children[1]?.pid).toBe("object")
    })
  })
}
