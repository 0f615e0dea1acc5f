/** The cases of Elixir's `partition_supervisor_test.exs` that mean something here. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { boot } from "../../src/nodejs/index.ts"
import {
  Agent,
  agent,
  child,
  type DynamicSupervisorApi,
  dynamicSupervisor,
  genServer,
  name,
  PartitionSupervisor,
  partitionSupervisor,
  Sys,
  supervisor,
} from "../../src/otp/index.ts"
import { type CallExit, CallRefused, type Node } from "../../src/runtime/index.ts"
import { atom, kill, noproc, type Pid, shutdown, tuple } from "../../src/term/index.ts"

const numbered = agent("test.numbered", (partition: number) => partition)
const NUMBERS = partitionSupervisor<typeof numbered>("test.numbers", {
  child: (partition) => child(numbered, { arg: partition }),
  partitions: 3,
})
const { partition } = PartitionSupervisor
const own = (state: number): number => state

let node: Node
beforeEach(async () => {
  node = await boot({ name: "partitions@127.0.0.1", report: () => {} })
})
afterEach(() => node.stop())

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => Promise.reject(new Error(`expected a failure, got ${String(value)}`)),
    (error: unknown) => error,
  )
async function end(pid: Pid): Promise<void> {
  const down = new Promise((resolve) => void node.monitor(pid, resolve))
  node.exit(pid, kill)
  await down
}

describe("a partition supervisor", () => {
  test("starts its child once for each partition, each with its number", async () => {
    await node.start(NUMBERS)
    expect(await PartitionSupervisor.partitions(node, NUMBERS)).toBe(3)
    const children = await PartitionSupervisor.children(node, NUMBERS)
    expect(children.map(({ partition }) => partition)).toEqual([0, 1, 2])
    for (const { partition: number, pid } of children) {
      expect(node.whereis(partition(NUMBERS, number))).toBe(pid)
      expect(await Agent.get(node, pid!, own)).toBe(number)
    }
  })
  test("leads whole numbers to themselves, modulo the partitions", async () => {
    await node.start(NUMBERS)
    const led = async (key: number): Promise<number> => Agent.get(node, partition(NUMBERS, key), own)
    expect(await Promise.all([0, 1, 2, 3, -1, 1_000_000].map(led))).toEqual([0, 1, 2, 0, 1, 1])
  })
  test("leads every other term to one partition, always the same, and uses them all", async () => {
    await node.start(NUMBERS)
    const led = (key: unknown): Promise<number> => Agent.get(node, partition(NUMBERS, key), own)
    const counts = [0, 0, 0]
    for (let i = 0; i < 300; i++) counts[await led(`order ${i}`)]!++
    for (const count of counts) expect(count).toBeGreaterThan(50)
    for (const key of ["text", atom("text"), tuple(1, [2]), { a: [1] }, 1.5, 10n ** 20n, null, new Uint8Array([255])]) {
      expect(await led(key)).toBe(await led(key))
    }
    expect(await led({ a: 1, b: 2 })).toBe(
      await led(
        new Map<unknown, unknown>([
          [atom("b"), 2n],
          [atom("a"), 1n],
        ]),
      ),
    )
    expect(() => partition(NUMBERS, () => {})).toThrow("key cannot be sent: a function is no term")
  })
  test("spreads children over dynamic supervisors", async () => {
    const pools = partitionSupervisor<DynamicSupervisorApi>("test.pools", {
      child: child(dynamicSupervisor("test.pool")),
    })
    await node.start(pools)
    expect(await PartitionSupervisor.partitions(node, pools)).toBe(8)
    for (let i = 0; i < 100; i++) {
      await node.call(partition(pools, `key ${i}`)).startChild(child(numbered, { arg: i, restart: "temporary" }))
    }
    const states: number[] = []
    for (const { pid } of await PartitionSupervisor.children(node, pools)) {
      for (const started of await node.call(pid!).children()) {
        states.push(await Agent.get(node, started as Parameters<typeof Agent.get<number, number>>[1], own))
      }
    }
    expect(states.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(await PartitionSupervisor.countChildren(node, pools)).toEqual({
      specs: 8,
      active: 8,
      supervisors: 8,
      workers: 0,
    })
  })
  test("starts a partition again that ends; until then its keys lead to nobody", async () => {
    await node.start(NUMBERS)
    const [before, other] = [node.whereis(partition(NUMBERS, 1))!, node.whereis(partition(NUMBERS, 2))]
    await end(before)
    expect(((await failure(Agent.get(node, partition(NUMBERS, 1), own))) as CallExit).reason).toBe(noproc)
    await expect.poll(() => node.whereis(partition(NUMBERS, 1))).toBeDefined()
    expect(await Agent.get(node, partition(NUMBERS, 1), own)).toBe(1)
    expect(node.whereis(partition(NUMBERS, 2))).toBe(other)
  })
  test("gives up after too many restarts, as any supervisor", async () => {
    const fragile = partitionSupervisor<typeof numbered>("test.fragile", {
      child: (partition) => child(numbered, { arg: partition }),
      partitions: 2,
      intensity: 0,
    })
    const pid = await node.start(fragile)
    const down = new Promise((resolve) => void node.monitor(pid, resolve))
    await end(node.whereis(partition(fragile, 0))!)
    await down
    expect(node.whereis(partition(fragile, 1))).toBeUndefined()
  })
  test("is found under another name when it is started under that", async () => {
    const other = name<typeof NUMBERS>("other_numbers")
    await node.start(supervisor("test.top", { children: [child(NUMBERS, { name: other }), child(NUMBERS)] }))
    expect(await PartitionSupervisor.partitions(node, other)).toBe(3)
    expect(await Agent.get(node, partition(other, 2), own)).toBe(2)
    expect(node.whereis(partition(other, 0))).not.toBe(node.whereis(partition(NUMBERS, 0)))
    expect(() => partition(other.at("b@127.0.0.1"), 0)).toThrow("not other_numbers at b@127.0.0.1")
    expect(String(partition(other, "a"))).toBe('other_numbers["a"]')
  })
  test("that does not run is noproc", async () => {
    for (const ask of [
      PartitionSupervisor.partitions,
      PartitionSupervisor.countChildren,
      PartitionSupervisor.children,
    ]) {
      expect(((await failure(ask(node, NUMBERS))) as CallExit).reason).toBe(noproc)
    }
    expect(((await failure(Agent.get(node, partition(NUMBERS, 0), own))) as CallExit).reason).toBe(noproc)
  })
  test("is no registry: nobody takes the name of a partition", async () => {
    await node.start(NUMBERS)
    const error = await failure(node.start(numbered, { arg: 7, name: partition(NUMBERS, 0) }))
    expect(String(error)).toContain("test.numbers is a partition supervisor")
    expect(await Agent.get(node, partition(NUMBERS, 0), own)).toBe(0)
  })
  test("is stopped with its partitions", async () => {
    const pid = await node.start(NUMBERS)
    const children = await PartitionSupervisor.children(node, NUMBERS)
    const down = new Promise((resolve) => void node.monitor(pid, resolve))
    await Sys.terminate(node, pid, shutdown)
    await down
    expect(children.map(({ pid }) => node.find(pid!))).toEqual([undefined, undefined, undefined])
  })
})

describe("resizing", () => {
  test("stops partitions and starts them again, and leads keys to those that run", async () => {
    await node.start(NUMBERS)
    for (const size of [3, 2, 1, 0, 1, 2, 3, 0, 3, 1]) {
      const before = await PartitionSupervisor.partitions(node, NUMBERS)
      expect(await PartitionSupervisor.resize(node, NUMBERS, size)).toBe(before)
      expect(await PartitionSupervisor.partitions(node, NUMBERS)).toBe(size)
      const count = { specs: 3, active: size, supervisors: 0, workers: 3 }
      expect(await PartitionSupervisor.countChildren(node, NUMBERS)).toEqual(count)
      const found = new Set([0, 1, 2].map((key) => node.whereis(partition(NUMBERS, key))))
      if (size === 0) expect([...found]).toEqual([undefined])
      else expect([found.size, found.has(undefined)]).toEqual([size, false])
    }
  })
  test("refuses more partitions than there are, and what is no number; the supervisor lives", async () => {
    await node.start(NUMBERS)
    for (const size of [4, -1, 1.5, "2"]) {
      const error = await failure(PartitionSupervisor.resize(node, NUMBERS, size as number))
      expect(error).toBeInstanceOf(CallRefused)
      expect((error as CallRefused).reason).toBe(`test.numbers can have 0 to 3 partitions, not ${JSON.stringify(size)}`)
    }
    expect(await PartitionSupervisor.partitions(node, NUMBERS)).toBe(3)
  })
})

describe("definitions", () => {
  test("refuse what they do not know, by name", () => {
    const one = child(numbered, { arg: 0 })
    const wrong = (spec: unknown) => () => partitionSupervisor("test.wrong", spec as { child: typeof one })
    expect(wrong({})).toThrow("`child` is child(…), or a function that gives one, not :undefined")
    expect(wrong({ child: 1 })).toThrow("`child` is child(…), or a function that gives one, not 1")
    for (const partitions of [0, -1, 1.5, "8"]) {
      expect(wrong({ child: one, partitions })).toThrow("`partitions` is a whole number from 1 on")
    }
    expect(wrong({ child: one, strategy: "one_for_all" })).toThrow("a partition supervisor has no strategy")
    expect(wrong({ child: one, autoShutdown: "any_significant" })).toThrow("a partition supervisor has no autoShutdown")
  })
  test("type what partitions are asked", async () => {
    const server = genServer("test.server", { init: () => ({}), calls: { double: (_self, n: number) => n * 2 } })
    const servers = partitionSupervisor<typeof server>("test.servers", { child: child(server), partitions: 2 })
    await node.start(servers)
    expect((await node.call(partition(servers, "key")).double(2)) satisfies number).toBe(4)
    const wrong = async () => {
      // @ts-expect-error an argument of another type
      await node.call(partition(servers, "key")).double("2")
      // @ts-expect-error no such request
      await node.call(partition(servers, "key")).triple(2)
      // @ts-expect-error no partition supervisor
      partition(server, "key")
    }
    expect(wrong).toBeDefined()
  })
})
