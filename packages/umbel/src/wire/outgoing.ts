/**
 * What waits to be written to a peer: messages as frames, large ones in fragments, with others in between.
 *
 * A message over 64 KiB is encoded at once and cut. Its first fragment goes in its turn; the others wait beside the frames, and {@link Outgoing.take}
 * hands them out a few at a time, those of several messages in turn, so that a small message waits behind no large one. But for this: the signals of one
 * sender arrive in the order in which it sent them. So what a sender says while its large message is under way waits for the end of that one, and what
 * has no sender that is known waits for all.
 */
import { type EncodeOptions, encodeTo, roomFor, Writer } from "../etf/index.ts"
import { Pid } from "../term/index.ts"
import type { Control } from "./control.ts"
import { ControlWriter } from "./control-writer.ts"
import { has } from "./flags.ts"
import { FRAGMENT_BYTES } from "./fragments.ts"
import { SentAtomCache } from "./sent-atom-cache.ts"

/** What is to be sent is copied out of the buffer up to this length; a longer buffer is given away as it is. */
const KEPT_BYTES = 64 * 1024
/** The buffer that follows one that was given away. It grows as it is needed. */
const NEXT_BYTES = 16 * 1024
/** A buffer that was given away and comes back is kept for the next large message up to this length, and so many of them: new memory costs more than what is written to it. */
const SPARE_BYTES = 512 * 1024
const SPARES = 4
/** A message up to this length is no burden to others: its fragments are not kept apart. */
const AT_ONCE_BYTES = 256 * 1024
/** How much longer the first fragment's header is than that of a whole frame, and how long that of each further one is, its length included. */
const FIRST_EXTRA = 16
const NEXT_HEADER = 22

const VERSION = 131
const PASS_THROUGH = 112
const HEADER = 68
const FIRST_FRAGMENT = 69
const NEXT_FRAGMENT = 70

/** A message of which fragments are still to be sent. */
interface Cut {
  /** The sender's key; undefined where it is not known. */
  readonly sender: string | undefined
  readonly id: bigint
  readonly payload: Uint8Array
  /** Where the next fragment begins. */
  from: number
  /** How many fragments are left. */
  left: number
  /** What its sender said since. */
  readonly behind: Writer
}

export class Outgoing {
  private readonly headers: boolean
  private readonly fragmenting: boolean
  private readonly controlWriter: ControlWriter
  private readonly plain: EncodeOptions
  private readonly cached: EncodeOptions | undefined
  private readonly cache = new SentAtomCache()
  private readonly writer = new Writer(KEPT_BYTES)
  /** The memory of buffers that were given away and may come back. What else comes back is not ours, as Node's pool is not, and who wrote there would write into the buffers of others. */
  private readonly away = new WeakSet<ArrayBufferLike>()
  private readonly spares: Uint8Array[] = []
  private readonly cuts: Cut[] = []
  /** Bytes of fragments, and of what waits behind them. */
  private deferred = 0
  /** Numbers our own fragmented messages. */
  private sequence = 0n

  /** @param cacheAtoms Whether atoms are named by their slots in the peer's cache, if it has one. */
  constructor(flags: bigint, encoding: EncodeOptions, cacheAtoms: boolean) {
    const hasCache = has(flags, "DIST_HDR_ATOM_CACHE")
    this.fragmenting = has(flags, "FRAGMENTS")
    this.headers = hasCache || this.fragmenting
    this.controlWriter = new ControlWriter(flags)
    this.plain = encoding
    this.cached = hasCache && cacheAtoms ? { ...encoding, atomReferences: this.cache } : undefined
  }

  /** How many bytes wait to be taken. */
  get pending(): number {
    return this.writer.length + this.deferred
  }

  /** Of these, the bytes of whole frames that go out first. */
  get framed(): number {
    return this.writer.length
  }

  /** @throws NotATerm, NotNegotiated, TypeError for elements of the wrong type; what waits is then as it was. */
  write(control: Control, payload: unknown): void {
    if (this.cuts.length > 0) {
      const sender = senderOf(control)
      if (sender === undefined) this.finish()
      else {
        const before = this.cuts.find((cut) => cut.sender === undefined || cut.sender === sender)
        if (before !== undefined) {
          const length = before.behind.length
          this.frame(before.behind, control, payload, undefined)
          this.deferred += before.behind.length - length
          return
        }
      }
    }
    this.frame(this.writer, control, payload, this.cached)
  }

