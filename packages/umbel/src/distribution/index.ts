/** Where processes and bytes meet: connected nodes. */
export { type Allow, type AllowedNode, allowing } from "./admission.ts"
export { Distribution, distributionOf } from "./distribution.ts"
export { type DistributionLimits, LIMITS } from "./limits.ts"
export { Busy, FULL_BYTES, type Link } from "./link.ts"
export { askForName, type GivenName, type NameRequest } from "./naming.ts"
export type { NodeEvent } from "./node-events.ts"
export type { DistributionOptions } from "./options.ts"
export type { Connection, ConnectionHandler, Transport } from "./transport.ts"
