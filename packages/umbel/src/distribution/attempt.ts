/**
 * An attempt to reach a node: from the first signal to it until the two are connected or know why not.
 *
 * It counts from the first moment of dialing. When both sides dial at once one of them yields (by their names, as OTP decides it) and waits for
 * what becomes of the other's attempt.
 */
import type { Peer } from "./peer.ts"

/** An attempt of ours to reach a node. */
export interface Attempt {
  readonly peer: Peer
  /** Gives it up, while it is our own handshake that is under way. */
  cancel: (() => void) | undefined
  /** Both sides dialed at once, and theirs is the attempt that counts: its outcome is this one's too. */
  yielded: boolean
  readonly waiting: ((connected: boolean) => void)[]
}
