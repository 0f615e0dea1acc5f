/**
 * Terms to bytes.
 *
 * ```ts
 * encode(tuple(atom("ok"), 42))                          // 131, 104, 2, 119, 2, 111, 107, 97, 42
 * encodeTo(writer, message, { profile: "beam", atoms })   // no version byte: inside a distribution frame
 * ```
 *
 * A profile says who reads it:
 * - `umbel`: another Umbel node. A `Uint8Array` stays one, a `Name` stays a name.
 * - `beam`: Erlang and Elixir, C and Java nodes. A `Uint8Array` is a binary, a `Name` a tuple or an atom.
 * - `erlport`: ErlPort, which reads tags of the nineties only. Atoms are Latin-1; maps, and so objects, dates and errors, and all
 *   identifiers and functions are refused.
 *
 * What could harm a reader cannot be written: no NaN, no key twice, no empty bit string, no arity beyond 255, no nameless node.
 */
import {
  Atom,
  atomObjection,
  BitString,
  DEPTH_MAX,
  defaultStructs,
  Export,
  equalKeys,
  Float,
  Fun,
  fieldsOf,
  hasEqualKeys,
  hole,
  ImproperList,
  isPlainArray,
  isPlainObject,
  isPrototypePolluted,
  isWellFormed,
  Local,
  loneSurrogate,
  Name,
  NotATerm,
  nameFields,
  PARTS_MAX,
  Pid,
  Port,
  Ref,
  refusal,
  type Structs,
  Tuple,
  tooDeep,
  tooManyParts,
} from "../term/index.ts"
import { writeFloat64 } from "./float64.ts"
import { putBig } from "./integers.ts"
import type { AtomBudget } from "./limits.ts"
import * as tag from "./tags.ts"
import { utf8Atom } from "./utf8-atom.ts"
import { Writer } from "./writer.ts"

/** Who reads it. */
export type Profile = "umbel" | "beam" | "erlport"

export interface EncodeOptions {
  readonly profile: Profile
  /** Bounds the distinct atoms sent to one BEAM peer. */
  readonly atoms?: AtomBudget | undefined
  readonly structs?: Structs | undefined
  /** What the term is called in errors: "message" unless said otherwise. */
  readonly root?: string | undefined
  /** How many compound parts it may have. As in `copy`. */
  readonly parts?: number | undefined
}

/**
 * Writes `term` without a version byte.
 * @throws NotATerm with the path to the culprit; the writer is then back at its former length.
 */
export function encodeTo(writer: Writer, term: unknown, options: EncodeOptions): void {
  const before = writer.length
  const encoding = new Encoding(writer, options)
  try {
    encoding.put(term, 0)
  } catch (error) {
    writer.length = before
    encoding.takeBack()
    if (error instanceof NotATerm) throw error.complete(options.root)
    // The caller stood deep in the stack already; the depth limit leaves room for all others.
    if (error instanceof RangeError && error.message.includes("call stack")) throw tooDeep().complete(options.root)
    throw error
  }
}

/** The bytes of `term` with a version byte in front, as `term_to_binary` gives them. @throws NotATerm */
export function encode(term: unknown, profile: Profile = "beam", options?: Omit<EncodeOptions, "profile">): Uint8Array {
  const writer = new Writer()
  writer.u8(tag.VERSION)
  encodeTo(writer, term, { ...options, profile })
  return writer.take()
}

const encoder = new TextEncoder()
const TRUE = utf8Atom("true")
const FALSE = utf8Atom("false")
const NULL = utf8Atom("nil")
const UNDEFINED = utf8Atom("undefined")

/** One run of the encoder. */
class Encoding {
  private readonly writer: Writer
  private readonly profile: Profile
  private readonly atoms: AtomBudget | undefined
  private readonly structs: Structs
  /** Atoms that this term added to the budget. */
  private added: string[] | undefined
  private left: number
  private readonly polluted: boolean

  constructor(writer: Writer, options: EncodeOptions) {
    this.writer = writer
    this.profile = options.profile
    this.atoms = options.atoms
    this.structs = options.structs ?? defaultStructs
    this.added = undefined
    this.left = options.parts ?? PARTS_MAX
    this.polluted = isPrototypePolluted()
  }

