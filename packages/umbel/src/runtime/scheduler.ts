/**
 * The scheduler: who takes the next turn.
 *
 * Ready processes wait in a ring. A drain gives them turns, each with a budget of messages, until none is ready or the event loop has
 * been kept from I/O for {@link BREATH_MS}; then it asks for another drain, after I/O. So a flood of messages never starves a
 * socket or a timer. The clock is read once a turn, and what a turn took is charged to its process.
 */

import type { Envelope } from "./envelope.ts"
import type { Attribution, Clock, Executor } from "./platform.ts"
import { AWAITING, ENDED, IDLE, type Process, READY, RUNNING, SUSPENDED } from "./process.ts"

/** Messages a process may handle in one turn. */
const TURN_BUDGET = 64
/** Milliseconds of turns between two chances for I/O. */
const BREATH_MS = 5

/** CPU milliseconds by slot: a slot per live process, reused. */
export class Meters {
  #ms = new Float64Array(256)
  readonly #free: number[] = []
  #used = 0

  open(): number {
    const slot = this.#free.pop() ?? this.#used++
    if (slot >= this.#ms.length) {
      const larger = new Float64Array(this.#ms.length * 2)
      larger.set(this.#ms)
      this.#ms = larger
    }
    return slot
  }
  charge(slot: number, ms: number): void {
    this.#ms[slot]! += ms
  }
  read(slot: number): number {
    return this.#ms[slot] ?? 0
  }
  close(slot: number): void {
    this.#ms[slot] = 0
    this.#free.push(slot)
  }
}

/** What becomes of a process whose turn went wrong or held the thread: the node's matter. */
export interface TurnOutcome {
  crash(process: Process, thrown: unknown): void
  end(process: Process, reason: unknown): void
  /** `last` is the message it handled last in that turn, of so many. */
  heldThread(process: Process, ms: number, last: Envelope | undefined, handled: number): void
  /** What an ended process was still awaiting has settled; `thrown` unless undefined. */
  settledLate(process: Process, thrown: unknown): void
}

export class Scheduler {
  readonly meters = new Meters()
  /** Handlers that run longer than this many milliseconds without a pause are reported. */
  readonly longHandlerMs: number
  readonly #clock: Clock
  readonly #executor: Executor
  readonly #outcome: TurnOutcome
  readonly #attribution: Attribution | undefined
  readonly #takeTurn = (process: Process): void => this.#turn(process)
  #ring: (Process | undefined)[] = new Array<Process | undefined>(1024).fill(undefined)
  #first = 0
  #ready = 0
  #asked = false
  /** Processes that get no turn for now, and how many links they wait for. Beside the processes, as hardly any is ever in it. */
  readonly #suspended = new Map<Process, number>()
  /** Turns taken, and messages handled in them, for people. */
  turns = 0
  messages = 0
  /** The message handled last in this turn, and how many were before it: for what is said of a turn that held the thread. */
  #last: Envelope | undefined
  #steps = 0
  /** Told of each turn while somebody profiles or studies; by the clock of the platform. */
  readonly turnListeners = new Set<(process: Process, from: number, to: number) => void>()

  constructor(
    clock: Clock,
    executor: Executor,
    outcome: TurnOutcome,
    longHandlerMs: number,
    attribution?: Attribution,
  ) {
    this.#clock = clock
    this.#executor = executor
    this.#outcome = outcome
    this.longHandlerMs = longHandlerMs
    this.#attribution = attribution
    executor.attach(() => this.#drain())
  }

  /** How many processes are ready. */
  get ready(): number {
    return this.#ready
  }

  /** The process takes a turn as soon as those before it have had theirs. Its status must be READY. */
  enqueue(process: Process): void {
    if (this.#ready === this.#ring.length) this.#grow()
    this.#ring[(this.#first + this.#ready++) & (this.#ring.length - 1)] = process
    if (!this.#asked) {
      this.#asked = true
      this.#executor.wake(false)
    }
  }

  /** The process gets no further turn until it was resumed as often as it was suspended. The turn it is in goes on to the end of its handler. */
  suspend(process: Process): void {
    this.#suspended.set(process, (this.#suspended.get(process) ?? 0) + 1)
  }
  resume(process: Process): void {
    const left = (this.#suspended.get(process) ?? 0) - 1
    if (left > 0) {
      this.#suspended.set(process, left)
      return
    }
    if (!this.#suspended.delete(process) || process.status === ENDED) return
    // No wake-up can be lost: whoever became ready meanwhile has come to its turn and got this status, or will come to it.
    if (process.status === SUSPENDED) {
      process.status = READY
      this.enqueue(process)
    }
    process.resumed()
  }
  isSuspended(process: Process): boolean {
    return this.#suspended.size !== 0 && this.#suspended.has(process)
  }

  #grow(): void {
    const larger = new Array<Process | undefined>(this.#ring.length * 2).fill(undefined)
    for (let i = 0; i < this.#ready; i++) larger[i] = this.#ring[(this.#first + i) & (this.#ring.length - 1)]
    this.#ring = larger
    this.#first = 0
  }

  #next(): Process {
    const mask = this.#ring.length - 1
    if (this.#executor.choose !== undefined && this.#ready > 1) {
      const chosen = (this.#first + this.#executor.choose(this.#ready)) & mask
      const process = this.#ring[chosen]
      this.#ring[chosen] = this.#ring[this.#first]
      this.#ring[this.#first] = process
    }
    const process = this.#ring[this.#first]!
    this.#ring[this.#first] = undefined
    this.#first = (this.#first + 1) & mask
    this.#ready--
    return process
  }

  #drain(): void {
    let left = this.#executor.turnsPerDrain
    let before = this.#clock.now()
    let breathe = false
    while (this.#ready > 0 && left-- > 0) {
      const process = this.#next()
      if (this.#attribution === undefined) this.#turn(process)
      else this.#attribution.run(process, this.#takeTurn)
      const after = this.#clock.now()
      const took = after - before
      before = after
      if (process.status !== ENDED) this.meters.charge(process.slot, took)
      if (took > this.longHandlerMs) this.#outcome.heldThread(process, took, this.#last, this.#steps)
      this.messages += this.#steps
      if (this.turnListeners.size > 0) for (const told of this.turnListeners) told(process, after - took, after)
      if (after - this.#executor.breathedAt > BREATH_MS) {
        breathe = true
        break
      }
    }
    this.#asked = this.#ready > 0
    if (this.#asked) this.#executor.wake(breathe)
  }

  #turn(process: Process): void {
    this.#steps = 0
    // One that ended while it waited for its turn.
    if (process.status !== READY) return
    if (this.isSuspended(process)) {
      process.status = SUSPENDED
      return
    }
    this.turns++
    process.status = RUNNING
    this.#last = undefined
    let budget = TURN_BUDGET
    try {
      if (!process.begun) {
        process.begun = true
        const beginning = process.begin()
        if (beginning !== undefined) return this.#hold(process, beginning)
        if (this.#left(process)) return
      }
      while (process.size > 0 && budget-- > 0) {
        this.#steps++
        this.#last = process.head
        const work = process.step()
        if (work !== undefined) return this.#hold(process, work)
        if (this.#left(process)) return
        process.current = undefined
        if (this.isSuspended(process)) break
      }
    } catch (thrown) {
      this.#outcome.crash(process, thrown)
      return
    }
    this.#rest(process)
  }

  /** Whether the process no longer runs: its own doing has ended it, or it waits for something (a coroutine). */
  #left(process: Process): boolean {
    if (process.pendingExit !== undefined) this.#outcome.end(process, process.pendingExit.reason)
    return process.status !== RUNNING
  }

  #rest(process: Process): void {
    if (process.size > 0) {
      process.status = READY
      this.enqueue(process)
    } else process.status = IDLE
  }

  /** The handler has returned a promise: no further message until it settles. */
  #hold(process: Process, work: Promise<unknown>): void {
    process.status = AWAITING
    if (process.pendingExit !== undefined) this.#outcome.end(process, process.pendingExit.reason)
    work.then(
      () => {
        if (process.status !== AWAITING) return this.#outcome.settledLate(process, undefined)
        // It awaits nothing any more: one that ends now leaves no zombie.
        process.status = RUNNING
        if (process.pendingExit !== undefined) return this.#outcome.end(process, process.pendingExit.reason)
        process.current = undefined
        this.#rest(process)
      },
      (thrown: unknown) => {
        if (process.status !== AWAITING) return this.#outcome.settledLate(process, thrown)
        process.status = RUNNING
        this.#outcome.crash(process, thrown)
      },
    )
  }
}
