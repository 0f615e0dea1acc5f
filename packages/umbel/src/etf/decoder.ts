/**
 * The walk through the bytes of a term.
 *
 * ```ts
 * const decoder = new Decoder(reader, options)
 * const term = decoder.term(0)
 * reader.offset = decoder.at   // and so on, after decoder.goOn(reader)
 * ```
 *
 * It is written for speed, as every message between nodes passes here: what messages are made of most is read in this file, without a
 * closure or an object on the way.
 */
import {
  type AtomValue,
  atomText,
  atomValue,
  defaultStructs,
  define,
  existingAtom,
  type Fields,
  improperOver,
  revive,
  type Structs,
  type Tuple,
  tupleOver,
} from "../term/index.ts"
import { type AtomEntry, lookup, same, valueOf } from "./atom-lookup.ts"
import type { Replacement } from "./closure.ts"
import type { DecodeOptions } from "./decode.ts"
import { pidOf, referenceOf } from "./decode-identifiers.ts"
import { openMap, rareTerm } from "./decode-rare.ts"
import { Input } from "./input.ts"
import { INDEX, type KeyKind, kindOf, PROTO, STRUCT } from "./key-kind.ts"
import { keep } from "./known-keys.ts"
import { LIMITS } from "./limits.ts"
import { MalformedTerm } from "./malformed-term.ts"
import type { Reader } from "./reader.ts"
import * as tag from "./tags.ts"
import { utf8Atom } from "./utf8-atom.ts"

// Of this file: what is imported V8 reads from the other module each time.
const {
  ATOM,
  ATOM_CACHE_REF,
  ATOM_UTF8,
  BINARY,
  INTEGER,
  LIST,
  MAP,
  NEWER_REFERENCE,
  NEW_FLOAT,
  NEW_PID,
  NIL,
  PID,
  SMALL_ATOM,
  SMALL_ATOM_UTF8,
  SMALL_INTEGER,
  SMALL_TUPLE,
  STRING,
} = tag

/** Reads terms of a reader, one after the other, by the same options. Its public members are for the files that read the rarer terms. */
export class Decoder extends Input {
  readonly options: DecodeOptions
  private readonly depthMax: number
  readonly structs: Structs
  private newAtoms: number
  /** The atom that was read last: it tells which one will come next. */
  private last: AtomEntry | undefined
  /** Cached atoms met inside a closure, whose bytes must stand for themselves: where, and which. */
  cached: Replacement[] | undefined

  constructor(reader: Reader, options: DecodeOptions) {
    const limits = options.limits ?? LIMITS
    super(reader, limits.bytes, options.owned ?? false)
    this.options = options
    this.depthMax = limits.depth
    this.structs = options.structs ?? defaultStructs
    this.newAtoms = limits.newAtoms
    this.last = undefined
    this.cached = undefined
  }

  /** Goes on with the next term of the reader it was made for. Every term has the limits for itself. */
  goOn(reader: Reader): void {
    const { bytes, newAtoms } = this.options.limits ?? LIMITS
    this.at = reader.offset
    this.end = Math.min(reader.end, reader.offset + bytes)
    this.newAtoms = newAtoms
    this.cached = undefined
  }

  /** Reads a term. */
  term(depth: number): unknown {
    const { bytes, end, at: start } = this
    if (start >= end) throw this.short(start)
    const kind = bytes[start]!
    const at = start + 1
    this.at = at
    switch (kind) {
      case SMALL_INTEGER:
        if (at >= end) throw this.short(at)
        this.at = at + 1
        return bytes[at]!
      case INTEGER:
        if (at + 4 > end) throw this.short(at)
        this.at = at + 4
        return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
      case BINARY:
        return this.binary()
      case SMALL_ATOM_UTF8: {
        const entry = this.smallAtom(start)
        return entry.interned ? entry.value : this.intern(entry, start)
      }
      case ATOM_UTF8:
        return this.intern(this.longAtom(start), start)
      case SMALL_TUPLE:
        if (at >= end) throw this.short(at)
        this.at = at + 1
        return this.tuple(bytes[at]!, depth)
      case LIST:
        return this.list(depth)
      case NIL:
        return []
      case STRING:
        return this.byteList()
      case MAP:
        return this.map(start, depth)
      case NEW_PID:
      case PID:
        return pidOf(this, kind)
      case NEWER_REFERENCE:
        return referenceOf(this, start)
      case NEW_FLOAT:
        return this.float()
      default:
        return rareTerm(this, kind, start, depth)
    }
  }

  // ---- atoms -------------------------------------------------------------------------------------------------------

  /** The atom whose tag is at `start`, with its length in one byte. */
  private smallAtom(start: number): AtomEntry {
    const { bytes, end } = this
    const from = start + 2
    if (from > end) throw this.short(start + 1)
    const to = from + bytes[start + 1]!
    if (to > end) throw this.short(from)
    this.at = to
    return this.atomAt(from, to, start)
  }

  private longAtom(start: number): AtomEntry {
    const n = this.u16()
    const from = this.need(n)
    return this.atomAt(from, from + n, start)
  }

  private atomAt(from: number, to: number, start: number): AtomEntry {
    const entry = lookup(this.bytes, from, to, this.last)
    if (entry === undefined) throw new MalformedTerm("bad_atom", start)
    this.last = entry
    return entry
  }

  latin1Atom(kind: number, start: number): string {
    const n = kind === SMALL_ATOM ? this.u8() : this.u16()
    if (n > 255) throw new MalformedTerm("bad_atom", start)
    const from = this.need(n)
    let text = ""
    for (let i = from; i < from + n; i++) text += String.fromCharCode(this.bytes[i]!)
    return text
  }

