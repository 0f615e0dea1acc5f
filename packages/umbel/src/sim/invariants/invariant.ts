/**
 * An invariant: what holds in every run, whatever the seed. Each has a file of its own, and sees what a tracer sees.
 */
import type { Node, TraceEvent } from "../../runtime/index.ts"

export interface Invariant {
  readonly name: string
  /** What is wrong after this event; undefined when nothing is. */
  event?(node: Node, event: TraceEvent): string | undefined
  /** What is wrong once nothing is under way any more. */
  atRest?(nodes: readonly Node[]): string | undefined
}

/** Something happened that never may. The message begins with the seed that shows it again. */
export class InvariantBroken extends Error {
  override readonly name = "InvariantBroken"
  readonly seed: number
  readonly invariant: string
  constructor(seed: number, now: number, invariant: string, problem: string) {
    super(`seed ${seed} at ${now.toFixed(3)} ms: ${invariant}: ${problem}`)
    this.seed = seed
    this.invariant = invariant
  }
}
