/**
 * Many seeds, one scenario: the first seed that fails is told, and shows the failure again.
 *
 * ```ts
 * await explore({
 *   seeds: seedsFrom(1, 200),
 *   async scenario(world) {
 *     const a = await world.boot({ name: "a@sim" })
 *     …
 *     world.atRest()
 *   },
 * })
 * ```
 */
import { type SimulateOptions, simulate, type World } from "./world.ts"

export interface ExploreOptions {
  readonly seeds: Iterable<number>
  /** Runs in a new world for each seed; what it throws is the failure. Its faults come from `world.random`. */
  readonly scenario: (world: World) => Promise<void>
  /** Options of the worlds beside the seed. */
  readonly options?: Omit<SimulateOptions, "seed"> | undefined
}

/** A seed failed. The message begins with it. */
export class SeedFailed extends Error {
  override readonly name = "SeedFailed"
  readonly seed: number
  /** The latest of what happened in its world. */
  readonly trace: readonly string[]
  constructor(world: World, cause: unknown) {
    const last = world.trace.lines.slice(-20)
    super(
      `seed ${world.seed} failed after ${world.now.toFixed(3)} ms: ${String(cause)}\n${last.map((line) => `  ${line}`).join("\n")}`,
      { cause },
    )
    this.seed = world.seed
    this.trace = world.trace.lines
  }
}

/** How many seeds were tried. @throws SeedFailed at the first that fails */
export async function explore({ seeds, scenario, options = {} }: ExploreOptions): Promise<number> {
  let tried = 0
  for (const seed of seeds) {
    const world = simulate({ ...options, seed })
    try {
      await scenario(world)
    } catch (thrown) {
      throw new SeedFailed(world, thrown)
    }
    tried++
  }
  return tried
}

/** `count` seeds, one after the other. */
export const seedsFrom = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => first + i)