  cachedAtom(start: number): AtomValue {
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

  internText(text: string, start: number): AtomValue {
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
      case SMALL_ATOM_UTF8:
      case ATOM_UTF8:
      case ATOM:
      case SMALL_ATOM:
      case ATOM_CACHE_REF:
        return true
      default:
        return false
    }
  }

  /** The text of an atom: nothing is interned for the keys of objects and the names of nodes. */
  atomText(): string {
    const start = this.at
    const kind = this.u8()
    switch (kind) {
      case SMALL_ATOM_UTF8:
        return this.smallAtom(start).text
      case ATOM_UTF8:
        return this.longAtom(start).text
      case ATOM:
      case SMALL_ATOM:
        return this.latin1Atom(kind, start)
      case ATOM_CACHE_REF:
        return atomText(this.cachedAtom(start))
      default:
        throw new MalformedTerm("bad_atom", start)
    }
  }

  // ---- compound terms ----------------------------------------------------------------------------------------------

  deeper(depth: number): number {
    if (depth >= this.depthMax) throw new MalformedTerm("too_deep", this.at)
    return depth + 1
  }

  tuple(arity: number, depth: number): Tuple {
    const n = this.count(arity, 1)
    const inner = this.deeper(depth)
    const elements = this.some(n, inner)
    for (let i = elements.length; i < n; i++) elements.push(this.term(inner))
    return tupleOver(elements)
  }

  /** The first few of `n` elements: an array that is made with its elements is smaller than one that grew, and made faster. */
  private some(n: number, inner: number): unknown[] {
    switch (n) {
      case 0:
        return []
      case 1:
        return [this.term(inner)]
      case 2:
        return [this.term(inner), this.term(inner)]
      case 3:
        return [this.term(inner), this.term(inner), this.term(inner)]
      default:
        return [this.term(inner), this.term(inner), this.term(inner), this.term(inner)]
    }
  }

  private list(depth: number): unknown {
    const inner = this.deeper(depth)
    let n = this.count(this.u32(), 1)
    const elements = this.some(n, inner)
    for (let read = elements.length; ; read = 0) {
      for (let i = read; i < n; i++) elements.push(this.term(inner))
      if (this.at >= this.end) throw this.short(this.at)
      const kind = this.bytes[this.at]!
      if (kind === NIL) {
        this.at++
        return elements
      }
      // A tail that is a list goes on with this one, without going deeper: old encoders write lists in pieces.
      if (kind !== LIST) break
      this.at++
      n = this.count(this.u32(), 1)
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
    const { bytes, at } = this
    if (n === 0 || at >= this.end || bytes[at] !== SMALL_ATOM_UTF8) return this.newMap(start, n, inner)
    const first = this.smallAtom(at)
    const known = first.keys
    if (known?.keys.length !== n) {
      this.at = at
      return this.newMap(start, n, inner)
    }
    const { keys, reader } = known
    if (reader !== undefined) {
      const made = reader(this, inner)
      if (!Array.isArray(made)) return made
      first.keys = undefined
      const object: Fields = {}
      for (let i = 0; i < made.length; i++) object[keys[i]!.text] = made[i]
      return this.restOfMap(start, object, undefined, made.length, n, inner)
    }
    known.meet()
    const object: Fields = {}
    object[first.text] = this.term(inner)
    for (let i = 1; i < n; i++) {
      const key = keys[i]!
      if (!this.take(key.packed)) {
        // Another kind of object: the next one of that kind is to be known.
        first.keys = undefined
        return this.restOfMap(start, object, undefined, i, n, inner)
      }
      object[key.text] = this.term(inner)
    }
    return object
  }

  /** Steps over an atom if it is the next one. */
  private take(packed: readonly number[]): boolean {
    const { bytes, at } = this
    const from = at + 2
    const to = from + bytes[at + 1]!
    if (to > this.end || bytes[at] !== SMALL_ATOM_UTF8 || !same(packed, bytes, from, to)) return false
    this.at = to
    return true
  }

  /** A map with keys that one does not know. */
  private newMap(start: number, n: number, inner: number): unknown {
    const entries: AtomEntry[] = []
    const map = this.restOfMap(start, {}, entries, 0, n, inner)
    if (n > 0 && entries.length === n) keep(entries)
    return map
  }

  /**
   * Goes on with a map of which `object` holds the first `read` of `n` pairs.
   * @param entries Where to keep the keys that it holds in the common form.
   */
  private restOfMap(
    start: number,
    object: Fields,
    entries: AtomEntry[] | undefined,
    read: number,
    n: number,
    inner: number,
  ): unknown {
    let struct = false
    // JavaScript moves keys that look like indices to the front: from the first one on, the order is kept beside.
    let order: string[] | undefined
    for (let i = read; i < n; i++) {
      let key: string
      let kind: KeyKind
      if (this.at < this.end && this.bytes[this.at] === SMALL_ATOM_UTF8) {
        const entry = this.smallAtom(this.at)
        key = entry.text
        kind = entry.kind
        entries?.push(entry)
      } else {
        if (!this.atomAhead()) return openMap(this, start, object, order ?? Object.keys(object), i, n, inner)
        key = this.atomText()
        kind = kindOf(key)
      }
      if (order !== undefined) order.push(key)
      else if (kind === INDEX && i < n - 1) order = [...Object.keys(object), key]
      if (kind === STRUCT) struct = true
      if (kind === PROTO) define(object, key, this.term(inner))
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
}
