/**
 * How many requests one address may make: a bucket of tokens for each.
 *
 * ```ts
 * const limit = new RateLimit(20, () => clock.now())
 * limit.take("10.0.0.7")      // false when it has had 20 in this second
 * ```
 */
export class RateLimit {
  readonly #perSecond: number
  readonly #now: () => number
  readonly #buckets = new Map<string, { left: number; at: number }>()

  /** `now` in milliseconds. */
  constructor(perSecond: number, now: () => number) {
    this.#perSecond = perSecond
    this.#now = now
  }

  take(address: string): boolean {
    const now = this.#now()
    const before = this.#buckets.get(address) ?? { left: this.#perSecond, at: now }
    const left = Math.min(this.#perSecond, before.left + ((now - before.at) / 1000) * this.#perSecond)
    // The one that was used last stands last.
    this.#buckets.delete(address)
    this.#buckets.set(address, { left: Math.max(0, left - 1), at: now })
    this.#forget(now)
    return left >= 1
  }

  /** A bucket that has had a second is full again: the same as none. */
  #forget(now: number): void {
    for (const [address, { at }] of this.#buckets) {
      if (now - at < 1000) return
      this.#buckets.delete(address)
    }
  }
}
