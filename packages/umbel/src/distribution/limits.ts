/**
 * What peers may make this node hold. Past a limit their connection is closed with its reason, and the node goes on.
 */
import type { ChannelLimits } from "../wire/index.ts"
import { CHANNEL_LIMITS } from "../wire/index.ts"

export interface DistributionLimits extends Partial<ChannelLimits> {
  /** Bytes of one peer's messages that may lie unread in mailboxes. The terms they became may hold several times as many. */
  readonly backlogBytes?: number | undefined
  /** Bytes that may wait to be sent to one peer: above that a message is refused with `Busy`. Processes are suspended long before. */
  readonly unsentBytes?: number | undefined
  /** Distinct atoms that one node may bring which this one had not seen. Atoms are never forgotten. */
  readonly atoms?: number | undefined
  /** Connections whose handshake is not over: the next one is refused. */
  readonly halfOpen?: number | undefined
}

/** What holds unless told otherwise: 128 MiB unread and in a frame, 256 MiB in fragments and unsent, 100,000 atoms, 256 connections. */
export const LIMITS = {
  ...CHANNEL_LIMITS,
  backlogBytes: 128 * 1024 * 1024,
  unsentBytes: 256 * 1024 * 1024,
  atoms: 100_000,
  halfOpen: 256,
} as const satisfies DistributionLimits