  tick(): void {
    this.writer.ensure(4)
    this.writer.u32(0)
  }

  /**
   * All frames that wait, and as many fragments as fit into `fragmentBytes`, at least one if that is above 0, in pieces to be written one behind the other.
   * They are the caller's from now on.
   */
  take(fragmentBytes = Number.POSITIVE_INFINITY): Uint8Array[] {
    const pieces: Uint8Array[] = []
    this.move(pieces)
    for (let room = fragmentBytes; room > 0 && this.cuts.length > 0; ) {
      // Each in turn.
      const cut = this.cuts.shift()!
      const { deferred } = this
      if (this.next(cut, pieces)) this.cuts.push(cut)
      room -= deferred - this.deferred
    }
    this.move(pieces)
    return pieces
  }

  /** Pieces that {@link take} has given out, and that nobody looks at any more. */
  giveBack(pieces: readonly Uint8Array[]): void {
    for (const { buffer } of pieces) {
      if (this.away.delete(buffer) && this.spares.length < SPARES) this.spares.push(new Uint8Array(buffer))
    }
  }

  /** Forgets the buffers that came back: nothing large has been sent for a while. */
  forget(): void {
    this.spares.length = 0
  }

  /** Moves what stands in the buffer to `pieces`. */
  private move(pieces: Uint8Array[]): void {
    const { writer } = this
    const { bytes, length } = writer
    if (length === 0) return
    if (length <= KEPT_BYTES) {
      pieces.push(writer.take())
      writer.reset()
      return
    }
    // A large buffer is given away as it is: no copy, and a rare large message holds no memory for ever.
    writer.bytes = this.spares.pop() ?? roomFor(NEXT_BYTES)
    writer.length = 0
    if (bytes.length <= SPARE_BYTES) this.away.add(bytes.buffer)
    pieces.push(bytes.subarray(0, length))
  }

  /** Puts all fragments into the buffer. */
  private finish(): void {
    for (const cut of this.cuts) while (this.next(cut, undefined)) {}
    this.cuts.length = 0
  }

  private frame(writer: Writer, control: Control, payload: unknown, cached: EncodeOptions | undefined): void {
    const encoding = cached ?? this.plain
    const start = writer.length
    let written = false
    if (cached !== undefined) this.cache.begin()
    try {
      writer.ensure(8)
      writer.reserve32()
      if (this.headers) {
        writer.u8(VERSION)
        writer.u8(HEADER)
        writer.u8(0)
      } else {
        writer.u8(PASS_THROUGH)
        writer.u8(VERSION)
      }
      const controlStart = writer.length
      this.controlWriter.write(writer, control, encoding)
      const kind = this.controlWriter.payload
      if (kind !== "none") {
        if (!this.headers) {
          writer.ensure(1)
          writer.u8(VERSION)
        }
        const payloadStart = writer.length
        if (kind === "message") encodeTo(writer, payload, encoding, "message")
        else encodeTo(writer, (control as { reason: unknown }).reason, encoding, "reason")
        if (this.fragmenting && writer.length - payloadStart > FRAGMENT_BYTES) {
          if (cached === undefined && writer.length - payloadStart <= AT_ONCE_BYTES) {
            this.split(writer, start, controlStart, payloadStart)
          } else this.cut(writer, control, start, controlStart, payloadStart, cached !== undefined)
          written = true
          return
        }
      }
      if (cached !== undefined) this.cache.insertHeader(writer, start + 6)
      writer.patch32(start, writer.length - start - 4)
      written = true
    } finally {
      if (!written) writer.length = start
    }
  }

