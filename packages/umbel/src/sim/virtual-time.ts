/**
 * Virtual time: what is to happen, and when. Time moves only from one event to the next, so an hour without events takes no time.
 *
 * ```ts
 * const time = new VirtualTime()
 * time.at(5_000, () => …)
 * time.advance()            // runs it, and it is 5 seconds later
 * ```
 *
 * Events of the same moment happen in the order in which they were planned.
 */
import type { Clock, Timer } from "../runtime/index.ts"

interface Event {
  readonly at: number
  readonly order: number
  /** Undefined once it was cancelled. */
  run: (() => void) | undefined
}

/** What every simulated world calls the year 2001: 1,000,000,000 seconds after 1970. */
const EPOCH_MS = 1_000_000_000_000
/** Cancelled events that may stay in the queue before it is swept. */
const CANCELLED_MAX = 1_024

export class VirtualTime implements Clock {
  #now = 0
  #order = 0
  #queue: Event[] = []
  #cancelled = 0
  /** Told when something was planned. */
  onPlanned: () => void = () => {}

  now(): number {
    return this.#now
  }
  wallTime(): number {
    return EPOCH_MS + this.#now
  }
  after(ms: number, run: () => void): Timer {
    return this.at(this.#now + Math.max(0, ms), run)
  }

  /** Runs `run` at that moment, or now where that is past. */
  at(moment: number, run: () => void): Timer {
    const event: Event = { at: Math.max(moment, this.#now), order: this.#order++, run }
    push(this.#queue, event)
    this.onPlanned()
    return { cancel: () => this.#cancel(event) }
  }

  #cancel(event: Event): void {
    if (event.run === undefined) return
    event.run = undefined
    this.#cancelled++
    if (this.#cancelled <= CANCELLED_MAX || this.#cancelled * 2 < this.#queue.length) return
    const live = this.#queue.filter((one) => one.run !== undefined)
    this.#queue = []
    for (const one of live) push(this.#queue, one)
    this.#cancelled = 0
  }

  /** When the next event is; undefined when there is none. */
  get next(): number | undefined {
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      if (first.run !== undefined) return first.at
      pop(this.#queue)
      this.#cancelled--
    }
    return undefined
  }

  /** Moves to the next event and runs it. Only called when there is one. */
  advance(): void {
    if (this.next === undefined) throw new Error("there is no event to advance to")
    const event = pop(this.#queue)
    this.#now = event.at
    const { run } = event
    // So that cancelling it now is no cancelling.
    event.run = undefined
    run?.()
  }

  /** Lets time pass in which nothing happens. Never past the next event. */
  skipTo(moment: number): void {
    this.#now = Math.max(this.#now, Math.min(moment, this.next ?? moment))
  }
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

/** A binary heap: each parent is before its two children. */
function push(heap: Event[], event: Event): void {
  let at = heap.length
  heap.push(event)
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!before(event, heap[parent]!)) break
    heap[at] = heap[parent]!
    at = parent
  }
  heap[at] = event
}

function pop(heap: Event[]): Event {
  const first = heap[0]!
  const last = heap.pop()!
  if (heap.length === 0) return first
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
    if (!before(heap[child]!, last)) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = last
  return first
}
