/** What went wrong, and how processes are found, as the inspector tells it. */
import { AsyncLocalStorage } from "node:async_hooks"
import { application, child, genServer, Logger, name, Registry, registry, supervisor, via } from "umbel"
import { boot } from "umbel/nodejs"
import { INSPECTOR, Pg, pgScope } from "umbel/otp"
import type { Node } from "umbel/runtime"
import { afterEach, beforeEach, describe, expect, test } from "vitest"

const till = genServer("shop.till", {
  init: () => ({ sum: 0, password: "hidden" }),
  calls: {
    add: ({ state }, price: number) => {
      if (price < 0) throw new RangeError(`no price ${price} for "things"`)
      return (state.sum += price)
    },
    leave: (self) => self.stop("out of paper"),
  },
  casts: {
    block: (_self, ms: number) => {
      const end = performance.now() + ms
      while (performance.now() < end);
    },
  },
})
const TILL = name<typeof till>("till")
const rooms = registry("shop.rooms", { keys: "unique" })
const shop = application({
  name: "shop",
  start: () =>
    supervisor("shop.tills", {
      intensity: 2,
      children: [child(rooms), child(pgScope("shop.groups")), child(till, { name: TILL })],
    }),
})

const crashing = (): never => {
  throw new Error("no")
}

let node: Node
const inspector = () => node.call(INSPECTOR)
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
}
beforeEach(async () => {
  node = await boot({ name: "ledger@127.0.0.1", applications: [shop], report: () => {}, longHandlerMs: 20 })
})
afterEach(() => node.stop())

const reborn = (before: unknown): Promise<void> =>
  until(() => node.whereis(TILL) !== undefined && node.whereis(TILL) !== before)
const crash = async (price: number): Promise<void> => {
  const before = node.whereis(TILL)
  await expect(node.call(TILL).add(price)).rejects.toThrow()
  await reborn(before)
}

describe("the crash ledger", () => {
  test("groups crashes by cause, whatever the numbers in them, with what the supervisor did", async () => {
    await crash(-1)
    await crash(-27)
    const [group, ...others] = await inspector().crashes()
    expect(others).toEqual([])
    expect(group).toMatchObject({
      module: "shop.till",
      count: 2,
      restarts: 2,
      givenUp: 0,
      reason: "RangeError: no price -0 for …",
    })
    expect(group!.frame).toMatch(/^add \(.*inspect-ledgers\.test\.ts:\d+:\d+\)$|inspect-ledgers\.test\.ts:\d+:\d+$/)
    expect(group!.latest).toMatchObject({
      title: "till",
      error: 'RangeError: no price -27 for "things"',
      message: "call {:add, -27}",
      ancestors: ["shop.tills", "init"],
      decision: { kind: "restart", child: "till", generation: 2, restartsInPeriod: 2, intensity: 2 },
    })
    expect(group!.latest.state).toContain("[redacted]")
    expect(group!.latest.state).not.toContain("hidden")
  })
  test("tells causes apart, and that a supervisor gave up", async () => {
    await crash(-1)
    const before = node.whereis(TILL)
    await node.call(TILL).leave()
    await reborn(before)
    await expect(node.call(TILL).add(-1)).rejects.toThrow()
    await until(async () => (await inspector().crashes()).some(({ givenUp }) => givenUp > 0))
    const groups = await inspector().crashes()
    expect(groups.map(({ reason, count }) => `${count} ${reason}`)).toEqual([
      "2 RangeError: no price -0 for …",
      "1 out of paper",
    ])
    expect(groups[0]!.latest.decision).toMatchObject({ kind: "give-up", supervisorTitle: "shop.tills" })
  })
  test("tells the messages before the one in hand where servers remember them, secrets covered, and what the message was part of", async () => {
    const requests = new AsyncLocalStorage<string>()
    const forgetful = genServer("test.forgetful", { remember: 0, init: () => ({}), calls: { fail: crashing } })
    const short = genServer("test.short", {
      remember: 2,
      init: () => ({}),
      calls: { login: (_self, _who: { password: string }) => "ok", fail: crashing },
      casts: { note: async () => {} },
      info: () => {},
    })
    await using other = await boot({
      name: "remembers@127.0.0.1",
      report: () => {},
      rememberMessages: 10,
      applications: [shop],
      traceContext: { capture: () => requests.getStore(), run: (id, handle) => requests.run(String(id), handle) },
    })
    const latest = async (module: string) =>
      (await other.call(INSPECTOR).crashes()).find((group) => group.module === module)!.latest
    await other.call(TILL).add(1)
    await other.call(TILL).add(2)
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    await requests.run(`00-${trace}-00f067aa0ba902b7-01`, () => expect(other.call(TILL).add(-3)).rejects.toThrow())
    expect(await latest("shop.till")).toMatchObject({
      before: ["call {:add, 1}", "call {:add, 2}"],
      message: "call {:add, -3}",
      traceId: trace,
    })
    const pid = await other.start(short)
    await other.call(pid).login({ password: "s3cret" })
    other.cast(pid).note()
    other.send(pid, "hello")
    await requests.run("order-7", () => expect(other.call(pid).fail()).rejects.toThrow())
    expect(await latest("test.short")).toMatchObject({ before: ["cast :note", '"hello"'], traceId: "order-7" })
    const once = await other.start(short)
    await other.call(once).login({ password: "s3cret" })
    await expect(other.call(once).fail()).rejects.toThrow()
    const { before, traceId } = await latest("test.short")
    expect([before, traceId]).toEqual([['call {:login, %{password: "[redacted]"}}'], undefined])
    const without = await other.start(forgetful)
    await expect(other.call(without).fail()).rejects.toThrow()
    await expect(other.call(await other.start(forgetful)).fail()).rejects.toThrow()
    expect((await latest("test.forgetful")).before).toEqual([])
    expect(() => genServer("test.odd", { remember: -1, init: () => ({}) })).toThrow(/whole number of messages/)
  })
  test("has the line of a crash in the log, and what was said around it", async () => {
    for (let i = 0; i < 5; i++) Logger.info(node, `before ${i}`)
    await crash(-1)
    for (let i = 0; i < 5; i++) Logger.info(node, `after ${i}`)
    const { line } = (await inspector().crashes())[0]!.latest
    const { lines } = await inspector().logs({ since: line - 3, upTo: line + 3 })
    expect(lines.map(({ id }) => id - line)).toEqual([-2, -1, 0, 1, 2, 3])
    // On a busy machine the crash may have held the thread, which is a line of its own.
    const others = lines.filter(({ kind }) => kind !== "long-handler").slice(0, 5)
    expect(others.map(({ kind, text }) => (kind === "crash" ? kind : text))).toEqual([
      "before 3",
      "before 4",
      "crash",
      "shop.tills restarted till",
      "after 0",
    ])
  })
  test("stays small in a storm", async () => {
    for (let i = 0; i < 3_000; i++) {
      node.spawn(async (self) => self.exit(`broke ${"x".repeat(i % 300)}`))
    }
    await until(() => node.reports.crashes === 3_000)
    const groups = await inspector().crashes()
    expect(groups).toHaveLength(200)
    const { lines, latest, oldest } = await inspector().logs({ limit: 500 })
    expect(lines).toHaveLength(500)
    expect(latest - oldest).toBeLessThan(2_000)
  })
})

