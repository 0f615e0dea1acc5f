/** What `global` on a node is told when it starts: see `state.ts`. */
export interface GlobalOptions {
  readonly me: string
  readonly creation: number
  /** Told apart from former lives by more than the creation: chance, a multiple of 2^32. */
  readonly extension: bigint
  readonly firstTag: number
  /** Milliseconds of silence until a node is given up. */
  readonly tickMs: number
  /** Whether overlapping partitions are prevented: OTP's `prevent_overlapping_partitions`. */
  readonly prevent: boolean
}
