/**
 * Bytes and how far they were read.
 *
 * ```ts
 * const reader = new Reader(frame)
 * const tag = reader.u8()
 * const control = decodeFrom(reader, options)
 * ```
 *
 * All numbers have the highest byte first. Reading beyond the end throws a `MalformedTerm` ("truncated").
 */
import type { Decoder } from "./decoder.ts"
import { MalformedTerm } from "./malformed-term.ts"

export class Reader {
  readonly bytes: Uint8Array
  offset: number
  /** Nothing from here on is read. */
  readonly end: number
  /** What read the last term. @internal */
  decoder: Decoder | undefined

  constructor(bytes: Uint8Array, offset = 0, end: number = bytes.length) {
    if (offset < 0 || end > bytes.length || offset > end) {
      throw new RangeError(`a reader from ${offset} to ${end} does not lie in ${bytes.length} bytes`)
    }
    this.bytes = bytes
    this.offset = offset
    this.end = end
    this.decoder = undefined
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.end - this.offset
  }

  /** Steps over `n` bytes and says where they began. */
  private skip(n: number): number {
    const at = this.offset
    if (n > this.end - at) throw new MalformedTerm("truncated", at)
    this.offset = at + n
    return at
  }

  u8(): number {
    return this.bytes[this.skip(1)]!
  }

  u16(): number {
    const at = this.skip(2)
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!
  }

  u32(): number {
    return this.i32() >>> 0
  }

  i32(): number {
    const at = this.skip(4)
    const { bytes } = this
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }

  u64(): bigint {
    if (this.remaining < 8) throw new MalformedTerm("truncated", this.offset)
    const high = BigInt(this.u32())
    return (high << 32n) | BigInt(this.u32())
  }

  /** A copy of the next `n` bytes. */
  raw(n: number): Uint8Array {
    const at = this.skip(n)
    return new Uint8Array(this.bytes.subarray(at, at + n))
  }

  /** The next `n` bytes themselves: they change when the buffer is used again. */
  view(n: number): Uint8Array {
    const at = this.skip(n)
    return this.bytes.subarray(at, at + n)
  }
}
