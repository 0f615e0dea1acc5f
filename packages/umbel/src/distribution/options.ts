/** How a node takes part in a cluster: what `boot` hands on. */
import type { Md5 } from "../wire/index.ts"
import type { Allow } from "./admission.ts"
import type { DistributionLimits } from "./limits.ts"

export interface DistributionOptions {
  /** What two nodes must share to talk. Never logged. */
  readonly cookie: string
  readonly md5: Md5
  /** Milliseconds of silence until a peer is given up; 60,000 unless told, as OTP's `net_ticktime`. Peers should agree. */
  readonly tickMs?: number | undefined
  /** Whether the node is no member for BEAM nodes: yes unless told. A visible one must run `global`. */
  readonly hidden?: boolean | undefined
  /** The nodes that this one talks to, in either direction; all that share the cookie unless told. */
  readonly allow?: Allow | undefined
  /** Whether a hidden node connects with all hidden Umbel nodes that those it is connected with know. Yes unless told. */
  readonly mesh?: boolean | undefined
  /** What peers may make us hold. */
  readonly limits?: DistributionLimits | undefined
  /** Whether to send atoms by their slots in the peer's cache, where it has one. Default: no; it saves bytes, and costs time. */
  readonly cacheAtoms?: boolean | undefined
}
