/** What Node.js finds out of its thread and heap: delays, collections, the exact size of a process, profiles by process. */
import { readFileSync } from "node:fs"
import { genServer, name } from "umbel"
import { boot } from "umbel/nodejs"
import { INSPECTOR } from "umbel/otp"
import type { Node } from "umbel/runtime"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { nodejsDiagnostics } from "../../src/nodejs/diagnostics.ts"
import { HeapSnapshotReader, retainedSize } from "../../src/nodejs/heap-snapshot.ts"
import type { FlameNode } from "../../src/otp/index.ts"

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  version: string
}
const TEXTS = 2_000
const hoard = genServer("test.hoard", {
  init: () => ({
    texts: Array.from({ length: TEXTS }, (_, i) => ({ number: i, text: `text number ${i} `.repeat(8) })),
  }),
  casts: {
    spin: (_self, ms: number) => {
      spinAround(ms)
    },
  },
})
const HOARD = name<typeof hoard>("hoard")
const small = genServer("test.small", {
  init: () => ({ hoard: HOARD }),
  casts: { spin: (_self, ms: number) => void spinAround(ms) },
  calls: { idle: () => true },
})
const SMALL = name<typeof small>("small")
function spinAround(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describe("a node on Node.js", () => {
  let node: Node
  beforeEach(async () => {
    node = await boot({ name: "diagnosed@127.0.0.1", report: () => {}, longHandlerMs: 1_000 })
    await node.start(hoard, { name: HOARD })
    await node.start(small, { name: SMALL })
  })
  afterEach(() => node.stop())
  const inspector = (timeout = 60_000) => node.call(INSPECTOR, { timeout })

  test("tells its memory, its limits and its release", async () => {
    await inspector().overview()
    const system = await inspector().system()
    expect(system.memory.heapLimit).toBeGreaterThan(system.memory.heapUsed)
    expect(system.platform.release).toBe(version)
    expect(system.counters).toMatchObject({
      processes: node.count,
      registeredNames: [...node.all()].filter((one) => one.registeredName !== undefined).length,
      zombies: 0,
    })
    expect(system.counters.messages).toBeGreaterThan(0)
    if (process.platform === "linux") expect(system.limits.openFiles).toBeGreaterThan(2)
  })
  test("has had a sample a second, without being kept alive by it", async () => {
    const first = await inspector().recording(0)
    let recording = first
    while (recording.samples.length < 2) {
      await new Promise((resolve) => setImmediate(resolve))
      recording = await inspector().recording(0)
    }
    const [sample] = recording.samples
    expect(sample!.loopUtilisation).toBeGreaterThan(0)
    expect(sample!.heapUsed).toBeGreaterThan(1e6)
    expect(sample!.messagesRate).toBeGreaterThan(100)
    expect((await inspector().system()).observing.recorderMs).toBeGreaterThan(0)
  })
  test("tells how large a process is, exactly", async () => {
    const of = async (which: typeof HOARD | typeof SMALL) => {
      const retained = await inspector().retained(node.whereis(which as typeof HOARD)!, { confirmed: true })
      if (retained.kind !== "retained") throw new Error(retained.kind)
      return retained
    }
    const [large, little] = [await of(HOARD), await of(SMALL)]
    expect(large.bytes).toBeGreaterThan(TEXTS * 130)
    expect(large.bytes).toBeLessThan(TEXTS * 300)
    expect(large.objects).toBeGreaterThan(TEXTS * 2)
    expect(large.byKind[0]).toMatchObject({ name: "string" })
    expect(little.bytes).toBeGreaterThan(200)
    expect(little.bytes).toBeLessThan(4_000)
    expect(large.pauseMs).toBeGreaterThan(1)
    const { rows } = await inspector().list({ sort: "memory", count: 1 })
    expect(rows[0]!.title).toBe("hoard")
    expect(rows[0]!.memory / large.bytes).toBeGreaterThan(0.7)
    expect(rows[0]!.memory / large.bytes).toBeLessThan(1.4)
  }, 60_000)
  test("wants a large heap confirmed, and says how long it would stand still", async () => {
    const ballast = Array.from({ length: 1_500_000 }, (_, i) => ({ i, half: i / 2 }))
    const answer = await inspector().retained(node.whereis(SMALL)!, { confirmed: false })
    expect(answer).toMatchObject({ kind: "confirm" })
    if (answer.kind === "confirm") expect(answer.expectedPauseMs).toBeGreaterThan(1_000)
    expect(ballast).toHaveLength(1_500_000)
  })
  test("tells where handlers are written, and which one has the message in hand", async () => {
    let answer: () => void = () => {}
    const slow = genServer("test.slow", {
      init: () => ({}),
      calls: { think: () => new Promise<void>((resolve) => (answer = resolve)) },
      info: () => {},
    })
    const pid = await node.start(slow)
    const thinking = node.call(pid).think()
    const handlers = (await inspector().handlers(pid))!
    expect(handlers.map(({ kind, name, current }) => [kind, name, current])).toEqual([
      ["call", "think", true],
      ["other", "init", false],
      ["other", "info", false],
    ])
    const places = handlers.map(({ place }) => /^(.*):(\d+)$/.exec(place)!)
    for (const [, file] of places) expect(file).toMatch(/test\/nodejs\/diagnostics\.test\.ts$/)
    // The test runner's lines are not those of the source: they are in the same order.
    const [think, init, info] = places.map(([, , line]) => Number(line))
    expect(init).toBeLessThan(think!)
    expect(think).toBeLessThan(info!)
    answer()
    await thinking
    expect(await inspector().handlers(node.spawn(async (self) => void (await self.receive())))).toEqual([])
  })
  test("profiles itself, and tells whose time it was", async () => {
    const profiling = inspector().profile({ ms: 400, intervalUs: 200 })
    await expect(inspector().profile({ ms: 1 })).rejects.toThrow(/profiled already/)
    // As long as it is profiled: on a busy machine that begins and ends when it does.
    let over = false
    void profiling.finally(() => (over = true))
    while (!over) {
      node.cast(HOARD).spin(25)
      node.cast(SMALL).spin(5)
      await node.call(SMALL).idle()
    }
    const profile = await profiling
    if (profile.kind !== "profile") throw new Error(profile.kind)
    // On a busy machine the time of nobody may be longer than either's.
    const [first, second] = profile.processes.filter(({ title }) => title !== "(outside of processes)")
    expect([first!.title, second!.title]).toEqual(["hoard", "small"])
    expect(first!.ms).toBeGreaterThan(second!.ms)
    const spinning = found(profile.root, "spinAround")
    expect(spinning!.totalMs).toBeGreaterThan(0)
    expect(spinning!.place).toMatch(/diagnostics\.test\.ts:\d+$/)
    expect(profile.root.totalMs).toBeGreaterThan(spinning!.totalMs)
  })
  test("collects garbage when asked to", async () => {
    const before = (await inspector().system()).gc.majorCount
    expect(await inspector().perform({ kind: "collect_garbage" }, "ann")).toMatchObject({ done: true })
    while ((await inspector().system()).gc.majorCount === before) await new Promise((resolve) => setImmediate(resolve))
  })
})

test("a long handler is told with where it is written, and from its second time on with the stack it held the thread with", async () => {
  const node = await boot({ name: "held@127.0.0.1", report: () => {}, longHandlerMs: 100 })
  await node.start(small, { name: SMALL })
  const longest = async () => (await node.call(INSPECTOR, { timeout: 60_000 }).longHandlers())[0]
  let group = await longest()
  expect(group).toBeUndefined()
  while (group?.stack === undefined || group.handler === undefined) {
    node.cast(SMALL).spin(400)
    await new Promise((resolve) => setTimeout(resolve, 20))
    group = await longest()
  }
  expect(group).toMatchObject({ module: "test.small", request: "spin" })
  expect(group.count).toBeGreaterThan(1)
  expect(group.handler.place).toMatch(/test\/nodejs\/diagnostics\.test\.ts:\d+$/)
  const [innermost, caller] = group.stack.frames
  expect([innermost!.name, caller!.name]).toEqual(["spinAround", "spin"])
  expect(innermost!.place).toMatch(/test\/nodejs\/diagnostics\.test\.ts:\d+$/)
  expect(readFileSync(innermost!.path, "utf8")).toContain("function spinAround")
  // Nothing of the runtime's own.
  expect(group.stack.frames.map(({ place }) => place).join()).not.toMatch(/scheduler|server\.ts/)
  await node.stop()
})

test("the delay of the loop is that since the last look", async () => {
  const diagnostics = nodejsDiagnostics()
  diagnostics.loop()
  let worst = 0
  while (worst < 100) {
    await new Promise((resolve) => setTimeout(resolve, 25))
    spinAround(200)
    await new Promise((resolve) => setTimeout(resolve, 25))
    worst = diagnostics.loop().max
  }
  expect(worst).toBeGreaterThanOrEqual(100)
  diagnostics.stop()
})

describe("a heap snapshot", () => {
  const text = JSON.stringify({
    snapshot: {
      meta: {
        node_fields: ["type", "name", "id", "self_size", "edge_count"],
        node_types: [["hidden", "object", "string"], "string", "number", "number", "number"],
        edge_fields: ["type", "name_or_index", "to_node"],
        edge_types: [["property", "weak"], "string_or_number", "node"],
      },
    },
  }).slice(0, -1)
  // root -> a -> b -> c, root -> c, a ~weak~> d, root -> d
  const nodes = [0, 0, 1, 0, 3, 1, 1, 3, 10, 2, 2, 2, 5, 20, 1, 1, 3, 7, 40, 0, 1, 3, 9, 80, 0]
  const edges = [0, 0, 5, 0, 0, 15, 0, 0, 20, 0, 0, 10, 1, 0, 20, 0, 0, 15]
  const whole = `${text},\n"nodes":[${nodes.join(",\n")}],\n"edges":[${edges.join(",")}],\n"trace_tree":[],\n"strings":["","A\\"1","text","C"]}`

  test("is read alike however it is cut", () => {
    const results = [1, 2, 7, whole.length].map((size) => {
      const reader = new HeapSnapshotReader()
      for (let at = 0; at < whole.length; at += size) reader.add(whole.slice(at, at + size))
      return retainedSize(reader.heap(), 3)
    })
    expect(results[0]).toEqual({
      bytes: 30,
      objects: 2,
      selfBytes: 10,
      heapBytes: 150,
      byKind: [
        { name: "string", count: 1, bytes: 20 },
        { name: 'A"1', count: 1, bytes: 10 },
      ],
    })
    for (const result of results) expect(result).toEqual(results[0])
  })
  test("that ends too early, or has no such object, is said to", () => {
    const reader = new HeapSnapshotReader()
    reader.add(whole.slice(0, whole.length - 10))
    expect(() => reader.heap()).toThrow(/not complete/)
    reader.add(whole.slice(whole.length - 10))
    expect(() => retainedSize(reader.heap(), 99)).toThrow(/99 is not in the snapshot/)
  })
})

function found(node: FlameNode, wanted: string): FlameNode | undefined {
  if (node.name === wanted) return node
  for (const child of node.children) {
    const below = found(child, wanted)
    if (below !== undefined) return below
  }
  return undefined
}
