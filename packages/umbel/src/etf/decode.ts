/**
 * Bytes to terms.
 *
 * ```ts
 * decode(Uint8Array.of(131, 104, 2, 119, 2, 111, 107, 97, 42))   // {ok, 42}
 * decodeFrom(reader, { atomCache, pid })                         // no version byte: inside a distribution frame
 * ```
 *
 * Whatever the bytes are, the answer is a term or one `MalformedTerm`: a claimed length is held against the bytes that are
 * left before anything is made of that size, and nesting is bounded.
 */
import {
  type Atom,
  type AtomValue,
  atomText,
  atomValue,
  bitString,
  defaultStructs,
  define,
  existingAtom,
  exported,
  type Fields,
  float,
  hasEqualKeys,
  INTEGER_BYTES_MAX,
  improperOver,
  makeFun,
  makePid,
  makePort,
  makeRef,
  type Pid,
  revive,
  type Structs,
  type Tuple,
  textOf,
  tupleOver,
} from "../term/index.ts"
import { type AtomEntry, lookup, valueOf } from "./atom-lookup.ts"
import { readFloat64 } from "./float64.ts"
import { bigAt } from "./integers.ts"
import { type AtomBudget, LIMITS, type Limits } from "./limits.ts"
import { type MalformedReason, MalformedTerm } from "./malformed-term.ts"
import { Reader } from "./reader.ts"
import * as tag from "./tags.ts"
import { utf8Atom } from "./utf8-atom.ts"
import { Writer } from "./writer.ts"

/** Inflates zlib data that claims to be of `size` bytes, and must give no more: `node:zlib` belongs to the platform. */
export type Inflate = (deflated: Uint8Array, size: number) => Uint8Array

export interface DecodeOptions {
  readonly limits?: Limits | undefined
  /** The atom references of a distribution header. Undefined is the atom `undefined`; throw for an index that is not set. */
  readonly atomCache?: ((index: number) => Atom | AtomValue) | undefined
  /** Bounds the atoms that one peer may bring over time; `limits.newAtoms` bounds those of one term. */
  readonly newAtoms?: AtomBudget | undefined
  /** Exchanges a pid for the one that this node holds already. */
  readonly pid?: ((pid: Pid) => Pid) | undefined
  readonly structs?: Structs | undefined
  /** For `decode`; without it compressed terms are refused. */
  readonly inflate?: Inflate | undefined
}

/** Reads one term that has no version byte. @throws MalformedTerm; the reader is then back where it was. */
export function decodeFrom(reader: Reader, options: DecodeOptions): unknown {
  const before = reader.offset
  const decoding = new Decoding(reader, options)
  try {
    const term = decoding.term(0)
    reader.offset = decoding.at
    return term
  } catch (error) {
    reader.offset = before
    // The caller stood deep in the stack already; the depth limit leaves room for all others.
    if (error instanceof RangeError && error.message.includes("call stack")) {
      throw new MalformedTerm("too_deep", decoding.at, { cause: error })
    }
    throw error
  }
}

/** Reads a term that stands by itself, as `term_to_binary` gives it. @throws MalformedTerm, for bytes behind it too. */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): unknown {
  const reader = new Reader(bytes)
  if (reader.u8() !== tag.VERSION) throw new MalformedTerm("bad_version", 0)
  const inner = reader.remaining > 0 && bytes[1] === tag.COMPRESSED ? inflated(bytes, options) : reader
  const term = decodeFrom(inner, options)
  if (inner.remaining > 0) throw new MalformedTerm("trailing_bytes", inner.offset)
  return term
}

function inflated(bytes: Uint8Array, { inflate, limits = LIMITS }: DecodeOptions): Reader {
  const header = new Reader(bytes, 2)
  const size = header.u32()
  if (inflate === undefined) throw new MalformedTerm("compressed", 1)
  if (size > limits.bytes) throw new MalformedTerm("too_large", 1)
  let plain: Uint8Array
  try {
    plain = inflate(header.view(header.remaining), size)
  } catch (cause) {
    throw new MalformedTerm("compressed", 6, { cause })
  }
  if (plain.length !== size) throw new MalformedTerm("compressed", 1)
  return new Reader(plain)
}

