/**
 * Calls that somebody else knows by reference: those sent to another node, and those whose From was kept. All others are found
 * through their own object and need no table.
 */
import { type Ref, Ref as RefClass } from "../term/index.ts"
import { type Call, PENDING } from "./envelope.ts"
import type { Identities } from "./identities.ts"

export class PendingCalls {
  readonly #identities: Identities
  readonly #byCount = new Map<number, Call>()

  constructor(identities: Identities) {
    this.#identities = identities
  }

  get size(): number {
    return this.#byCount.size
  }

  /** The call's reference, by which it is found from now on until it is settled. */
  expose(call: Call): Ref {
    if (call.ref === undefined) {
      call.ref = this.#identities.ref()
      if (call.status === PENDING) this.#byCount.set(this.#identities.countOf(call.ref)!, call)
    }
    return call.ref
  }

  /** The pending call of that reference: undefined when it was answered, was given up, or never was. */
  find(ref: Ref): Call | undefined {
    const count = this.#identities.countOf(ref)
    return count === undefined ? undefined : this.#byCount.get(count)
  }

  /** The call in `[alias|Ref]`, or under a bare reference. */
  findByTag(tag: unknown): Call | undefined {
    if (tag instanceof RefClass) return this.find(tag)
    if (typeof tag === "object" && tag !== null && "tail" in tag && tag.tail instanceof RefClass)
      return this.find(tag.tail)
    return undefined
  }

  forget(call: Call): void {
    if (call.ref !== undefined) this.#byCount.delete(this.#identities.countOf(call.ref)!)
  }
}
