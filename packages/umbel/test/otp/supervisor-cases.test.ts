/**
 * Cases of OTP's `supervisor_SUITE` and Elixir's `supervisor_test.exs` and `dynamic_supervisor_test.exs`, in our own words, that no other test here has.
 * `docs/otp-cases.md` says for each of theirs where it is.
 */
import { describe, expect, test } from "vitest"
import { boot } from "../../src/nodejs/index.ts"
import {
  child,
  dynamicSupervisor,
  genServer,
  name,
  type Restart,
  type Shutdown,
  type Strategy,
  supervisor,
} from "../../src/otp/index.ts"
import { CallExit, CallRefused, isExit, StartFailed } from "../../src/runtime/index.ts"
import { atom, inspect, kill, killed, noproc, normal, type Pid, shutdown, tuple } from "../../src/term/index.ts"
import { endOf, inProcess, rejection, settled } from "../conformance/fixture.ts"
import { type Simulated, simulated } from "../support/simulated.ts"

const abnormal = atom("abnormal")
const idle = genServer("cases.idle", { init: (_id: string) => ({}) })
/** Its init fails in the lives that `fails` says, counted from 1. */
const fragile = (log: string[], fails: (life: number, id: string) => boolean) => {
  const lives = new Map<string, number>()
  return genServer("cases.fragile", {
    init: (id: string, self) => {
      const life = (lives.get(id) ?? 0) + 1
      lives.set(id, life)
      if (fails(life, id)) {
        log.push(`!${id}`)
        throw new Error(`${id} cannot start`)
      }
      log.push(`+${id}`)
      self.trapExit(true)
      return { id }
    },
    terminate: ({ state }) => void log.push(`-${state.id}`),
  })
}
/** Never ends by itself when told to. */
const stubborn = genServer("cases.stubborn", {
  init: (_id: string, self) => {
    self.trapExit(true)
    return {}
  },
  terminate: () => new Promise<void>(() => {}),
})
const ID = (id: string) => name<typeof idle>(id)
const named = (id: string, restart: Restart = "permanent", patience: Shutdown = 1_000) =>
  child(idle, { arg: id, name: ID(id), restart, shutdown: patience })
/** As the parent of what code outside processes started: a supervisor takes its orders from nobody else. */
const order = ({ node }: Simulated, pid: Pid, reason: unknown = shutdown): void =>
  node.signals.exit(node.user.pid, pid, reason)
const dies = async ({ node, until }: Simulated, id: string, reason: unknown = abnormal): Promise<void> => {
  await until(() => node.whereis(ID(id)) !== undefined)
  const pid = node.whereis(ID(id))!
  node.exit(pid, reason)
  await until(() => node.whereis(ID(id)) !== pid)
}

