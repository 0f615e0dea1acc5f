/**
 * Which losses of connections have been heard of: each is passed on once, so that all hear of it and none for ever.
 *
 * ```ts
 * lost.isNews({ by: "a@h", creation: 1n, id: 5, node: "b@h" }, now)     // true, and false the next time
 * ```
 *
 * A later loss between the same two has a greater id; another life of the node that tells it, another creation.
 */

export interface Loss {
  readonly by: string
  readonly creation: number | bigint
  readonly id: number | bigint
  readonly node: string
}

/** How long a loss is remembered, in milliseconds: OTP's hour. */
const REMEMBERED_MS = 3_600_000
/** Losses that are remembered at once, at most: the oldest go first. */
const MAX = 10_000

export class LostConnections {
  readonly #heard = new Map<string, Loss & { readonly at: number }>()

  isNews(loss: Loss, now: number): boolean {
    const key = `${loss.by} ${loss.node}`
    const known = this.#heard.get(key)
    if (known !== undefined && known.creation === loss.creation && loss.id <= known.id) return false
    this.#heard.delete(key)
    this.#heard.set(key, { ...loss, at: now })
    for (const [old, { at }] of this.#heard) {
      if (now - at < REMEMBERED_MS && this.#heard.size <= MAX) break
      this.#heard.delete(old)
    }
    return true
  }
}
