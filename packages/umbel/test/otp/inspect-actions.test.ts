/** Actions of the inspector: what each says it would do, and that it does just that. */
import { application, atom, child, dynamicSupervisor, genServer, kill, name, supervisor } from "umbel"
import { type ActionEffect, INSPECTOR, type InspectorAction, Logger } from "umbel/otp"
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
    expect((await preview({ kind: "suspend", pid: bare })).refused).toMatch(/only servers/)
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
