/** Actions of the inspector: what each says it would do, and that it does just that. */
import { application, atom, child, Drain, dynamicSupervisor, genServer, kill, name, supervisor } from "umbel"
import { type ActionEffect, INSPECTOR, type InspectorAction, Logger, Sys } from "umbel/otp"
import { AWAITING } from "umbel/runtime"
import type { Pid } from "umbel/term"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type Simulated, simulated } from "../support/simulated.ts"

const box = genServer("test.box", {
  init: () => ({ heard: [] as unknown[] }),
  calls: { heard: ({ state }) => state.heard },
  info: ({ state }, message) => state.heard.push(message),
})
const [A, B, C] = [name<typeof box>("a"), name<typeof box>("b"), name<typeof box>("c")]
const dynamic = dynamicSupervisor("test.dynamic")
const DYNAMIC = name<typeof dynamic>("dynamic")
const rest = supervisor("test.rest", {
  strategy: "rest_for_one",
  intensity: 1,
  children: [child(box, { name: A }), child(box, { name: B }), child(box, { name: C })],
})
const REST = name<typeof rest>("rest")
const top = supervisor("test.top", { children: [child(rest, { name: REST }), child(dynamic, { name: DYNAMIC })] })
const shop = application({ name: "shop", start: () => top })

let world: Simulated
beforeEach(async () => {
  world = await simulated()
  const node = await world.world.boot({ name: "s@sim", applications: [shop] })
  world = { ...world, node }
})
afterEach(() => world.platform.stop())

const pid = (which: { readonly name: string }): Pid => world.node.whereis(which as never)!
const preview = (action: InspectorAction) => world.node.call(INSPECTOR).preview(action)
const perform = (action: InspectorAction) => world.node.call(INSPECTOR).perform(action, "ann")
const words = (effects: readonly ActionEffect[]): string[] => effects.map(({ title, what }) => `${title} ${what}`)

describe("before something is ended", () => {
  test("its siblings and its supervisor's decision are told, and that is what happens", async () => {
    const before = { a: pid(A), b: pid(B), c: pid(C) }
    const told = await preview({ kind: "kill", pid: before.b })
    expect(told).toMatchObject({ refused: undefined, destructive: true, more: 0 })
    expect(words(told.effects)).toEqual(["b ends", "c ends", "b restarts", "c restarts"])
    expect(told.effects[2]!.why).toBe("rest starts it again, restart 1 of 1 allowed")
    expect(pid(B)).toBe(before.b)
    expect(await perform({ kind: "kill", pid: before.b })).toMatchObject({ done: true })
    await world.until(() => pid(B) !== undefined && pid(B) !== before.b && pid(C) !== undefined && pid(C) !== before.c)
    expect(pid(A)).toBe(before.a)
  })
  test("an end too many is told to take the supervisor along, up to where it stops", async () => {
    const first = pid(A)
    await perform({ kind: "kill", pid: first })
    await world.until(() => pid(A) !== undefined && pid(A) !== first && pid(C) !== undefined)
    const told = await preview({ kind: "exit", pid: pid(A), reason: "why not" })
    expect(words(told.effects)).toEqual(["a ends", "rest ends", "b ends", "c ends", "rest restarts"])
    expect(told.effects[1]!.why).toBe("a would have ended too often: it gives up")
    const former = pid(REST)
    await perform({ kind: "exit", pid: pid(A), reason: "why not" })
    await world.until(() => pid(REST) !== undefined && pid(REST) !== former)
  })
  test("those who are linked end with it, those who monitor it are told", async () => {
    const child1 = await world.node.call(DYNAMIC).startChild(child(box, { restart: "temporary" }))
    const linked = world.node.spawn(async (self) => {
      self.label("linked")
      self.link(child1)
      await self.receive()
    })
    world.node.spawn(async (self) => {
      self.label("watching")
      self.monitor(child1)
      await self.receive()
    })
    await world.world.run(1)
    expect(words((await preview({ kind: "exit", pid: child1, reason: atom("boom") })).effects)).toEqual([
      "test.box ends",
      "dynamic is told",
      "watching is told",
      "linked ends",
    ])
    await perform({ kind: "exit", pid: child1, reason: atom("boom") })
    expect(world.node.find(linked)).toBeUndefined()
  })
  test("a normal exit ends nobody, and the node's own processes are not ended", async () => {
    expect(words((await preview({ kind: "exit", pid: pid(A), reason: atom("normal") })).effects)).toEqual(["a is told"])
    expect((await preview({ kind: "kill", pid: world.node.root.pid })).refused).toMatch(/a part of the node itself/)
    expect(await perform({ kind: "kill", pid: world.node.whereis(INSPECTOR)! })).toMatchObject({ done: false })
  })
})

