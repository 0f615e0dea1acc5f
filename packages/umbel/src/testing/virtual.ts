/**
 * A world of a test's own: nodes in virtual time, and everything that is left to chance from one seed.
 *
 * ```ts
 * await using world = await testWorld({ seed: 42 })
 * const [a, b] = [await world.node(), await world.node()]
 * await a.call(COUNTER.at(b.name)).increment(1)
 * await world.run(60_000)                              // a minute, at once
 * ```
 *
 * Without a seed each run has a fresh one. Failures of this library's expectations begin with it; `withWorld` puts it before any failure. `UMBEL_SEED=42`
 * in the environment runs that one again.
 */
import { seedFrom } from "../nodejs/index.ts"
import {
  SeedFailed,
  type SimulatedBootOptions,
  type SimulatedNode,
  type SimulateOptions,
  simulate,
  type World,
} from "../sim/index.ts"
import { Captured } from "./captured.ts"
import { TestFailure } from "./failure.ts"
import { TestNode } from "./test-node.ts"

export interface TestWorldOptions extends Partial<SimulateOptions> {}

export interface TestWorldNodeOptions extends Partial<Omit<SimulatedBootOptions, "report">> {
  /** What a crash that the test did not expect does to it; `fail` unless told. */
  readonly unexpectedCrashes?: "fail" | "ignore" | undefined
}

export class TestWorld implements AsyncDisposable {
  /** The simulated world itself: cuts, crashes, the trace. */
  readonly world: World
  readonly #nodes: TestNode[] = []

  /** @internal */
  constructor(world: World) {
    this.world = world
  }

  get seed(): number {
    return this.world.seed
  }
  /** Milliseconds of virtual time since the world began. */
  get now(): number {
    return this.world.now
  }

  /** A node of this world; `node1@sim`, `node2@sim`, … unless it is given a name. */
  async node({ unexpectedCrashes, name, ...options }: TestWorldNodeOptions = {}): Promise<TestNode> {
    const captured = new Captured()
    const node = await this.world.boot({
      ...options,
      name: name ?? `node${this.#nodes.length + 1}@sim`,
      report: captured.report,
    })
    const home = {
      awaited: <T>(work: Promise<T>) => node.awaited(work),
      prefix: () => this.#prefix(),
      lives: () => this.world.nodes.includes(node),
      settle: () => this.world.run(0),
    }
    const made = new TestNode(node, captured, home, unexpectedCrashes !== "ignore")
    this.#nodes.push(made)
    return made
  }

  /** Lets `ms` milliseconds of virtual time pass, which takes no real ones. */
  run(ms: number): Promise<void> {
    return this.world.run(ms)
  }

  /** As `kill -9` of that node: it says no goodbye. */
  crash(node: TestNode): void {
    this.world.crash(node.node as SimulatedNode)
  }
  /** Nothing gets from one side to the other, in either direction, until it is disposed. */
  partition(left: readonly TestNode[], right: readonly TestNode[]): Disposable {
    return this.world.partition(left.map(nameOf), right.map(nameOf))
  }

  #prefix(): string {
    return `seed ${this.seed} (UMBEL_SEED=${this.seed} runs it again), at ${this.now.toFixed(3)} ms: `
  }

  /** Stops all nodes, the latest first. @throws TestFailure for crashes that nobody expected, on whichever node */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = []
    for (const node of this.#nodes.splice(0).reverse()) {
      try {
        await node[Symbol.asyncDispose]()
      } catch (thrown) {
        failures.push(thrown)
      }
    }
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1)
      throw new TestFailure(failures.map((one) => (one instanceof Error ? one.message : String(one))).join("\n"))
  }
}

const nameOf = (node: TestNode): string => node.name

/** @throws TypeError, RangeError for options that are none */
export async function testWorld(options: TestWorldOptions = {}): Promise<TestWorld> {
  return new TestWorld(simulate({ ...options, seed: options.seed ?? seedFrom(process.env) }))
}

/** Runs `body` in a world of its own; whatever it fails with comes as a `SeedFailed` that begins with the seed and shows what happened last. */
export async function withWorld<T>(options: TestWorldOptions, body: (world: TestWorld) => Promise<T>): Promise<T> {
  const world = await testWorld(options)
  let value: T
  try {
    value = await body(world)
  } catch (thrown) {
    // Its crashes may be what the body failed by, and are in the trace.
    await world[Symbol.asyncDispose]().catch(() => {})
    throw new SeedFailed(world.world, thrown)
  }
  await world[Symbol.asyncDispose]()
  return value
}