describe("a supervisor starts", () => {
  test("and ends with the reason it is told, its children with it", async () => {
    const s = await simulated()
    const pid = await s.node.start(supervisor("cases.top", { children: [named("a")] }))
    const [top, below] = [endOf(s.platform, s.node, pid), endOf(s.platform, s.node, ID("a"))]
    order(s, pid)
    expect([await below, await top]).toEqual([shutdown, shutdown])
  })
  test("without children, and without ever needing one", async () => {
    const { node } = await simulated()
    const pid = await node.start(supervisor("cases.empty", { children: [] }))
    expect(await node.call(pid).countChildren()).toEqual({ specs: 0, active: 0, supervisors: 0, workers: 0 })
  })
  test("not when the function that makes its children throws: its starter hears why", async () => {
    const { node } = await simulated()
    const broken = supervisor("cases.broken", {
      children: () => {
        throw new Error("no children today")
      },
    })
    const error = await rejection(node.start(broken))
    expect(error).toBeInstanceOf(StartFailed)
    expect(String(error)).toContain("no children today")
  })
  test("linked to its starter, and both end together", async () => {
    const { node, platform } = await simulated()
    const reasons = await inProcess(platform, node, async (self) => {
      self.trapExit(true)
      const pid = await self.startLink(supervisor("cases.linked", { children: [] }))
      self.exitOther(pid, kill)
      return (await self.receive(isExit)).reason
    })
    expect(reasons).toBe(killed)
    let below: Pid | undefined
    const starter = node.spawn(async (self) => {
      below = await self.startLink(supervisor("cases.linked", { children: [named("a")] }))
      await self.receive()
    })
    await platform.until(() => below !== undefined)
    node.exit(starter, abnormal)
    await platform.until(() => node.find(below!) === undefined)
    expect(node.whereis(ID("a"))).toBeUndefined()
  })
  test("children that are supervisors, counted as such, and a whole tree ends from its top", async () => {
    const s = await simulated()
    const leaf = supervisor("cases.leaf", { children: [named("a"), named("b")] })
    const twig = supervisor("cases.twig", { children: [named("c"), child(leaf)] })
    const top = await s.node.start(
      supervisor("cases.tree", { children: [child(twig), named("d"), child(dynamicSupervisor("cases.dynamic"))] }),
    )
    expect(await s.node.call(top).countChildren()).toEqual({ specs: 3, active: 3, supervisors: 2, workers: 1 })
    const ends = ["a", "b", "c", "d"].map((id) => endOf(s.platform, s.node, ID(id)))
    const end = endOf(s.platform, s.node, top)
    order(s, top)
    expect([...(await Promise.all(ends)), await end]).toEqual(Array(5).fill(shutdown))
    s.world.atRest()
  })
})

describe("requests", () => {
  test("to a supervisor that is not there are noproc, whichever it is", async () => {
    const { node } = await simulated()
    const NOBODY = name<ReturnType<typeof supervisor>>("nobody")
    const call = node.call(NOBODY)
    for (const asked of [call.children(), call.countChildren(), call.terminateChild("a"), call.startChild(named("a"))])
      expect(await rejection(asked)).toMatchObject({ name: "CallExit", reason: noproc })
  })
  test("are refused for a child that runs, is there already, or is none: each with its own word", async () => {
    const { node } = await simulated()
    const pid = await node.start(supervisor("cases.admin", { children: [named("a")] }))
    const call = node.call(pid)
    const a = node.whereis(ID("a"))!
    const reason = async (asked: Promise<unknown>) => ((await rejection(asked)) as CallRefused).reason
    expect(await reason(call.startChild(named("a")))).toEqual(tuple(atom("already_started"), a))
    expect(await reason(call.restartChild("a"))).toBe(atom("running"))
    expect(await reason(call.restartChild("z"))).toBe(atom("not_found"))
    expect(await reason(call.deleteChild("a"))).toBe(atom("running"))
    expect(await reason(call.deleteChild("z"))).toBe(atom("not_found"))
    expect(await call.terminateChild("a")).toBe("ok")
    // Ending what has ended is no failure.
    expect(await call.terminateChild("a")).toBe("ok")
    expect(await reason(call.startChild(named("a")))).toBe(atom("already_present"))
    expect(await call.deleteChild("a")).toBe("ok")
    expect(await call.children()).toEqual([])
  })
  test("to start what fails give the reason and keep nothing; to restart what fails give it and keep the child", async () => {
    const { node } = await simulated()
    const log: string[] = []
    const twice = fragile(log, (life) => life > 1)
    const pid = await node.start(supervisor("cases.failing", { children: [child(twice, { arg: "a", id: "a" })] }))
    const call = node.call(pid)
    await call.terminateChild("a")
    expect(inspect(((await rejection(call.restartChild("a"))) as CallRefused).reason)).toContain("a cannot start")
    expect(await call.children()).toMatchObject([{ id: "a", pid: undefined }])
    const never = fragile([], () => true)
    expect(await rejection(call.startChild(child(never, { arg: "b", id: "b" })))).toBeInstanceOf(CallRefused)
    expect((await call.children()).map(({ id }) => id)).toEqual(["a"])
  })
  test("to end a child leave alone whoever watched or was linked to its supervisor", async () => {
    const { node, platform } = await simulated()
    const pid = await node.start(supervisor("cases.watched", { children: [named("a")] }))
    const end = endOf(platform, node, ID("a"))
    await node.call(pid).terminateChild("a")
    expect(await end).toBe(shutdown)
    await settled(platform, node)
    expect(node.find(pid)).toBeDefined()
  })
  test("list children in the order of their start, those added later at the end", async () => {
    const { node } = await simulated()
    const pid = await node.start(supervisor("cases.order", { children: ["a", "b", "c"].map((id) => named(id)) }))
    await node.call(pid).startChild(named("d"))
    await node.call(pid).terminateChild("b")
    await node.call(pid).restartChild("b")
    expect((await node.call(pid).children()).map(({ id }) => id)).toEqual(["a", "b", "c", "d"])
  })
})