  /** Undoes what a failed term did to the budget. */
  takeBack(): void {
    if (this.added !== undefined) this.atoms?.forget(this.added)
  }

  put(term: unknown, depth: number): void {
    switch (typeof term) {
      case "string":
        this.putText(term)
        return
      case "number":
        this.putNumber(term)
        return
      case "object":
        if (term === null) this.putConstant(NULL, "nil")
        else this.putObject(term, depth)
        return
      case "boolean":
        if (term) this.putConstant(TRUE, "true")
        else this.putConstant(FALSE, "false")
        return
      case "undefined":
        this.putConstant(UNDEFINED, "undefined")
        return
      case "bigint":
        putBig(this.writer, term)
        return
      default:
        throw refusal(term)
    }
  }

  private putObject(term: object, depth: number): void {
    const prototype: unknown = Object.getPrototypeOf(term)
    if (prototype === Object.prototype) this.putPlain(term as Record<string, unknown>, depth)
    else if (prototype === Array.prototype) this.putArray(term as unknown[], depth)
    else if (term instanceof Atom) this.putAtom(term)
    else if (term instanceof Tuple) this.putTuple(term, depth)
    else if (term instanceof Pid) this.putPid(term)
    else if (term instanceof Ref) this.putRef(term)
    else if (term instanceof Uint8Array) this.putBytes(term)
    else if (term instanceof Map) this.putMap(term, depth)
    else this.putRare(term, depth)
  }

  private putRare(term: object, depth: number): void {
    const { writer } = this
    if (term instanceof Name) {
      this.putName(term, depth)
    } else if (term instanceof Float) {
      writer.u8(tag.NEW_FLOAT)
      writer.ensure(8)
      writeFloat64(writer.bytes, writer.length, term.value)
      writer.length += 8
    } else if (term instanceof ImproperList) {
      this.enter(depth)
      writer.u8(tag.LIST)
      writer.u32(term.elements.length)
      this.putAll(term.elements, depth)
      try {
        this.put(term.tail, depth + 1)
      } catch (error) {
        throw error instanceof NotATerm ? error.within({ kind: "member", name: "tail" }) : error
      }
    } else if (term instanceof BitString) {
      this.refuseErlport("a bit string")
      writer.u8(tag.BIT_BINARY)
      writer.u32(term.bytes.length)
      writer.u8(term.bits)
      writer.raw(term.bytes)
    } else if (term instanceof Export) {
      this.refuseErlport("a function")
      writer.u8(tag.EXPORT)
      this.putAtomText(term.module)
      this.putAtomText(term.name)
      writer.u8(tag.SMALL_INTEGER)
      writer.u8(term.arity)
    } else if (term instanceof Fun) {
      this.refuseErlport("a function")
      writer.u8(tag.NEW_FUN)
      writer.raw(term.external)
    } else if (term instanceof Port) {
      this.putPort(term)
    } else if (term instanceof Local) {
      throw new NotATerm("local(…) hands something over within a node, and does not leave it")
    } else if (isPlainObject(term)) {
      this.putPlain(term, depth)
    } else if (isPlainArray(term)) {
      this.putArray(term, depth)
    } else {
      const fields = fieldsOf(term, this.structs)
      if (fields === undefined) throw refusal(term)
      this.putPlain(fields, depth)
    }
  }

  private putNumber(n: number): void {
    const { writer } = this
    if ((n | 0) === n) {
      writer.ensure(5)
      const { bytes, length } = writer
      if (n >= 0 && n <= 255) {
        bytes[length] = tag.SMALL_INTEGER
        bytes[length + 1] = n
        writer.length = length + 2
      } else {
        bytes[length] = tag.INTEGER
        bytes[length + 1] = n >> 24
        bytes[length + 2] = n >> 16
        bytes[length + 3] = n >> 8
        bytes[length + 4] = n
        writer.length = length + 5
      }
    } else if (Number.isSafeInteger(n)) {
      let left = Math.abs(n)
      writer.ensure(10)
      const { bytes, length } = writer
      bytes[length] = tag.SMALL_BIG
      bytes[length + 2] = n < 0 ? 1 : 0
      let size = 0
      while (left > 0) {
        bytes[length + 3 + size++] = left % 256
        left = Math.floor(left / 256)
      }
      bytes[length + 1] = size
      writer.length = length + 3 + size
    } else {
      if (!Number.isFinite(n)) throw refusal(n)
      writer.ensure(9)
      writer.bytes[writer.length] = tag.NEW_FLOAT
      writeFloat64(writer.bytes, writer.length + 1, n)
      writer.length += 9
    }
  }

