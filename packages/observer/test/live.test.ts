/** The live connection, without a browser: what is told when, to whom, and what a page can and cannot do. */
import { genServer, type Node, name } from "umbel"
import { boot } from "umbel/nodejs"
import { Sys } from "umbel/otp"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { freePort } from "../../../interop/support/ports.ts"
import { observer, observerAddress } from "../src/index.ts"
import type { AuditData } from "../src/views/audit.ts"
import type { ClusterData } from "../src/views/cluster.ts"
import type { EventsData } from "../src/views/events.ts"
import type { InsideData } from "../src/views/inside.ts"
import type { ProcessData } from "../src/views/process.ts"
import type { ProcessesData } from "../src/views/processes.ts"
import type { TraceData } from "../src/views/trace.ts"
import type { TreeView } from "../src/views/tree.ts"
import { TestPage } from "./support/page.ts"
import { index, letter, MAILER, shop, TILL } from "./support/system.ts"

const HERE = "live1@127.0.0.1"
let here: Node
let address: string
let epmdPort: number
const pages: TestPage[] = []
const opened = async (): Promise<TestPage> => {
  const page = await TestPage.open(address)
  pages.push(page)
  return page
}
const treeOf = (application: string, node = HERE) => ({ node, application })
const find = (tree: TreeView, title: string): TreeView | undefined =>
  tree.title === title ? tree : tree.children.map((child) => find(child, title)).find((found) => found !== undefined)

async function started(config: object = {}): Promise<void> {
  here = await boot({
    name: HERE,
    cookie: "c",
    epmdPort,
    report: () => {},
    applications: [shop, observer.with({ port: 0, refreshMs: 50, ...config })],
  })
  address = await observerAddress(here)
}
beforeEach(async () => {
  epmdPort = await freePort()
  await started()
})
afterEach(async () => {
  for (const page of pages.splice(0)) page[Symbol.dispose]()
  await here.stop()
})

