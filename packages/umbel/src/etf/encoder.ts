/**
 * The walk through a term that writes it.
 *
 * ```ts
 * const encoder = new Encoder(writer, { profile: "beam" })
 * writer.length = encoder.put(term, writer.length, 0)
 * ```
 *
 * It is written for speed, as every message between nodes passes here: see {@link Output} for how.
 */
import {
  type Atom,
  atom,
  atomObjection,
  DEPTH_MAX,
  defaultStructs,
  equalKeys,
  fieldsOf,
  hasEqualKeys,
  hole,
  isPlainArray,
  isPlainObject,
  isPrototypePolluted,
  Name,
  NotATerm,
  nameFields,
  PARTS_MAX,
  Pid,
  Ref,
  refusal,
  type Structs,
  Tuple,
  tooDeep,
  tooManyParts,
} from "../term/index.ts"
import type { AtomReferences, EncodeOptions } from "./encode.ts"
import { putLatin1, SentAtoms } from "./encode-atoms.ts"
import { putRare } from "./encode-rare.ts"
import { putBig } from "./integers.ts"
import { Output, SPARE } from "./output.ts"
import { type PackedAtom, packedAtom } from "./packed-atom.ts"
import type { PackedKey } from "./packed-keys.ts"
import * as tag from "./tags.ts"
import type { Writer } from "./writer.ts"

const TRUE = packedAtom("true")
const FALSE = packedAtom("false")
const NULL = packedAtom("nil")
const UNDEFINED = packedAtom("undefined")

/** Of whichever copy of the library made the first atom. */
const AtomClass = atom("ok").constructor as typeof Atom
const PLAIN: unknown = Object.prototype
const ARRAY: unknown = Array.prototype

/** The longest list that can be written as a string. */
const STRING_MAX = 0xffff
const isByte = (element: unknown): element is number => typeof element === "number" && (element & 0xff) === element

/** One run of the encoder. */
export class Encoder extends Output {
  readonly profile: EncodeOptions["profile"]
  readonly structs: Structs
  /** What is to be done with each atom before it is written; undefined when that is nothing. */
  private readonly atoms: SentAtoms | undefined
  private readonly beam: boolean
  private readonly references: AtomReferences | undefined
  private readonly erlport: boolean
  private readonly polluted: boolean
  private left: number
  /** The key that was written last, where keys are remembered. */
  private last: PackedKey | undefined

  constructor(writer: Writer, options: EncodeOptions) {
    super(writer)
    const { profile, atoms } = options
    this.profile = profile
    this.structs = options.structs ?? defaultStructs
    this.atoms = atoms === undefined ? undefined : new SentAtoms(atoms)
    this.beam = profile === "beam"
    this.references = options.atomReferences
    this.erlport = profile === "erlport"
    this.polluted = isPrototypePolluted()
    this.left = options.parts ?? PARTS_MAX
    this.last = this.erlport ? undefined : writer.keys.first
  }

  /** Undoes what a failed term did to the budget of atoms. */
  takeBack(): void {
    this.atoms?.takeBack()
  }

  /** Writes `term` at `at`, and says where it ended. */
  put(term: unknown, at: number, depth: number): number {
    if (at + SPARE > this.room) this.grow(at, SPARE)
    switch (typeof term) {
      case "string":
        return this.putText(term, at)
      case "number":
        return this.putNumber(term, at)
      case "object":
        return term === null ? this.putAtom(NULL, "nil", at) : this.putObject(term, at, depth)
      case "boolean":
        return term ? this.putAtom(TRUE, "true", at) : this.putAtom(FALSE, "false", at)
      case "undefined":
        return this.putAtom(UNDEFINED, "undefined", at)
      case "bigint":
        putBig(this.lend(at), term)
        return this.takeOver()
      default:
        throw refusal(term)
    }
  }

  // ---- atoms ---------------------------------------------------------------------------------------------------------

  private putAtom(packed: PackedAtom, text: string, at: number): number {
    this.atoms?.count(text)
    if (this.references !== undefined) {
      const end = this.putReference(this.references, text, at)
      if (end !== undefined) return end
    }
    return this.erlport ? this.putLatin1(text, at) : this.putPacked(packed, at)
  }

  /** Where the atom stands in the reader's list; undefined when it is not there and has to be written out. */
  private putReference(references: AtomReferences, text: string, at: number): number | undefined {
    const place = references.refer(text)
    if (place < 0) return undefined
    if (at + 2 > this.room) this.grow(at, 2)
    this.bytes[at] = tag.ATOM_CACHE_REF
    this.bytes[at + 1] = place
    return at + 2
  }

