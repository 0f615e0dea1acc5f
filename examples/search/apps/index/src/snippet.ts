/**
 * The snippet: the passage of a document that shows best why it was found.
 *
 * ```ts
 * snippet("One supervisor restarts its children.", ["restarts", "supervisor"], 200)
 * // { text: "One supervisor restarts its children.", marks: [[4, 14], [15, 23]] }
 * ```
 *
 * Marks are data, never HTML, so that nobody has to escape or trust anything. The passage starts and ends at whole
 * words; an ellipsis stands where it was cut. Among the passages it takes the one with most different words of the
 * question, then the one with most occurrences, then the first.
 */

/** A passage and what to mark in it. */
export interface Snippet {
  readonly text: string
  /** Start and end (exclusive) of each marked word in `text`, in UTF-16 code units, in order, not overlapping. */
  readonly marks: readonly (readonly [start: number, end: number])[]
}

/** How many characters a snippet has at most when nobody says otherwise, without the two ellipses. */
export const SNIPPET_LENGTH = 220

/** For each word, at most so many places are looked at: one letter may occur in a text ten thousand times. */
const MAX_PLACES = 200

interface Hit {
  readonly start: number
  readonly end: number
  readonly word: string
}

/**
 * The best passage of `text` for these words (as {@link queryWords} gives them), at most `length` characters long.
 * Without an occurrence it is the start of the text.
 */
export function snippet(text: string, words: readonly string[], length = SNIPPET_LENGTH): Snippet {
  const hits = occurrences(text, words)
  const best = bestWindow(hits, length)
  const [first, last] = hits.length === 0 ? [0, 0] : [hits[best.from]!.start, hits[best.to]!.end]
  const [start, end] = whole(text, first, last, length)
  const lead = start > 0 ? "… " : ""
  const tail = end < text.length ? " …" : ""
  const marks = hits
    .filter((hit) => hit.start >= start && hit.end <= end)
    .map((hit) => [hit.start - start + lead.length, hit.end - start + lead.length] as const)
  // Line ends become spaces one by one, so that the marks stay where they are.
  return { text: lead + text.slice(start, end).replace(/\s/g, " ") + tail, marks }
}

/** Where the words stand in the text: whole words, and parts of identifiers. Sorted, not overlapping. */
function occurrences(text: string, words: readonly string[]): Hit[] {
  const lower = lowerInPlace(text)
  const found = new Map<number, Hit>()
  for (const word of words) {
    let at = lower.indexOf(word)
    for (let places = 0; at >= 0 && places < MAX_PLACES; places++) {
      const hit = hitAt(text, at, word)
      const other = hit && found.get(hit.start)
      if (hit && (!other || other.end < hit.end)) found.set(hit.start, hit)
      at = lower.indexOf(word, at + word.length)
    }
  }
  const sorted = [...found.values()].sort((a, b) => a.start - b.start)
  let end = 0
  return sorted.filter((hit) => {
    if (hit.start < end) return false
    end = hit.end
    return true
  })
}

/** The occurrence of `word` at this place, unless it is but a piece of a longer word, as `art` in `start`. */
function hitAt(text: string, at: number, word: string): Hit | undefined {
  const end = at + word.length
  // An underscore parts an identifier, so it is no word character here. Beyond either end of the text there is none.
  const before = WORD_CHARACTER.test(text[at - 1] ?? "")
  const after = WORD_CHARACTER.test(text[end] ?? "")
  const starts = !before || isHump(text, at) || UNSPACED.test(text[at]!)
  const ends = !after || isHump(text, end) || UNSPACED.test(text[end - 1]!)
  return starts && ends ? { start: at, end, word } : undefined
}
const WORD_CHARACTER = /[\p{L}\p{N}\p{M}]/u
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u

/** Whether a part of camelCase starts here: the rule of `parts` in words.ts. */
function isHump(text: string, at: number): boolean {
  if (!/\p{Lu}/u.test(text[at]!)) return false
  return /[\p{Ll}\p{N}]/u.test(text[at - 1]!) || /\p{Ll}/u.test(text[at + 1] ?? "")
}

/** Lower case of the same length, so that places in one are places in the other. */
function lowerInPlace(text: string): string {
  const lower = text.toLowerCase()
  // A few letters (İ) become two in lower case: those stay as they are.
  return lower.length === text.length ? lower : text.replace(/\p{Lu}/gu, (letter) => sameLength(letter))
}

function sameLength(letter: string): string {
  const lower = letter.toLowerCase()
  return lower.length === letter.length ? lower : letter
}

/** The range of hits that fit in `length` characters and are worth most. */
function bestWindow(hits: readonly Hit[], length: number): { from: number; to: number } {
  let best = { from: 0, to: 0, different: 0, hits: 0 }
  const inside = new Map<string, number>()
  let from = 0
  for (let to = 0; to < hits.length; to++) {
    inside.set(hits[to]!.word, (inside.get(hits[to]!.word) ?? 0) + 1)
    // A single hit is kept however long it is, so `from` never passes `to`.
    for (; from < to && hits[to]!.end - hits[from]!.start > length; from++) {
      const left = inside.get(hits[from]!.word)! - 1
      if (left === 0) inside.delete(hits[from]!.word)
      else inside.set(hits[from]!.word, left)
    }
    const here = { from, to, different: inside.size, hits: to - from + 1 }
    if (here.different > best.different || (here.different === best.different && here.hits > best.hits)) best = here
  }
  return best
}

/** `length` characters around a range, a third of the room before it, cut between words. */
function whole(text: string, first: number, last: number, length: number): readonly [start: number, end: number] {
  const room = Math.max(0, length - (last - first))
  let start = Math.max(0, first - Math.floor(room / 3))
  let end = Math.min(text.length, Math.max(last, start + length))
  start = Math.max(0, Math.min(start, end - length))
  if (start > 0) start = next(text, start - 1, first)
  if (end < text.length) end = previous(text, end, Math.max(last, start))
  return [start, end]
}

/** The first start of a word at or after a space from `at` on; without one before `limit`, `limit`. */
function next(text: string, at: number, limit: number): number {
  while (at < limit && !/\s/.test(text[at]!)) at++
  while (at < limit && /\s/.test(text[at]!)) at++
  return at
}

/** The last end of a word at or before `at`; a text without spaces is cut where it stands, but never inside a surrogate pair. */
function previous(text: string, at: number, limit: number): number {
  let end = at
  while (end > limit && !/\s/.test(text[end]!)) end--
  while (end > limit && /\s/.test(text[end - 1]!)) end--
  if (end > limit) return end
  return /[\ud800-\udbff]/.test(text[at - 1]!) ? at - 1 : at
}
