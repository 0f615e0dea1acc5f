/**
 * A simulated world with one node for each test of a file.
 *
 * ```ts
 * const on = machineWorld()
 * test("…", async () => {
 *   const pid = await on.node.start(door)
 *   await on.world.run(5_000)
 * })
 * ```
 */
import { afterEach, beforeEach } from "vitest"
import { describeReport } from "../../src/otp/index.ts"
import { type SimulatedNode, simulate, type World } from "../../src/sim/index.ts"

export interface MachineWorld {
  readonly world: World
  readonly node: SimulatedNode
  /** What the node had to say, as people read it. */
  readonly reports: string[]
  /** Lets all that is to happen now happen. */
  settle(): Promise<void>
  /** What a system request comes to; the world does not wait for those by itself. */
  system<T>(work: Promise<T>): Promise<T>
}

export function machineWorld(): MachineWorld {
  let world: World
  let node: SimulatedNode
  const reports: string[] = []
  beforeEach(async () => {
    reports.length = 0
    world = simulate({ seed: 7 })
    node = await world.boot({ name: "statem@sim", report: (report) => reports.push(describeReport(report)) })
  })
  afterEach(() => node.stop())
  const settle = (): Promise<void> => world.run(0)
  return {
    get world() {
      return world
    },
    get node() {
      return node
    },
    reports,
    settle,
    async system(work) {
      await settle()
      return work
    },
  }
}
