/**
 * The inverted index of one partition: which documents hold a word, and which answer a question best.
 *
 * ```ts
 * const index = new InvertedIndex()
 * index.add({ path: "docs/otp.md", title: "OTP", text: "A supervisor restarts its children." })
 * const answer = index.search(["supervisor"], 10)
 * merge([answer, answerOfAnotherPartition], 10)
 * // [{ path: "docs/otp.md", title: "OTP", score: 0.9…, snippet: { text: "A supervisor …", marks: [[2, 12]] } }]
 * ```
 *
 * Documents are partitioned by path, so each partition knows only its share of how rare a word is, and scores of two
 * partitions would not be comparable, least of all in a small corpus. Therefore an answer carries what its scores were
 * made of: the partition's statistics, and the counts of each hit. {@link merge} adds the statistics up and scores all
 * hits by the same weights. Each partition still chooses its `limit` best by its own statistics; that loses
 * only hits near the end of the list, and spares a second round of questions.
 *
 * Words of the title count {@link TITLE_WEIGHT} times. Everything is plain data in and out; the class holds the memory.
 */
import { meanLength, type Statistics, score, sum, wordScore, wordWeights } from "./bm25.ts"
import { MAX_DOCUMENTS, Postings } from "./postings.ts"
import { type Snippet, snippet } from "./snippet.ts"
import { parts, queryWords, tokens } from "./words.ts"

/** What is indexed. */
export interface Document {
  /** Its identity: adding a path again replaces what was there. */
  readonly path: string
  readonly title: string
  readonly text: string
}

/** A found document, as the caller of a search gets it. */
export interface Hit {
  readonly path: string
  readonly title: string
  /** Above 0; comparable only within one merged answer. */
  readonly score: number
  readonly snippet: Snippet
}

/** A hit together with what its score is made of. */
export interface Candidate extends Hit {
  /** How often it holds each word of the question. */
  readonly counts: readonly number[]
  /** How many words it has. */
  readonly length: number
}

/** What a partition answers. */
export interface Answer {
  readonly statistics: Statistics
  /** Best first; equal scores by path. */
  readonly hits: readonly Candidate[]
}

/** How much an index holds. */
export interface Holdings {
  readonly documents: number
  /** Different words, those of removed documents included until the next compaction. */
  readonly words: number
  readonly postings: number
  /** Bytes of postings and of kept text. */
  readonly bytes: number
}

/** The most hits that one question gets. */
export const MAX_LIMIT = 1000

/** How many occurrences in the text one in the title is worth. */
const TITLE_WEIGHT = 5

/** How much of a document's text is kept for snippets when nobody says otherwise, in characters. */
const KEPT_TEXT = 32_768

/** When more than this share of the document numbers belong to removed documents, the postings are built anew. */
const COMPACT_ABOVE = 0.25
/** Not worth the trouble below so many removed documents. */
const COMPACT_AT_LEAST = 64

interface Entry {
  readonly path: string
  readonly title: string
  readonly length: number
  /** UTF-8, so that megabytes of text lie outside the heap that the garbage collector walks. */
  readonly text: Uint8Array
}

/** An inverted index in memory. See the top of the file. */
export class InvertedIndex {
  readonly #keptText: number
  /** By document number; undefined where a document was removed. */
  #entries: (Entry | undefined)[] = []
  readonly #numbers = new Map<string, number>()
  #postings = new Postings()
  #length = 0
  #textBytes = 0

  /** `keptText`: how many characters of each document are kept for snippets. All of its words are found in any case. */
  constructor(options: { readonly keptText?: number } = {}) {
    this.#keptText = options.keptText ?? KEPT_TEXT
  }

  /** Whether a document of this path is held. */
  has(path: string): boolean {
    return this.#numbers.has(path)
  }

