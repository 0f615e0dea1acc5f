/** The live connection, without a browser: what is told when, to whom, and what a page can and cannot do. */

import { spawn } from "node:child_process"
import { type Node, tuple } from "umbel"
import { boot } from "umbel/nodejs"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { WebSocket } from "ws"
import { peers } from "../../../interop/peers.ts"
import { freePort } from "../../../interop/support/ports.ts"
import { observer, observerAddress, type ServerMessage, type TreeView } from "../src/index.ts"
import { index, shop, TILL } from "./support/system.ts"

/** A page that only listens. */
class Page {
  readonly heard: ServerMessage[] = []
  readonly socket: WebSocket
  closed = false
  constructor(address: string) {
    const url = new URL(address)
    this.socket = new WebSocket(new URL("live", url.href.replace("http", "ws")), { headers: { origin: url.origin } })
    this.socket.on("message", (data) => this.heard.push(JSON.parse(String(data)) as ServerMessage))
    this.socket.on("close", () => (this.closed = true))
  }
  say(message: object): void {
    this.socket.send(JSON.stringify(message))
  }
  last<T extends ServerMessage["type"]>(type: T): (ServerMessage & { type: T }) | undefined {
    return this.heard.findLast((message): message is ServerMessage & { type: T } => message.type === type)
  }
  async until<T extends ServerMessage["type"]>(
    type: T,
    fits: (message: ServerMessage & { type: T }) => boolean = () => true,
  ) {
    await expect
      .poll(() => this.heard.some((message) => message.type === type && fits(message as never)), {
        timeout: 15_000,
        interval: 20,
      })
      .toBe(true)
    return this.heard.findLast((message) => message.type === type && fits(message as never)) as ServerMessage & {
      type: T
    }
  }
}

let here: Node
let address: string
let epmdPort: number
const pages: Page[] = []
const opened = async (): Promise<Page> => {
  const page = new Page(address)
  pages.push(page)
  await page.until("hello")
  return page
}
const lookAt = (application: string, process: string | null = null, node = "live1@127.0.0.1") => ({
  type: "look",
  tree: { node, application },
  process,
  events: false,
})
const find = (tree: TreeView, title: string): TreeView | undefined =>
  tree.title === title ? tree : tree.children.map((child) => find(child, title)).find((found) => found !== undefined)

beforeEach(async () => {
  epmdPort = await freePort()
  here = await boot({
    name: "live1@127.0.0.1",
    cookie: "c",
    epmdPort,
    report: () => {},
    applications: [shop, observer.with({ port: 0, refreshMs: 50 })],
  })
  address = await observerAddress(here)
})
afterEach(async () => {
  for (const page of pages.splice(0)) page.socket.terminate()
  await here.stop()
})