describe("a temporary child", () => {
  test("that was terminated is forgotten, and can be started anew", async () => {
    const { node } = await simulated()
    const pid = await node.start(supervisor("cases.temporary", { children: [named("a", "temporary")] }))
    expect(await node.call(pid).terminateChild("a")).toBe("ok")
    expect(await node.call(pid).children()).toEqual([])
    expect(await node.call(pid).terminateChild("a")).toBe("not_found")
    expect(node.find(await node.call(pid).startChild(named("a", "temporary")))).toBeDefined()
  })
  for (const strategy of ["one_for_all", "rest_for_one"] satisfies Strategy[]) {
    test(`that its sibling's end took along is not started again: ${strategy}`, async () => {
      const s = await simulated()
      const top = supervisor("cases.bystander", { strategy, children: [named("a"), named("b", "temporary")] })
      const pid = await s.node.start(top)
      await dies(s, "a", normalExit)
      await s.until(() => s.node.whereis(ID("a")) !== undefined)
      await settled(s.platform, s.node)
      expect((await s.node.call(pid).children()).map(({ id }) => id)).toEqual(["a"])
      expect(s.node.whereis(ID("b"))).toBeUndefined()
    })
  }
  test("keeps nothing of its argument once it has ended", async () => {
    const { node, platform } = await simulated()
    const pid = await node.start(dynamicSupervisor("cases.forgetful"))
    const one = await node.call(pid).startChild(child(idle, { arg: "large", restart: "temporary" }))
    node.exit(one, kill)
    await settled(platform, node)
    expect(inspect(node.findTarget(pid)!.describe().supervision)).not.toContain("large")
    expect(await node.call(pid).countChildren()).toEqual({ active: 0 })
  })
})
const normalExit = tuple(shutdown, normal)

