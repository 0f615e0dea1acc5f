/**
 * Printed terms, laid out over lines and told apart by kind, for reading.
 *
 * ```ts
 * pretty('%{count: 5, name: "ann"}')
 * // tokens of:  %{
 * //               count: 5,
 * //               name: "ann"
 * //             }
 * ```
 *
 * It goes by brackets, strings and commas alone, so text that was cut off, or is no term at all, comes out readable too.
 */
export interface Token {
  readonly kind: "text" | "string" | "number" | "atom" | "key" | "id" | "bracket"
  readonly text: string
}

const PIECES =
  /(?<string>"(?:[^"\\]|\\.)*"?)|(?<id>#(?:PID|Ref|Reference|Port|Local|Function)<[^>]*>+)|(?<key>(?:[\p{L}_][\p{L}\p{N}_@]*[?!]?): )|(?<atom>:(?:[\p{L}_][\p{L}\p{N}_@]*[?!]?|"(?:[^"\\]|\\.)*"))|(?<number>-?\b\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?\b)|(?<bracket>%?[A-Za-z.]*\{|<<|>>|[[\]{}()])|(?<comma>, )|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<text>[\s\S])/gu
const LINE = 42
const OPEN = /^(?:%?[A-Za-z.]*\{|<<|\[|\()$/
const TEXT_MAX = 60_000

/** The text in tokens, with line breaks and indentation where a bracket's content does not fit on a line. */
export function pretty(printed: string): readonly Token[] {
  const pieces = split(printed.slice(0, TEXT_MAX))
  const out: Token[] = []
  /** For each open bracket, whether its content stands on lines of its own. */
  const broken: boolean[] = []
  /** Characters on the line so far. */
  let column = 0
  const put = (kind: Token["kind"], text: string): void => {
    out.push({ kind, text })
    column += text.length
  }
  const line = (): void => {
    const indent = "  ".repeat(broken.filter(Boolean).length)
    out.push({ kind: "text", text: `\n${indent}` })
    column = indent.length
  }
  pieces.forEach(({ kind, text }, index) => {
    if (kind === "bracket" && OPEN.test(text)) {
      const long = column + lengthWithin(pieces, index) > LINE
      put(kind, text)
      broken.push(long)
      if (long) line()
    } else if (kind === "bracket") {
      if (broken.pop()) line()
      put(kind, text)
    } else if (kind === "comma") {
      put("text", broken.at(-1) ? "," : ", ")
      if (broken.at(-1)) line()
    } else put(kind, text)
  })
  return out
}

type Piece = { readonly kind: Token["kind"] | "comma"; readonly text: string }

function split(printed: string): Piece[] {
  const pieces: Piece[] = []
  for (const match of printed.matchAll(PIECES)) {
    const [kind, text] = Object.entries(match.groups!).find(([, value]) => value !== undefined)!
    const last = pieces.at(-1)
    if (kind === "word") pieces.push({ kind: ["true", "false", "nil"].includes(text) ? "atom" : "text", text })
    else if (kind === "text" && last?.kind === "text")
      pieces[pieces.length - 1] = { kind: "text", text: last.text + text }
    else pieces.push({ kind: kind as Piece["kind"], text })
  }
  return pieces
}

/** Characters up to the bracket that closes the one at `index`, or so many that it is certain not to fit. */
function lengthWithin(pieces: readonly Piece[], index: number): number {
  let depth = 0
  let length = 0
  for (let at = index; at < pieces.length && length <= LINE; at++) {
    const { kind, text } = pieces[at]!
    length += text.length
    if (kind !== "bracket") continue
    depth += OPEN.test(text) ? 1 : -1
    if (depth === 0) break
  }
  return length
}
