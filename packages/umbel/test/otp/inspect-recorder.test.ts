/** The flight recorder: its rings, its rounds over applications, what peers remember of a dead node, and recordings as files. */
import { application, atom, child, genServer, name, supervisor } from "umbel"
import {
  INSPECTOR,
  NotARecording,
  RECORDER_RINGS,
  RECORDER_RINGS_BYTES,
  RECORDER_SCENES,
  readRecordingFile,
  recordingFile,
  type Sample,
  type SceneRow,
} from "umbel/otp"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { LastViews } from "../../src/otp/inspection/last-views.ts"
import { Recorder } from "../../src/otp/inspection/recorder.ts"
import { merged, SAMPLE_FIELDS, SampleRing } from "../../src/otp/inspection/sample-ring.ts"
import { SampleRings } from "../../src/otp/inspection/sample-rings.ts"
import { Scenes } from "../../src/otp/inspection/scenes.ts"
import { Standouts } from "../../src/otp/inspection/standouts.ts"
import { type Simulated, simulated } from "../support/simulated.ts"

const worker = genServer("shop.worker", {
  init: () => ({}),
  casts: {
    work: () => {},
    crash: () => {
      throw new Error("broken")
    },
  },
})
const WORKER = name<typeof worker>("worker")
const shop = application({
  name: "shop",
  start: () => supervisor("shop.supervisor", { children: [child(worker, { name: WORKER })] }),
})

const sample = (at: number, value: number): Sample =>
  Object.fromEntries([["at", at], ...SAMPLE_FIELDS.map((field) => [field, value])]) as unknown as Sample

describe("a ring of samples", () => {
  test("keeps the latest, oldest first", () => {
    const ring = new SampleRing(3)
    expect(ring.latest).toBeUndefined()
    expect(ring.oldestAt).toBe(Number.POSITIVE_INFINITY)
    for (let at = 1; at <= 5; at++) ring.add(sample(at, at * 10))
    expect(ring.since(0).map(({ at, rss }) => [at, rss])).toEqual([
      [3, 30],
      [4, 40],
      [5, 50],
    ])
    expect(ring.since(4).map(({ at }) => at)).toEqual([5])
    expect(ring.oldestAt).toBe(3)
  })
  test("merges levels by the last, peaks by the highest, counts by their sum, shares by their mean", () => {
    const one = merged([sample(1, 4), sample(2, 2), sample(3, 3)])
    expect(one).toMatchObject({ at: 3, heapUsed: 3, delayMax: 4, gcCount: 9, loopUtilisation: 3, intervalMs: 9 })
  })
})

test("rings keep a second for 15 minutes, ten for 6 hours, a minute for 48 hours, and then no more", () => {
  const rings = new SampleRings(RECORDER_RINGS)
  const HOUR_MS = 3_600_000
  const until = 50 * HOUR_MS
  const { bytes } = rings
  expect(bytes).toBe(RECORDER_RINGS_BYTES)
  for (let at = 0; at < until; at += 1_000) rings.add({ ...sample(at, at), intervalMs: 1_000, crashes: 1 })
  const samples = rings.since(0)
  const of = (ms: number) => samples.filter(({ intervalMs }) => intervalMs === ms)
  expect(of(1_000)).toHaveLength(900)
  expect(of(10_000)).toHaveLength(2_160 - 90)
  expect(of(60_000)).toHaveLength(2_880 - 360)
  expect(samples[0]!.at).toBe(until - 48 * HOUR_MS + 59_000)
  expect(samples[0]!.crashes).toBe(60)
  const times = samples.map(({ at }) => at)
  expect(new Set(times).size).toBe(times.length)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(rings.since(until - 10_000).length).toBe(9)
  expect(rings.bytes).toBe(bytes)
})

describe("scenes", () => {
  const stage = (name: string) => ({ applications: [], connected: [name], trees: {} })
  const row: SceneRow = {
    pid: "<0.1.0>",
    title: "till",
    module: "shop.till",
    kind: "worker",
    status: "waiting",
    application: "shop",
    mailbox: 1,
    mailboxRate: 0,
    handled: 2,
    handledRate: 0,
    cpuMs: 0,
    cpuRate: 0,
  }
  test("the last one up to a moment is found, and none from long before or after it", () => {
    const scenes = new Scenes()
    expect(scenes.at(0, {})).toBeUndefined()
    for (let at = 10_000; at <= 50_000; at += 10_000) scenes.put(at, stage(`n${at}@h`), [row])
    const of = (time: number) => scenes.at(time, {})?.at
    expect([of(9_999), of(10_000), of(29_999), of(30_000), of(110_000), of(110_001)]).toEqual([
      undefined,
      10_000,
      20_000,
      30_000,
      50_000,
      undefined,
    ])
    expect(scenes.at(20_000, { processes: true })).toMatchObject({ connected: ["n20000@h"], rows: [row] })
  })
  test("are kept for a quarter of an hour", () => {
    const scenes = new Scenes()
    for (let at = 0; at <= 3_600_000; at += 10_000) scenes.put(at, stage("a@h"), [])
    expect(scenes.count).toBe(90)
    expect(scenes.oldestAt).toBe(3_600_000 - 890_000)
  })
  test("never take more bytes than they may, and what has not changed is kept once", () => {
    const bounds = { ...RECORDER_SCENES, bytesMax: 20_000 } as unknown as typeof RECORDER_SCENES
    const scenes = new Scenes(bounds)
    for (let at = 0; at < 500_000; at += 10_000) {
      scenes.put(at, stage(`${at}${"x".repeat(4_000)}`), [])
      expect(scenes.bytes).toBeLessThanOrEqual(20_000)
    }
    expect(scenes.count).toBe(4)
    const same = new Scenes(bounds)
    for (let at = 0; at < 500_000; at += 10_000) same.put(at, stage("x".repeat(4_000)), [])
    expect(same.count).toBe(50)
    expect(same.bytes).toBeLessThan(5_000)
    // And none is counted twice when they go.
    for (let at = 500_000; at < 2_000_000; at += 10_000) same.put(at, stage("y".repeat(4_000)), [])
    expect(same.bytes).toBeLessThan(5_000)
  })
})

