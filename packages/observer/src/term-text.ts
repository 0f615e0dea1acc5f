/**
 * Terms as people write them, in the notation they are printed in.
 *
 * ```ts
 * parseTerm('{:order, 7, %{by: "ann", tags: [:new]}}')     // tuple(atom("order"), 7, { by: "ann", tags: [atom("new")] })
 * ```
 *
 * Atoms (`:ok`, `:"two words"`), texts, numbers, `true`, `false`, `nil`, tuples, lists, keyword lists, maps (`%{a: 1, "b" => 2}`). No pids: whoever
 * sends to a process has it by its key, and no references or functions.
 */
import { Atom, atom, tuple } from "umbel"

/** The text is no term. Says where. */
export class NotATermText extends Error {
  override readonly name = "NotATermText"
}

const DEPTH_MAX = 50
const SPACE = /\s*/y
const NUMBER = /-?(?:0x[0-9a-fA-F]+|\d[\d_]*(?:\.\d+(?:[eE][+-]?\d+)?)?)(?![\w.])/y
const WORD = /[\p{L}_][\p{L}\p{N}_@]*[?!]?/uy
const STRING = /"(?:[^"\\]|\\.)*"/sy

/** @throws NotATermText */
export function parseTerm(text: string): unknown {
  const reader = new Reader(text)
  const term = reader.term(0)
  reader.end()
  return term
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  term(depth: number): unknown {
    if (depth > DEPTH_MAX) throw this.#wrong(`no more than ${DEPTH_MAX} levels`)
    if (this.#takes("%{")) return this.#map(depth)
    if (this.#takes("{")) return tuple(...this.#items("}", depth, false))
    if (this.#takes("[")) return this.#items("]", depth, true)
    if (this.#takes(":")) return atom(this.#match(STRING) === undefined ? this.#word() : this.#string())
    if (this.#match(STRING) !== undefined) return this.#string()
    const number = this.#take(NUMBER)
    if (number !== undefined) return numberOf(number.replaceAll("_", ""))
    const word = this.#take(WORD)
    if (word === "true" || word === "false") return word === "true"
    if (word === "nil" || word === "null") return null
    if (word !== undefined && /^\p{Lu}/u.test(word)) return atom(`Elixir.${this.#alias(word)}`)
    throw this.#wrong('a term, such as :ok, 5, "text", {:a, 1}, [1, 2] or %{key: 1}')
  }

  end(): void {
    this.#take(SPACE)
    if (this.#at < this.#text.length) throw this.#wrong("the end of the term")
  }

  #alias(first: string): string {
    let name = first
    while (this.#text[this.#at] === "." && /\p{Lu}/u.test(this.#text[this.#at + 1] ?? "")) {
      this.#at++
      name += `.${this.#word()}`
    }
    return name
  }

  #map(depth: number): unknown {
    const entries: [unknown, unknown][] = []
    while (!this.#takes("}")) {
      if (entries.length > 0) this.#expect(",")
      const key = this.#key()
      if (key !== undefined) entries.push([key, this.term(depth + 1)])
      else {
        const given = this.term(depth + 1)
        this.#expect("=>")
        entries.push([given, this.term(depth + 1)])
      }
    }
    // Keys that are atoms are the fields of a plain object.
    return entries.every(([key]) => key instanceof Atom)
      ? Object.fromEntries(entries.map(([key, value]) => [(key as Atom).text, value]))
      : new Map(entries)
  }

  #items(close: string, depth: number, keywords: boolean): unknown[] {
    const items: unknown[] = []
    while (!this.#takes(close)) {
      if (items.length > 0) this.#expect(",")
      const key = keywords ? this.#key() : undefined
      items.push(key === undefined ? this.term(depth + 1) : tuple(key, this.term(depth + 1)))
    }
    return items
  }

  /** `key:` of a map or keyword list. */
  #key(): Atom | undefined {
    this.#take(SPACE)
    const before = this.#at
    const word = this.#take(WORD)
    if (word !== undefined && this.#text[this.#at] === ":" && /\s/.test(this.#text[this.#at + 1] ?? "")) {
      this.#at++
      return atom(word)
    }
    this.#at = before
    return undefined
  }

  #string(): string {
    const quoted = this.#take(STRING) ?? ""
    try {
      return JSON.parse(quoted.replaceAll("\n", "\\n")) as string
    } catch {
      throw this.#wrong("a text without other escapes than those of JSON")
    }
  }
  #word(): string {
    const word = this.#take(WORD)
    if (word === undefined) throw this.#wrong("a name")
    return word
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#text)?.[0]
  }
  #take(pattern: RegExp): string | undefined {
    if (pattern !== SPACE) this.#take(SPACE)
    const found = this.#match(pattern)
    if (found !== undefined) this.#at += found.length
    return found
  }
  #takes(sign: string): boolean {
    this.#take(SPACE)
    if (!this.#text.startsWith(sign, this.#at)) return false
    this.#at += sign.length
    return true
  }
  #expect(sign: string): void {
    if (!this.#takes(sign)) throw this.#wrong(sign)
  }
  #wrong(expected: string): NotATermText {
    const found = this.#at < this.#text.length ? `${this.#text.slice(this.#at, this.#at + 12)}` : "the end"
    return new NotATermText(`at character ${this.#at + 1}: expected ${expected}, found ${found}`)
  }
}

function numberOf(text: string): number | bigint {
  if (/[.eE]/.test(text) && !text.startsWith("0x")) return Number(text)
  const whole = text.startsWith("-") ? -BigInt(text.slice(1)) : BigInt(text)
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole
}
