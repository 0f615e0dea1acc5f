/**
 * Terms as Elixir prints them, for people: in logs, crash reports and the observer.
 *
 * ```ts
 * inspect(tuple(ok, "text", { a: 1 }))   // {:ok, "text", %{a: 1}}
 * inspect(pid)                           // #PID<0.12.0>
 * ```
 *
 * Anything can be inspected, terms or not, huge or cyclic: what is beyond the limits is shown as `...`. Unlike Elixir, a
 * string with control characters stays a string, with escapes.
 */
import { type Atom, isAtom } from "./atom.ts"
import { BitString } from "./bit-string.ts"
import { defaultStructs, fieldsOf } from "./builtin-structs.ts"
import { Float } from "./float.ts"
import { Export, Fun } from "./functions.ts"
import { Pid, Port, Ref } from "./identifiers.ts"
import { ImproperList } from "./lists.ts"
import { Local } from "./local.ts"
import { Name } from "./name.ts"
import { isPlainObject } from "./plain-object.ts"
import { type Fields, moduleOf, type Structs } from "./structs.ts"
import { Tuple } from "./tuple.ts"

export interface InspectOptions {
  /** Elements shown of each collection. 50 unless said otherwise. */
  readonly limit?: number | undefined
  /** Characters shown of each string. 4096 unless said otherwise. */
  readonly text?: number | undefined
  /** Levels of nesting shown. 32 unless said otherwise. */
  readonly depth?: number | undefined
  /** Characters in all, give or take the last part. 65,536 unless said otherwise. */
  readonly size?: number | undefined
  /** Whether lists of printable characters are shown as text, as Erlang's strings are. False unless said otherwise. */
  readonly charlists?: boolean | undefined
  readonly structs?: Structs | undefined
}

/** `term` as Elixir would print it. Never throws for a term; what is no term is shown as `#Class<…>`. */
export function inspect(term: unknown, options: InspectOptions = {}): string {
  const printer = new Printer(options)
  printer.print(term, 0)
  return printer.text
}

class Printer {
  text = ""
  private readonly limit: number
  private readonly textMax: number
  private readonly depth: number
  private readonly size: number
  private readonly charlists: boolean
  private readonly structs: Structs

  constructor(options: InspectOptions) {
    this.limit = options.limit ?? 50
    this.textMax = options.text ?? 4096
    this.depth = options.depth ?? 32
    this.size = options.size ?? 65_536
    this.charlists = options.charlists ?? false
    this.structs = options.structs ?? defaultStructs
  }

  print(term: unknown, depth: number): void {
    if (this.text.length > this.size) this.text += "..."
    else if (typeof term === "string") this.text += quote(term, this.textMax)
    else if (typeof term === "number") this.text += number(term)
    else if (typeof term === "bigint") this.text += String(term)
    else if (typeof term === "object" && term !== null) this.object(term, depth)
    else if (typeof term === "boolean") this.text += String(term)
    else if (term === undefined) this.text += ":undefined"
    else if (term === null) this.text += "nil"
    else this.text += typeof term === "symbol" ? `#Symbol<${term.description ?? ""}>` : `#Function<${nameOf(term)}>`
  }

  private object(term: object, depth: number): void {
    const leaf = this.leaf(term)
    if (leaf !== undefined) {
      this.text += leaf
      return
    }
    if (depth >= this.depth) {
      this.text += "..."
      return
    }
    if (Array.isArray(term)) this.list(term, depth)
    else if (term instanceof Tuple) this.all("{", term.elements, "}", depth)
    else if (term instanceof ImproperList) this.improper(term, depth)
    else if (term instanceof Map) this.map("%{", [...take(term, this.limit + 1)], "}", depth)
    else if (term instanceof Set) {
      this.all("MapSet.new([", [...take(term, this.limit + 1)], "])", depth)
    } else this.fields(term, depth)
  }