describe("what a page is told", () => {
  test("who it is, then views in full and in changes, in sequence", async () => {
    const page = await opened()
    expect(page.heard[0]).toMatchObject({
      type: "hello",
      node: HERE,
      capabilities: ["inspect", "inspect.state", "manage"],
    })
    const cluster = page.watch("cluster")
    const { nodes } = await page.data<ClusterData>(cluster, ({ nodes }) => nodes[0]?.vitals != null)
    expect(nodes[0]).toMatchObject({ name: HERE, kind: "umbel", status: "up", home: true })
    expect(nodes[0]?.vitals?.applications.map(({ name }) => name)).toEqual(["shop", "observer"])
    const tree = await page.data<TreeView>(page.watch("tree", treeOf("shop")))
    expect(tree.supervision?.strategy).toBe("one_for_one")
    expect(find(tree, "till")).toMatchObject({ id: "till", module: "shop.till", restarts: 0, status: "waiting" })
    expect(page.heard.map(({ seq }) => seq)).toEqual(page.heard.map((_, at) => at + 1))
  })

  test("what it asked for at once, however long its viewer takes to start", async () => {
    const viewers = here.whereis(name("umbel_observer_viewers"))!
    await Sys.suspend(here, viewers, 5_000)
    const page = new TestPage(address)
    pages.push(page)
    await new Promise((resolve) => page.socket.once("open", resolve))
    const cluster = page.watch("cluster")
    // The server has had it when it has answered what was sent after it.
    await fetch(new URL("/api", address))
    await Sys.resume(here, viewers, 5_000)
    expect((await page.data<ClusterData>(cluster)).nodes[0]).toMatchObject({ name: HERE })
  })

  test("a tree again only when something in it has changed, and then only that", async () => {
    const page = await opened()
    const watched = page.watch("tree", treeOf("shop"))
    const tree = await page.data<TreeView>(watched)
    const cluster = page.watch("cluster")
    const frames = (id: number) => page.heard.filter((message) => "id" in message && message.id === id)
    await expect.poll(() => frames(cluster).length, { timeout: 10_000 }).toBeGreaterThan(5)
    expect(frames(watched)).toHaveLength(1)
    here.cast(TILL).jam()
    const after = await page.data<TreeView>(watched, (now) => find(now, "till")?.restarts === 1)
    expect(find(after, "till")?.key).not.toBe(find(tree, "till")?.key)
    expect(find(after, "shop.desk")?.supervision?.used).toBe(1)
    expect(
      frames(watched)
        .slice(1)
        .every(({ type }) => type === "delta"),
    ).toBe(true)
  })

  test("nothing more of what it does not watch any more", async () => {
    const page = await opened()
    const watched = page.watch("cluster")
    await page.data(watched)
    page.say({ type: "unwatch", id: watched })
    const other = page.watch("cluster")
    await page.data(other)
    const count = page.heard.filter((message) => "id" in message && message.id === watched).length
    await expect
      .poll(() => page.heard.filter((message) => "id" in message && message.id === other).length, { timeout: 10_000 })
      .toBeGreaterThan(4)
    expect(page.heard.filter((message) => "id" in message && message.id === watched)).toHaveLength(count)
  })

  test.each([
    ["an application that does not run", "tree", treeOf("nothing"), "gone"],
    [
      "a node that is not in the cluster, which is not dialled either",
      "tree",
      treeOf("shop", "else@127.0.0.1"),
      "unknown",
    ],
    ["a view that there is not", "nonsense", {}, "unknown"],
    ["a view without what it needs", "tree", {}, "unknown"],
    ["a process that there is not", "process", { node: HERE, pid: "<0.99999.0>" }, "gone"],
    ["a process of a node that is not there", "process", { process: "else@127.0.0.1/1.0.7" }, "unknown"],
    ["a key that is none", "process", { process: "nonsense" }, "unknown"],
  ])("%s as what it is", async (_what, view, params, status) => {
    const page = await opened()
    expect(await page.until(page.watch(view, params))).toMatchObject({ status, data: null })
  })

  test("a window of the processes, sorted and filtered on their node", async () => {
    const page = await opened()
    const all = await page.data<ProcessesData>(
      page.watch("processes", { node: HERE, sort: "title", ascending: true, count: 3 }),
    )
    expect(all.rows).toHaveLength(3)
    expect(all.total).toBeGreaterThan(10)
    const titles = all.rows.map(({ title }) => title)
    expect(titles).toEqual([...titles].sort())
    const some = await page.data<ProcessesData>(page.watch("processes", { node: HERE, filter: "shop." }))
    expect(some.matching).toBe(some.rows.length)
    expect(some.rows.every(({ module }) => module.startsWith("shop."))).toBe(true)
  })

  test("a process by a link from elsewhere: its pid and node, or its key", async () => {
    const page = await opened()
    const till = here.whereis(TILL)!
    const named = await page.data<ProcessData>(page.watch("process", { node: HERE, pid: String(till) }))
    expect(named).toMatchObject({ title: "till", module: "shop.till", of: "umbel" })
    expect(await page.data<ProcessData>(page.watch("process", { process: till.key }))).toMatchObject({ key: named.key })
  })

  test("states with what is secret covered, and messages", async () => {
    for (let number = 0; number < 4; number++) here.send(MAILER, letter(number))
    const page = await opened()
    const till = await page.data<InsideData>(page.watch("inside", { process: here.whereis(TILL)!.key }))
    expect(till.state).toContain("coins")
    expect(till.state).not.toContain("hunter2")
    const mailer = await page.data<InsideData>(
      page.watch("inside", { process: here.whereis(MAILER)!.key }),
      ({ waiting }) => waiting === 3,
    )
    expect(mailer.messages[0]).toBe('{:letter, 1, "to ann"}')
    expect(mailer.current).toBe('{:letter, 0, "to ann"}')
  })

  test("crashes as events, once each", async () => {
    const page = await opened()
    const watched = page.watch("events")
    here.cast(TILL).jam()
    const { events } = await page.data<EventsData>(watched, ({ events }) =>
      events.some(({ kind, text }) => kind === "crash" && text.includes("the drawer is stuck")),
    )
    expect(new Set(events.map(({ key }) => key)).size).toBe(events.length)
  })

  test("a node that cannot be reached with its last view, and again when it is back", async () => {
    const there = () =>
      boot({ name: "live2@127.0.0.1", cookie: "c", epmdPort, report: () => {}, applications: [index] })
    const first = await there()
    try {
      await here.connect(first.name)
      const page = await opened()
      const cluster = page.watch("cluster")
      const seen = (status: string) =>
        page.data<ClusterData>(cluster, ({ nodes }) =>
          nodes.some(({ name, status: is, vitals }) => name === first.name && is === status && vitals !== null),
        )
      await seen("up")
      await first.stop()
      const { nodes } = await seen("unreachable")
      expect(nodes.find(({ name }) => name === first.name)?.vitals?.applications.map(({ name }) => name)).toEqual([
        "index",
      ])
      const second = await there()
      await seen("up").finally(() => second.stop())
    } finally {
      await first.stop()
    }
  })

  test("a trace that goes from node to node: one row a message, in order, and both clocks said", async () => {
    const clerk = genServer("test.clerk", {
      init: () => ({}),
      calls: { ask: (_self, what: string) => `${what}!` },
      casts: { hear: () => {} },
    })
    const CLERK = name<typeof clerk>("clerk")
    const asker = genServer("test.asker", {
      init: () => ({}),
      calls: {
        run: async (self) => {
          self.cast(CLERK.at("live2@127.0.0.1")).hear()
          return self.call(CLERK.at("live2@127.0.0.1")).ask("well")
        },
      },
    })
    const ASKER = name<typeof asker>("asker")
    const there = await boot({ name: "live2@127.0.0.1", cookie: "c", epmdPort, report: () => {} })
    try {
      await here.start(asker, { name: ASKER })
      await there.start(clerk, { name: CLERK })
      await here.connect(there.name)
      const page = await opened()
      await page.data<ClusterData>(
        page.watch("cluster"),
        ({ nodes }) => nodes.filter((n) => n.status === "up").length === 2,
      )
      const watched = page.watch("trace", { process: here.whereis(ASKER)!.key, follow: true })
      await page.data<TraceData>(watched, ({ state }) => state === "running")
      // The first run makes the far process known; from then on both sides are seen.
      await here.call(ASKER).run()
      await page.data<TraceData>(watched, ({ nodes }) => nodes.length === 2)
      await here.call(ASKER).run()
      const lastRun = ({ events }: TraceData) => events.slice(events.findLastIndex(({ text }) => text === ":run"))
      const { events, untraced } = await page.data<TraceData>(
        watched,
        (data) => lastRun(data).length === 5 && lastRun(data).filter(({ transit }) => transit !== null).length === 3,
      )
      expect(untraced).toEqual([])
      const second = lastRun({ events } as TraceData)
      expect(
        second.map(
          ({ kind, from, to, text }) => `${kind} ${from?.title} ${from?.node} > ${to?.title} ${to?.node} ${text}`,
        ),
      ).toEqual([
        `call init ${HERE} > asker ${HERE} :run`,
        `cast asker ${HERE} > clerk ${there.name} :hear`,
        `call asker ${HERE} > clerk ${there.name} {:ask, "well"}`,
        `answer clerk ${there.name} > asker ${HERE} "well!"`,
        `answer asker ${HERE} > init ${HERE} "well!"`,
      ])
      expect(events.map(({ at }) => at)).toEqual([...events.map(({ at }) => at)].sort((a, b) => a - b))
      page.say({ type: "unwatch", id: watched })
      page.socket.close()
      await expect.poll(() => [here.spy, there.spy]).toEqual([undefined, undefined])
      const { entries } = await (await opened()).data<AuditData>(
        pages.at(-1)!.watch("audit"),
        ({ entries }) => entries.length > 0,
      )
      expect(entries[0]).toMatchObject({ action: "trace", done: true })
    } finally {
      await there.stop()
    }
  })

  test("a trace stops at its bound", async () => {
    const page = await opened()
    const watched = page.watch("trace", { process: here.whereis(TILL)!.key, events: 5 })
    await page.data<TraceData>(watched, ({ state }) => state === "running")
    for (let number = 0; number < 50; number++) here.send(TILL, number)
    const { events } = await page.data<TraceData>(watched, ({ state }) => state === "events")
    expect(events).toHaveLength(5)
  })

  test("what looking costs", async () => {
    const page = await opened()
    await expect.poll(() => page.heard.find(({ type }) => type === "cost"), { timeout: 8_000 }).toBeDefined()
    expect(page.heard.find(({ type }) => type === "cost")).toMatchObject({ pages: 1, cpu: expect.any(Number) })
  })
})

