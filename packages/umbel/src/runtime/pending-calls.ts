/**
 * Calls that somebody else knows by reference: those sent to another node, and those whose From was kept. All others are found
 * through their own object and need no table.
 *
 * A reference says the slot its call lies in, and which use of that slot it is, so finding a call is reading an array. Slots are reused; a table of
 * keys that come and go by the thousand would make V8 keep what is long gone.
 */
import { type Ref, Ref as RefClass } from "../term/index.ts"
import { type Call, PENDING } from "./envelope.ts"
import type { Identities } from "./identities.ts"

export class PendingCalls {
  readonly #identities: Identities
  readonly #slots: (Call | undefined)[] = []
  /** How often each slot was used. */
  readonly #uses: number[] = []
  readonly #free: number[] = []

  constructor(identities: Identities) {
    this.#identities = identities
  }

  get size(): number {
    return this.#slots.length - this.#free.length
  }

  /** The call's reference, by which it is found from now on until it is settled. */
  expose(call: Call): Ref {
    if (call.ref !== undefined) return call.ref
    if (call.status !== PENDING) {
      call.ref = this.#identities.ref()
      return call.ref
    }
    const slot = this.#free.pop() ?? this.#slots.length
    const use = ((this.#uses[slot] ?? 0) + 1) >>> 0
    this.#slots[slot] = call
    this.#uses[slot] = use
    call.ref = this.#identities.callRef(slot, use)
    return call.ref
  }

  /** The pending call of that reference: undefined when it was answered, was given up, or never was. */
  find(ref: Ref): Call | undefined {
    const slot = this.#identities.slotOf(ref)
    if (slot === undefined || this.#uses[slot] !== ref.words[1]) return undefined
    return this.#slots[slot]
  }

  /** The call in `[alias|Ref]`, or under a bare reference. */
  findByTag(tag: unknown): Call | undefined {
    if (tag instanceof RefClass) return this.find(tag)
    if (typeof tag === "object" && tag !== null && "tail" in tag && tag.tail instanceof RefClass) {
      return this.find(tag.tail)
    }
    return undefined
  }

  forget(call: Call): void {
    if (call.ref === undefined || this.find(call.ref) !== call) return
    const slot = call.ref.words[0]!
    this.#slots[slot] = undefined
    this.#free.push(slot)
  }

  /** Those that wait for an answer from that node. */
  *to(node: string): Generator<Call> {
    for (const call of this.#slots) if (call !== undefined && call.target.node === node) yield call
  }
}