const DIGIT_9 = 57

/** One run of the decoder. */
class Decoding {
  at: number
  private readonly bytes: Uint8Array
  /** Nothing from here on is read: the reader's end, or the limit on bytes if that is nearer. */
  private readonly end: number
  private readonly readerEnd: number
  private readonly options: DecodeOptions
  private readonly depthMax: number
  private readonly structs: Structs
  private newAtoms: number
  /** Cached atoms met inside a closure, whose bytes must stand for themselves: where, and which. */
  private cached: Replacement[] | undefined

  constructor(reader: Reader, options: DecodeOptions) {
    const limits = options.limits ?? LIMITS
    this.bytes = reader.bytes
    this.at = reader.offset
    this.end = Math.min(reader.end, reader.offset + limits.bytes)
    this.options = options
    this.depthMax = limits.depth
    this.structs = options.structs ?? defaultStructs
    this.newAtoms = limits.newAtoms
    this.cached = undefined
    this.readerEnd = reader.end
  }

  /** Reads a term. */
  term(depth: number): unknown {
    const start = this.at
    if (start >= this.end) throw this.short(start)
    const kind = this.bytes[start]!
    this.at = start + 1
    switch (kind) {
      case tag.SMALL_INTEGER:
        return this.bytes[this.need(1)]!
      case tag.INTEGER:
        return this.i32()
      case tag.BINARY:
        return this.binary()
      case tag.SMALL_ATOM_UTF8:
      case tag.ATOM_UTF8:
        return this.intern(this.utf8Atom(kind), start)
      case tag.SMALL_TUPLE:
        return this.tuple(this.u8(), depth)
      case tag.LIST:
        return this.list(depth)
      case tag.NIL:
        return []
      case tag.MAP:
        return this.map(start, depth)
      case tag.NEW_PID:
      case tag.PID:
        return this.pid(kind)
      case tag.NEW_FLOAT:
        return this.float()
      default:
        return this.rare(kind, start, depth)
    }
  }

  private rare(kind: number, start: number, depth: number): unknown {
    switch (kind) {
      case tag.ATOM:
      case tag.SMALL_ATOM:
        return this.internText(this.latin1Atom(kind, start), start)
      case tag.ATOM_CACHE_REF:
        return this.cachedAtom(start)
      case tag.SMALL_BIG:
        return this.big(this.u8(), start)
      case tag.LARGE_BIG:
        return this.big(this.u32(), start)
      case tag.STRING: {
        const n = this.u16()
        const from = this.need(n)
        return Array.from(this.bytes.subarray(from, from + n))
      }
      case tag.LARGE_TUPLE:
        return this.tuple(this.u32(), depth)
      case tag.BIT_BINARY:
        return this.bits(start)
      case tag.NEWER_REFERENCE:
      case tag.NEW_REFERENCE:
      case tag.REFERENCE:
        return this.reference(kind, start)
      case tag.NEW_PORT:
      case tag.V4_PORT:
      case tag.PORT:
        return this.port(kind)
      case tag.EXPORT:
        return this.exported(start)
      case tag.NEW_FUN:
        return this.fun(start, depth)
      case tag.FLOAT:
        return this.oldFloat(start)
      default:
        throw new MalformedTerm("unknown_tag", start)
    }
  }

  // ---- numbers and bytes -------------------------------------------------------------------------------------------

  /** Steps over `n` bytes and says where they began. */
  private need(n: number): number {
    const at = this.at
    if (n > this.end - at) throw this.short(at)
    this.at = at + n
    return at
  }

  private short(at: number): MalformedTerm {
    const reason: MalformedReason = this.end < this.readerEnd ? "too_large" : "truncated"
    return new MalformedTerm(reason, at)
  }

  private u8(): number {
    return this.bytes[this.need(1)]!
  }

  private u16(): number {
    const at = this.need(2)
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!
  }

