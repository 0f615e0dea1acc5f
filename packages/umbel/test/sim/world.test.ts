/** The simulated world: when time runs, what the network does, and that a seed is a run. */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { child, genServer, name, supervisor } from "../../src/otp/index.ts"
import { isDown } from "../../src/runtime/index.ts"
import {
  explore,
  InvariantBroken,
  NodeCrashed,
  NoneOutlivesItsSupervisor,
  SeedFailed,
  seedsFrom,
  simulate,
} from "../../src/sim/index.ts"
import { kill, makeName, noconnection, type Pid } from "../../src/term/index.ts"
import { busy, COUNTER, counter, worldOf } from "./scenario.ts"

const pair = async (seed = 1) => {
  const world = simulate({ seed })
  const a = await world.boot({ name: "a@sim" })
  const b = await world.boot({ name: "b@sim" })
  await b.start(counter, { arg: 0, name: COUNTER })
  return { world, a, b, there: COUNTER.at(b.name) }
}
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no failure",
    (error: unknown) => error,
  )

describe("time", () => {
  test("runs while a promise is awaited, and by run, exactly as far", async () => {
    const { world, a, there } = await pair()
    const before = world.now
    expect(await a.call(there).increment(1)).toBe(1)
    expect(world.now).toBeGreaterThan(before)
    const after = world.now
    await world.run(60_000)
    expect(world.now).toBe(after + 60_000)
  })
  test("does not run between two statements", async () => {
    const { world, a } = await pair()
    let ran = false
    a.spawn(async () => {
      ran = true
    })
    const before = world.now
    await new Promise((resolve) => setImmediate(resolve))
    expect([ran, world.now]).toEqual([false, before])
    await world.run(0)
    expect([ran, world.now]).toEqual([true, before])
  })
  test("an hour in which nothing happens is over at once, and a call's time-out is met in it", async () => {
    const world = simulate({ seed: 1 })
    const a = await world.boot({ name: "a@sim" })
    const hangs = a.spawn(async (self) => {
      for (;;) await self.receive()
    })
    const asked = world.now
    expect(String(await failure(a.ask(hangs, 1, { timeout: 3_600_000 })))).toContain("no answer within 3600000 ms")
    expect(world.now - asked).toBeGreaterThanOrEqual(3_600_000)
    expect(world.now - asked).toBeLessThan(3_600_100)
  })
})

describe("a seed", () => {
  const traceOf = async (seed: number) => {
    const world = simulate({ seed })
    await busy(world)
    return world.trace
  }
  test("gives the same trace again, and another seed another", async () => {
    const [first, again, other] = [await traceOf(42), await traceOf(42), await traceOf(43)]
    expect(again.lines).toEqual(first.lines)
    expect([again.hash, again.count]).toEqual([first.hash, first.count])
    expect(other.hash).not.toBe(first.hash)
    expect(first.count).toBeGreaterThan(200)
  })
  test("gives the same trace in another operating-system process", async () => {
    const script = fileURLToPath(new URL("./print-trace.ts", import.meta.url))
    const node = ["--conditions=@umbel/source", "--import=tsx", script, "42"]
    const printed = execFileSync(process.execPath, node, { encoding: "utf8" }).trim()
    const trace = await traceOf(42)
    expect(printed).toBe(`${trace.count} ${trace.hash}`)
  })
})

describe("the network", () => {
  test("a partition stalls connections, then breaks them; calls across it are noconnection, and after it all is well again", async () => {
    const { world, a, b, there } = await pair()
    await a.call(there).increment(1)
    {
      using _cut = world.partition([a], [b])
      const late = await failure(a.call(there, { timeout: "infinity" }).increment(1))
      expect(late).toMatchObject({ reason: noconnection })
      await world.run(90_000)
      expect([a.nodes, b.nodes]).toEqual([[], []])
      expect(await a.connect(b.name)).toBe(false)
    }
    expect(await a.call(there).get()).toBe(1)
    world.atRest()
  })
  test("a short partition loses nothing", async () => {
    const { world, a, b, there } = await pair()
    await a.call(there).get()
    const cut = world.partition([a], [b])
    const answers = Promise.all([1, 2, 3].map((by) => a.call(there, { timeout: 20_000 }).increment(by)))
    await world.run(10_000)
    cut[Symbol.dispose]()
    expect(await answers).toEqual([1, 3, 6])
  })
  test("across a cut in one direction the ticks notice that a node is silent", async () => {
    const { world, a, b, there } = await pair()
    await a.call(there).get()
    using _cut = world.cut([b], [a])
    await world.run(80_000)
    expect([a.nodes, b.nodes]).toEqual([[], []])
  })
  test("a crash is no goodbye: connections break, monitors fire, and the name is free for the next life", async () => {
    const { world, a, b, there } = await pair()
    const downs: unknown[] = []
    a.monitor(there, (down) => downs.push(down))
    await a.call(there).increment(7)
    const waiting = failure(b.call(COUNTER).hang())
    world.crash(b)
    expect(await waiting).toBeInstanceOf(NodeCrashed)
    await world.run(100)
    expect(downs).toMatchObject([{ reason: noconnection }])
    expect(isDown(downs[0])).toBe(true)
    expect(a.nodes).toEqual([])
    expect(await failure(b.call(COUNTER).get())).toBeInstanceOf(NodeCrashed)
    await b.stop()
    const reborn = await world.boot({ name: "b@sim" })
    expect(reborn.creation).not.toBe(b.creation)
    await reborn.start(counter, { arg: 100, name: COUNTER })
    expect(await a.call(there).get()).toBe(100)
  })
  test("a pid of a former life is nobody in the next", async () => {
    const { world, a, b, there } = await pair()
    const former = b.whereis(COUNTER) as Pid
    await a.call(there).get()
    world.crash(b)
    await world.run(100)
    const reborn = await world.boot({ name: "b@sim" })
    await reborn.start(counter, { arg: 0 })
    expect(String(await failure(a.ask(former, 1)))).toContain("noproc")
  })
})

