/** Many processes as the inspector shows them: windows of sorted lists, rates, text, size. */
import { application, child, dynamicSupervisor, genServer, name, supervisor, tuple } from "umbel"
import { boot } from "umbel/nodejs"
import { INSPECTOR, type ProcessQuery } from "umbel/otp"
import type { Node } from "umbel/runtime"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { memoryOf } from "../../src/otp/inspection/memory-estimate.ts"
import { windowOf } from "../../src/otp/inspection/window-of.ts"

const box = genServer("test.box", {
  init: (size: number) => ({ text: "x".repeat(size), secret: "y" }),
  calls: { add: ({ state }, text: string) => void (state.text += text) },
  casts: { work: () => {}, hang: () => new Promise<void>(() => {}) },
  formatStatus: () => {
    throw new Error("a list formats no state")
  },
})
const BOX = name<typeof box>("box")
const boxes = dynamicSupervisor("test.boxes")
const BOXES = name<typeof boxes>("boxes")
const shop = application({
  name: "shop",
  start: () => supervisor("shop.supervisor", { children: [child(boxes, { name: BOXES })] }),
})

describe("a window of a sorted list", () => {
  test("is what sorting everything and cutting it out gives", () => {
    const values = Array.from({ length: 500 }, (_, i) => (i * 7919) % 97)
    const sorted = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b)
    for (const [from, count] of [
      [0, 10],
      [0, 500],
      [123, 45],
      [490, 50],
      [600, 5],
      [0, 0],
    ] as const) {
      expect(windowOf(500, from, count, (a, b) => values[a]! - values[b]!)).toEqual(sorted.slice(from, from + count))
    }
  })
  test("holds for lists that are sorted already, the other way round, and all the same", () => {
    for (const value of [(i: number) => i, (i: number) => -i, () => 0]) {
      const picked = windowOf(1_000, 400, 3, (a, b) => value(a) - value(b))
      expect(picked.map(value)).toEqual([400, 401, 402].map((i) => value(value(1) < 0 ? 999 - i : i)))
    }
  })
  test("takes some looks at each, also where a few stand out of order", () => {
    const size = 20_000
    const words = Array.from(
      { length: size },
      (_, i) => ["init", "user", "umbel_inspector", "shop", "zz"][i] ?? "test.box",
    )
    for (const from of [0, 8_000, 16_000]) {
      let looks = 0
      windowOf(size, from, 50, (a, b) => {
        looks++
        return words[a]! < words[b]! ? -1 : words[a]! > words[b]! ? 1 : 0
      })
      expect(looks).toBeLessThan(10 * size)
    }
  })
})

