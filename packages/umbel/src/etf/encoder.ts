/**
 * The walk through a term that writes it.
 *
 * ```ts
 * const encoder = new Encoder(writer, { profile: "beam" })
 * encoder.write(term)
 * encoder.write(other)
 * ```
 *
 * It is written for speed, as every message between nodes passes here: see `output.ts` for how.
 */
import {
  type Atom,
  atom,
  DEPTH_MAX,
  defaultStructs,
  fieldsOf,
  hole,
  isPlainArray,
  isPlainObject,
  isPrototypePolluted,
  Name,
  NotATerm,
  PARTS_MAX,
  Pid,
  Ref,
  refusal,
  type Structs,
  Tuple,
  tooDeep,
  tooManyParts,
} from "../term/index.ts"
import { AtomOutput } from "./atom-output.ts"
import type { EncodeOptions } from "./encode.ts"
import { putKeyByKey, putMap, putName, putRare } from "./encode-rare.ts"
import { putBig } from "./integers.ts"
import { NOT_SUCH, type ObjectWriter, objectWriter } from "./object-writer.ts"
import * as output from "./output.ts"
import { packedAtom } from "./packed-atom.ts"
import type { PackedKey } from "./packed-keys.ts"
import * as tag from "./tags.ts"
import type { Writer } from "./writer.ts"

// Of this file: what is imported V8 reads from the other module each time.
const { BINARY, BIT_BINARY, LARGE_TUPLE, LIST, MAP, NIL, SMALL_TUPLE, STRING } = tag
const { SPARE } = output

const TRUE = packedAtom("true")
const FALSE = packedAtom("false")
const NULL = packedAtom("nil")
const UNDEFINED = packedAtom("undefined")

/** Of whichever copy of the library made the first atom. */
const AtomClass = atom("ok").constructor as typeof Atom
const PLAIN: unknown = Object.prototype
const ARRAY: unknown = Array.prototype

/** To make a writer of objects costs as much as writing so many. */
const OFTEN = 200

/** The longest list that can be written as a string. */
const STRING_MAX = 0xffff
const isByte = (element: unknown): element is number => typeof element === "number" && (element & 0xff) === element

/** Writes terms with a writer, one after the other, by the same options. Who encodes the parts of a term meanwhile needs another one. */
export class Encoder extends AtomOutput {
  readonly options: EncodeOptions
  readonly profile: EncodeOptions["profile"]
  readonly structs: Structs
  /** Whether it is in the middle of a term. */
  busy: boolean
  private readonly beam: boolean
  private readonly parts: number
  private polluted: boolean
  private left: number
  /** The key of an object that was written last. */
  private last: PackedKey

  constructor(writer: Writer, options: EncodeOptions) {
    super(writer, options)
    const { profile } = options
    this.options = options
    this.profile = profile
    this.structs = options.structs ?? defaultStructs
    this.busy = false
    this.beam = profile === "beam"
    this.parts = options.parts ?? PARTS_MAX
    this.polluted = false
    this.left = 0
    this.last = writer.keys.first
  }

  /** Writes a term. @throws NotATerm and others; the writer is then back at its former length. */
  write(term: unknown): void {
    const { writer } = this
    const before = writer.length
    this.busy = true
    this.left = this.parts
    this.last = writer.keys.first
    this.polluted = isPrototypePolluted()
    try {
      if (this.bytes !== writer.bytes) this.takeOver()
      writer.length = this.put(term, before, 0)
      this.atoms?.keep()
    } catch (error) {
      writer.length = before
      this.atoms?.takeBack()
      throw error
    } finally {
      this.busy = false
    }
  }

  /** Writes `term` at `at`, and says where it ended. */
  put(term: unknown, at: number, depth: number): number {
    if (at + SPARE > this.room) this.grow(at, SPARE)
    return this.putValue(term, at, depth)
  }

