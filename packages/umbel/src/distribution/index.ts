/** Where processes and bytes meet: connected nodes. */
export { Distribution, type DistributionOptions, distributionOf, type NodeEvent } from "./distribution.ts"
export { Busy, FULL_BYTES, type Link } from "./link.ts"
export type { Connection, ConnectionHandler, Transport } from "./transport.ts"
