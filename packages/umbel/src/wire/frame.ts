/**
 * Frames: a length of two bytes (handshake, epmd requests) or four (connected links), then as many bytes.
 *
 * ```ts
 * const frames = new Deframer(4, 128 * 1024 * 1024)
 * frames.feed(chunk)
 * while (frames.next()) handle(frames.bytes, frames.start, frames.end)
 * ```
 *
 * A frame that lies whole within a chunk is given in place, without a copy. One that is cut is collected in a buffer that
 * grows by a multiple, so that a large frame costs time in proportion to its size however small the chunks, and a mere
 * announcement of a large one costs no memory.
 */
import { roomFor } from "../etf/index.ts"
import { ProtocolError } from "./failures.ts"

/** A buffer kept from one cut frame to the next is at most this large: several fragments. */
const KEPT_BYTES = 256 * 1024
/** The buffer of a frame that was cut may be so many times as long as what has come of it. */
const GROWTH = 8

const EMPTY = new Uint8Array(0)

/** Finds frames in a stream of bytes, wherever it is cut. */
export class Deframer {
  /** Where the present frame lies: `bytes` from `start` to `end`. Valid until the following `next` or `feed`. */
  bytes: Uint8Array = EMPTY
  start = 0
  end = 0

  private readonly header: 2 | 4
  private readonly limit: number
  private chunk: Uint8Array = EMPTY
  private offset = 0
  /** The beginning of a frame, header included, whose rest has not come yet. */
  private held: Uint8Array = EMPTY
  private heldLength = 0

  /**
   * @param header The size of the length in front of each frame, in bytes.
   * @param limit The longest frame allowed, in bytes without its header.
   */
  constructor(header: 2 | 4, limit: number) {
    this.header = header
    this.limit = limit
  }

  /** The next chunk, read in place until `next` said false. @throws Error when `next` has not said so for the last one. */
  feed(chunk: Uint8Array): void {
    if (this.offset < this.chunk.length) throw new Error("a chunk came before all frames of the last one were taken")
    this.chunk = chunk
    this.offset = 0
  }

  /**
   * Goes to the next frame.
   * @returns false when a further chunk is needed.
   * @throws ProtocolError `frame_too_large`
   */
  next(): boolean {
    if (this.heldLength !== 0) return this.nextHeld()
    const { chunk, offset, header } = this
    const left = chunk.length - offset
    if (left >= header) {
      const length = this.lengthAt(chunk, offset)
      if (left - header >= length) {
        this.bytes = chunk
        this.start = offset + header
        this.end = this.offset = offset + header + length
        return true
      }
    }
    this.hold(left, left)
    this.chunk = EMPTY
    this.offset = 0
    return false
  }

  /** What follows the present frame, as a copy, and forgets it: for whoever reads on with another kind of frame. */
  rest(): Uint8Array {
    const rest = this.chunk.slice(this.offset)
    this.chunk = EMPTY
    this.offset = 0
    return rest
  }

  private nextHeld(): boolean {
    const { header } = this
    if (this.heldLength < header) {
      this.hold(Math.min(header - this.heldLength, this.chunk.length - this.offset), header)
      if (this.heldLength < header) return false
    }
    const whole = header + this.lengthAt(this.held, 0)
    this.hold(Math.min(whole - this.heldLength, this.chunk.length - this.offset), whole)
    if (this.heldLength < whole) return false
    this.bytes = this.held
    this.start = header
    this.end = whole
    this.heldLength = 0
    if (this.held.length > KEPT_BYTES) this.held = EMPTY
    return true
  }

  private lengthAt(bytes: Uint8Array, at: number): number {
    const high = (bytes[at]! << 8) | bytes[at + 1]!
    const length = this.header === 2 ? high : high * 0x10000 + ((bytes[at + 2]! << 8) | bytes[at + 3]!)
    if (length > this.limit) throw new ProtocolError({ reason: "frame_too_large", bytes: length, limit: this.limit })
    return length
  }

  /** Moves `count` bytes from the chunk to the held ones, of which there will be `whole`. */
  private hold(count: number, whole: number): void {
    if (count === 0) return
    const length = this.heldLength + count
    if (length > this.held.length) {
      const larger = roomFor(Math.max(length, Math.min(whole, GROWTH * length), 64))
      larger.set(this.held.subarray(0, this.heldLength))
      this.held = larger
    }
    this.held.set(this.chunk.subarray(this.offset, this.offset + count), this.heldLength)
    this.heldLength = length
    this.offset += count
  }
}

/** A body with its length of two bytes in front. @throws RangeError when it is longer than that can say. */
export function frame16(body: Uint8Array): Uint8Array {
  if (body.length > 0xffff)
    throw new RangeError(`a frame of the handshake holds at most 65535 bytes, not ${body.length}`)
  const bytes = new Uint8Array(2 + body.length)
  bytes[0] = body.length >> 8
  bytes[1] = body.length & 0xff
  bytes.set(body, 2)
  return bytes
}
