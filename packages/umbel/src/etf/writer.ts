/**
 * A buffer that grows and is used again: where bytes are written before they leave.
 *
 * ```ts
 * const writer = new Writer()
 * const at = writer.reserve32()
 * encodeTo(writer, term, { profile: "beam" })
 * writer.patch32(at, writer.length - at - 4)
 * socket.write(writer.take())
 * writer.reset()
 * ```
 *
 * All numbers are written with the highest byte first.
 */
import { NotATerm } from "../term/index.ts"
import type { Encoder } from "./encoder.ts"
import { roomFor } from "./memory.ts"
import { type PackedAtom, packedAtom } from "./packed-atom.ts"
import { PackedKeys } from "./packed-keys.ts"

const encoder = new TextEncoder()
const EMPTY_ATOM = packedAtom("")
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

/**
 * Room for `n` bytes. A typed array of its own costs V8 more than encoding a message does, so small ones lie in the pool that Node.js keeps for its own
 * buffers (and guards against being given away); elsewhere each has memory of its own.
 */
function freshBytes(n: number): Uint8Array {
  if (n > POOLED_MAX || pool === undefined) return new Uint8Array(n)
  const { buffer, byteOffset } = pool.allocUnsafe(n)
  return new Uint8Array(buffer, byteOffset, n)
}

/** Beyond that Node.js does not use its pool either. */
const POOLED_MAX = 4095
const pool = (globalThis as { Buffer?: { allocUnsafe(n: number): Uint8Array<ArrayBuffer> } }).Buffer

/** What is left behind a large piece for what comes after it, in bytes. */
const LITTLE = 256

/** No writer grows beyond 1 GiB. */
export const WRITER_MAX = 1024 * 1024 * 1024

/** Bytes in the making. `bytes` is replaced when it grows: read it anew after each write. */
export class Writer {
  bytes: Uint8Array
  /** How many of `bytes` are written. */
  length: number
  private viewed: Uint8Array
  private kept: DataView
  private nodeText: string
  private nodeAtom: PackedAtom
  private otherText: string
  private otherAtom: PackedAtom
  /** The keys of objects that were written. @internal */
  readonly keys: PackedKeys
  /** What wrote the last term. @internal */
  encoder: Encoder | undefined

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity)
    this.length = 0
    this.viewed = this.bytes
    this.kept = viewOf(this.bytes)
    this.nodeText = ""
    this.nodeAtom = EMPTY_ATOM
    this.otherText = ""
    this.otherAtom = EMPTY_ATOM
    this.keys = new PackedKeys()
    this.encoder = undefined
  }

  /** `bytes` for numbers of several bytes: replaced when they are. @internal */
  get view(): DataView {
    if (this.viewed !== this.bytes) {
      this.viewed = this.bytes
      this.kept = viewOf(this.bytes)
    }
    return this.kept
  }

  /** The atom of a node's name. On a link there are two, ours and the peer's, and those are kept. @internal */
  nodeOf(text: string): PackedAtom {
    if (text === this.nodeText) return this.nodeAtom
    const { nodeText, nodeAtom } = this
    const known = text === this.otherText
    this.nodeAtom = known ? this.otherAtom : packedAtom(text)
    this.nodeText = text
    this.otherText = nodeText
    this.otherAtom = nodeAtom
    return this.nodeAtom
  }

  /** Makes room for `n` more bytes. @throws NotATerm beyond {@link WRITER_MAX}. */
  ensure(n: number): void {
    if (this.length + n > this.bytes.length) this.grow(n)
  }

  private grow(n: number): void {
    const wanted = this.length + n
    if (wanted > WRITER_MAX) throw new NotATerm(`with it the external form would be larger than ${WRITER_MAX} bytes`)
    // One large piece is given the room that it takes and a little more, many small ones twice what they had.
    const doubled = n > this.bytes.length ? wanted + LITTLE : this.bytes.length * 2
    const larger = roomFor(Math.min(WRITER_MAX, Math.max(wanted, doubled)))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }

  u8(n: number): void {
    this.ensure(1)
    this.bytes[this.length++] = n
  }

  u16(n: number): void {
    this.ensure(2)
    const { bytes, length } = this
    bytes[length] = n >>> 8
    bytes[length + 1] = n
    this.length = length + 2
  }

  u32(n: number): void {
    this.ensure(4)
    this.patch32(this.length, n)
    this.length += 4
  }

  u64(n: bigint): void {
    this.u32(Number(BigInt.asUintN(32, n >> 32n)))
    this.u32(Number(BigInt.asUintN(32, n)))
  }

  raw(bytes: Uint8Array): void {
    this.ensure(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** The UTF-8 of `text`, without its length. Lone surrogates must have been refused before. */
  utf8(text: string): void {
    const n = text.length
    this.ensure(n * 3)
    if (n > 40) {
      this.length += encoder.encodeInto(text, this.bytes.subarray(this.length)).written
      return
    }
    const { bytes, length } = this
    for (let i = 0; i < n; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) {
        this.length = length + encoder.encodeInto(text, bytes.subarray(length)).written
        return
      }
      bytes[length + i] = code
    }
    this.length = length + n
  }

  /** Leaves four bytes for {@link patch32} to fill, and says where. */
  reserve32(): number {
    this.ensure(4)
    const at = this.length
    this.length = at + 4
    return at
  }

  /** Fills four bytes that were reserved. */
  patch32(at: number, n: number): void {
    const { bytes } = this
    bytes[at] = n >>> 24
    bytes[at + 1] = n >>> 16
    bytes[at + 2] = n >>> 8
    bytes[at + 3] = n
  }

  /** Forgets what was written, and keeps the room for it. */
  reset(): void {
    this.length = 0
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    const { length } = this
    const copy = freshBytes(length)
    copy.set(this.bytes.subarray(0, length))
    return copy
  }
}