  get holdings(): Holdings {
    const { words, size, bytes } = this.#postings
    return { documents: this.#numbers.size, words, postings: size, bytes: bytes + this.#textBytes }
  }

  /**
   * Adds a document, in the place of one with the same path if there is one.
   *
   * @throws RangeError when the index is full (a million documents).
   */
  add(document: Document): void {
    this.remove(document.path)
    if (this.#entries.length === MAX_DOCUMENTS) this.#compact()
    if (this.#entries.length === MAX_DOCUMENTS) {
      throw new RangeError(`the index is full: it holds ${MAX_DOCUMENTS} documents; use more partitions`)
    }
    const number = this.#entries.length
    const { counts, length } = count(document)
    for (const [word, times] of counts) this.#postings.add(word, number, times)
    const text = new TextEncoder().encode(document.text.slice(0, this.#keptText))
    this.#entries.push({ path: document.path, title: document.title, length, text })
    this.#numbers.set(document.path, number)
    this.#length += length
    this.#textBytes += text.byteLength
  }

  /** Removes the document of this path. Answers whether there was one. */
  remove(path: string): boolean {
    const number = this.#numbers.get(path)
    if (number === undefined) return false
    const entry = this.#entries[number]!
    this.#numbers.delete(path)
    this.#entries[number] = undefined
    this.#length -= entry.length
    this.#textBytes -= entry.text.byteLength
    const removed = this.#entries.length - this.#numbers.size
    if (removed >= COMPACT_AT_LEAST && removed > this.#entries.length * COMPACT_ABOVE) this.#compact()
    return true
  }

  /**
   * The documents that answer a question best, at most `limit` (an integer from 1 to {@link MAX_LIMIT}).
   * A document need not hold all of the words, but each one that it holds adds to its score.
   *
   * @throws RangeError for another limit.
   */
  search(question: readonly string[], limit: number): Answer {
    checkLimit(limit)
    const words = queryWords(question)
    // One row a word: how often each document holds it. Rows are dense, since a pass over all documents takes microseconds.
    const rows = words.map((word) => this.#row(word))
    const statistics: Statistics = {
      documents: this.#numbers.size,
      length: this.#length,
      holding: rows.map((row) => row.reduce((holding, times) => holding + (times > 0 ? 1 : 0), 0)),
    }
    const weights = wordWeights(statistics)
    const mean = meanLength(statistics)
    const scores = new Float64Array(this.#entries.length)
    rows.forEach((row, at) => {
      row.forEach((times, number) => {
        if (times > 0) scores[number]! += wordScore(weights[at]!, times, this.#entries[number]!.length, mean)
      })
    })
    const best = new Best<number>(limit, (a, b) =>
      inOrder(scores[a]!, this.#entries[a]!.path, scores[b]!, this.#entries[b]!.path),
    )
    scores.forEach((value, number) => {
      if (value > 0) best.offer(number)
    })
    const hits = best.items.map((number): Candidate => {
      const { path, title, length, text } = this.#entries[number]!
      return {
        path,
        title,
        score: scores[number]!,
        snippet: snippet(new TextDecoder().decode(text), words),
        counts: rows.map((row) => row[number]!),
        length,
      }
    })
    return { statistics, hits }
  }

  #row(word: string): Uint16Array {
    const row = new Uint16Array(this.#entries.length)
    this.#postings.each(word, (number, times) => {
      if (this.#entries[number] !== undefined) row[number] = times
    })
    return row
  }

  /** Gives the documents new numbers without gaps, and drops the postings of those that are gone. */
  #compact(): void {
    const numbers = new Int32Array(this.#entries.length).fill(-1)
    const kept: Entry[] = []
    this.#entries.forEach((entry, number) => {
      if (entry === undefined) return
      numbers[number] = kept.length
      this.#numbers.set(entry.path, kept.length)
      kept.push(entry)
    })
    this.#postings = this.#postings.compacted((number) => numbers[number]!)
    this.#entries = kept
  }
}

/**
 * One list out of the answers of several partitions to the same question, at most `limit` long, best first.
 * A partition that did not answer is simply not in `answers`: the rest is ranked as if its documents did not exist.
 *
 * @throws RangeError for a limit that is not an integer from 1 to {@link MAX_LIMIT}.
 */
export function merge(answers: readonly Answer[], limit: number): Hit[] {
  checkLimit(limit)
  const statistics = sum(answers.map((answer) => answer.statistics))
  const weights = wordWeights(statistics)
  const mean = meanLength(statistics)
  const best = new Best<Hit>(limit, (a, b) => inOrder(a.score, a.path, b.score, b.path))
  for (const { hits } of answers) {
    for (const { path, title, snippet, counts, length } of hits) {
      best.offer({ path, title, score: score(weights, counts, length, mean), snippet })
    }
  }
  return best.items
}

/** How often a document holds each word, and how many words it has. Parts of identifiers are found, but not counted in the length. */
function count(document: Document): { counts: Map<string, number>; length: number } {
  const counts = new Map<string, number>()
  let length = 0
  const take = (text: string, weight: number) => {
    for (const { word, written } of tokens(text)) {
      length++
      counts.set(word, (counts.get(word) ?? 0) + weight)
      for (const part of parts(written)) counts.set(part, (counts.get(part) ?? 0) + weight)
    }
  }
  take(document.title, TITLE_WEIGHT)
  take(document.text, 1)
  return { counts, length }
}

/** The `limit` first of what is offered, in order. Sorting all of ten thousand candidates to show ten would cost more. */
class Best<Item> {
  readonly items: Item[] = []
  readonly #limit: number
  readonly #before: (a: Item, b: Item) => boolean

  constructor(limit: number, before: (a: Item, b: Item) => boolean) {
    this.#limit = limit
    this.#before = before
  }

  offer(item: Item): void {
    const { items } = this
    if (items.length === this.#limit && !this.#before(item, items.at(-1)!)) return
    let low = 0
    let high = items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#before(items[middle]!, item)) low = middle + 1
      else high = middle
    }
    items.splice(low, 0, item)
    if (items.length > this.#limit) items.pop()
  }
}

/** Whether the first stands before the second: by score, and among equals by path, so that the order never depends on chance. */
function inOrder(score: number, path: string, otherScore: number, otherPath: string): boolean {
  return score === otherScore ? path < otherPath : score > otherScore
}

function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new RangeError(`limit: expected an integer from 1 to ${MAX_LIMIT}, got ${limit}`)
  }
}
