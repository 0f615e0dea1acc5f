/** What holds in every run. */
import type { Invariant } from "./invariant.ts"
import { LinksHoldOnBothEnds } from "./links.ts"
import { OneOwner } from "./names.ts"
import { OneDown } from "./one-down.ts"
import { Order } from "./order.ts"
import { NoneOutlivesItsSupervisor } from "./supervised.ts"

export { type Invariant, InvariantBroken } from "./invariant.ts"
export { LinksHoldOnBothEnds } from "./links.ts"
export { ConnectedIsKnown } from "./members.ts"
export { OneOwner } from "./names.ts"
export { OneDown } from "./one-down.ts"
export { Order, stamp } from "./order.ts"
export { NoneOutlivesItsSupervisor } from "./supervised.ts"

/** One of each, for one world; but for {@link ConnectedIsKnown}, which holds some time after the last connection was lost. */
export const allInvariants = (): readonly Invariant[] => [
  new OneDown(),
  new Order(),
  new LinksHoldOnBothEnds(),
  new OneOwner(),
  new NoneOutlivesItsSupervisor(),
]
