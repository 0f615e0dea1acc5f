/** Umbel in a simulated world: virtual time, a simulated network, and everything that is left to chance from one seed. */
export { type ExploreOptions, explore, SeedFailed, seedsFrom } from "./explore.ts"
export {
  allInvariants,
  ConnectedIsKnown,
  type Invariant,
  InvariantBroken,
  LinksHoldOnBothEnds,
  NoneOutlivesItsSupervisor,
  OneDown,
  OneOwner,
  Order,
  stamp,
} from "./invariants/index.ts"
export { md5 } from "./md5.ts"
export { SeededRandom } from "./random.ts"
export { NodeCrashed, type SimulatedNode } from "./simulated-node.ts"
export type { Trace } from "./trace.ts"
export { VirtualTime } from "./virtual-time.ts"
export { type SimulatedBootOptions, type SimulateOptions, simulate, type World } from "./world.ts"