  private putText(text: string): void {
    const { writer } = this
    const n = text.length
    writer.ensure(5 + n * 3)
    const start = writer.length
    const { bytes } = writer
    let at = start + 5
    if (n <= 48) {
      let i = 0
      for (; i < n; i++) {
        const code = text.charCodeAt(i)
        if (code > 0x7f) break
        bytes[at++] = code
      }
      if (i < n) at = -1
    } else {
      at = -1
    }
    if (at < 0) {
      if (!isWellFormed(text)) throw loneSurrogate()
      at = start + 5 + encoder.encodeInto(text, bytes.subarray(start + 5)).written
    }
    bytes[start] = tag.BINARY
    writer.patch32(start + 1, at - start - 5)
    writer.length = at
  }

  private putBytes(bytes: Uint8Array): void {
    const { writer } = this
    // Empty bytes are an empty string to all: an empty bit string ends some peers.
    const marked = this.profile === "umbel" && bytes.length > 0
    writer.u8(marked ? tag.BIT_BINARY : tag.BINARY)
    writer.u32(bytes.length)
    if (marked) writer.u8(8)
    writer.raw(bytes)
  }

  private putArray(list: readonly unknown[], depth: number): void {
    const { writer } = this
    const n = list.length
    if (n > 0) {
      this.enter(depth)
      writer.ensure(5)
      writer.bytes[writer.length] = tag.LIST
      writer.patch32(writer.length + 1, n)
      writer.length += 5
      this.putAll(list, depth)
    }
    writer.u8(tag.NIL)
  }

  private putTuple(term: Tuple, depth: number): void {
    this.enter(depth)
    const { writer } = this
    const n = term.elements.length
    if (n < 256) {
      writer.ensure(2)
      writer.bytes[writer.length] = tag.SMALL_TUPLE
      writer.bytes[writer.length + 1] = n
      writer.length += 2
    } else {
      writer.u8(tag.LARGE_TUPLE)
      writer.u32(n)
    }
    this.putAll(term.elements, depth)
  }

  private putAll(elements: readonly unknown[], depth: number): void {
    let i = 0
    try {
      for (const n = elements.length; i < n; i++) {
        const element = elements[i]
        if (element === undefined && !(i in elements)) throw hole()
        this.put(element, depth + 1)
      }
    } catch (error) {
      throw error instanceof NotATerm ? error.within({ kind: "index", index: i }) : error
    }
  }

  private putPlain(object: Record<string, unknown>, depth: number): void {
    this.enter(depth)
    this.refuseErlport("a map")
    const { writer } = this
    writer.u8(tag.MAP)
    const at = writer.reserve32()
    let count = 0
    let key = ""
    try {
      for (key in object) {
        if (this.polluted && !Object.hasOwn(object, key)) continue
        this.putAtomText(key)
        this.put(object[key], depth + 1)
        count++
      }
    } catch (error) {
      throw error instanceof NotATerm ? error.within({ kind: "key", key }) : error
    }
    writer.patch32(at, count)
  }

  private putMap(map: ReadonlyMap<unknown, unknown>, depth: number): void {
    this.enter(depth)
    this.refuseErlport("a map")
    const { writer } = this
    writer.u8(tag.MAP)
    writer.u32(map.size)
    for (const [key, value] of map) {
      try {
        this.put(key, depth + 1)
      } catch (error) {
        throw error instanceof NotATerm ? error.within({ kind: "entry", key: "(a key)" }) : error
      }
      try {
        this.put(value, depth + 1)
      } catch (error) {
        throw error instanceof NotATerm ? error.within({ kind: "entry", key }) : error
      }
    }
    if (hasEqualKeys(map, this.structs)) throw equalKeys()
  }

  private putConstant(external: Uint8Array, text: string): void {
    if (this.atoms !== undefined) this.count(text)
    if (this.profile === "erlport") this.putLatin1(text)
    else this.putShort(external)
  }