describe("what a page is told", () => {
  test("the cluster without being asked, and a tree when it looks at one, in sequence", async () => {
    const page = await opened()
    const { nodes } = await page.until("cluster", ({ nodes }) => nodes[0]?.vitals != null)
    expect(nodes[0]).toMatchObject({ name: "live1@127.0.0.1", kind: "umbel", status: "up", home: true })
    expect(nodes[0]?.vitals?.applications.map(({ name }) => name)).toEqual(["shop", "observer"])
    page.say(lookAt("shop"))
    const { tree } = await page.until("tree")
    expect(tree?.supervision?.strategy).toBe("one_for_one")
    expect(find(tree!, "till")).toMatchObject({
      id: "till",
      module: "shop.till",
      restart: "permanent",
      restarts: 0,
      status: "waiting",
    })
    expect(page.heard.map(({ seq }) => seq)).toEqual(page.heard.map((_, at) => at + 1))
  })

  test("a tree again only when something in it has changed", async () => {
    const page = await opened()
    page.say(lookAt("shop"))
    const { tree } = await page.until("tree")
    const clusters = page.heard.filter(({ type }) => type === "cluster").length
    await expect.poll(() => page.heard.filter(({ type }) => type === "cluster").length).toBeGreaterThan(clusters + 5)
    expect(page.heard.filter(({ type }) => type === "tree")).toHaveLength(1)
    here.cast(TILL).jam()
    const after = await page.until("tree", ({ tree }) => find(tree!, "till")?.restarts === 1)
    expect(find(after.tree!, "till")?.key).not.toBe(find(tree!, "till")?.key)
    expect(find(after.tree!, "shop.desk")?.supervision?.used).toBe(1)
  })

  test("that an application does not run", async () => {
    const page = await opened()
    page.say(lookAt("nothing"))
    expect(await page.until("tree")).toMatchObject({ status: "gone", tree: null })
  })

  test("nothing of a node that is not in the cluster, which is not dialled either", async () => {
    const page = await opened()
    page.say(lookAt("shop", null, "elsewhere@127.0.0.1"))
    expect(await page.until("tree")).toMatchObject({ status: "unknown", tree: null })
  })

  test("crashes as events, once each", async () => {
    const page = await opened()
    page.say({ ...lookAt("shop"), tree: null, events: true })
    await page.until("events")
    here.cast(TILL).jam()
    await page.until("events", ({ events }) =>
      events.some(({ kind, text }) => kind === "crash" && text.includes("the drawer is stuck")),
    )
    const ids = page.heard.flatMap((message) => (message.type === "events" ? message.events.map(({ id }) => id) : []))
    expect(new Set(ids).size).toBe(ids.length)
  })

  test("a node that cannot be reached with its last view, and again when it is back", async () => {
    const there = () =>
      boot({ name: "live2@127.0.0.1", cookie: "c", epmdPort, report: () => {}, applications: [index] })
    const first = await there()
    try {
      await here.connect(first.name)
      const page = await opened()
      const seen = (status: string) =>
        page.until("cluster", ({ nodes }) =>
          nodes.some(({ name, status: is, vitals }) => name === first.name && is === status && vitals !== null),
        )
      await seen("up")
      await first.stop()
      const { nodes } = await seen("unreachable")
      expect(nodes.find(({ name }) => name === first.name)?.vitals?.applications.map(({ name }) => name)).toEqual([
        "index",
      ])
      page.heard.length = 0
      const second = await there()
      await seen("up").finally(() => second.stop())
    } finally {
      await first.stop()
    }
  })
})

test.skipIf(peers.erlang === undefined)("a BEAM node is listed as one", async () => {
  const name = "beam@127.0.0.1"
  const beam = spawn(
    peers.erlang!,
    ["-noshell", "-noinput", "-name", name, "-setcookie", "c", "-start_epmd", "false"],
    {
      env: { ...process.env, ERL_EPMD_PORT: String(epmdPort) },
      stdio: "ignore",
    },
  )
  const ended = new Promise((resolve) => beam.once("exit", resolve))
  try {
    await expect.poll(() => here.connect(name), { timeout: 20_000, interval: 100 }).toBe(true)
    const page = await opened()
    const { nodes } = await page.until("cluster", ({ nodes }) => nodes.some(({ kind }) => kind === "beam"))
    expect(nodes.find((node) => node.name === name)).toMatchObject({ kind: "beam", status: "up", vitals: null })
    page.say(lookAt("kernel", null, name))
    expect(await page.until("tree")).toMatchObject({ status: "beam", tree: null })
  } finally {
    beam.kill("SIGKILL")
    await ended
  }
})

