/**
 * Changes per second of each process: counters of an earlier look, kept while somebody asks.
 *
 * ```ts
 * rates.look(now)                 // at most once a second it notes all counters anew
 * rates.handled(process)          // messages a second, since one to two seconds ago
 * ```
 *
 * A look at 100,000 processes takes 3.2 MB, which are given back {@link KEPT_MS} after the last time somebody asked.
 */
import type { Node, Process } from "../../runtime/index.ts"
import { numberOf } from "./kinds.ts"

/** Milliseconds between two looks, and until they are forgotten. */
const LOOK_MS = 1_000
const KEPT_MS = 30_000

/** All counters at one moment, by the slot of the process. */
class Look {
  readonly at: number
  readonly number: Float64Array
  readonly handled: Float64Array
  readonly cpu: Float64Array
  readonly mailbox: Float64Array

  constructor(node: Node, at: number) {
    this.at = at
    let slots = 0
    for (const { slot } of node.all()) if (slot >= slots) slots = slot + 1
    this.number = new Float64Array(slots)
    this.handled = new Float64Array(slots)
    this.cpu = new Float64Array(slots)
    this.mailbox = new Float64Array(slots)
    const { meters } = node.scheduler
    for (const process of node.all()) {
      const { slot } = process
      this.number[slot] = numberOf(process)
      this.handled[slot] = process.handled
      this.cpu[slot] = meters.read(slot)
      this.mailbox[slot] = process.size
    }
  }
}

export class Rates {
  readonly #node: Node
  /** What rates are taken against, and what they will be taken against next. */
  #base: Look | undefined
  #next: Look | undefined
  #now = 0
  #asked = 0

  constructor(node: Node) {
    this.#node = node
  }

  /** Somebody wants rates. Milliseconds that they are over: 0 the first time. */
  look(now: number): number {
    if (now - this.#asked > KEPT_MS) this.forget()
    this.#asked = now
    this.#now = now
    if (this.#next === undefined) this.#next = new Look(this.#node, now)
    else if (now - this.#next.at >= LOOK_MS) {
      this.#base = this.#next
      this.#next = new Look(this.#node, now)
    }
    return this.#base === undefined ? 0 : now - this.#base.at
  }
  /** Gives the memory back when nobody has asked for a while. */
  expire(now: number): void {
    if (this.#next !== undefined && now - this.#asked > KEPT_MS) this.forget()
  }
  forget(): void {
    this.#base = undefined
    this.#next = undefined
  }
  get bytes(): number {
    return 32 * ((this.#base?.number.length ?? 0) + (this.#next?.number.length ?? 0))
  }

  handled(process: Process): number {
    return this.#rate(process, process.handled, this.#base?.handled)
  }
  cpu(process: Process): number {
    return this.#rate(process, this.#node.scheduler.meters.read(process.slot), this.#base?.cpu)
  }
  mailbox(process: Process): number {
    return this.#rate(process, process.size, this.#base?.mailbox)
  }
  /** One that came after the base has done all it did since. */
  #rate(process: Process, value: number, before: Float64Array | undefined): number {
    const base = this.#base
    if (base === undefined || before === undefined) return 0
    const known = base.number[process.slot] === numberOf(process)
    return ((value - (known ? before[process.slot]! : 0)) * 1_000) / (this.#now - base.at)
  }
}