  /** An atom that is known by its text only, such as the key of an object. */
  putAtomText(text: string, at: number): number {
    this.atoms?.count(text)
    if (this.erlport) return this.putLatin1(text, at)
    if (this.references !== undefined) {
      const end = this.putReference(this.references, text, at)
      if (end !== undefined) return end
    }
    const n = text.length
    if (at + 2 + n > this.room) this.grow(at, 2 + n)
    if (n < 256) {
      const { bytes } = this
      let end = at + 2
      for (let i = 0; i < n; i++) {
        const code = text.charCodeAt(i)
        if (code > 0x7f) break
        bytes[end++] = code
      }
      if (end === at + 2 + n) {
        bytes[at] = tag.SMALL_ATOM_UTF8
        bytes[at + 1] = n
        return end
      }
    }
    const objection = atomObjection(text)
    if (objection !== undefined) throw objection
    return this.putPacked(packedAtom(text), at)
  }

  /** The key of an object: mostly the one that came after the last one before. */
  private putKey(text: string, at: number): number {
    const { last } = this
    if (last === undefined || this.references !== undefined) return this.putAtomText(text, at)
    this.atoms?.count(text)
    let key = last.next
    if (key === undefined || key.text !== text) {
      key = this.writer.keys.find(text)
      last.next = key
    }
    this.last = key
    return this.putPacked(key.packed, at)
  }

  private putLatin1(text: string, at: number): number {
    putLatin1(this.lend(at), text)
    return this.takeOver()
  }

  private putBytes(bytes: Uint8Array, at: number): number {
    const writer = this.lend(at)
    // Empty bytes are an empty string to all: an empty bit string ends some peers.
    const marked = this.profile === "umbel" && bytes.length > 0
    writer.u8(marked ? tag.BIT_BINARY : tag.BINARY)
    writer.u32(bytes.length)
    if (marked) writer.u8(8)
    writer.raw(bytes)
    return this.takeOver()
  }

  // ---- identifiers ---------------------------------------------------------------------------------------------------

  private putPid(pid: Pid, start: number): number {
    this.refuseErlport("a pid")
    this.bytes[start] = tag.NEW_PID
    const at = this.putNode(pid.node, start + 1)
    if (at + 12 > this.room) this.grow(at, 12)
    const { view } = this
    view.setInt32(at, pid.id)
    view.setInt32(at + 4, pid.serial)
    view.setInt32(at + 8, pid.creation)
    return at + 12
  }

  private putRef(ref: Ref, start: number): number {
    this.refuseErlport("a reference")
    const { words } = ref
    const n = words.length
    if (n > 5) throw new NotATerm(`a reference has at most 5 words, this one ${n}`)
    this.bytes[start] = tag.NEWER_REFERENCE
    this.bytes[start + 1] = 0
    this.bytes[start + 2] = n
    let at = this.putNode(ref.node, start + 3)
    if (at + 24 > this.room) this.grow(at, 24)
    const { view } = this
    view.setInt32(at, ref.creation)
    for (let i = 0; i < n; i++) view.setInt32((at += 4), words[i]!)
    return at + 4
  }

  /** The node of an identifier. */
  putNode(node: string, at: number): number {
    if (node === "")
      throw new NotATerm("it is of a node without a name, and would be taken for one of the reader's own")
    this.atoms?.count(node)
    if (this.references !== undefined) {
      const end = this.putReference(this.references, node, at)
      if (end !== undefined) return end
    }
    return this.putPacked(this.writer.nodeOf(node), at)
  }

  // ---- compound terms ------------------------------------------------------------------------------------------------

  private putObject(term: object, at: number, depth: number): number {
    if (term instanceof AtomClass) {
      const { text, encoded } = term
      return this.putAtom(encoded ?? (term.encoded = packedAtom(text)), text, at)
    }
    if (term instanceof Tuple) return this.putTuple(term, at, depth)
    if (term instanceof Pid) return this.putPid(term, at)
    const prototype: unknown = Object.getPrototypeOf(term)
    if (prototype === PLAIN) return this.putPlain(term as Record<string, unknown>, at, depth)
    if (prototype === ARRAY) return this.putArray(term as unknown[], at, depth)
    if (term instanceof Ref) return this.putRef(term, at)
    if (term instanceof Uint8Array) return this.putBytes(term, at)
    if (term instanceof Map) return this.putMap(term, at, depth)
    if (term instanceof Name) return this.putName(term, at, depth)
    if (putRare(this, term, at, depth)) return this.takeOver()
    if (isPlainObject(term)) return this.putPlain(term, at, depth)
    if (isPlainArray(term)) return this.putArray(term, at, depth)
    const fields = fieldsOf(term, this.structs)
    if (fields === undefined) throw refusal(term)
    return this.putPlain(fields, at, depth)
  }

