/**
 * Words: what a text is cut into before it is indexed, and a question before it is asked.
 *
 * ```ts
 * [...tokens("A gen_server, twice")]     // {word: "a", …}, {word: "gen_server", start: 2, end: 12}, {word: "twice", …}
 * parts("gen_server")                    // ["gen", "server"]
 * parts("GenServer")                     // ["gen", "server"]
 * parts("__proto__")                     // ["proto"]
 * queryWords(["GenServer call", "call"]) // ["genserver", "call"]
 * ```
 *
 * A word is a run of letters, digits, marks and underscores, in lower case. An identifier is one word, and its parts are
 * words too: a text with `gen_server` is found by `gen_server` and by `server`, and a question for `gen_server` is not
 * answered with texts that merely hold `gen` and `server`. A script that writes no spaces (Chinese, Japanese) has one
 * word per character. Runs above {@link MAX_WORD} characters are data (hashes, base64), not words, and are left out.
 */

/** The longest word, in UTF-16 code units. */
export const MAX_WORD = 64

/** The most words a question may have; the rest are ignored. */
export const MAX_QUERY_WORDS = 32

/** A word and where it stands: `text.slice(start, end)` is how it was written there. */
export interface Token {
  /** In lower case and composed form (NFC). */
  readonly word: string
  /** In UTF-16 code units, as in `String.slice`. */
  readonly start: number
  readonly end: number
  /** As written. Needed for {@link parts}, since lower case hides where the humps of camelCase are. */
  readonly written: string
}

const RUN = /[\p{L}\p{N}\p{M}_]+/gu
const UNSPACED = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/u
const UNSPACED_OR_RUN =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu
// A hump starts where lower case meets upper case (`genServer`), and before the last capital of a run (`HTTPServer`).
const HUMPS = /_+|(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u
const BEYOND_ASCII = /[^\0-\x7f]/

/** The words of `text`, in order. */
export function* tokens(text: string): Generator<Token, void, undefined> {
  for (const { 0: run, index } of text.matchAll(RUN)) {
    if (!BEYOND_ASCII.test(run) || !UNSPACED.test(run)) {
      if (run.length <= MAX_WORD) yield { word: fold(run), start: index, end: index + run.length, written: run }
      continue
    }
    for (const { 0: piece, index: offset } of run.matchAll(UNSPACED_OR_RUN)) {
      const start = index + offset
      if (piece.length <= MAX_WORD) yield { word: fold(piece), start, end: start + piece.length, written: piece }
    }
  }
}

/** The parts of an identifier as written, in lower case; none when it is a plain word. */
export function parts(written: string): readonly string[] {
  // The common case, a word in lower case, is told without splitting.
  if (PLAIN.test(written)) return NONE
  const found = written.split(HUMPS).filter((part) => part !== "")
  return found.length === 1 && found[0] === written ? NONE : found.map(fold)
}
const PLAIN = /^[A-Za-z]?[a-z0-9]*$/
const NONE: readonly string[] = []

/** The words of a question, each once, at most {@link MAX_QUERY_WORDS}; each entry may itself hold several words. */
export function queryWords(question: readonly string[]): string[] {
  const found = new Set<string>()
  for (const entry of question) {
    for (const { word } of tokens(entry)) {
      found.add(word)
      if (found.size === MAX_QUERY_WORDS) return [...found]
    }
  }
  return [...found]
}

/** How a word is compared: lower case, and composed when it holds more than ASCII. */
export function fold(written: string): string {
  const lower = written.toLowerCase()
  return BEYOND_ASCII.test(lower) ? lower.normalize("NFC") : lower
}
