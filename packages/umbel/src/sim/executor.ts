/**
 * A simulated thread for one node: it does one thing at a time, and what that is the seed decides.
 *
 * The world picks one of its executors that have something to do, and lets it take one {@link SimulatedExecutor.step}: one turn of one ready process, or one
 * write of what a burst of work has left. Before the next pick all microtasks have run dry.
 */
import type { Clock, Executor } from "../runtime/index.ts"
import type { SeededRandom } from "./random.ts"

export class SimulatedExecutor implements Executor {
  readonly turnsPerDrain = 1
  readonly choose: (count: number) => number
  readonly #clock: Clock
  readonly #random: SeededRandom
  readonly #onWork: () => void
  #drain: (() => void) | undefined
  #wanted = false
  readonly #bursts: (() => void)[] = []

  /** `onWork` is told when there is something to do. */
  constructor(clock: Clock, random: SeededRandom, onWork: () => void) {
    this.#clock = clock
    this.#random = random
    this.#onWork = onWork
    this.choose = (count) => random.below(count)
  }

  /** A turn takes no virtual time, so the event loop has always just breathed. */
  get breathedAt(): number {
    return this.#clock.now()
  }
  attach(drain: () => void): void {
    this.#drain = drain
  }
  wake(_breatheFirst: boolean): void {
    this.#wanted = true
    this.#onWork()
  }
  /** Virtual time does not pass while one waits. */
  stayAwake(): void {}
  afterBurst(run: () => void): void {
    if (this.#drain === undefined) return
    this.#bursts.push(run)
    this.#onWork()
  }
  detach(): void {
    this.#drain = undefined
    this.#bursts.length = 0
  }

  get busy(): boolean {
    return this.#drain !== undefined && (this.#wanted || this.#bursts.length > 0)
  }

  /** One turn, or one write: where both wait chance decides, so that a busy node's writes are not always late. */
  step(): void {
    const writes = this.#bursts.length > 0 && (!this.#wanted || this.#random.oneIn(4))
    if (writes) this.#bursts.shift()!()
    else {
      this.#wanted = false
      this.#drain?.()
    }
  }
}