  /** Makes fragments of the one frame from `start` on, where it stands. */
  private split(writer: Writer, start: number, controlStart: number, payloadStart: number): void {
    const id = ++this.sequence
    const payload = writer.length - payloadStart
    const pieces = Math.ceil(payload / FRAGMENT_BYTES)
    writer.ensure(FIRST_EXTRA + NEXT_HEADER * (pieces - 1))
    const { bytes } = writer
    // From the last one on, so that none is written over before it was moved.
    for (let piece = pieces - 1; piece > 0; piece--) {
      const from = payloadStart + piece * FRAGMENT_BYTES
      const to = Math.min(from + FRAGMENT_BYTES, payloadStart + payload)
      const header = from + FIRST_EXTRA + NEXT_HEADER * (piece - 1)
      bytes.copyWithin(header + NEXT_HEADER, from, to)
      writer.length = header
      const length = openFragment(writer, NEXT_FRAGMENT, id, pieces - piece)
      writer.patch32(length, to - from + NEXT_HEADER - 4)
    }
    const end = payloadStart + FRAGMENT_BYTES
    bytes.copyWithin(controlStart + FIRST_EXTRA, controlStart, end)
    writer.length = start
    const length = openFragment(writer, FIRST_FRAGMENT, id, pieces)
    writer.u8(0)
    writer.patch32(length, end + FIRST_EXTRA - start - 4)
    writer.length = payloadStart + payload + FIRST_EXTRA + NEXT_HEADER * (pieces - 1)
  }

  /** Replaces the one frame from `start` on by its first fragment, and keeps the others. */
  private cut(
    writer: Writer,
    message: Control,
    start: number,
    controlStart: number,
    payloadStart: number,
    cached: boolean,
  ): void {
    const control = writer.bytes.slice(controlStart, payloadStart)
    // The buffer is the payload's from now on: a large message is not copied once more.
    const payload = writer.bytes.subarray(payloadStart, writer.length)
    const before = writer.bytes.subarray(0, start)
    writer.bytes = roomFor(start + control.length + FRAGMENT_BYTES + NEXT_BYTES)
    writer.bytes.set(before)
    const id = ++this.sequence
    const left = Math.ceil(payload.length / FRAGMENT_BYTES)
    writer.length = start
    const length = openFragment(writer, FIRST_FRAGMENT, id, left)
    writer.u8(0)
    const list = writer.length - 1
    writer.raw(control)
    if (cached) this.cache.insertHeader(writer, list)
    writer.raw(payload.subarray(0, FRAGMENT_BYTES))
    writer.patch32(length, writer.length - length - 4)
    const cut: Cut = {
      sender: senderOf(message),
      id,
      payload,
      from: FRAGMENT_BYTES,
      left: left - 1,
      behind: new Writer(),
    }
    if (writer === this.writer) {
      this.cuts.push(cut)
      this.deferred += payload.length - FRAGMENT_BYTES
      return
    }
    // It waits behind another one of the same sender: whole.
    while (cut.left > 0) writer.raw(openNext(writer, cut))
  }

  /**
   * Puts one fragment into the buffer, and behind the last one what waited for it. Whether more are left.
   * @param pieces Where to move what stands in the buffer, so that the fragment's part of the message need not be copied to it.
   */
  private next(cut: Cut, pieces: Uint8Array[] | undefined): boolean {
    const { from } = cut
    const part = openNext(this.writer, cut)
    if (pieces === undefined) this.writer.raw(part)
    else {
      this.move(pieces)
      pieces.push(part)
    }
    this.deferred -= cut.from - from
    if (cut.left > 0) return true
    const { behind } = cut
    if (behind.length > 0) {
      this.writer.raw(behind.bytes.subarray(0, behind.length))
      this.deferred -= behind.length
    }
    return false
  }
}

/** The beginning of a fragment. Returns where its length is to be patched in. */
function openFragment(writer: Writer, tag: number, id: bigint, left: number): number {
  const length = writer.reserve32()
  writer.ensure(19)
  writer.u8(VERSION)
  writer.u8(tag)
  writer.u64(id)
  writer.u64(BigInt(left))
  return length
}

/** The header of the next fragment. Returns what is to follow it. */
function openNext(writer: Writer, cut: Cut): Uint8Array {
  const to = Math.min(cut.from + FRAGMENT_BYTES, cut.payload.length)
  const part = cut.payload.subarray(cut.from, to)
  const length = openFragment(writer, NEXT_FRAGMENT, cut.id, cut.left)
  writer.patch32(length, writer.length - length - 4 + part.length)
  cut.from = to
  cut.left--
  return part
}

/** Whose signal it is: that of the process in its name, or of whoever is watched. Not known for a watched name, and for the node's own. */
function senderOf(control: Control): string | undefined {
  const { from } = control as { readonly from?: unknown }
  return from instanceof Pid ? from.key : undefined
}