describe("the other actions", () => {
  test("suspend, send and resume", async () => {
    expect(await perform({ kind: "suspend", pid: pid(A) })).toMatchObject({ done: true })
    expect(await perform({ kind: "send", pid: pid(A), message: { hello: 1 } })).toMatchObject({ done: true })
    expect(world.node.find(pid(A))!.size).toBe(1)
    await perform({ kind: "resume", pid: pid(A) })
    expect(await world.node.call(A).heard()).toEqual([{ hello: 1 }])
    const bare = world.node.spawn(async (self) => void (await self.receive()))
    expect((await preview({ kind: "resume", pid: bare })).refused).toMatch(/is not suspended/)
  })
  test("resume also a server that sys has suspended", async () => {
    await Sys.suspend(world.node, A)
    world.node.send(A, 1)
    expect(await perform({ kind: "resume", pid: pid(A) })).toMatchObject({ done: true })
    expect(await world.node.call(A).heard()).toEqual([1])
  })
  test("a process that is no server is suspended too, and can be killed while it is", async () => {
    let heard: unknown
    const bare = world.node.spawn(async (self) => {
      heard = await self.receive()
      await self.receive()
    })
    await perform({ kind: "suspend", pid: bare })
    world.node.send(bare, "hello")
    expect((await world.node.call(INSPECTOR).process(bare))!.status).toBe("suspended")
    expect(heard).toBeUndefined()
    await perform({ kind: "kill", pid: bare })
    await world.until(() => world.node.find(bare) === undefined)
    expect(heard).toBeUndefined()
  })
  test("step: a suspended process handles exactly one message, and is suspended again", async () => {
    expect((await preview({ kind: "step", pid: pid(A) })).refused).toMatch(/is not suspended: suspend it first/)
    await perform({ kind: "suspend", pid: pid(A) })
    expect((await preview({ kind: "step", pid: pid(A) })).refused).toMatch(/no message waits/)
    for (const number of [1, 2, 3]) world.node.send(A, number)
    const heard = () => (world.node.find(pid(A)) as unknown as { state: { heard: unknown[] } }).state.heard
    expect((await preview({ kind: "step", pid: pid(A) })).effects[0]!.why).toBe(
      "for one of 3 messages, and is suspended again",
    )
    expect(await perform({ kind: "step", pid: pid(A) })).toMatchObject({ done: true })
    await world.until(() => heard().length > 0)
    // Everybody else has had turns: it has not gone on.
    await world.node.call(B).heard()
    expect(heard()).toEqual([1])
    expect((await world.node.call(INSPECTOR).process(pid(A)))!.status).toBe("suspended")
    await perform({ kind: "step", pid: pid(A) })
    await world.until(() => heard().length > 1)
    await world.node.call(B).heard()
    expect(heard()).toEqual([1, 2])
    await perform({ kind: "resume", pid: pid(A) })
    expect(await world.node.call(A).heard()).toEqual([1, 2, 3])
  })
  test("step: what a handler awaits is waited for, and nothing comes after it", async () => {
    const answers: (() => void)[] = []
    const slow = genServer("test.slow", {
      init: () => ({ begun: 0 }),
      info: async ({ state }) => {
        state.begun++
        await new Promise<void>((resolve) => answers.push(resolve))
      },
    })
    const one = await world.node.start(slow)
    await perform({ kind: "suspend", pid: one })
    world.node.send(one, 1)
    world.node.send(one, 2)
    await perform({ kind: "step", pid: one })
    await world.until(() => answers.length === 1)
    expect((await preview({ kind: "step", pid: one })).refused).toMatch(/still has the last message in hand/)
    answers[0]!()
    await world.until(() => world.node.find(one)!.status !== AWAITING)
    await world.node.call(B).heard()
    expect(answers).toHaveLength(1)
    await perform({ kind: "resume", pid: one })
    await world.until(() => answers.length === 2)
  })
  test("freeze: all of an application or below a process stand still, supervisors too, and go on when thawed", async () => {
    const told = await preview({ kind: "freeze", application: "shop" })
    expect(told).toMatchObject({ destructive: true, refused: undefined })
    expect(told.effects.map(({ title, what }) => `${title} ${what}`).sort()).toEqual(
      ["a", "b", "c", "dynamic", "rest", "test.top"].map((title) => `${title} is suspended`),
    )
    expect((await preview({ kind: "thaw", application: "shop" })).refused).toMatch(/nothing of application shop/)
    expect(await perform({ kind: "freeze", application: "shop" })).toMatchObject({ done: true })
    const statuses = async () => {
      const { rows } = await world.node.call(INSPECTOR).list({ application: "shop", sort: "title" })
      return new Set(rows.map(({ status }) => status))
    }
    expect(await statuses()).toEqual(new Set(["suspended"]))
    const former = pid(B)
    await perform({ kind: "kill", pid: former })
    await world.until(() => pid(B) === undefined)
    await world.world.run(10_000)
    // Its supervisor has not restarted it: it stands still.
    expect(pid(B)).toBeUndefined()
    await perform({ kind: "thaw", application: "shop" })
    await world.until(() => pid(B) !== undefined && pid(B) !== former)
    await world.until(() => pid(C) !== undefined)
    expect(await statuses()).toEqual(new Set(["waiting"]))
    expect(words((await preview({ kind: "freeze", pid: pid(REST) })).effects).sort()).toEqual(
      ["a", "b", "c", "rest"].map((title) => `${title} is suspended`),
    )
    expect((await preview({ kind: "freeze", pid: world.node.root.pid })).refused).toMatch(/part of the node itself/)
  })
  test("drain: the node wants no more work, and nothing ends; until it wants it again", async () => {
    const overview = () => world.node.call(INSPECTOR).overview()
    expect((await preview({ kind: "undrain" })).refused).toMatch(/does not drain/)
    const told = await preview({ kind: "drain" })
    expect(told).toMatchObject({ destructive: true, summary: "drain s@sim" })
    expect(told.effects[0]!.why).toMatch(/\/ready of a release answers 503/)
    expect((await overview()).draining).toBe(false)
    const before = pid(A)
    expect(await perform({ kind: "drain" })).toMatchObject({ done: true })
    expect((await overview()).draining).toBe(true)
    expect(Drain.isOn(world.node)).toBe(true)
    expect((await preview({ kind: "drain" })).refused).toMatch(/drains already/)
    expect(pid(A)).toBe(before)
    await perform({ kind: "undrain" })
    expect((await overview()).draining).toBe(false)
  })
  test("restart and terminate a child", async () => {
    const former = pid(B)
    const told = await preview({ kind: "restart_child", supervisor: pid(REST), child: "b" })
    expect(words(told.effects)).toEqual(["b ends", "b starts"])
    expect(await perform({ kind: "restart_child", supervisor: pid(REST), child: "b" })).toMatchObject({ done: true })
    expect(pid(B)).not.toBe(former)
    await perform({ kind: "terminate_child", supervisor: pid(REST), child: "b" })
    expect(pid(B)).toBeUndefined()
    expect(await perform({ kind: "terminate_child", supervisor: pid(REST), child: "b" })).toMatchObject({
      done: false,
      text: "b does not run",
    })
    expect((await preview({ kind: "restart_child", supervisor: pid(DYNAMIC), child: "x" })).refused).toMatch(/no ids/)
  })
  test("stop an application, and start it again", async () => {
    expect(words((await preview({ kind: "stop_application", application: "shop" })).effects)).toEqual(["test.top ends"])
    expect(await perform({ kind: "stop_application", application: "shop" })).toMatchObject({ done: true })
    expect(pid(REST)).toBeUndefined()
    expect((await preview({ kind: "stop_application", application: "shop" })).refused).toMatch(/does not run/)
    expect((await preview({ kind: "start_application", application: "other" })).refused).toMatch(
      /give it to boot under load/,
    )
    expect(await perform({ kind: "start_application", application: "shop" })).toMatchObject({ done: true })
    expect(pid(REST)).toBeDefined()
    expect((await preview({ kind: "start_application", application: "shop" })).refused).toMatch(/runs already/)
  })
  test("start an application that is loaded and has never run", async () => {
    const idle = application({
      name: "idle",
      description: "Waits.",
      start: () => supervisor("test.idle", { children: [] }),
    })
    const node = await world.world.boot({ name: "idle@sim", load: [idle] })
    const { loaded } = await node.call(INSPECTOR).overview()
    expect(loaded).toEqual([{ name: "idle", description: "Waits." }])
    const start: InspectorAction = { kind: "start_application", application: "idle" }
    expect(words((await node.call(INSPECTOR).preview(start)).effects)).toEqual(["idle starts"])
    expect(await node.call(INSPECTOR).perform(start, "ann")).toMatchObject({ done: true })
    const { loaded: none, applications } = await node.call(INSPECTOR).overview()
    expect(none).toEqual([])
    expect(applications.map(({ name }) => name)).toEqual(["idle"])
  })
  test("set the log level, and take it back", async () => {
    await perform({ kind: "set_log_level", level: "debug", application: "shop" })
    await perform({ kind: "set_log_level", level: "error", pid: pid(A) })
    const { levels } = await world.node.call(INSPECTOR).logs({})
    expect(levels).toEqual({
      node: "info",
      applications: [{ application: "shop", level: "debug" }],
      processes: [{ pid: pid(A).key, level: "error" }],
    })
    await perform({ kind: "set_log_level", level: undefined, application: "shop" })
    expect((await world.node.call(INSPECTOR).logs({})).levels.applications).toEqual([])
    expect(Logger.enabled(world.node, "debug")).toBe(false)
    expect((await preview({ kind: "set_log_level", level: "loud" as never })).refused).toMatch(/levels are/)
  })
  test("disconnect a node", async () => {
    expect((await preview({ kind: "disconnect", node: "a@sim" })).refused).toMatch(/not connected/)
    await world.node.connect("a@sim")
    await perform({ kind: "disconnect", node: "a@sim" })
    expect(world.node.nodes).toEqual([])
  })
  test("every action is noted with who wanted it, and nonsense is refused", async () => {
    await perform({ kind: "kill", pid: pid(A) })
    expect(await perform({ kind: "explode" } as never)).toMatchObject({ done: false })
    expect(await perform(undefined as never)).toMatchObject({ done: false })
    const { lines } = await world.node.call(INSPECTOR).logs({ text: "ann" })
    expect(lines.map(({ from, level }) => `${from} ${level}`)).toEqual(["audit info", "audit warning", "audit warning"])
    expect(lines[0]!.text).toMatch(/^ann: kill a /)
  })
})

describe("the inspector", () => {
  test("is started again when it ends, and what the node keeps of itself is still there", async () => {
    const { node } = world
    node.reports.note("warning", "test", "the flour is low")
    const before = node.whereis(INSPECTOR)!
    node.exit(before, kill)
    await world.until(() => node.whereis(INSPECTOR) !== undefined && node.whereis(INSPECTOR) !== before)
    const { lines } = await node.call(INSPECTOR).logs({ text: "flour" })
    expect(lines).toHaveLength(1)
    const kept = node.whereis(name("umbel_kernel"))!
    expect(await perform({ kind: "kill", pid: kept })).toMatchObject({ done: false })
  })
})