  private leaf(term: object): string | undefined {
    if (isAtom(term)) return atomLiteral(term)
    if (term instanceof Pid) return `#PID${term}`
    if (term instanceof Ref) return `#Reference<0.${[...term.words].reverse().join(".")}>`
    if (term instanceof Port) return `#Port<0.${term.id}>`
    if (term instanceof Name) return nameLiteral(term)
    if (term instanceof Float) return floatLiteral(term.value)
    if (term instanceof Uint8Array) return this.bytes(term, 8)
    if (term instanceof BitString) return this.bytes(term.bytes, term.bits)
    if (term instanceof Export) return `&${moduleLiteral(term.module)}.${bare(term.name)}/${term.arity}`
    if (term instanceof Fun) return `#Function<${term.module}/${term.arity}>`
    if (term instanceof Local) return `#Local<${nameOf(term.value)}>`
    if (term instanceof Date && !Number.isNaN(term.getTime())) {
      return `~U[${term.toISOString().replace("T", " ")}]`
    }
    return undefined
  }

  private bytes(bytes: Uint8Array, bits: number): string {
    const shown = Array.from(bytes.subarray(0, this.limit), String)
    if (bytes.length > this.limit) shown.push("...")
    else if (bits < 8) shown[shown.length - 1] = `${bytes[bytes.length - 1]! >> (8 - bits)}::size(${bits})`
    return `<<${shown.join(", ")}>>`
  }

  private list(list: readonly unknown[], depth: number): void {
    if (this.charlists && list.length > 0 && list.length <= this.textMax && list.every(isPrintable)) {
      this.text += quote(String.fromCodePoint(...(list as number[])), this.textMax, "'")
    } else if (list.length > 0 && list.length <= this.limit && list.every(isKeyword)) {
      this.map("[", list.map((each) => (each as Tuple).elements) as [Atom, unknown][], "]", depth)
    } else {
      this.all("[", list, "]", depth)
    }
  }

  private all(open: string, elements: readonly unknown[], close: string, depth: number): void {
    this.text += open
    const shown = Math.min(elements.length, this.limit)
    for (let i = 0; i < shown && this.text.length <= this.size; i++) {
      if (i > 0) this.text += ", "
      this.print(elements[i], depth + 1)
    }
    this.more(elements.length > shown, shown)
    this.text += close
  }

  /** What was not shown of a collection. */
  private more(left: boolean, shown: number): void {
    if (left || this.text.length > this.size) this.text += shown > 0 ? ", ..." : "..."
  }

  private improper(list: ImproperList, depth: number): void {
    this.all("[", list.elements, "", depth)
    this.text += " | "
    this.print(list.tail, depth + 1)
    this.text += "]"
  }

  private map(open: string, entries: readonly (readonly [unknown, unknown])[], close: string, depth: number): void {
    const short = entries.every(([key]) => isAtom(key) && !isModule(key.text))
    this.text += open
    const shown = Math.min(entries.length, this.limit)
    for (let i = 0; i < shown && this.text.length <= this.size; i++) {
      const [key, value] = entries[i]!
      if (i > 0) this.text += ", "
      if (short) this.text += `${bare((key as Atom).text)}: `
      else {
        this.print(key, depth + 1)
        this.text += " => "
      }
      this.print(value, depth + 1)
    }
    this.more(entries.length > shown, shown)
    this.text += close
  }

  private fields(term: object, depth: number): void {
    let fields: Fields
    try {
      const found = isPlainObject(term) ? term : fieldsOf(term, this.structs)
      if (found === undefined) {
        this.text += `#${nameOf(term)}<>`
        return
      }
      fields = found
    } catch {
      // An instance that refuses to be sent (an invalid Date, say) is still something to look at.
      this.text += `#${nameOf(term)}<>`
      return
    }
    const module = moduleOf(fields)
    const keys = Object.keys(fields).filter((key) => module === undefined || !HIDDEN.has(key))
    const short = keys.every((key) => !isModule(key))
    this.text += module === undefined ? "%{" : `%${moduleLiteral(module)}{`
    const shown = Math.min(keys.length, this.limit)
    for (let i = 0; i < shown && this.text.length <= this.size; i++) {
      const key = keys[i]!
      if (i > 0) this.text += ", "
      this.text += short ? `${bare(key)}: ` : `${literal(key)} => `
      this.print(fields[key], depth + 1)
    }
    this.more(keys.length > shown, shown)
    this.text += "}"
  }
}