describe("restarts", () => {
  test("that lie further apart than the period never end a supervisor", async () => {
    const s = await simulated()
    const top = supervisor("cases.patient", { intensity: 1, period: 1_000, children: [named("a")] })
    const pid = await s.node.start(top)
    for (let n = 0; n < 4; n++) {
      await dies(s, "a")
      await s.world.run(2_100)
    }
    expect(s.node.find(pid)).toBeDefined()
    await dies(s, "a")
    const end = endOf(s.platform, s.node, pid)
    await dies(s, "a")
    expect(await end).toBe(shutdown)
  })
  for (const strategy of ["one_for_one", "rest_for_one", "one_for_all"] satisfies Strategy[]) {
    test(`that cannot succeed end the supervisor and all who run under it: ${strategy}`, async () => {
      const s = await simulated()
      const log: string[] = []
      const once = fragile(log, (life) => life > 1)
      const top = await s.node.start(
        supervisor("cases.escalation", {
          strategy,
          intensity: 4,
          children: [named("a"), child(once, { arg: "x", id: "x" }), named("b")],
        }),
      )
      const end = endOf(s.platform, s.node, top)
      const x = (await s.node.call(top).children()).find(({ id }) => id === "x")!.pid as Pid
      s.node.exit(x, kill)
      expect(await end).toBe(shutdown)
      expect([s.node.whereis(ID("a")), s.node.whereis(ID("b"))]).toEqual([undefined, undefined])
      expect(log).toEqual(["+x", "!x", "!x", "!x", "!x"])
    })
  }
  test("of all: one that does not start takes those with it that have, and then all start", async () => {
    const s = await simulated()
    const log: string[] = []
    const sometimes = fragile(log, (life, id) => id === "b" && life === 2)
    const top = await s.node.start(
      supervisor("cases.all", {
        strategy: "one_for_all",
        children: ["a", "b"].map((id) => child(sometimes, { arg: id, id })),
      }),
    )
    const a = (await s.node.call(top).children())[0]!.pid as Pid
    log.length = 0
    s.node.exit(a, kill)
    await s.until(() => log.at(-1) === "+b")
    expect(log).toEqual(["-b", "+a", "!b", "-a", "+a", "+b"])
    expect(s.node.find(top)).toBeDefined()
  })
  test("of the rest: one that does not start is tried again, and those after it wait", async () => {
    const s = await simulated()
    const log: string[] = []
    const sometimes = fragile(log, (life, id) => id === "b" && life === 2)
    const top = await s.node.start(
      supervisor("cases.rest", {
        strategy: "rest_for_one",
        children: ["a", "b", "c"].map((id) => child(sometimes, { arg: id, id })),
      }),
    )
    const a = (await s.node.call(top).children())[0]!.pid as Pid
    log.length = 0
    s.node.exit(a, kill)
    await s.until(() => log.at(-1) === "+c")
    expect(log).toEqual(["-c", "-b", "+a", "!b", "+b", "+c"])
    expect(s.node.find(top)).toBeDefined()
  })
  for (const strategy of ["one_for_one", "rest_for_one"] satisfies Strategy[]) {
    test(`that fail without end hang nobody: the supervisor still answers, and ends when told (${strategy})`, async () => {
      await using node = await boot({ name: "endless@127.0.0.1", report: () => {} })
      const hopeless = fragile([], (life) => life > 1)
      const top = await node.start(
        supervisor("cases.hopeless", {
          strategy,
          intensity: 1e9,
          children: [child(hopeless, { arg: "x", id: "x" }), named("b")],
        }),
      )
      const call = node.call(top)
      node.exit((await call.children())[0]!.pid as Pid, kill)
      const restarting = atom("restarting")
      expect(await call.children()).toMatchObject([{ id: "x", pid: "restarting" }, { id: "b" }])
      expect(inspect(await node.ask(top, atom("which_children")))).toContain("{:x, :restarting, :worker")
      for (const asked of [call.restartChild("x"), call.deleteChild("x")])
        expect(await rejection(asked)).toMatchObject({ reason: restarting })
      expect(await call.terminateChild("x")).toBe("ok")
      expect(await call.children()).toMatchObject([{ id: "x", pid: undefined }, { id: "b" }])
      const fails = await rejection(call.restartChild("x"))
      expect(inspect((fails as CallRefused).reason)).toContain("x cannot start")
    })
    test(`that fail without end do not keep a supervisor from ending when it is told (${strategy})`, async () => {
      await using node = await boot({ name: "endless@127.0.0.1", report: () => {} })
      const hopeless = fragile([], (life) => life > 1)
      const x = child(hopeless, { arg: "x", id: "x" })
      const top = await node.start(
        supervisor("cases.hopeless", { strategy, intensity: 1e9, children: [x, named("b")] }),
      )
      node.exit((await node.call(top).children())[0]!.pid as Pid, kill)
      expect(await node.call(top).countChildren()).toMatchObject({ specs: 2 })
      const end = new Promise((resolve) => node.monitor(top, ({ reason }) => resolve(reason)))
      node.signals.exit(node.user.pid, top, shutdown)
      expect(await end).toBe(shutdown)
    })
  }
})

