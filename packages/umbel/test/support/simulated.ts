/**
 * One simulated node, or two, for tests of behaviours: virtual time, so that nothing is waited for.
 *
 * ```ts
 * const { node, world, platform, notes } = await simulated()
 * await world.run(5_000)
 * ```
 */
import { type SimulatedNode, type SimulateOptions, simulate, type World } from "../../src/sim/index.ts"
import { type Fixture, type NodeNeeds, reports } from "../conformance/fixture.ts"

/** Steps of a millisecond after which what a test waits for will not come any more. */
const PATIENCE = 120_000

export interface Simulated extends ReturnType<typeof reports> {
  readonly world: World
  readonly node: SimulatedNode
  /** For the helpers of `conformance/fixture.ts`. */
  readonly platform: Fixture
  until(condition: () => boolean): Promise<void>
}

/** A world with the node `a@sim`, whose reports are collected. */
export async function simulated(options: Omit<SimulateOptions, "seed"> = {}): Promise<Simulated> {
  const world = simulate({ seed: 25, ...options })
  const told = reports()
  const boot = (needs: NodeNeeds = {}): Promise<SimulatedNode> =>
    world.boot({ name: `${String.fromCharCode(97 + world.nodes.length)}@sim`, ...needs })
  const node = await boot({ report: told.report })
  const until = async (condition: () => boolean): Promise<void> => {
    for (let ms = 0; !condition(); ms++) {
      if (ms === PATIENCE) throw new Error(`it did not happen within ${PATIENCE} ms`)
      await world.run(1)
    }
  }
  const platform: Fixture = {
    boot,
    bootTwo: async (left, right) => [await boot(left), await boot(right)],
    until,
    async stop() {
      for (const one of world.nodes) await one.stop()
    },
  }
  return { world, node, platform, until, ...told }
}
