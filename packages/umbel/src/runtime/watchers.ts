/**
 * Those who watch one process: a list that a member leaves without a search, as every call from another node watches and leaves.
 */
import type { Watch } from "./remote.ts"

export class Watchers {
  readonly #members: Watch[] = []

  get size(): number {
    return this.#members.length
  }

  add(watch: Watch): void {
    watch.place = this.#members.length
    this.#members.push(watch)
  }

  /** Its place is taken by the last; nothing happens where it is not a member. */
  delete(watch: Watch): void {
    const { place } = watch
    if (this.#members[place] !== watch) return
    const last = this.#members.pop()!
    if (last === watch) return
    last.place = place
    this.#members[place] = last
  }

  all(): IterableIterator<Watch> {
    return this.#members.values()
  }

  /** All of them, once; what they do may add and delete. */
  drain(): readonly Watch[] {
    return this.#members.splice(0)
  }
}
