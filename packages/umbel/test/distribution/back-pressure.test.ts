/** What sends faster than its link drains waits, loses nothing, and waits no longer than it must. */
import { describe, expect, onTestFailed, test } from "vitest"
import { freePort } from "../../../../interop/support/ports.ts"
import { Busy, distributionOf, FULL_BYTES } from "../../src/distribution/index.ts"
import { Global } from "../../src/global/index.ts"
import { boot } from "../../src/nodejs/index.ts"
import { describeReport } from "../../src/otp/index.ts"
import { type Node, type Report, SUSPENDED } from "../../src/runtime/index.ts"
import { explore, seedsFrom, simulate, type World } from "../../src/sim/index.ts"
import { type FloodOptions, flooder, floodFrom, SINK, sink, Unsent } from "./floods.ts"

const KIB = 1024
const options = (sender: number, messages: number): FloodOptions => ({ sender, messages, bytes: 64 * KIB })
/** A message that is over the mark is still taken. */
const ROOM = FULL_BYTES + 65 * KIB

const two = async (world: World) => {
  const nodes = [
    await world.boot({ name: "a@sim", hidden: true }),
    await world.boot({ name: "b@sim", hidden: true }),
  ] as const
  for (const node of nodes) await node.start(sink, { name: SINK })
  await nodes[0].connect("b@sim")
  return nodes
}
const arrived = async (node: Node, at: string, total: number, pause: () => Promise<void>): Promise<void> => {
  while ((await node.call(SINK.at(at)).total()) < total) await pause()
  expect(await node.call(SINK.at(at)).disorder()).toBe(0)
}

describe("in the simulator", () => {
  test("a server that floods a link is suspended, holds no more than the mark, and all arrives in order, for any seed", async () => {
    const scenario = async (world: World): Promise<void> => {
      const [a] = await two(world)
      const unsent = new Unsent(a)
      let suspended = 0
      a.tracer = () => unsent.look()
      const pid = await a.start(flooder)
      a.cast(pid).flood(SINK.at("b@sim"), options(0, 60))
      while ((await a.call(SINK.at("b@sim")).total()) < 60) {
        if (a.find(pid)?.status === SUSPENDED) suspended++
        await world.run(1)
      }
      expect(await a.call(SINK.at("b@sim")).disorder()).toBe(0)
      expect(suspended).toBeGreaterThan(0)
      expect(unsent.most).toBeGreaterThan(FULL_BYTES)
      expect(unsent.most).toBeLessThan(ROOM)
      expect(await a.call(pid).sent()).toBe(60)
      world.atRest()
    }
    expect(await explore({ seeds: seedsFrom(1, 8), scenario })).toBe(8)
  })

  test("a function that floods a link waits in its receive, though that has a time-out, and is woken, for any seed", async () => {
    const scenario = async (world: World): Promise<void> => {
      const [a] = await two(world)
      const unsent = new Unsent(a)
      a.spawn(floodFrom(SINK.at("b@sim"), options(0, 60), () => unsent.look()))
      await arrived(a, "b@sim", 60, () => world.run(1))
      expect(unsent.most).toBeGreaterThan(FULL_BYTES)
      expect(unsent.most).toBeLessThan(ROOM)
    }
    expect(await explore({ seeds: seedsFrom(1, 8), scenario })).toBe(8)
  })

  test("two nodes that flood each other from many processes both get through, for any seed", async () => {
    const scenario = async (world: World): Promise<void> => {
      const [a, b] = await two(world)
      for (const [node, to] of [[a, "b@sim"] as const, [b, "a@sim"] as const]) {
        for (let n = 0; n < 5; n++) node.cast(await node.start(flooder)).flood(SINK.at(to), options(n, 30))
        for (let n = 5; n < 8; n++) node.spawn(floodFrom(SINK.at(to), options(n, 30), () => {}))
      }
      await arrived(a, "b@sim", 240, () => world.run(5))
      await arrived(b, "a@sim", 240, () => world.run(5))
      world.atRest()
    }
    expect(await explore({ seeds: seedsFrom(1, 4), scenario })).toBe(4)
  })

  test("who is suspended when the link is lost goes on", async () => {
    const world = simulate({ seed: 7 })
    const [a, b] = await two(world)
    const pid = await a.start(flooder)
    const cut = world.cut([a], [b])
    a.cast(pid).flood(SINK.at("b@sim"), options(0, 40))
    await world.run(100)
    expect(a.find(pid)?.status).toBe(SUSPENDED)
    world.crash(b)
    await world.run(60_000)
    expect(await a.call(pid).sent()).toBe(40)
    cut[Symbol.dispose]()
  })

  test("while a connection is being made senders wait as well, and so does ready", async () => {
    const world = simulate({ seed: 3 })
    const a = await world.boot({ name: "a@sim" })
    const b = await world.boot({ name: "b@sim" })
    await b.start(sink, { name: SINK })
    const pid = await a.start(flooder)
    const cut = world.cut([a], [b])
    a.cast(pid).flood(SINK.at("b@sim"), { sender: 0, messages: 5_000, bytes: 1 })
    await world.run(10)
    expect(a.find(pid)?.status).toBe(SUSPENDED)
    cut[Symbol.dispose]()
    await a.ready(SINK.at("b@sim"))
    await world.run(30_000)
    expect(await a.call(pid).sent()).toBe(5_000)
  })
})