describe("what a page can do", () => {
  test("kill what it was shown; a note is kept of it", async () => {
    const page = await opened()
    page.say(lookAt("shop"))
    const till = find((await page.until("tree")).tree!, "till")!
    page.say({ type: "kill", id: 7, process: till.key })
    expect(await page.until("outcome")).toMatchObject({ id: 7, done: true })
    await page.until("tree", ({ tree }) => find(tree!, "till")?.restarts === 1)
    expect(here.reports.recent).toContainEqual(
      expect.objectContaining({
        kind: "note",
        level: "warning",
        from: "observer",
        text: expect.stringContaining("till"),
      }),
    )
  })

  test("nothing to a process that it was not shown, however well its key is guessed", async () => {
    const page = await opened()
    const { key } = here.whereis(TILL)!
    page.say({ type: "kill", id: 1, process: key })
    expect(await page.until("outcome")).toMatchObject({ id: 1, done: false })
    page.say({ ...lookAt("shop"), tree: null, process: key })
    expect(await page.until("process")).toMatchObject({ key, status: "unknown", process: null })
    expect(here.whereis(TILL)?.key).toBe(key)
  })

  test("not kill what belongs to the node itself", async () => {
    const page = await opened()
    page.say({ type: "find", id: 1, text: "umbel_inspector" })
    const { found } = await page.until("found")
    expect(found).toHaveLength(1)
    page.say({ type: "kill", id: 2, process: found[0]?.key })
    expect(await page.until("outcome")).toMatchObject({ id: 2, done: false })
  })

  test("see the mailbox and the state, with secrets covered", async () => {
    const page = await opened()
    page.say(lookAt("shop"))
    const { key } = find((await page.until("tree")).tree!, "till")!
    page.say(lookAt("shop", key))
    const { process } = await page.until("process")
    expect(process).toMatchObject({
      title: "till",
      pid: expect.stringMatching(/^<0\.\d+\.0>$/),
      mailbox: 0,
      parent: { title: "shop.desk" },
    })
    expect(process?.state).toContain("coins: %{one: 12, two: 3}")
    expect(process?.state).not.toContain("hunter2")
    here.send(TILL, tuple(1))
    await page.until("process", ({ process }) => process?.handled === 1)
  })
})

test("a page that does not read is sent no queue of the past, and the latest when it reads again", async () => {
  const page = await opened()
  const socket = page.socket as unknown as { _socket: { pause(): void; resume(): void } }
  await page.until("cluster")
  const viewer = [...here.all()].find((process) => process.title.startsWith("viewer"))! as unknown as {
    handled: number
    state: { seq: number; socket: WebSocket }
  }
  socket._socket.pause()
  // More than the buffers of the kernel take, on both sides.
  const { socket: served } = viewer.state
  const filler = JSON.stringify({ type: "filler", text: "x".repeat(100_000) })
  while (served.bufferedAmount < 1_000_000) {
    served.send(filler)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { seq } = viewer.state
  const { handled } = viewer
  await expect.poll(() => viewer.handled).toBeGreaterThan(handled + 5)
  expect(viewer.state.seq).toBe(seq)
  socket._socket.resume()
  await expect.poll(() => viewer.state.seq, { timeout: 10_000 }).toBeGreaterThan(seq)
  // At most what one look tells, not one snapshot for each look that was missed.
  await page.until("cluster", (message) => message.seq > seq)
})

test("a page that is open holds up nobody who stops the node", async () => {
  const page = await opened()
  await page.until("cluster")
  await here.stop()
  await expect.poll(() => page.closed).toBe(true)
  expect(here.reports.recent.filter((report) => report.kind === "note" && /did not end/.test(report.text))).toEqual([])
})

test("of searches that come while one is under way the latest is answered in full", async () => {
  const page = await opened()
  for (let id = 1; id <= 5; id++) page.say({ type: "find", id, text: id === 5 ? "till" : "mailer" })
  const { found } = await page.until("found", ({ id }) => id === 5)
  expect(found.map(({ title }) => title)).toEqual(["till"])
  expect(page.heard.flatMap((message) => (message.type === "found" ? message.id : [])).sort()).toEqual([1, 2, 3, 4, 5])
})

test("nothing is asked while nobody looks", async () => {
  const page = await opened()
  await page.until("cluster")
  const waiting = () =>
    [...here.all()].filter((process) => (process.extras?.timers?.size ?? 0) > 0).map(({ title }) => title)
  expect(waiting()).toEqual([expect.stringMatching(/^viewer/)])
  page.socket.close()
  // No process has a timer left, so none will ever ask anything.
  await expect.poll(waiting).toEqual([])
})