  private putName(name: Name, start: number, depth: number): number {
    if (name.key !== undefined)
      throw new NotATerm("a via name is good on its own node only; send the pid it stands for")
    if (this.profile === "umbel") return this.putPlain(nameFields(name), start, depth)
    let at = start
    if (name.node !== undefined) {
      this.bytes[at++] = tag.SMALL_TUPLE
      this.bytes[at++] = 2
    }
    at = this.putAtomText(name.name, at)
    return name.node === undefined ? at : this.putAtomText(name.node, at)
  }

  private putArray(list: readonly unknown[], start: number, depth: number): number {
    const n = list.length
    let at = start
    if (n > 0) {
      this.enter(depth)
      if (this.beam && isByte(list[0]) && n <= STRING_MAX) {
        const end = this.putByteList(list, at)
        if (end !== undefined) return end
      }
      this.bytes[at] = tag.LIST
      this.view.setInt32(at + 1, n)
      at = this.putAll(list, at + 5, depth)
      if (at >= this.room) this.grow(at, 1)
    }
    this.bytes[at] = tag.NIL
    return at + 1
  }

  /**
   * A list of bytes, in the form in which the BEAM writes it: C and Java nodes take that for a string, and nothing else. Undefined for a list that
   * has other elements.
   */
  private putByteList(list: readonly unknown[], at: number): number | undefined {
    const n = list.length
    this.grow(at, n + SPARE)
    const { bytes } = this
    bytes[at] = tag.STRING
    bytes[at + 1] = n >> 8
    bytes[at + 2] = n & 0xff
    for (let i = 0; i < n; i++) {
      const element = list[i]
      if (!isByte(element)) return undefined
      bytes[at + 3 + i] = element
    }
    return at + 3 + n
  }

  private putTuple(term: Tuple, at: number, depth: number): number {
    this.enter(depth)
    const { elements } = term
    const n = elements.length
    const { bytes } = this
    if (n < 256) {
      bytes[at] = tag.SMALL_TUPLE
      bytes[at + 1] = n
      return this.putAll(elements, at + 2, depth)
    }
    bytes[at] = tag.LARGE_TUPLE
    this.view.setInt32(at + 1, n)
    return this.putAll(elements, at + 5, depth)
  }

  /** The parts of a list or tuple that stands at `depth`. */
  putAll(elements: readonly unknown[], start: number, depth: number): number {
    let at = start
    let i = 0
    try {
      for (const n = elements.length; i < n; i++) {
        const element = elements[i]
        if (element === undefined && !(i in elements)) throw hole()
        at = this.put(element, at, depth + 1)
      }
    } catch (error) {
      throw error instanceof NotATerm ? error.within({ kind: "index", index: i }) : error
    }
    return at
  }

  private putPlain(object: Record<string, unknown>, start: number, depth: number): number {
    this.enter(depth)
    this.refuseErlport("a map")
    const { polluted } = this
    this.bytes[start] = tag.MAP
    let at = start + 5
    let count = 0
    let key = ""
    try {
      for (key in object) {
        if (polluted && !Object.hasOwn(object, key)) continue
        const value = object[key]
        at = this.put(value, this.putKey(key, at), depth + 1)
        count++
      }
    } catch (error) {
      throw error instanceof NotATerm ? error.within({ kind: "key", key }) : error
    }
    this.view.setInt32(start + 1, count)
    return at
  }

  private putMap(map: ReadonlyMap<unknown, unknown>, start: number, depth: number): number {
    this.enter(depth)
    this.refuseErlport("a map")
    this.bytes[start] = tag.MAP
    this.view.setInt32(start + 1, map.size)
    let at = start + 5
    for (const [key, value] of map) {
      try {
        at = this.put(key, at, depth + 1)
      } catch (error) {
        throw error instanceof NotATerm ? error.within({ kind: "member", name: "keys()" }) : error
      }
      try {
        at = this.put(value, at, depth + 1)
      } catch (error) {
        throw error instanceof NotATerm ? error.within({ kind: "entry", key }) : error
      }
    }
    if (hasEqualKeys(map, this.structs)) throw equalKeys()
    return at
  }

  /** Counts a compound part that stands at `depth`. */
  enter(depth: number): void {
    if (depth >= DEPTH_MAX) throw tooDeep()
    if (--this.left < 0) throw tooManyParts()
  }

  refuseErlport(what: string): void {
    if (this.erlport) throw new NotATerm(`ErlPort cannot read ${what}`)
  }
}
