/**
 * A table by references, for what comes and goes with every call of a peer.
 *
 * Found by the words of the reference, without a text made of them; and chained, as V8's own maps, when their keys churn, keep alive what is long gone
 * (measured: half the CPU time of a remote call).
 */
import type { Ref } from "../term/index.ts"

interface Entry<Value> {
  readonly ref: Ref
  readonly value: Value
  next: Entry<Value> | undefined
}

export class RefTable<Value> {
  #buckets: (Entry<Value> | undefined)[] = new Array<Entry<Value> | undefined>(64).fill(undefined)
  size = 0

  /** Notes `value`; a reference is noted once. */
  set(ref: Ref, value: Value): void {
    if (this.size >= this.#buckets.length) this.#grow()
    const bucket = this.#bucket(ref)
    this.#buckets[bucket] = { ref, value, next: this.#buckets[bucket] }
    this.size++
  }

  has(ref: Ref): boolean {
    for (let entry = this.#buckets[this.#bucket(ref)]; entry !== undefined; entry = entry.next)
      if (same(entry.ref, ref)) return true
    return false
  }

  /** Takes it out; undefined where there is none. */
  take(ref: Ref): Value | undefined {
    const bucket = this.#bucket(ref)
    let before: Entry<Value> | undefined
    for (let entry = this.#buckets[bucket]; entry !== undefined; entry = entry.next) {
      if (same(entry.ref, ref)) {
        if (before === undefined) this.#buckets[bucket] = entry.next
        else before.next = entry.next
        this.size--
        return entry.value
      }
      before = entry
    }
    return undefined
  }

  /** Takes out everything. */
  drain(): readonly Value[] {
    const values: Value[] = []
    for (const first of this.#buckets)
      for (let entry = first; entry !== undefined; entry = entry.next) values.push(entry.value)
    this.#buckets.fill(undefined)
    this.size = 0
    return values
  }

  #bucket(ref: Ref): number {
    return ((ref.words[0] ?? 0) ^ (ref.words[1] ?? 0)) & (this.#buckets.length - 1)
  }

  #grow(): void {
    const old = this.#buckets
    this.#buckets = new Array<Entry<Value> | undefined>(old.length * 2).fill(undefined)
    for (const first of old) {
      for (let entry = first; entry !== undefined; ) {
        const following: Entry<Value> | undefined = entry.next
        const bucket = this.#bucket(entry.ref)
        entry.next = this.#buckets[bucket]
        this.#buckets[bucket] = entry
        entry = following
      }
    }
  }
}

function same(a: Ref, b: Ref): boolean {
  const { words } = a
  if (words.length !== b.words.length || a.creation !== b.creation || a.node !== b.node) return false
  for (let i = 0; i < words.length; i++) if (words[i] !== b.words[i]) return false
  return true
}