describe("what a page can do", () => {
  const tillOf = async (page: TestPage): Promise<TreeView> => {
    const tree = await page.data<TreeView>(page.watch("tree", treeOf("shop")))
    return find(tree, "till")!
  }

  test("kill what it was shown, having been told what follows; a note and the audit tell of it", async () => {
    const page = await opened()
    const { key } = await tillOf(page)
    const told = await page.act("kill", { process: key! }, true)
    expect(told).toMatchObject({ done: true })
    expect(told.consequences.map(({ text }) => text).join("\n")).toContain("mailer")
    expect(here.whereis(TILL)?.key).toBe(key)
    expect(await page.act("kill", { process: key! })).toMatchObject({ done: true })
    await expect.poll(() => here.whereis(TILL)?.key).not.toBe(key)
    const { entries } = await page.data<AuditData>(page.watch("audit"), (audit) => audit.entries.length > 0)
    expect(entries[0]).toMatchObject({ action: "kill", done: true, who: "anybody here" })
    expect(here.reports.recent).toContainEqual(
      expect.objectContaining({
        kind: "note",
        level: "warning",
        from: "observer",
        text: expect.stringContaining("till"),
      }),
    )
  })

  test("nothing to a process that it was not shown, however well its key is guessed; the attempt is written down", async () => {
    const page = await opened()
    const { key } = here.whereis(TILL)!
    expect(await page.act("kill", { process: key })).toMatchObject({
      done: false,
      text: "That process was never shown here.",
    })
    expect(await page.act("kill", { node: HERE, pid: String(here.whereis(TILL)) })).toMatchObject({ done: false })
    expect(here.whereis(TILL)?.key).toBe(key)
    const { entries } = await page.data<AuditData>(page.watch("audit"), (audit) => audit.entries.length > 1)
    expect(entries.every(({ done }) => !done)).toBe(true)
  })

  test("not end what belongs to the node itself", async () => {
    const page = await opened()
    const tree = await page.data<TreeView>(page.watch("tree", treeOf("init")))
    expect(await page.act("kill", { process: tree.key! })).toMatchObject({ done: false })
  })

  test("send a term, suspend and resume", async () => {
    const page = await opened()
    const tree = await page.data<TreeView>(page.watch("tree", treeOf("shop")))
    const till = find(tree, "till")!.key!
    expect(await page.act("send", { process: till, message: "{:letter," })).toMatchObject({
      done: false,
      text: expect.stringContaining("at character 10"),
    })
    expect(await page.act("suspend", { process: till })).toMatchObject({ done: true })
    expect(await page.act("send", { process: till, message: "{:letter, 5}" })).toMatchObject({ done: true })
    const inside = page.watch("inside", { process: till })
    expect((await page.data<InsideData>(inside, ({ waiting }) => waiting === 1)).messages).toEqual(["{:letter, 5}"])
    expect(await page.act("resume", { process: till })).toMatchObject({ done: true })
    await page.data<InsideData>(inside, ({ waiting }) => waiting === 0)
  })

  test("nothing at all where it may only look", async () => {
    await here.stop()
    await started({ readOnly: true })
    const page = await opened()
    expect(page.heard[0]).toMatchObject({ capabilities: ["inspect", "inspect.state"], actions: [] })
    const { key } = await tillOf(page)
    expect(await page.act("kill", { process: key! })).toMatchObject({
      done: false,
      text: expect.stringContaining("manage"),
    })
    expect(here.whereis(TILL)?.key).toBe(key)
  })

  test("nothing of states without the capability", async () => {
    await here.stop()
    await started({ capabilities: ["inspect"] })
    const page = await opened()
    expect(await page.until(page.watch("inside", { process: here.whereis(TILL)!.key }))).toMatchObject({
      status: "denied",
    })
  })

  test("not ask without end", async () => {
    const page = await opened()
    for (let number = 0; number < 200; number++) page.say({ type: "unwatch", id: number })
    await expect.poll(() => page.closed).toBe(1008)
    const greedy = await opened()
    for (let number = 0; number < 30; number++) greedy.watch("cluster")
    await expect.poll(() => greedy.closed).toBe(1008)
  })
})
