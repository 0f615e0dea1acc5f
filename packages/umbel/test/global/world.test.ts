/** `global` on whole nodes, in a simulated world: names and locks of a cluster, under partitions, crashes and stops. */
import { describe, expect, test } from "vitest"
import { Aborted, Global, global, NoGlobal, nameServerOf, notifyAllName } from "../../src/global/index.ts"
import { child, genServer, supervisor } from "../../src/otp/index.ts"
import { explore, type SimulatedNode, seedsFrom, simulate, type World } from "../../src/sim/index.ts"
import { atom, inspect, kill, type Pid, tuple } from "../../src/term/index.ts"

const counter = genServer("sim.counter", {
  init: (start: number) => ({ count: start }),
  calls: { increment: ({ state }, by: number) => (state.count += by) },
  casts: {
    reset: ({ state }) => {
      state.count = 0
    },
  },
})
const COUNTER = global<typeof counter>("counter")

const idle = (node: SimulatedNode): Pid =>
  node.spawn(async (self) => {
    for (;;) await self.receive()
  })
const knownOf = (node: SimulatedNode): string[] => (nameServerOf(node)?.known ?? []).toSorted()
const tableOf = (node: SimulatedNode): string[] =>
  nameServerOf(node)!
    .tables.names()
    .map(({ name, pid }) => `${inspect(name)} ${pid.node} ${pid.key}`)
    .sort()

/** Connects all of them with each other, again and again, until each knows all others. */
async function whole(world: World): Promise<void> {
  const isWhole = (): boolean => world.nodes.every((node) => knownOf(node).length === world.nodes.length - 1)
  for (let round = 0; !isWhole(); round++) {
    if (round === 60)
      throw new Error(`seed ${world.seed}: ${world.nodes.map((node) => `${node.name}: ${knownOf(node)}`).join("; ")}`)
    for (const node of world.nodes) for (const other of world.nodes) await node.connect(other.name)
    await world.run(10_000)
  }
  for (const node of world.nodes) await node.awaited(Global.sync(node))
}
async function cluster(world: World, count = 3): Promise<SimulatedNode[]> {
  const names = ["a@sim", "b@sim", "c@sim", "d@sim"].slice(0, count)
  const nodes = []
  for (const name of names) nodes.push(await world.boot({ name, hidden: false, tickMs: 8_000 }))
  await whole(world)
  return nodes
}

