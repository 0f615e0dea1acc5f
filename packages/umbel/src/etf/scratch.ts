/**
 * Where `encode` writes: terms one behind the other, each given away where it lies, until the memory is used up and the next piece is taken.
 *
 * ```ts
 * const writer = scratch.borrow()
 * writer.raw(bytes)
 * const written = scratch.cut(writer)   // the caller's own
 * scratch.giveBack(writer)
 * ```
 *
 * A typed array with memory of its own costs V8 more than encoding a message does, and copying out of a buffer costs two more typed arrays. So many lie
 * in one piece of memory, and whoever keeps a few bytes keeps the piece alive: half of what Node.js 26 takes for its own small buffers.
 */
import { commonMemory } from "./memory.ts"
import { Writer } from "./writer.ts"

/** In bytes. Pieces of 8 KiB cost a tenth of the time of encoding, with their collection; these a quarter of that. */
const PIECE = 32 * 1024
/** Less room than that is not begun with: a term that does not fit is moved. In bytes. */
const LEAST = 768
/** Where memory is not to be shared. */
const OWN_PIECE = 4 * 1024

export class Scratch {
  private readonly writer = new Writer(0)
  /** What is written to is given away; undefined where it has to be copied. */
  private memory: ArrayBuffer | undefined
  /** The piece in use. */
  private piece = this.writer.bytes
  private from = 0
  private lent = false

  /** A writer, for one term: another one while the first is lent, as when a struct's own code encodes in the middle of a term. */
  borrow(): Writer {
    if (this.lent) return new Writer()
    const { writer } = this
    if (writer.bytes !== this.piece || writer.bytes.length - writer.length < LEAST) this.renew()
    this.from = writer.length
    this.lent = true
    return writer
  }

  private renew(): void {
    const { writer } = this
    this.memory = commonMemory(PIECE)
    this.piece = this.memory === undefined ? new Uint8Array(OWN_PIECE) : new Uint8Array(this.memory)
    writer.bytes = this.piece
    writer.length = 0
  }

  /** What was written since the writer was lent. Nobody writes there again. */
  cut(writer: Writer): Uint8Array {
    if (writer !== this.writer) return writer.take()
    const { memory, from } = this
    const { bytes, length } = writer
    if (memory === undefined || bytes !== this.piece) return bytes.slice(from, length)
    return new Uint8Array(memory, from, length - from)
  }

  /** What was not cut is forgotten. */
  giveBack(writer: Writer): void {
    if (writer === this.writer) this.lent = false
  }
}
