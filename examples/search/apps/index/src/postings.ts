/**
 * Postings: for each word, the documents that hold it and how often; the memory of an inverted index.
 *
 * ```ts
 * const postings = new Postings()
 * postings.add("gen_server", 7, 3)             // document 7 holds it three times
 * postings.each("gen_server", (document, count) => …)
 * ```
 *
 * Most words of a corpus occur in one document only, so an array per word would be mostly overhead. Here all lists live
 * in two typed arrays, each a chain through them: an entry (document and count in one 32-bit number) and the slot of the
 * next, newest first. Eight bytes a posting, no object beside the key of the word. Nothing is removed: the index
 * skips the documents that are gone, and builds itself anew when they are many.
 */

/** The most documents that fit: an entry has 20 bits for the number of the document. */
export const MAX_DOCUMENTS = 1 << 20
const COUNT_BITS = 12
const MAX_COUNT = (1 << COUNT_BITS) - 1
const END = 0

/** The lists of all words. */
export class Postings {
  /** Word to the slot of its newest entry. */
  readonly #heads = new Map<string, number>()
  // Slot 0 is never used: as a link it means the end of the chain.
  #entries = new Uint32Array(1024)
  #next = new Uint32Array(1024)
  #used = 1

  /** How many different words there are. */
  get words(): number {
    return this.#heads.size
  }

  /** How many entries there are. */
  get size(): number {
    return this.#used - 1
  }

  /** Bytes held by the lists, spare room included, the words themselves excluded. */
  get bytes(): number {
    return this.#entries.byteLength + this.#next.byteLength
  }

  /**
   * Notes that `document` holds `word` `count` times; counts above 4,095 are as good as 4,095 for ranking.
   * A pair of word and document is added once only: the caller counts first.
   */
  add(word: string, document: number, count: number): void {
    if (this.#used === this.#entries.length) this.#grow()
    const slot = this.#used++
    this.#entries[slot] = ((document << COUNT_BITS) | Math.min(count, MAX_COUNT)) >>> 0
    this.#next[slot] = this.#heads.get(word) ?? END
    this.#heads.set(word, slot)
  }

  /** Calls `visit` with each document that holds `word` and how often it does, newest document first. */
  each(word: string, visit: (document: number, count: number) => void): void {
    const entries = this.#entries
    const next = this.#next
    for (let slot = this.#heads.get(word) ?? END; slot !== END; slot = next[slot]!) {
      visit(entries[slot]! >>> COUNT_BITS, entries[slot]! & MAX_COUNT)
    }
  }

  /**
   * The postings of the documents that `renumber` gives a new number; those for which it answers -1 are left out, and so
   * are the words that only they held.
   */
  compacted(renumber: (document: number) => number): Postings {
    const kept = new Postings()
    for (const word of this.#heads.keys()) {
      this.each(word, (document, count) => {
        const number = renumber(document)
        if (number >= 0) kept.add(word, number, count)
      })
    }
    return kept
  }

  #grow(): void {
    this.#entries = doubled(this.#entries)
    this.#next = doubled(this.#next)
  }
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2)
  larger.set(array)
  return larger
}