const HIDDEN: ReadonlySet<string> = new Set(["__struct__", "__exception__"])

function* take<T>(from: Iterable<T>, most: number): Generator<T> {
  for (const each of from) {
    if (most-- <= 0) return
    yield each
  }
}

const nameOf = (value: unknown): string => {
  if (typeof value === "function") return value.name.slice(0, 60)
  if (typeof value !== "object" || value === null) return typeof value
  const prototype = Object.getPrototypeOf(value) as { constructor?: unknown } | null
  return typeof prototype?.constructor === "function" ? prototype.constructor.name.slice(0, 60) : "Object"
}

const isPrintable = (code: unknown): boolean =>
  typeof code === "number" && ((code >= 32 && code < 127) || (code >= 7 && code <= 13) || code === 27)

const isKeyword = (term: unknown): boolean =>
  term instanceof Tuple && term.elements.length === 2 && isAtom(term.elements[0]) && !isModule(term.elements[0].text)

const isModule = (text: string): boolean => /^Elixir(\.[A-Z][A-Za-z0-9_]*)*$/.test(text)

/** The names of atoms that need no quotes: identifiers and operators. */
const BARE =
  /^(?:[\p{L}_][\p{L}\p{N}_@]*[?!]?|[+\-*/<>!&^@.|]|\+\+|--|<>|\|\||&&|==|!=|===|!==|<=|>=|=~|\|>|<-|->|::)$/u

const bare = (text: string): string => (BARE.test(text) ? text : quote(text, 255))

const literal = (text: string): string => {
  if (text === "true" || text === "false" || text === "nil") return text
  return isModule(text) ? text.slice("Elixir.".length) || text : `:${bare(text)}`
}

const atomLiteral = (term: Atom): string => literal(term.text)

const moduleLiteral = literal

function nameLiteral(name: Name): string {
  if (name.key !== undefined) return `#Via<${name}>`
  return name.node === undefined ? literal(name.name) : `{${literal(name.name)}, ${literal(name.node)}}`
}

function number(value: number): string {
  return Number.isSafeInteger(value) ? String(value + 0) : floatLiteral(value)
}

/** As Elixir prints floats: the shortest text, with a point; with an exponent from 2^53 on, and for small ones if that is shorter. */
function floatLiteral(value: number): string {
  if (!Number.isFinite(value)) return `#Number<${value}>`
  const sign = value < 0 || Object.is(value, -0) ? "-" : ""
  const [mantissa, exponent] = Math.abs(value).toExponential().split("e") as [string, string]
  const scientific = `${sign}${mantissa.includes(".") ? mantissa : `${mantissa}.0`}e${Number(exponent)}`
  if (Math.abs(value) >= 2 ** 53) return scientific
  const digits = mantissa.replace(".", "")
  const places = Number(exponent)
  if (places < 0) {
    const plain = `${sign}0.${"0".repeat(-places - 1)}${digits}`
    return plain.length <= scientific.length ? plain : scientific
  }
  const padded = digits.padEnd(places + 2, "0")
  return `${sign}${padded.slice(0, places + 1)}.${padded.slice(places + 1)}`
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\b": "\\b",
  "\f": "\\f",
  "\x07": "\\a",
  "\x1b": "\\e",
  "\x7f": "\\d",
  "\0": "\\0",
  "\\": "\\\\",
}

function quote(text: string, most: number, mark = '"'): string {
  const shown = text.length > most ? text.slice(0, most) : text
  // Controls, what steers a terminal or turns the direction of writing, and halves of surrogate pairs.
  const escaped = shown.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\\"']|#(?=\{)/gu, (character) => {
    if (character === '"' || character === "'") return character === mark ? `\\${character}` : character
    if (character === "#") return "\\#"
    const code = character.codePointAt(0)!
    return (
      ESCAPES[character] ??
      (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${code > 0xffff ? `{${hex(code, 1)}}` : hex(code, 4)}`)
    )
  })
  return mark + escaped + (text.length > most ? `${mark} <> ...` : mark)
}

const hex = (code: number, digits: number): string => code.toString(16).toUpperCase().padStart(digits, "0")