  /** The same, where there is room. @internal */
  putValue(term: unknown, at: number, depth: number): number {
    // One comparison after the other, and no switch: V8 asks for the type itself then, instead of for its name.
    if (typeof term === "string") return this.putText(term, at)
    if (typeof term === "number") return this.putNumber(term, at)
    if (typeof term === "object" && term !== null) return this.putObject(term, at, depth)
    return this.putPrimitive(term, at)
  }

  private putPrimitive(term: unknown, at: number): number {
    if (term === true) return this.putAtom(TRUE, "true", at)
    if (term === false) return this.putAtom(FALSE, "false", at)
    if (term === null) return this.putAtom(NULL, "nil", at)
    if (term === undefined) return this.putAtom(UNDEFINED, "undefined", at)
    if (typeof term !== "bigint") throw refusal(term)
    putBig(this.lend(at), term)
    return this.takeOver()
  }

  private putInterned(value: Atom, at: number): number {
    const { text, encoded } = value
    return this.putAtom(encoded ?? (value.encoded = packedAtom(text)), text, at)
  }

  private putBytes(bytes: Uint8Array, at: number): number {
    const writer = this.lend(at)
    // Empty bytes are an empty string to all: an empty bit string ends some peers.
    const marked = this.profile === "umbel" && bytes.length > 0
    writer.u8(marked ? BIT_BINARY : BINARY)
    writer.u32(bytes.length)
    if (marked) writer.u8(8)
    writer.raw(bytes)
    return this.takeOver()
  }

  // ---- compound terms ------------------------------------------------------------------------------------------------

  private putObject(term: object, at: number, depth: number): number {
    if (Array.isArray(term)) {
      // Asked for first: V8 then knows what kinds of arrays come here, and need not look for the prototype of each.
      const { length } = term
      if (Object.getPrototypeOf(term) === ARRAY) return this.putArray(term, length, at, depth)
    }
    if (term instanceof AtomClass) return this.putInterned(term, at)
    if (term instanceof Tuple) return this.putTuple(term, at, depth)
    if (term instanceof Pid) return this.putPid(term, at)
    const { writer } = this.last
    // Its keys are gone through, and each byte would be one.
    if (writer !== undefined && !ArrayBuffer.isView(term)) {
      const end = this.putKnown(writer, term as Record<string, unknown>, at, depth)
      if (end !== undefined) return end
    }
    if (Object.getPrototypeOf(term) === PLAIN) return this.putPlain(term as Record<string, unknown>, at, depth)
    if (term instanceof Ref) return this.putRef(term, at)
    if (term instanceof Uint8Array) return this.putBytes(term, at)
    if (term instanceof Map) return putMap(this, term, at, depth)
    if (term instanceof Name) return putName(this, term, at, depth)
    if (putRare(this, term, at, depth)) return this.takeOver()
    if (isPlainObject(term)) return this.putPlain(term, at, depth)
    if (isPlainArray(term)) return this.putArray(term, term.length, at, depth)
    const fields = fieldsOf(term, this.structs)
    if (fields === undefined) throw refusal(term)
    return this.putPlain(fields, at, depth)
  }

  private putArray(list: readonly unknown[], n: number, start: number, depth: number): number {
    let at = start
    if (n > 0) {
      this.enter(depth)
      if (this.beam && isByte(list[0]) && n <= STRING_MAX) {
        const end = this.putByteList(list, at)
        if (end !== undefined) return end
      }
      this.bytes[at] = LIST
      this.view.setInt32(at + 1, n)
      at = this.putAll(list, at + 5, depth)
      if (at >= this.room) this.grow(at, 1)
    }
    this.bytes[at] = NIL
    return at + 1
  }

  /**
   * A list of bytes, in the form in which the BEAM writes it: C and Java nodes take that for a string, and nothing else. Undefined for a list that
   * has other elements.
   */
  private putByteList(list: readonly unknown[], at: number): number | undefined {
    const n = list.length
    if (at + n + SPARE > this.room) this.grow(at, n + SPARE)
    const { bytes } = this
    bytes[at] = STRING
    bytes[at + 1] = n >> 8
    bytes[at + 2] = n & 0xff
    for (let i = 0; i < n; i++) {
      const element = list[i]
      if (!isByte(element)) return undefined
      bytes[at + 3 + i] = element
    }
    return at + 3 + n
  }