test("who stands out: the first few by each measure, each once, and nobody by nothing", () => {
  const standouts = new Standouts<string>(2, 3)
  for (const [of, one, two] of [
    ["a", 1, 0],
    ["b", 5, 9],
    ["c", 3, 0],
    ["d", 4, 1],
    ["e", 0, 0],
    ["f", 2, 0],
  ] as const) {
    standouts.offer(0, one, of)
    standouts.offer(1, two, of)
  }
  expect(standouts.all()).toEqual(["b", "d", "c"])
})

describe("the recorder", () => {
  let world: Simulated
  let recorder: Recorder
  let unlisten: () => void
  beforeEach(async () => {
    world = await simulated()
    const node = await world.world.boot({ name: "z@sim", applications: [shop] })
    world = { ...world, node }
    recorder = new Recorder(node)
    unlisten = node.reports.listen({
      reported: (report) => recorder.reported(report),
      decided: (decision) => recorder.decided(decision),
    })
  })
  afterEach(() => {
    unlisten()
    return world.platform.stop()
  })
  const seconds = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      await world.world.run(1_000)
      recorder.tick()
    }
  }

  test("has a sample a second, then one for ten", async () => {
    await seconds(905)
    const { samples } = recorder.recording(0)
    expect(samples).toHaveLength(900)
    expect(samples[0]!.intervalMs).toBeCloseTo(1_000)
    await seconds(100)
    const later = recorder.recording(0).samples
    expect(later[0]!.intervalMs).toBeCloseTo(10_000)
    const times = later.map(({ at }) => at)
    expect(times).toEqual([...times].sort((a, b) => a - b))
    expect(recorder.recording(times.at(-3)!).samples).toHaveLength(2)
  })
  test("counts what each application does, and what it no longer does", async () => {
    await seconds(1)
    for (let i = 0; i < 200; i++) world.node.cast(WORKER).work()
    await seconds(10)
    const rounds = recorder.recording(0).applications.filter((row) => row.application === "shop")
    expect(rounds.map(({ processes }) => processes)).toEqual([2, 2])
    expect(rounds[1]!.handledRate).toBeCloseTo(20)
    await seconds(10)
    expect(
      recorder
        .recording(0)
        .applications.filter((row) => row.application === "shop")
        .at(-1)!.handledRate,
    ).toBe(0)
  })
  test("looks back: the numbers, the tree and who stood out, as they were, and nothing of what came later", async () => {
    await seconds(1)
    const first = world.node.whereis(WORKER)!
    for (let i = 0; i < 100; i++) world.node.cast(WORKER).work()
    await seconds(10)
    const then = world.node.platform.clock.wallTime()
    world.node.exit(first, atom("kill"))
    await world.until(() => world.node.whereis(WORKER) !== undefined && world.node.whereis(WORKER) !== first)
    await seconds(20)
    const moment = recorder.moment(then, { application: "shop", processes: true, samples: true })
    expect(moment.sample!.at).toBeLessThanOrEqual(then)
    expect(moment.samples.at(-1)).toEqual(moment.sample)
    expect(moment.applications.find((row) => row.application === "shop")!.handledRate).toBeCloseTo(10)
    const { scene } = moment
    expect(scene!.at).toBeLessThanOrEqual(then)
    expect(scene!.applications.map(({ name, kept }) => [name, kept])).toEqual([["shop", true]])
    expect(scene!.tree!.children.map(({ pid, restarts }) => [pid, restarts])).toEqual([[String(first), 0]])
    expect(scene!.rows.find(({ pid }) => pid === String(first))).toMatchObject({
      module: "shop.worker",
      application: "shop",
      handled: 100,
      handledRate: 10,
    })
    expect(moment.events.every(({ at }) => at <= then)).toBe(true)
    const later = recorder.moment(world.node.platform.clock.wallTime(), { application: "shop" })
    expect(later.scene!.tree!.children[0]!.restarts).toBe(1)
    expect(later.scene!.rows).toEqual([])
    expect(later.events.some(({ kind }) => kind === "restart")).toBe(true)
    const before = recorder.moment(world.node.bootedAt - 60_000, { application: "shop" })
    expect([before.sample, before.scene, before.applications, before.events]).toEqual([undefined, undefined, [], []])
    expect(before.oldest).toBeGreaterThan(world.node.bootedAt - 1)
    expect(() => recorder.moment(Number.NaN, {})).toThrow("a moment is milliseconds since 1970, not NaN")
  })
  test("remembers what happened", async () => {
    const before = world.node.whereis(WORKER)
    world.node.cast(WORKER).crash()
    await world.until(() => world.node.whereis(WORKER) !== undefined && world.node.whereis(WORKER) !== before)
    const peer = await world.world.boot({ name: "y@sim" })
    await peer.connect("z@sim")
    await seconds(1)
    // One that stops says goodbye, and is no warning; one that crashes does not.
    await peer.stop()
    await seconds(1)
    const again = await world.world.boot({ name: "y@sim" })
    await again.connect("z@sim")
    await seconds(1)
    world.world.crash(again)
    await seconds(1)
    const told = recorder.recording(0).events.filter(({ text }) => !text.includes("umbel_"))
    const kinds = told.map(({ kind, text }) => `${kind}: ${text}`)
    expect(kinds).toEqual([
      "boot: z@sim has booted",
      "crash: worker crashed: Error: broken",
      "restart: shop.supervisor restarts worker (1 of 3)",
      "node-up: y@sim is connected",
      "node-down: y@sim is gone",
      "node-up: y@sim is connected",
      "warning: distribution: lost y@sim: it closed the connection",
      "node-down: y@sim is gone",
    ])
    expect(recorder.events(1)).toMatchObject([{ kind: "node-down" }])
  })
  test("stays within its bounds", async () => {
    for (let i = 0; i < 5_000; i++) recorder.event("warning", "x".repeat(10_000), undefined)
    const { events } = recorder.recording(0)
    expect(events).toHaveLength(500)
    expect(events[0]!.text).toHaveLength(500)
    expect(RECORDER_RINGS_BYTES).toBeLessThan(600_000)
    expect(recorder.bytes).toBeLessThan(RECORDER_RINGS_BYTES + 100_000)
  })
  test("its recordings are files that can be read again", async () => {
    await seconds(12)
    const recording = recorder.recording(0)
    const read = readRecordingFile(recordingFile([recording]))
    expect(read).toEqual([recording])
  })
})