test("long handlers are grouped by what they handled", async () => {
  node.cast(TILL).block(30)
  await node.call(TILL).add(1)
  node.cast(TILL).block(25)
  await node.call(TILL).add(1)
  const groups = await inspector().longHandlers()
  expect(groups).toMatchObject([{ module: "shop.till", count: 2, latest: { title: "till" } }])
  expect(groups[0]!.longestMs).toBeGreaterThanOrEqual(25)
})

describe("the log", () => {
  test("is read by level, text, process and id", async () => {
    Logger.warning(node, "order lost", { token: "s3cret" })
    Logger.info(node, "order taken")
    Logger.error(node, "printer burns")
    const texts = async (query: object): Promise<string[]> =>
      (await inspector().logs(query)).lines.map(({ text }) => text)
    expect(await texts({ text: "ORDER" })).toEqual([`order lost %{token: "[redacted]"}`, "order taken"])
    expect(await texts({ level: "error" })).toEqual(["printer burns"])
    const { latest, levels } = await inspector().logs({})
    Logger.info(node, "later")
    expect(await texts({ since: latest })).toEqual(["later"])
    expect(await texts({ limit: 1 })).toEqual(["later"])
    expect(levels).toEqual({ node: "info", applications: [], processes: [] })
    await expect(inspector().logs({ level: "loud" as never })).rejects.toThrow(/levels are debug/)
  })
})

test("groups, registries and names are shown with their members", async () => {
  const pid = node.whereis(TILL)!
  await node.start(till, { name: via(rooms, "lobby") })
  await Pg.join(node, "shop.groups", "open", [pid])
  const { names, scopes, registries, global } = await inspector().groups({})
  expect(names.entries).toContainEqual({ name: "till", member: { pid, node: node.name, title: "till" } })
  expect(scopes).toMatchObject([{ scope: "shop.groups", groups: [{ group: `"open"`, members: [{ title: "till" }] }] }])
  expect(registries).toMatchObject([{ registry: "shop.rooms", keys: "unique", size: 1, entries: [{ key: `"lobby"` }] }])
  expect(global).toBeUndefined()
  expect(Registry.count(node, rooms)).toBe(1)
  const narrowed = await inspector().groups({ filter: "lobby", limit: 1 })
  expect(narrowed.names.entries).toEqual([])
  expect(narrowed.registries[0]!.entries).toHaveLength(1)
})

test("one process is shown with its size, its application and who watches it", async () => {
  const pid = node.whereis(TILL)!
  const watcher = node.spawn(async (self) => {
    self.monitor(pid)
    self.dictionary.set("api_key", "s3cret")
    await self.receive()
  })
  await node.call(TILL).add(1)
  const view = await inspector().process(pid)
  expect(view).toMatchObject({ application: "shop", memoryCut: false, dropped: 0 })
  expect(view!.watchedBy.map((ref) => ref.pid)).toContainEqual(watcher)
  expect((await inspector().process(watcher))!.dictionary).toEqual([{ key: `"api_key"`, value: `"[redacted]"` }])
})
