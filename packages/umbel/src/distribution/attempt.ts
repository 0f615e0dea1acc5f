/**
 * An attempt to reach a node: from the first signal to it until the two are connected or know why not.
 *
 * It counts from the first moment of dialing. When both sides dial at once one of them yields (by their names, as OTP decides it) and waits for
 * what becomes of the other's attempt.
 */
import type { Peer } from "./peer.ts"

/** How long we wait for the other side's attempt when it is the one that counts, in milliseconds. */
export const SIMULTANEOUS_MS = 7_000

/** An attempt of ours to reach a node. */
export interface Attempt {
  readonly peer: Peer
  /** False while we wait for what becomes of a handshake that the other side had begun before: then one connection is enough. */
  dialed: boolean
  /** Gives it up, while it is our own handshake that is under way. */
  cancel: (() => void) | undefined
  /** Both sides dialed at once, and theirs is the attempt that counts: its outcome is this one's too. */
  yielded: boolean
  readonly waiting: ((connected: boolean) => void)[]
}