describe("shutdown", () => {
  test("asks each child in its own way: in its time, at once, for as long as it takes", async () => {
    const s = await simulated()
    const slow = child(stubborn, { arg: "slow", id: "slow", shutdown: 1_000 })
    const at = child(stubborn, { arg: "once", id: "once", shutdown: "brutal_kill" })
    const top = await s.node.start(
      supervisor("cases.ways", { children: [named("a", "permanent", "infinity"), slow, at] }),
    )
    const children = await s.node.call(top).children()
    const ends = children.map(({ pid }) => endOf(s.platform, s.node, pid as Pid))
    const before = s.world.now
    order(s, top)
    expect(await Promise.all(ends)).toEqual([shutdown, killed, killed])
    expect(s.world.now - before).toBeGreaterThanOrEqual(1_000)
  })
  test("of a child that has ended meanwhile waits for nothing", async () => {
    const s = await simulated()
    const top = await s.node.start(supervisor("cases.race", { children: [named("a", "temporary", "infinity")] }))
    const end = endOf(s.platform, s.node, top)
    s.node.exit(s.node.whereis(ID("a"))!, abnormal)
    order(s, top)
    expect(await end).toBe(shutdown)
  })
  test("of a dynamic supervisor: all at once, each within its time, late ones killed and reported", async () => {
    const s = await simulated()
    const top = await s.node.start(dynamicSupervisor("cases.dynamic"))
    const starts = [
      child(idle, { arg: "quick" }),
      child(stubborn, { arg: "late", shutdown: 1_000 }),
      child(stubborn, { arg: "late too", shutdown: 1_000 }),
      child(stubborn, { arg: "now", shutdown: "brutal_kill" }),
    ]
    const pids: Pid[] = []
    for (const one of starts) pids.push(await s.node.call(top).startChild(one))
    const ends = pids.map((pid) => endOf(s.platform, s.node, pid))
    const before = s.world.now
    order(s, top)
    expect(await Promise.all(ends)).toEqual([shutdown, killed, killed, killed])
    expect(s.world.now - before).toBeGreaterThanOrEqual(1_000)
    expect(s.world.now - before).toBeLessThan(2_000)
    expect(s.notes().filter((text) => text.includes("did not end within 1000 ms"))).toHaveLength(2)
  })
})