describe("a global name", () => {
  test("is called, cast to, sent to and monitored wherever its process runs, and is free when that ends", async () => {
    const world = simulate({ seed: 1 })
    const [a, b, c] = (await cluster(world)) as [SimulatedNode, SimulatedNode, SimulatedNode]
    const pid = await b.start(counter, { arg: 5, name: COUNTER })
    expect(await a.call(COUNTER).increment(1)).toBe(6)
    a.cast(COUNTER).reset()
    await world.run(50)
    expect(await b.call(COUNTER).increment(1)).toBe(1)
    expect([a, b, c].map((node) => node.whereis(COUNTER)?.key)).toEqual([pid.key, pid.key, pid.key])
    const downs: unknown[] = []
    c.monitor(COUNTER, ({ reason }) => downs.push(reason))
    await world.run(100)
    b.exit(pid, kill)
    await world.run(100)
    expect(downs).toEqual([atom("killed")])
    expect([a, b, c].map((node) => node.whereis(COUNTER))).toEqual([undefined, undefined, undefined])
    await expect(a.call(COUNTER).increment(1)).rejects.toThrow("noproc")
    await c.start(counter, { arg: 1, name: COUNTER })
    expect(await a.call(COUNTER).increment(1)).toBe(2)
  })

  test("is one node's: a second start anywhere is already_started, and a supervisor that wants it takes it over when it is free", async () => {
    const world = simulate({ seed: 2 })
    const [a, b] = (await cluster(world, 2)) as [SimulatedNode, SimulatedNode]
    const top = supervisor("sim.top", { children: [child(counter, { arg: 0, name: COUNTER })] })
    const first = await a.start(top)
    await expect(b.start(top)).rejects.toMatchObject({ reason: expect.anything() })
    expect(await b.call(COUNTER).increment(3)).toBe(3)
    a.exit(first, kill)
    await world.run(5_000)
    await b.start(top)
    expect(await a.call(COUNTER).increment(3)).toBe(3)
    expect(a.whereis(COUNTER)?.node).toBe(b.name)
  })

  test("goes at once with a node that crashes, and with one that stops", async () => {
    const world = simulate({ seed: 3 })
    const [a, b, c] = (await cluster(world)) as [SimulatedNode, SimulatedNode, SimulatedNode]
    for (const [node, name] of [
      [b, "of b"],
      [c, "of c"],
    ] as const) {
      expect(await node.awaited(Global.register(node, name, { pid: idle(node) }))).toBe(true)
    }
    expect(Global.names(a).toSorted()).toEqual(["of b", "of c"])
    world.crash(b)
    await world.run(100)
    expect(Global.names(a)).toEqual(["of c"])
    await c.stop()
    await world.run(100)
    expect(Global.names(a)).toEqual([])
    expect(knownOf(a)).toEqual([])
  })

  test("is shared once sync is through, which waits for a connection that is only just up", async () => {
    const world = simulate({ seed: 12 })
    const a = await world.boot({ name: "a@sim", hidden: false })
    const b = await world.boot({ name: "b@sim", hidden: false })
    const pid = idle(b)
    expect(await b.awaited(Global.register(b, "n", { pid }))).toBe(true)
    await a.connect(b.name)
    expect(Global.whereis(a, "n")).toBe(undefined)
    await a.awaited(Global.sync(a))
    expect(Global.whereis(a, "n")?.key).toBe(pid.key)
  })

  test("can be moved and given back, and a process has one at most", async () => {
    const world = simulate({ seed: 4 })
    const [a, b] = (await cluster(world, 2)) as [SimulatedNode, SimulatedNode]
    const [mine, theirs] = [idle(a), idle(b)]
    expect(await a.awaited(Global.register(a, "n", { pid: mine }))).toBe(true)
    expect(await b.awaited(Global.register(b, "n", { pid: theirs }))).toBe(false)
    expect(await b.awaited(Global.register(b, "m", { pid: mine }))).toBe(false)
    await b.awaited(Global.reRegister(b, "n", { pid: theirs }))
    expect(Global.whereis(a, "n")?.key).toBe(theirs.key)
    await a.awaited(Global.unregister(a, "n"))
    expect([Global.names(a), Global.names(b)]).toEqual([[], []])
    await expect(Global.register(a, "n")).rejects.toThrow("say which process")
  })

  test("that two partitions have is told to both, where its resolver says so", async () => {
    const world = simulate({ seed: 5 })
    const a = await world.boot({ name: "a@sim", hidden: false })
    const b = await world.boot({ name: "b@sim", hidden: false })
    const heard: string[] = []
    for (const node of [a, b]) {
      const pid = node.spawn(async (self) => {
        for (;;) heard.push(`${node.name} ${inspect((await self.receive()) as never)}`)
      })
      await node.awaited(Global.register(node, "n", { pid, resolve: notifyAllName }))
    }
    await whole(world)
    expect(heard.toSorted()).toEqual([expect.stringContaining("a@sim"), expect.stringContaining("b@sim")])
    expect([Global.names(a), Global.names(b)]).toEqual([[], []])
  })

  test("is nothing to a hidden node, which says so", async () => {
    const world = simulate({ seed: 6 })
    const a = await world.boot({ name: "a@sim", hidden: true })
    await expect(Global.register(a, "n", { pid: idle(a) })).rejects.toThrow(NoGlobal)
    expect([Global.whereis(a, "n"), Global.names(a)]).toEqual([undefined, []])
    await expect(a.start(counter, { arg: 1, name: COUNTER })).rejects.toThrow("global_name_server")
  })
})