describe("over TCP", () => {
  test("two nodes flood each other; then one that does not wait is told Busy, and one that waits for ready is not", async () => {
    const epmdPort = await freePort()
    const cookie = "flow"
    const report = (): void => {}
    await using a = await boot({
      name: "flow-a@127.0.0.1",
      cookie,
      epmdPort,
      report,
      limits: { unsentBytes: 8 * KIB * KIB },
    })
    await using b = await boot({ name: "flow-b@127.0.0.1", cookie, epmdPort, report })
    for (const node of [a, b]) await node.start(sink, { name: SINK })
    await a.connect(b.name)
    const unsent = new Unsent(a)
    for (const [node, to] of [[a, b.name] as const, [b, a.name] as const]) {
      for (let n = 0; n < 5; n++) node.cast(await node.start(flooder)).flood(SINK.at(to), options(n, 30))
      node.spawn(floodFrom(SINK.at(to), options(5, 30), () => unsent.look()))
    }
    const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
    await arrived(a, b.name, 180, pause)
    await arrived(b, a.name, 180, pause)
    // Each of the six may add one message to what is full already.
    expect(unsent.most).toBeLessThan(FULL_BYTES + 6 * 65 * KIB)

    const bytes = new Uint8Array(3 * KIB * KIB)
    let n = 180
    const busy = (): void => {
      for (;;) a.send(SINK.at(b.name), [n++, 0, bytes])
    }
    expect(busy).toThrow(Busy)
    expect(busy).toThrow(/await self.ready/)
    await a.ready(SINK.at(b.name))
    expect(distributionOf(a)?.links()[0]?.traffic.unsent).toBeLessThan(FULL_BYTES)
    a.send(SINK.at(b.name), [n, 0, bytes])
    expect(await a.call(SINK.at(b.name), { timeout: 30_000 }).disorder()).toBe(0)
  })

  test("code that sends without waiting ends no process that sends little: visible nodes agree on names meanwhile", async () => {
    const epmdPort = await freePort()
    const crashes: string[] = []
    const reports: string[] = []
    onTestFailed(() => console.error(reports.join("\n")))
    const report = (told: Report): void => {
      reports.push(describeReport(told))
      if (told.kind === "crash") crashes.push(describeReport(told))
    }
    const common = { cookie: "flow", epmdPort, report }
    await using a = await boot({ ...common, name: "full-a@127.0.0.1", limits: { unsentBytes: 4 * KIB * KIB } })
    await using b = await boot({ ...common, name: "full-b@127.0.0.1" })
    await b.start(sink, { name: SINK })
    const bytes = new Uint8Array(KIB * KIB)
    let [n, refused, known] = [0, 0, false]
    await a.connect(b.name)
    const synced = Global.sync(a).then(() => (known = true))
    while (!known) {
      try {
        for (;;) {
          a.send(SINK.at(b.name), [0, n, bytes])
          n++
        }
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(Busy)
        refused++
      }
      // The link is over its limit, and each process may still say one thing.
      const told = new Promise<void>((resolve) => {
        const sender = refused
        a.spawn(async (self) => {
          self.send(SINK.at(b.name), [sender, 0, "little"])
          resolve()
        })
      })
      await told
    }
    await synced
    expect(crashes).toEqual([])
    expect(a.nodes).toEqual([b.name])
    await a.ready(SINK.at(b.name))
    await arrived(a, b.name, n + refused, () => new Promise((resolve) => setTimeout(resolve, 5)))
    expect(await b.call(SINK).disorder()).toBe(0)
  })

  test("messages that nobody reads are bounded: past the limit their connection is closed with its reason", async () => {
    const epmdPort = await freePort()
    const reports: string[] = []
    const report = (told: Report): void => void reports.push(describeReport(told))
    const common = { cookie: "flow", epmdPort }
    await using a = await boot({ ...common, name: "loud-a@127.0.0.1", report: () => {} })
    await using b = await boot({ ...common, name: "slow-b@127.0.0.1", report, limits: { backlogBytes: 4 * KIB * KIB } })
    await b.start(sink, { name: SINK })
    const deaf = b.spawn(async (self) => void (await self.receive((message) => message === "never")))
    // What is read at once may be as much as it likes.
    a.spawn(floodFrom(SINK.at(b.name), options(0, 100), () => {}))
    await arrived(a, b.name, 100, () => new Promise((resolve) => setTimeout(resolve, 5)))
    expect(reports.join()).not.toMatch(/unread/)
    const lost = new Promise<void>((resolve) => {
      a.monitor(deaf, ({ reason }) => {
        expect(String(reason)).toBe("noconnection")
        resolve()
      })
    })
    a.spawn(floodFrom(deaf, options(0, 150), () => {}))
    await lost
    expect(reports.join("\n")).toMatch(/lost loud-a@127.0.0.1: \d+ bytes of its messages lie unread/)
    expect(await b.call(SINK).total()).toBe(100)
  })
})