describe("what is refused", () => {
  test("options that are none, by name", async () => {
    expect(() => simulate({ sede: 1 } as never)).toThrow("simulate has no option sede")
    expect(() => simulate({ seed: 0.5 })).toThrow("a seed is a safe integer")
    expect(() => simulate({ seed: 1, latency: [5, 1] })).toThrow("latency is [min, max]")
    const world = simulate({ seed: 1 })
    await expect(world.boot({ name: "nameless" })).rejects.toThrow(RangeError)
    await expect(world.boot({ name: "a@sim", epmdPort: 1 } as never)).rejects.toThrow("no option epmdPort")
    await world.boot({ name: "a@sim" })
    await expect(world.boot({ name: "a@sim" })).rejects.toThrow("a@sim is taken")
  })
})

describe("invariants", () => {
  test("a broken one stops the run and names the seed", async () => {
    const never = {
      name: "nobody ever ends",
      event: (_: unknown, event: { kind: string }) => (event.kind === "exit" ? "one ended" : undefined),
    }
    const world = simulate({ seed: 77, invariants: [never] })
    const a = await world.boot({ name: "a@sim" })
    a.spawn(async () => {})
    const error = await failure(world.run(1))
    expect(error).toBeInstanceOf(InvariantBroken)
    expect(String(error)).toMatch(/seed 77 at .* nobody ever ends: one ended/)
    await expect(world.run(1)).rejects.toThrow(InvariantBroken)
  })
  test("each finds what it is there for", async () => {
    const world = simulate({ seed: 1 })
    const a = await world.boot({ name: "a@sim" })
    const odd = a.spawnUnder(a.user, async (self) => {
      self.register(makeName("odd", undefined))
      await self.receive()
    })
    await world.run(1)
    world.atRest()
    odd.links = undefined
    expect(() => world.atRest()).toThrow(/a link holds on both ends or on none/)
    const other = simulate({ seed: 1, invariants: [new NoneOutlivesItsSupervisor()] })
    const b = await other.boot({ name: "b@sim" })
    const top = await b.start(supervisor("sim.top", { children: [child(counter, { arg: 0, name: COUNTER })] }))
    other.atRest()
    const orphan = b.findTarget(COUNTER)!
    orphan.links = undefined
    b.findTarget(top)!.links = undefined
    b.exit(top, kill)
    expect(() => other.atRest()).toThrow(/no process outlives its supervisor/)
  })
})

describe("explore", () => {
  test("many seeds of crashes and partitions break no invariant", async () => {
    expect(await explore({ seeds: seedsFrom(1, 25), scenario: busy })).toBe(25)
  })
  test.each([
    [745931599, "a name was registered on a node whose connection came back too late for the lock"],
    [1276389613, "a name was registered on a node that had let the other one go, and not on those with it"],
  ])("seed %i, with which %s, breaks none", async (seed) => {
    await busy(worldOf(seed))
  })
  test("tells the first seed that fails, with the last of its trace", async () => {
    const scenario = async (world: {
      seed: number
      boot(options: { name: string }): Promise<unknown>
    }): Promise<void> => {
      await world.boot({ name: "a@sim" })
      if (world.seed === 3) throw new Error("only here")
    }
    const error = await failure(explore({ seeds: seedsFrom(1, 5), scenario }))
    expect(error).toBeInstanceOf(SeedFailed)
    expect(String(error)).toMatch(/^SeedFailed: seed 3 failed after .*only here\n {2}\d/)
  })
})

test("two worlds share nothing: the same names live in both", async () => {
  const one = genServer("sim.one", { init: () => ({ n: 0 }), calls: { next: ({ state }) => ++state.n } })
  const ONE = name<typeof one>("one")
  const worlds = [simulate({ seed: 1 }), simulate({ seed: 1 })]
  const nodes = await Promise.all(worlds.map((world) => world.boot({ name: "a@sim" })))
  for (const node of nodes) await node.start(one, { name: ONE })
  expect([
    await nodes[0]!.call(ONE).next(),
    await nodes[0]!.call(ONE).next(),
    await nodes[1]!.call(ONE).next(),
  ]).toEqual([1, 2, 1])
})