describe("a global lock", () => {
  test("lets one at a time through, of all nodes and of one", async () => {
    const world = simulate({ seed: 7 })
    const nodes = await cluster(world)
    let inside = 0
    let most = 0
    let done = 0
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside)
      await world.run(world.random.between(1, 20))
      inside--
      done++
    }
    const all = nodes.flatMap((node) => [1, 2, 3].map(() => node.awaited(Global.trans(node, "door", work))))
    await Promise.all(all)
    expect([most, done]).toEqual([1, 9])
  })
  test("is another's until that process ends, and is tried as often as told", async () => {
    const world = simulate({ seed: 8 })
    const [a, b] = (await cluster(world, 2)) as [SimulatedNode, SimulatedNode]
    const holder = a.spawn(async (self) => {
      await Global.setLock(self, tuple("disk", 1))
      await self.receive()
    })
    await world.run(100)
    const trans = (retries: number): Promise<string> =>
      b.awaited(Global.trans(b, tuple("disk", 1), () => "mine", { retries }))
    await expect(trans(1)).rejects.toThrow(Aborted)
    const waiting = trans(100)
    a.send(holder, "end")
    expect(await waiting).toBe("mine")
    expect(nameServerOf(a)!.tables.locks()).toEqual([])
  })
})

describe("a node that leaves", () => {
  test("loses all, and they keep each other", async () => {
    const world = simulate({ seed: 9 })
    const [a, b, c] = (await cluster(world)) as [SimulatedNode, SimulatedNode, SimulatedNode]
    expect((await c.awaited(Global.disconnect(c))).toSorted()).toEqual(["a@sim", "b@sim"])
    await world.run(5_000)
    expect([knownOf(a), knownOf(b), knownOf(c)]).toEqual([["b@sim"], ["a@sim"], []])
  })
})

test("a name server that crashes leaves the cluster, and comes back empty", async () => {
  const world = simulate({ seed: 10 })
  const [a, b] = (await cluster(world, 2)) as [SimulatedNode, SimulatedNode]
  await b.awaited(Global.register(b, "n", { pid: idle(b) }))
  a.exit(nameServerOf(a)!.pid, kill)
  await world.run(5_000)
  expect([knownOf(a), knownOf(b), Global.names(a)]).toEqual([[], [], []])
  await whole(world)
  expect(tableOf(a)).toEqual(tableOf(b))
  expect(Global.names(a)).toEqual(["n"])
})

/** Registers, partitions, crashes, mends: then every name has one owner, the same everywhere, and that owner lives. */
async function storm(world: World): Promise<void> {
  const { random } = world
  await cluster(world, 4)
  for (let round = 0; round < 3; round++) {
    const some = world.nodes.filter(() => random.between(0, 1) < 0.5)
    const cut = world.partition(
      some.map(({ name }) => name),
      world.nodes.filter((node) => !some.includes(node)).map(({ name }) => name),
    )
    const registering = world.nodes.map(async (node) => {
      for (const name of ["x", "y", "z"]) {
        if (random.between(0, 1) < 0.5) await Global.register(node, name, { pid: idle(node) })
      }
    })
    await world.run(random.between(1_000, 40_000))
    cut[Symbol.dispose]()
    await Promise.all(world.nodes.map((node, index) => node.awaited(registering[index]!)))
    if (random.between(0, 1) < 0.3) {
      const [victim] = world.nodes
      world.crash(victim!)
      await world.boot({ name: victim!.name, hidden: false, tickMs: 8_000 })
    }
  }
  await whole(world)
  await world.run(30_000)
  const [first, ...others] = world.nodes
  for (const node of others) expect(tableOf(node), `seed ${world.seed}`).toEqual(tableOf(first!))
  for (const node of world.nodes) {
    expect(nameServerOf(node)!.tables.locks(), `seed ${world.seed}`).toEqual([])
    for (const { pid } of nameServerOf(node)!.tables.names()) {
      expect(
        world.nodes.some((one) => one.find(pid) !== undefined),
        `seed ${world.seed}`,
      ).toBe(true)
    }
  }
  world.atRest()
}
test("after partitions and crashes each name has one owner everywhere", { timeout: 60_000 }, async () => {
  expect(await explore({ seeds: seedsFrom(1, 6), scenario: storm })).toBe(6)
})
