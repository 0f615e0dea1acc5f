/**
 * Where an encoder writes: a {@link Writer}'s bytes, for speed.
 *
 * The place to write at is handed from function to function and back, and reaches the writer only at the end, or when other code goes on with
 * the writer itself ({@link Output.lend}). Who writes a term finds {@link SPARE} bytes of room, enough for every term of fixed size,
 * and asks for more where it needs more.
 */
import { isWellFormed, loneSurrogate, refusal } from "../term/index.ts"
import type { PackedAtom } from "./packed-atom.ts"
import * as tag from "./tags.ts"
import type { Writer } from "./writer.ts"

// Of this file: an imported constant V8 reads from the other module each time, and on its way into a byte turns it into a float and back.
const { BINARY, INTEGER, NEW_FLOAT, SMALL_BIG, SMALL_INTEGER } = tag

/** The room that every term finds, in bytes. */
export const SPARE = 24

/** Longer texts cost less when the engine encodes them, shorter ones character by character. In UTF-16 units. */
export const SHORT_TEXT = 48

const utf8 = new TextEncoder()

/** The bytes, and how the terms without parts are written to them. */
export class Output {
  protected readonly writer: Writer
  protected bytes: Uint8Array
  protected view: DataView
  /** How many bytes there are, written or not. */
  protected room: number

  constructor(writer: Writer) {
    this.writer = writer
    this.bytes = writer.bytes
    this.view = writer.view
    this.room = writer.bytes.length
  }

  /** The writer, to go on at `at`. What was written with it is taken over by {@link takeOver}. */
  lend(at: number): Writer {
    this.writer.length = at
    return this.writer
  }

  /** Goes on behind what the writer has. */
  takeOver(): number {
    const { writer } = this
    this.bytes = writer.bytes
    this.view = writer.view
    this.room = writer.bytes.length
    return writer.length
  }

  protected grow(at: number, n: number): void {
    this.lend(at).ensure(n)
    this.takeOver()
  }

  protected putNumber(n: number, at: number): number {
    const { bytes } = this
    if ((n | 0) === n) {
      if (n >= 0 && n <= 255) {
        bytes[at] = SMALL_INTEGER
        bytes[at + 1] = n
        return at + 2
      }
      bytes[at] = INTEGER
      this.view.setInt32(at + 1, n)
      return at + 5
    }
    if (Number.isSafeInteger(n)) {
      let left = Math.abs(n)
      bytes[at] = SMALL_BIG
      bytes[at + 2] = n < 0 ? 1 : 0
      let size = 0
      while (left > 0) {
        bytes[at + 3 + size++] = left % 256
        left = Math.floor(left / 256)
      }
      bytes[at + 1] = size
      return at + 3 + size
    }
    if (!Number.isFinite(n)) throw refusal(n)
    bytes[at] = NEW_FLOAT
    this.view.setFloat64(at + 1, n)
    return at + 9
  }

  protected putText(text: string, at: number): number {
    const n = text.length
    if (at + 5 + n * 3 > this.room) this.grow(at, 5 + n * 3)
    const { bytes } = this
    const start = at + 5
    let end = start
    if (n <= SHORT_TEXT) {
      let all = 0
      for (let i = 0; i < n; i++) {
        const code = text.charCodeAt(i)
        all |= code
        bytes[start + i] = code
      }
      if (all <= 0x7f) end += n
    }
    if (end !== start + n) {
      if (!isWellFormed(text)) throw loneSurrogate()
      end = start + utf8.encodeInto(text, bytes.subarray(start)).written
    }
    bytes[at] = BINARY
    this.view.setInt32(at + 1, end - start)
    return end
  }

  protected putPacked(packed: PackedAtom, at: number): number {
    const n = packed[0]!
    if (at + n + 3 > this.room) this.grow(at, n + 3)
    const { view } = this
    view.setInt32(at, packed[1]!)
    if (n > 4) {
      view.setInt32(at + 4, packed[2]!)
      for (let i = 8; i < n; i += 4) view.setInt32(at + i, packed[1 + (i >> 2)]!)
    }
    return at + n
  }
}
