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
 * A typed array with memory of its own costs V8 more than encoding a message does, and copying out of a buffer costs two more typed arrays. The memory
 * comes from the pool that Node.js keeps for small buffers, and guards against being given away: whoever keeps a few bytes keeps 8 KiB alive, as with
 * `Buffer.from`.
 */
import { Writer } from "./writer.ts"

/** The largest piece of Node's pool, in bytes. */
const PIECE = 4095
/** Less room than that is not begun with: a term that does not fit is moved. In bytes. */
const LEAST = 768

const pool = (globalThis as { Buffer?: { allocUnsafe(n: number): Uint8Array<ArrayBuffer> } }).Buffer

export class Scratch {
  private readonly writer = new Writer(0)
  /** Where the pieces lie that are used up from their beginnings; undefined where there is no pool, or it was switched off. */
  private memory: ArrayBuffer | undefined
  private offset = 0
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
    const piece = pool?.allocUnsafe(PIECE)
    const pooled = piece !== undefined && piece.buffer.byteLength > PIECE
    this.memory = pooled ? piece.buffer : undefined
    this.offset = pooled ? piece.byteOffset : 0
    this.piece = pooled ? new Uint8Array(piece.buffer, piece.byteOffset, PIECE) : new Uint8Array(PIECE)
    writer.bytes = this.piece
    writer.length = 0
  }

  /** What was written since the writer was lent. Nobody writes there again. */
  cut(writer: Writer): Uint8Array {
    if (writer !== this.writer) return writer.take()
    const { memory, from } = this
    const { bytes, length } = writer
    if (memory === undefined || bytes !== this.piece) return bytes.slice(from, length)
    return new Uint8Array(memory, this.offset + from, length - from)
  }

  /** What was not cut is forgotten. */
  giveBack(writer: Writer): void {
    if (writer === this.writer) this.lent = false
  }
}
