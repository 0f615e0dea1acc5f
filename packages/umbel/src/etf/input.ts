/**
 * What a decoder reads: a {@link Reader}'s bytes up to the limit, and the terms without parts in them.
 *
 * It has the reader's verbs once more, since going beyond the end means one of two things here: the bytes ended, or the limit was met.
 */
import { textOf } from "../term/index.ts"
import { readFloat64 } from "./float64.ts"
import { KnownTexts } from "./known-texts.ts"
import { MalformedTerm } from "./malformed-term.ts"
import type { Reader } from "./reader.ts"

/** Longer texts cost less when the engine decodes them. In bytes. */
const SHORT_TEXT = 40

/** Whoever reads gains from what others have read; nothing depends on it. */
const texts = new KnownTexts()

/** The bytes, and how far they were read. */
export class Input {
  at: number
  readonly bytes: Uint8Array
  /** Nothing from here on is read: the reader's end, or the limit on bytes if that is nearer. */
  protected end: number
  private readonly readerEnd: number
  private readonly owned: boolean

  /**
   * @param limit How many bytes are read at most.
   * @param owned Whether the bytes are the term's alone.
   */
  constructor(reader: Reader, limit: number, owned: boolean) {
    this.bytes = reader.bytes
    this.at = reader.offset
    this.end = Math.min(reader.end, reader.offset + limit)
    this.readerEnd = reader.end
    this.owned = owned
  }

  /** Steps over `n` bytes and says where they began. */
  need(n: number): number {
    const at = this.at
    if (n > this.end - at) throw this.short(at)
    this.at = at + n
    return at
  }

  protected short(at: number): MalformedTerm {
    return new MalformedTerm(this.end < this.readerEnd ? "too_large" : "truncated", at)
  }

  u8(): number {
    return this.bytes[this.need(1)]!
  }

  u16(): number {
    const at = this.need(2)
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!
  }

  protected i32(): number {
    const at = this.need(4)
    const { bytes } = this
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }

  u32(): number {
    return this.i32() >>> 0
  }

  /** A count of parts that take at least `each` bytes each. */
  protected count(n: number, each: number): number {
    if (n * each > this.end - this.at) throw this.short(this.at)
    return n
  }

  protected float(): number {
    const at = this.need(8)
    const value = readFloat64(this.bytes, at)
    if (!Number.isFinite(value)) throw new MalformedTerm("bad_float", at - 1)
    return value
  }

  /** A list of bytes, which is written like a string. */
  protected byteList(): number[] {
    const n = this.u16()
    const from = this.need(n)
    const { bytes } = this
    const list: number[] = []
    for (let i = from; i < from + n; i++) list.push(bytes[i]!)
    return list
  }

  protected binary(): string | Uint8Array {
    const n = this.u32()
    const from = this.need(n)
    const { bytes } = this
    if (n <= SHORT_TEXT) {
      const text = texts.read(bytes, from, n)
      if (text !== undefined) return text
    }
    const view = bytes.subarray(from, from + n)
    return textOf(view) ?? this.kept(view)
  }

  /** The bytes of a view as the term's own: a copy, unless they are a good part of what is the term's anyway. */
  kept(view: Uint8Array): Uint8Array {
    return this.owned && view.length * 4 > this.bytes.length ? view : new Uint8Array(view)
  }
}