describe("the list of processes", () => {
  let node: Node
  const inspector = () => node.call(INSPECTOR)
  const titles = async (query: ProcessQuery): Promise<string[]> =>
    (await inspector().list(query)).rows.map((row) => row.title)
  beforeEach(async () => {
    node = await boot({ name: "list@127.0.0.1", applications: [shop], report: () => {} })
  })
  afterEach(() => node.stop())
  const add = async (count: number, size = 10): Promise<void> => {
    for (let i = 0; i < count; i++) await node.call(BOXES).startChild(child(box, { arg: size, id: `box ${i}` }))
  }

  test("is sorted, paged and counted, and formats no state", async () => {
    await add(30)
    await node.start(box, { arg: 5, name: BOX })
    for (let i = 0; i < 5; i++) await node.call(BOX).add("z")
    const page = await inspector().list({ sort: "handled", filter: "box", count: 3 })
    expect(page).toMatchObject({ total: node.count, matching: 32, from: 0 })
    expect(page.rows).toHaveLength(3)
    const all = await inspector().list({ sort: "handled", filter: "box", count: 100 })
    expect(all.rows.map(({ handled }) => handled)).toEqual(all.rows.map(({ handled }) => handled).sort((a, b) => b - a))
    expect((await inspector().list({ sort: "handled", filter: "box", from: 1, count: 2 })).rows).toMatchObject(
      page.rows.slice(1).map(({ pid }) => ({ pid })),
    )
  })
  test("sorts by words upwards, and by mailbox the fullest first", async () => {
    const pid = await node.start(box, { arg: 5, name: BOX })
    node.cast(BOX).hang()
    for (let i = 0; i < 7; i++) node.cast(BOX).work()
    await node.call(INSPECTOR).overview()
    const [fullest] = (await inspector().list({ sort: "mailbox", count: 1 })).rows
    expect(fullest).toMatchObject({ pid, title: "box", module: "test.box", status: "awaiting", mailbox: 7 })
    const words = await titles({ sort: "title", count: 1_000 })
    expect(words).toEqual([...words].sort())
  })
  test("knows what belongs to an application", async () => {
    await add(3)
    await node.start(box, { arg: 1 })
    const of = await inspector().list({ application: "shop", sort: "pid" })
    expect(of.rows.map(({ title }) => title)).toEqual(["shop.supervisor", "boxes", "test.box", "test.box", "test.box"])
    expect((await inspector().list({ application: "nothing" })).matching).toBe(0)
  })
  test("sorts by memory, which is nearly what the state and the mailbox take", async () => {
    await add(20, 100)
    const large = await node.start(box, { arg: 100_000, name: BOX })
    const [first, second] = (await inspector().list({ sort: "memory", count: 2 })).rows
    expect(first!.pid).toBe(large)
    expect(first!.memory).toBeGreaterThan(100_000)
    expect(first!.memory).toBeLessThan(102_000)
    expect(second!.memory).toBeLessThan(20_000)
  })
  test("tells changes per second once it has looked before", async () => {
    await node.start(box, { arg: 1, name: BOX })
    const rates = node.call(INSPECTOR)
    expect((await rates.list({ sort: "handledRate" })).rateMs).toBe(0)
    let page = await rates.list({ sort: "handledRate", count: 1 })
    while (page.rateMs === 0) {
      for (let i = 0; i < 50; i++) await node.call(BOX).add("")
      page = await rates.list({ sort: "handledRate", filter: "box", count: 1 })
    }
    expect(page.rows[0]).toMatchObject({ title: "box" })
    expect(page.rows[0]!.handledRate).toBeGreaterThan(0)
  })
  test("refuses an order it does not know, and lives", async () => {
    await expect(inspector().list({ sort: "colour" as never })).rejects.toThrow(/sorted by pid, title/)
    await expect(node.ask(INSPECTOR, tuple("nonsense", 1))).resolves.toBeDefined()
    expect((await inspector().overview()).node).toBe("list@127.0.0.1")
  })
  test("finds by name, label, module and pid, exact matches first", async () => {
    await add(2)
    const pid = await node.start(box, { arg: 1, name: BOX })
    const labelled = node.spawn(async (self) => {
      self.label("box of ann")
      await self.receive()
    })
    await node.call(BOX).add("")
    const found = await inspector().find("box", 10)
    expect(found[0]).toMatchObject({ pid, in: "name" })
    expect(found).toContainEqual(expect.objectContaining({ pid: labelled, title: "box of ann", in: "label" }))
    expect(found.filter((one) => one.in === "module")).toHaveLength(2)
    expect(await inspector().find(String(pid), 1)).toMatchObject([{ pid, in: "pid" }])
    expect(await inspector().find("", 10)).toEqual([])
    expect(await inspector().find("box", 2)).toHaveLength(2)
  })
})

describe("the estimate of memory", () => {
  test("measures the first of many, stops at its bound, and minds neither circles nor traps", async () => {
    const node = await boot({ name: "memory@127.0.0.1", report: () => {} })
    const states: Record<string, object> = {
      list: { items: Array.from({ length: 10_000 }, () => "0123456789abcdef") },
      deep: { items: Array.from({ length: 60 }, () => Array.from({ length: 60 }, () => ({}))) },
      trap: new Proxy({}, { ownKeys: () => Number.NaN as never }),
    }
    const circle: { self?: object } = {}
    circle.self = circle
    states["circle"] = circle
    const holder = genServer("test.holder", { init: (which: string) => states[which]! })
    const sizes: Record<string, { bytes: number; cut: boolean }> = {}
    for (const which of Object.keys(states)) {
      const pid = await node.start(holder, { arg: which })
      sizes[which] = memoryOf(node.find(pid)!)
    }
    await node.stop()
    expect(sizes["list"]!.bytes).toBeGreaterThan(10_000 * 40)
    expect(sizes["list"]!.bytes).toBeLessThan(10_000 * 45)
    expect(sizes["list"]!.cut).toBe(false)
    expect(sizes["deep"]!.cut).toBe(true)
    expect(sizes["trap"]!.cut).toBe(true)
    expect(sizes["circle"]).toEqual({ bytes: 382, cut: false })
  })
})