describe("a file that is none", () => {
  const file = (change: (parsed: { recordings: Record<string, unknown>[] }) => void): string => {
    const parsed = {
      format: "umbel-recordings",
      version: 1,
      recordings: [{ node: "a@b", bootedAt: 1, at: 2, samples: [], applications: [], events: [] }],
    }
    change(parsed as never)
    return JSON.stringify(parsed)
  }
  test.each([
    ["{", /the file should be JSON/],
    ["[]", /the file should be an object/],
    [file((parsed) => Object.assign(parsed, { version: 2 })), /version should be 1/],
    [file((parsed) => Object.assign(parsed, { format: "x" })), /format should be "umbel-recordings"/],
    [file(({ recordings }) => (recordings[0]!["node"] = 5)), /recordings\[0\]\.node should be a text/],
    [file(({ recordings }) => (recordings[0]!["samples"] = [{}])), /samples\[0\]\.at should be a number/],
    [file(({ recordings }) => (recordings[0]!["events"] = [{ kind: "party" }])), /events\[0\]\.kind should be boot or/],
    [file((parsed) => Object.assign(parsed, { recordings: "all" })), /recordings should be a list/],
  ])("%s", (text, message) => {
    expect(() => readRecordingFile(text)).toThrow(message)
    expect(() => readRecordingFile(text)).toThrow(NotARecording)
  })
})

describe("a dead node", () => {
  test("is remembered by its peers as it was", async () => {
    const world = await simulated()
    const dying = await world.world.boot({ name: "b@sim", applications: [shop] })
    await dying.connect("a@sim")
    const views = new LastViews(dying, new Recorder(dying))
    expect(views.keepers()).toEqual(["a@sim"])
    views.tell()
    await world.world.run(100)
    expect(await world.node.call(INSPECTOR).lastViews()).toMatchObject([{ node: "b@sim", connected: true }])
    await dying.stop()
    await world.until(() => world.node.nodes.length === 0)
    const [view] = await world.node.call(INSPECTOR).lastViews()
    expect(view).toMatchObject({
      node: "b@sim",
      connected: false,
      overview: { applications: [{ name: "shop" }] },
      trees: [{ application: "shop", tree: { title: "shop.supervisor", children: [{ title: "worker" }] } }],
      events: [{ kind: "boot" }],
    })
    await world.platform.stop()
  })
  test("is not made up: what is no view, or of no peer, is dropped", async () => {
    const world = await simulated()
    const views = new LastViews(world.node, new Recorder(world.node))
    for (const nonsense of [undefined, 5, {}, { node: "b@sim" }, { ...views.own(), node: "stranger@sim" }])
      views.remember(nonsense)
    expect(views.all()).toEqual([])
    await world.platform.stop()
  })
})