  private putTuple(term: Tuple, start: number, depth: number): number {
    this.enter(depth)
    const { elements } = term
    const n = elements.length
    const { bytes } = this
    let at = start + 2
    if (n < 256) {
      bytes[start] = SMALL_TUPLE
      bytes[start + 1] = n
    } else {
      bytes[start] = LARGE_TUPLE
      this.view.setInt32(start + 1, n)
      at = start + 5
    }
    // A loop of its own, beside the one of lists: V8 reads the frozen arrays of tuples in a slower way, and would read all in that.
    let i = 0
    try {
      // Mostly the first one is an atom.
      const first = n > 0 ? elements[0] : undefined
      if (first instanceof AtomClass) {
        at = this.putInterned(first, at)
        i = 1
      }
      for (; i < n; i++) at = this.put(elements[i], at, depth + 1)
    } catch (error) {
      throw error instanceof NotATerm ? error.within({ kind: "index", index: i }) : error
    }
    return at
  }

  /** The parts of a list or tuple that stands at `depth`. */
  putAll(elements: readonly unknown[], start: number, depth: number): number {
    let at = start
    let i = 0
    try {
      const n = elements.length
      // Lists of texts are common, and theirs are the shorter way.
      for (; i < n; i++) {
        const element = elements[i]
        if (typeof element !== "string") break
        at = this.putText(element, at)
      }
      for (; i < n; i++) {
        const element = elements[i]
        if (element === undefined && !(i in elements)) throw hole()
        at = this.put(element, at, depth + 1)
      }
    } catch (error) {
      throw error instanceof NotATerm ? error.within({ kind: "index", index: i }) : error
    }
    return at
  }

  putPlain(object: Record<string, unknown>, start: number, depth: number): number {
    this.enter(depth)
    if (!this.spelt || this.polluted) return putKeyByKey(this, object, start, depth)
    const { atoms } = this
    const before = this.last
    this.bytes[start] = MAP
    let at = start + 5
    let count = 0
    let last = ""
    try {
      for (const key in object) {
        last = key
        // Read before anything else is done: V8 then takes it from the place that the loop knows.
        const value = object[key]
        if (atoms !== undefined) atoms.count(key)
        // Mostly it is the key that came after the last one before.
        let known = this.last.next
        if (known === undefined || known.text !== key) known = this.last.next = this.writer.keys.find(key)
        this.last = known
        at = this.put(value, this.putPacked(known.packed, at), depth + 1)
        count++
      }
    } catch (error) {
      throw this.within(error, last)
    }
    this.view.setInt32(start + 1, count)
    if (count > 0 && ++before.met === OFTEN) {
      const keys = Object.keys(object).map((key) => this.writer.keys.find(key))
      before.writer = objectWriter(keys, object)
    }
    return at
  }

  /** An object such as came after the last key the last times; undefined when it is another one. */
  private putKnown(
    writer: ObjectWriter,
    object: Record<string, unknown>,
    start: number,
    depth: number,
  ): number | undefined {
    const before = this.last
    const end = this.polluted ? NOT_SUCH : writer(this, object, start, depth + 1)
    if (end !== NOT_SUCH) return end
    before.writer = undefined
    before.met = 0
    return undefined
  }

  /** An error that came with the value of `key`. @internal */
  within(error: unknown, key: string): unknown {
    return error instanceof NotATerm ? error.within({ kind: "key", key }) : error
  }

  /** Counts a compound part that stands at `depth`. */
  enter(depth: number): void {
    if (depth >= DEPTH_MAX) throw tooDeep()
    if (--this.left < 0) throw tooManyParts()
  }
}