  private putAtom(atom: Atom): void {
    if (this.atoms !== undefined) this.count(atom.text)
    if (this.profile === "erlport") this.putLatin1(atom.text)
    else this.putShort((atom.encoded ??= utf8Atom(atom.text)))
  }

  private putShort(external: Uint8Array): void {
    const { writer } = this
    const n = external.length
    writer.ensure(n)
    const { bytes, length } = writer
    // For a few bytes a loop is several times faster than `set`.
    if (n <= 32) for (let i = 0; i < n; i++) bytes[length + i] = external[i]!
    else bytes.set(external, length)
    writer.length = length + n
  }

  /** An atom that is known by its text only: the key of an object, the name of a node. */
  private putAtomText(text: string): void {
    if (this.atoms !== undefined) this.count(text)
    if (this.profile === "erlport") {
      this.putLatin1(text)
      return
    }
    const { writer } = this
    const n = text.length
    writer.ensure(3 + n * 3)
    const { bytes, length } = writer
    if (n < 256) {
      let i = 0
      for (; i < n; i++) {
        const code = text.charCodeAt(i)
        if (code > 0x7f) break
        bytes[length + 2 + i] = code
      }
      if (i === n) {
        bytes[length] = tag.SMALL_ATOM_UTF8
        bytes[length + 1] = n
        writer.length = length + 2 + n
        return
      }
    }
    refuseAtom(text)
    writer.raw(utf8Atom(text))
  }

  private putLatin1(text: string): void {
    refuseAtom(text)
    const { writer } = this
    writer.u8(tag.ATOM)
    writer.u16(text.length)
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0xff) throw new NotATerm("an atom beyond Latin-1 cannot be sent to ErlPort")
      writer.u8(code)
    }
  }

  private count(text: string): void {
    switch (this.atoms!.admit(text)) {
      case "new":
        ;(this.added ??= []).push(text)
        break
      case "refused":
        throw new NotATerm(
          `the atom ${JSON.stringify(text.slice(0, 60))} would be the ${this.atoms!.limit + 1}th that is sent to this peer, ` +
            "which never forgets one; use a Map with strings as keys (see json) for open-ended keys",
        )
    }
  }

  private putName(name: Name, depth: number): void {
    if (this.profile === "umbel") {
      this.putPlain(nameFields(name), depth)
      return
    }
    if (name.node !== undefined) {
      this.writer.u8(tag.SMALL_TUPLE)
      this.writer.u8(2)
    }
    this.putAtomText(name.name)
    if (name.node !== undefined) this.putAtomText(name.node)
  }

  private putPid(pid: Pid): void {
    this.refuseErlport("a pid")
    const { writer } = this
    writer.u8(tag.NEW_PID)
    this.putNode(pid.node)
    writer.ensure(12)
    const at = writer.length
    writer.patch32(at, pid.id)
    writer.patch32(at + 4, pid.serial)
    writer.patch32(at + 8, pid.creation)
    writer.length = at + 12
  }

  private putRef(ref: Ref): void {
    this.refuseErlport("a reference")
    const { writer } = this
    const n = ref.words.length
    if (n > 5) throw new NotATerm(`a reference has at most 5 words, this one ${n}`)
    writer.u8(tag.NEWER_REFERENCE)
    writer.u16(n)
    this.putNode(ref.node)
    writer.u32(ref.creation)
    for (const word of ref.words) writer.u32(word)
  }

  private putPort(port: Port): void {
    this.refuseErlport("a port")
    const { writer } = this
    const wide = port.id > 0x0fff_ffffn
    writer.u8(wide ? tag.V4_PORT : tag.NEW_PORT)
    this.putNode(port.node)
    if (wide) writer.u64(port.id)
    else writer.u32(Number(port.id))
    writer.u32(port.creation)
  }

  private putNode(node: string): void {
    if (node === "")
      throw new NotATerm("it is of a node without a name, and would be taken for one of the reader's own")
    this.putAtomText(node)
  }

  private enter(depth: number): void {
    if (depth >= DEPTH_MAX) throw tooDeep()
    if (--this.left < 0) throw tooManyParts()
  }

  private refuseErlport(what: string): void {
    if (this.profile === "erlport") throw new NotATerm(`ErlPort cannot read ${what}`)
  }
}

function refuseAtom(text: string): void {
  const objection = atomObjection(text)
  if (objection !== undefined) throw objection
}