  private i32(): number {
    const at = this.need(4)
    const { bytes } = this
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }

  private u32(): number {
    return this.i32() >>> 0
  }

  /** A count of parts that take at least `each` bytes each. */
  private count(n: number, each: number): number {
    if (n * each > this.end - this.at) throw this.short(this.at)
    return n
  }

  private big(n: number, start: number): number | bigint {
    const negative = this.u8() !== 0
    if (n > INTEGER_BYTES_MAX) throw new MalformedTerm("too_large", start)
    const from = this.need(n)
    return bigAt(this.bytes, from, n, negative)
  }

  private float(): number {
    const at = this.need(8)
    const value = readFloat64(this.bytes, at)
    if (!Number.isFinite(value)) throw new MalformedTerm("bad_float", at - 1)
    return value
  }

  private oldFloat(start: number): number {
    const at = this.need(31)
    let text = ""
    for (let i = at; i < at + 31 && this.bytes[i] !== 0; i++) text += String.fromCharCode(this.bytes[i]!)
    const value = /^ *[-+]?\d+\.\d+([eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN
    if (!Number.isFinite(value)) throw new MalformedTerm("bad_float", start)
    return value
  }

  private binary(): string | Uint8Array {
    const n = this.u32()
    const from = this.need(n)
    const { bytes } = this
    if (n <= 32) {
      let text = ""
      let i = from
      const end = from + n
      // Four at a time: each piece of text that is put together costs as much as its characters.
      for (; i + 3 < end; i += 4) {
        const a = bytes[i]!
        const b = bytes[i + 1]!
        const c = bytes[i + 2]!
        const d = bytes[i + 3]!
        if ((a | b | c | d) > 0x7f) break
        text += String.fromCharCode(a, b, c, d)
      }
      for (; i < end; i++) {
        const byte = bytes[i]!
        if (byte > 0x7f) break
        text += String.fromCharCode(byte)
      }
      if (i === end) return text
    }
    const view = bytes.subarray(from, from + n)
    return textOf(view) ?? new Uint8Array(view)
  }

  private bits(start: number): unknown {
    const n = this.u32()
    const bits = this.u8()
    if (n === 0 || bits < 1 || bits > 8) throw new MalformedTerm("bad_bits", start)
    const from = this.need(n)
    const view = this.bytes.subarray(from, from + n)
    return bits === 8 ? new Uint8Array(view) : bitString(view, bits)
  }

  // ---- atoms -------------------------------------------------------------------------------------------------------

  private utf8Atom(kind: number): AtomEntry {
    const n = kind === tag.SMALL_ATOM_UTF8 ? this.u8() : this.u16()
    const from = this.need(n)
    const entry = lookup(this.bytes, from, from + n)
    if (entry === undefined) throw new MalformedTerm("bad_atom", from - (kind === tag.SMALL_ATOM_UTF8 ? 2 : 3))
    return entry
  }

  private latin1Atom(kind: number, start: number): string {
    const n = kind === tag.SMALL_ATOM ? this.u8() : this.u16()
    if (n > 255) throw new MalformedTerm("bad_atom", start)
    const from = this.need(n)
    let text = ""
    for (let i = from; i < from + n; i++) text += String.fromCharCode(this.bytes[i]!)
    return text
  }

  private cachedAtom(start: number): AtomValue {
    const index = this.u8()
    const { atomCache } = this.options
    if (atomCache === undefined) throw new MalformedTerm("atom_cache", start)
    let value: AtomValue
    try {
      value = atomCache(index)
    } catch (cause) {
      throw new MalformedTerm("atom_cache", start, { cause })
    }
    this.cached?.push({ at: start, end: this.at, by: utf8Atom(atomText(value)) })
    return value
  }

  private intern(entry: AtomEntry, start: number): AtomValue {
    if (entry.interned) return entry.value
    this.admit(entry.text, start)
    return valueOf(entry)
  }

  private internText(text: string, start: number): AtomValue {
    this.admit(text, start)
    return atomValue(text)
  }

  private admit(text: string, start: number): void {
    if (existingAtom(text) !== undefined) return
    if (--this.newAtoms < 0 || this.options.newAtoms?.admit(text) === "refused") {
      throw new MalformedTerm("too_many_atoms", start)
    }
  }

  /** Whether an atom begins here. */
  private atomAhead(): boolean {
    if (this.at >= this.end) throw this.short(this.at)
    switch (this.bytes[this.at]) {
      case tag.SMALL_ATOM_UTF8:
      case tag.ATOM_UTF8:
      case tag.ATOM:
      case tag.SMALL_ATOM:
      case tag.ATOM_CACHE_REF:
        return true
      default:
        return false
    }
  }

  /** The text of an atom: nothing is interned for the keys of objects and the names of nodes. */
  private atomText(): string {
    const start = this.at
    const kind = this.u8()
    switch (kind) {
      case tag.SMALL_ATOM_UTF8:
      case tag.ATOM_UTF8:
        return this.utf8Atom(kind).text
      case tag.ATOM:
      case tag.SMALL_ATOM:
        return this.latin1Atom(kind, start)
      case tag.ATOM_CACHE_REF:
        return atomText(this.cachedAtom(start))
      default:
        throw new MalformedTerm("bad_atom", start)
    }
  }

  // ---- compound terms ----------------------------------------------------------------------------------------------

  private deeper(depth: number): number {
    if (depth >= this.depthMax) throw new MalformedTerm("too_deep", this.at)
    return depth + 1
  }

  private tuple(arity: number, depth: number): Tuple {
    const n = this.count(arity, 1)
    const inner = this.deeper(depth)
    const elements: unknown[] = []
    for (let i = 0; i < n; i++) elements.push(this.term(inner))
    return tupleOver(elements)
  }

  private list(depth: number): unknown {
    const inner = this.deeper(depth)
    const elements: unknown[] = []
    for (;;) {
      const n = this.count(this.u32(), 1)
      for (let i = 0; i < n; i++) elements.push(this.term(inner))
      if (this.at >= this.end) throw this.short(this.at)
      const kind = this.bytes[this.at]!
      if (kind === tag.NIL) {
        this.at++
        return elements
      }
      // A tail that is a list goes on with this one, without going deeper: old encoders write lists in pieces.
      if (kind === tag.LIST) this.at++
      else break
    }
    const tail = this.term(inner)
    if (Array.isArray(tail)) {
      for (const element of tail) elements.push(element)
      return elements
    }
    return elements.length === 0 ? tail : improperOver(elements, tail)
  }

  private map(start: number, depth: number): unknown {
    const n = this.count(this.u32(), 2)
    const inner = this.deeper(depth)
    const object: Fields = {}
    let struct = false
    // JavaScript moves keys that look like indices to the front: from the first one on, the order is kept beside.
    let order: string[] | undefined
    for (let i = 0; i < n; i++) {
      if (!this.atomAhead()) return this.openMap(start, object, order ?? Object.keys(object), i, n, inner)
      const key = this.atomText()
      if (order !== undefined) order.push(key)
      else if (key.charCodeAt(0) <= DIGIT_9 && i < n - 1) order = [...Object.keys(object), key]
      if (key === "__struct__") struct = true
      if (key === "__proto__") define(object, key, this.term(inner))
      else object[key] = this.term(inner)
    }
    let distinct = 0
    for (const _ in object) distinct++
    if (distinct !== n) throw new MalformedTerm("duplicate_key", start)
    if (!struct) return object
    try {
      return revive(object, this.structs)
    } catch (cause) {
      throw new MalformedTerm("bad_struct", start, { cause })
    }
  }

  /** A map with a key that is no atom: goes on where `object` stopped, with `read` of `n` pairs. */
  private openMap(
    start: number,
    object: Fields,
    order: string[],
    read: number,
    n: number,
    inner: number,
  ): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>()
    for (const key of order) map.set(this.internText(key, start), object[key])
    if (map.size !== read) throw new MalformedTerm("duplicate_key", start)
    for (let i = read; i < n; i++) {
      const kind = this.bytes[this.at]
      const key = this.term(inner)
      // 1 and 1.0 are two keys, and a number cannot say which it is.
      const float_ = (kind === tag.NEW_FLOAT || kind === tag.FLOAT) && Number.isSafeInteger(key)
      map.set(float_ ? float(key as number) : key, this.term(inner))
    }
    if (map.size !== n || hasEqualKeys(map, this.structs)) throw new MalformedTerm("duplicate_key", start)
    return map
  }

  // ---- identifiers and functions -----------------------------------------------------------------------------------

  private node(): string {
    const start = this.at
    const text = this.atomText()
    if (text === "") throw new MalformedTerm("bad_node", start)
    return text
  }

  private pid(kind: number): Pid {
    const node = this.node()
    const id = this.u32()
    const serial = this.u32()
    const made = makePid(node, id, serial, kind === tag.PID ? this.u8() & 3 : this.u32())
    const { pid } = this.options
    return pid === undefined ? made : pid(made)
  }

  private reference(kind: number, start: number): unknown {
    const n = kind === tag.REFERENCE ? 1 : this.u16()
    if (n > 5) throw new MalformedTerm("bad_reference", start)
    const node = this.node()
    if (kind === tag.REFERENCE) {
      const word = this.u32()
      return makeRef(node, this.u8() & 3, [word])
    }
    const creation = kind === tag.NEW_REFERENCE ? this.u8() & 3 : this.u32()
    const words: number[] = []
    for (let i = 0; i < n; i++) words.push(this.u32())
    return makeRef(node, creation, words)
  }

  private port(kind: number): unknown {
    const node = this.node()
    const high = kind === tag.V4_PORT ? BigInt(this.u32()) << 32n : 0n
    const id = high | BigInt(this.u32())
    return makePort(node, kind === tag.PORT ? this.u8() & 3 : this.u32(), id)
  }

  private exported(start: number): unknown {
    const module = this.atomText()
    const name = this.atomText()
    if (this.u8() !== tag.SMALL_INTEGER) throw new MalformedTerm("bad_function", start)
    return exported(module, name, this.u8())
  }

  private fun(start: number, depth: number): unknown {
    const inner = this.deeper(depth)
    const outer = this.cached
    const from = this.at
    this.cached = []
    const size = this.u32()
    const arity = this.u8()
    this.need(16 + 4)
    const free = this.u32()
    const module = this.atomText()
    for (let i = 0; i < 2; i++) {
      const kind = this.bytes[this.at]
      if (kind !== tag.SMALL_INTEGER && kind !== tag.INTEGER) throw new MalformedTerm("bad_function", start)
      this.term(inner)
    }
    const kind = this.bytes[this.at]
    if (kind !== tag.NEW_PID && kind !== tag.PID) throw new MalformedTerm("bad_function", start)
    this.term(inner)
    for (let i = 0; i < free; i++) this.term(inner)
    if (this.at - from !== size) throw new MalformedTerm("bad_function", start)
    const external = spelledOut(this.bytes, from, this.at, this.cached)
    if (outer !== undefined && this.cached.length > 0) {
      outer.push({ at: from, end: from + 4, by: external.slice(0, 4) }, ...this.cached)
    }
    this.cached = outer
    return makeFun(module, arity, external)
  }
}

/** Bytes of a closure that mean something on their connection only, and what to write in their place. */
interface Replacement {
  readonly at: number
  readonly end: number
  readonly by: Uint8Array
}

/** The bytes of a closure, with each reference to the connection's atom cache replaced by the atom. */
function spelledOut(bytes: Uint8Array, from: number, end: number, cached: readonly Replacement[]): Uint8Array {
  if (cached.length === 0) return new Uint8Array(bytes.subarray(from, end))
  const writer = new Writer(end - from + cached.length * 16)
  let copied = from
  for (const each of cached) {
    writer.raw(bytes.subarray(copied, each.at))
    writer.raw(each.by)
    copied = each.end
  }
  writer.raw(bytes.subarray(copied, end))
  writer.patch32(0, writer.length)
  return writer.take()
}
