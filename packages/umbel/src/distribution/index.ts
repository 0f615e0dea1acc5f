/** Where processes and bytes meet: connected nodes. */
export { type Allow, type AllowedNode, allowing } from "./admission.ts"
export { Distribution, distributionOf, type NodeEvent } from "./distribution.ts"
export { type DistributionLimits, LIMITS } from "./limits.ts"
export { Busy, FULL_BYTES, type Link } from "./link.ts"
export { askForName, type GivenName, type NameRequest } from "./naming.ts"
export type { DistributionOptions } from "./options.ts"
export type { Connection, ConnectionHandler, Transport } from "./transport.ts"