describe("a dynamic supervisor", () => {
  const cases: [Restart, unknown, number][] = [
    ["temporary", shutdown, 0],
    ["temporary", abnormal, 0],
    ["transient", shutdown, 0],
    ["transient", tuple(shutdown, atom("signal")), 0],
    ["transient", abnormal, 1],
    ["permanent", shutdown, 1],
    ["permanent", tuple(shutdown, atom("signal")), 1],
    ["permanent", abnormal, 1],
  ]
  test.each(cases)("a %s child that ended with %s leaves children: %i", async (restart, reason, left) => {
    const { node, platform } = await simulated()
    const top = await node.start(dynamicSupervisor("cases.kinds"))
    const pid = await node.call(top).startChild(child(idle, { arg: "x", restart }))
    node.exit(pid, reason)
    await settled(platform, node)
    expect(await node.call(top).countChildren()).toEqual({ active: left })
  })
  test("with room for none refuses, and one whose child is down or up again still counts it", async () => {
    const { node, platform } = await simulated()
    const none = await node.start(dynamicSupervisor("cases.none", { maxChildren: 0 }))
    expect(await rejection(node.call(none).startChild(child(idle, { arg: "x" })))).toMatchObject({
      reason: atom("max_children"),
    })
    const one = await node.start(dynamicSupervisor("cases.one", { maxChildren: 1 }))
    node.exit(await node.call(one).startChild(child(idle, { arg: "x" })), abnormal)
    await settled(platform, node)
    expect(await rejection(node.call(one).startChild(child(idle, { arg: "y" })))).toMatchObject({
      reason: atom("max_children"),
    })
  })
  test("tries again when a restart fails, and gives up after too many of those too", async () => {
    const s = await simulated()
    const log: string[] = []
    const again = fragile(log, (life) => life === 2)
    const top = await s.node.start(dynamicSupervisor("cases.again", { intensity: 2 }))
    s.node.exit(await s.node.call(top).startChild(child(again, { arg: "x" })), kill)
    await s.until(() => log.length === 3)
    expect(log).toEqual(["+x", "!x", "+x"])
    expect(await s.node.call(top).countChildren()).toEqual({ active: 1 })
    const lost = await s.node.start(dynamicSupervisor("cases.lost", { intensity: 10 }))
    const end = endOf(s.platform, s.node, lost)
    const never = fragile(log, (life) => life > 1)
    s.node.exit(await s.node.call(lost).startChild(child(never, { arg: "y" })), kill)
    expect(await end).toBe(shutdown)
    expect(log.filter((line) => line === "!y")).toHaveLength(10)
  })
  test("says not_found of a pid that is not its child, and leaves that alone", async () => {
    const { node } = await simulated()
    const top = await node.start(dynamicSupervisor("cases.strangers"))
    const stranger = await node.start(idle, { arg: "stranger" })
    expect(await node.call(top).terminateChild(stranger)).toBe("not_found")
    expect(node.find(stranger)).toBeDefined()
  })
  test("in which restarts fail without end still answers, gives such a child up when told, and ends when told", async () => {
    await using node = await boot({ name: "endless@127.0.0.1", report: () => {} })
    const hopeless = fragile([], (life) => life > 1)
    const top = await node.start(dynamicSupervisor("cases.endless", { intensity: 1e9, maxChildren: 1 }))
    const call = node.call(top)
    const first = await call.startChild(child(hopeless, { arg: "x" }))
    node.exit(first, kill)
    expect([await call.countChildren(), await call.children()]).toEqual([{ active: 0 }, []])
    // Who is being started again needs the room.
    expect(await rejection(call.startChild(child(idle, { arg: "y" })))).toMatchObject({ reason: atom("max_children") })
    expect(await call.terminateChild(first)).toBe("ok")
    const second = await call.startChild(child(idle, { arg: "y" }))
    expect(await call.children()).toEqual([second])
    const again = fragile([], (life) => life > 1)
    await call.terminateChild(second)
    node.exit(await call.startChild(child(again, { arg: "z" })), kill)
    await call.countChildren()
    const end = new Promise((resolve) => node.monitor(top, ({ reason }) => resolve(reason)))
    node.signals.exit(node.user.pid, top, shutdown)
    expect(await end).toBe(shutdown)
  })
  test("starts and stops a thousand children, and keeps none", async () => {
    const { node } = await simulated()
    const top = await node.start(dynamicSupervisor("cases.many"))
    const before = node.count
    const pids = await Promise.all(
      Array.from({ length: 1_000 }, () =>
        node.call(top, { timeout: "infinity" }).startChild(child(idle, { arg: "x" })),
      ),
    )
    expect(await node.call(top).countChildren()).toEqual({ active: 1_000 })
    await Promise.all(pids.map((pid) => node.call(top, { timeout: "infinity" }).terminateChild(pid)))
    expect(await node.call(top).countChildren()).toEqual({ active: 0 })
    expect(node.count).toBe(before)
  })
})

test("a supervisor that was asked what it does not know ends as any server does, and its own supervisor starts it again", async () => {
  const s = await simulated()
  const inner = supervisor("cases.inner", { children: [named("a")] })
  const INNER = name<typeof inner>("inner")
  await s.node.start(supervisor("cases.outer", { children: [child(inner, { name: INNER })] }))
  const first = s.node.whereis(INNER)
  expect(await rejection(s.node.ask(INNER, atom("what")))).toBeInstanceOf(CallExit)
  await s.until(() => s.node.whereis(INNER) !== undefined && s.node.whereis(ID("a")) !== undefined)
  expect(s.node.whereis(INNER)).not.toBe(first)
})
