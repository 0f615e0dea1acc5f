/**
 * A connected link: bytes in, control messages out, and the other way round.
 *
 * ```ts
 * const channel = new Channel({ flags, profile })                    // as the handshake negotiated
 * socket.on("data", (chunk) => channel.receive(chunk, deliver))      // ProtocolError: close
 * channel.write({ op: "send", from: self, to: pid }, "hello")
 * socket.write(channel.take())                                       // all that waits, at once
 * ```
 *
 * What is written is encoded at once into one growing buffer, so that a sender may change its term afterwards, and a term
 * that cannot travel is refused where it is sent. What arrives is decoded at once, in place, message by message.
 *
 * A frame starts with one of two framings, by the flags: 112 and terms with a version byte each, or a distribution header
 * (131, 68) and terms without. Messages over 64 KiB are cut into fragments, if the peer can read them.
 */
import {
  type AtomBudget,
  type DecodeOptions,
  decodeFrom,
  type EncodeOptions,
  encodeTo,
  type Limits,
  MalformedTerm,
  type Profile,
  Reader,
  Writer,
} from "../etf/index.ts"
import { AtomCache } from "./atom-cache.ts"
import type { Control, PayloadKind } from "./control.ts"
import { ControlReader } from "./control-reader.ts"
import { ControlWriter } from "./control-writer.ts"
import { ProtocolError } from "./failures.ts"
import { has } from "./flags.ts"
import { FRAGMENT_BYTES, Fragments, type Sequence } from "./fragments.ts"
import { Deframer } from "./frame.ts"

/** Bounds on what one peer may make us hold. */
export interface ChannelLimits {
  /** The longest frame, in bytes. */
  readonly frameBytes: number
  /** The payloads of all unfinished fragmented messages together, in bytes. */
  readonly fragmentBytes: number
  /** How many fragmented messages may be unfinished. */
  readonly fragmentSequences: number
}

export const CHANNEL_LIMITS: ChannelLimits = {
  frameBytes: 128 * 1024 * 1024,
  fragmentBytes: 256 * 1024 * 1024,
  fragmentSequences: 10_000,
}

export interface ChannelOptions {
  /** The negotiated flags. */
  readonly flags: bigint
  readonly profile: Profile
  readonly limits?: Partial<ChannelLimits> | undefined
  /** What bounds each term that is read. */
  readonly terms?: Limits | undefined
  /** Counts the distinct atoms that this peer is sent. */
  readonly atoms?: AtomBudget | undefined
  /** Counts the atoms that this peer brings. */
  readonly newAtoms?: AtomBudget | undefined
  /** Puts this node's own pid in place of an equal one that was read. */
  readonly pid?: DecodeOptions["pid"]
  readonly structs?: DecodeOptions["structs"]
}

/** What is done with a message: `payload` is undefined for control messages that have none. It must not throw. */
export type Deliver = (control: Control, payload: unknown) => void

/** The buffer for writing is this large, unless a batch needs more. */
const KEPT_BYTES = 64 * 1024

const VERSION = 131
const PASS_THROUGH = 112
const HEADER = 68
const FIRST_FRAGMENT = 69
const NEXT_FRAGMENT = 70

/** One end of a connected link, without its socket. */
export class Channel {
  /** All bytes that were ever received: for {@link Ticks}. */
  bytesIn = 0
  /** All bytes that were ever taken. */
  bytesOut = 0

  private readonly headers: boolean
  private readonly fragmenting: boolean
  private readonly frames: Deframer
  private readonly atomCache: AtomCache
  private readonly fragments: Fragments
  private readonly controlReader = new ControlReader()
  private readonly controlWriter: ControlWriter
  private readonly decoding: DecodeOptions
  /** How control messages, reasons and messages are encoded: alike, but called by their names in errors. */
  private readonly encoding: {
    readonly control: EncodeOptions
    readonly reason: EncodeOptions
    readonly message: EncodeOptions
  }
  private readonly writer = new Writer(KEPT_BYTES)
  /** Numbers our own fragmented messages. */
  private sequence = 0n
  /** What is being read, for errors. */
  private reading: "header" | "control" | "message" = "header"
  /** Where in its bytes the present frame begins, for errors. */
  private base = 0
  private broken = false

  constructor(options: ChannelOptions) {
    const { flags, profile, atoms, newAtoms, pid, structs, terms } = options
    const limits = { ...CHANNEL_LIMITS, ...options.limits }
    const atomCache = has(flags, "DIST_HDR_ATOM_CACHE")
    this.fragmenting = has(flags, "FRAGMENTS")
    this.headers = atomCache || this.fragmenting
    this.frames = new Deframer(4, limits.frameBytes)
    this.atomCache = new AtomCache(atomCache)
    this.fragments = new Fragments({ bytes: limits.fragmentBytes, sequences: limits.fragmentSequences })
    this.controlWriter = new ControlWriter(flags)
    this.decoding = { limits: terms, atomCache: this.atomCache.lookup, newAtoms, pid, structs }
    const encoding = { profile, atoms, structs }
    this.encoding = {
      control: { ...encoding, root: "control" },
      reason: { ...encoding, root: "reason" },
      message: { ...encoding, root: "message" },
    }
  }

  /**
   * The next bytes from the peer, cut anywhere. Everything they complete is delivered before this returns.
   * @param onTick Called for each tick. It needs no answer: two nodes that answered would never be quiet.
   * @throws ProtocolError Close the link and tell its message; the channel takes no more bytes. What came before was delivered.
   */
  receive(chunk: Uint8Array, deliver: Deliver, onTick?: () => void): void {
    if (this.broken) throw new Error("the channel is closed: the peer broke the protocol, or deliver threw")
    this.bytesIn += chunk.length
    // Whatever is thrown on the way, even by deliver, leaves the stream in the middle: it cannot go on.
    this.broken = true
    const { frames } = this
    try {
      frames.feed(chunk)
      while (frames.next()) {
        if (frames.start === frames.end) onTick?.()
        else this.frame(frames.bytes, frames.start, frames.end, deliver)
      }
    } catch (error) {
      if (!(error instanceof MalformedTerm)) throw error
      const { offset, reason } = error
      throw new ProtocolError(
        { reason: "malformed_term", where: this.reading, offset: offset - this.base, detail: reason },
        { cause: error },
      )
    }
    this.broken = false
  }

  /**
   * Encodes a message into the buffer.
   * @param payload The message of send, regSend, aliasSend and altact; the list of arguments of a spawnRequest. Otherwise ignored.
   * @throws NotATerm, NotNegotiated, TypeError for elements of the wrong type; the buffer then is as it was.
   */
  write(control: Control, payload?: unknown): void {
    const { writer } = this
    const start = writer.length
    let written = false
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
      this.controlWriter.write(writer, control, this.encoding.control)
      const kind = this.controlWriter.payload
      if (kind !== "none") {
        if (!this.headers) {
          writer.ensure(1)
          writer.u8(VERSION)
        }
        const payloadStart = writer.length
        if (kind === "message") encodeTo(writer, payload, this.encoding.message)
        else encodeTo(writer, (control as { reason: unknown }).reason, this.encoding.reason)
        if (this.fragmenting && writer.length - payloadStart > FRAGMENT_BYTES) {
          this.cut(start, controlStart, payloadStart)
          written = true
          return
        }
      }
      writer.patch32(start, writer.length - start - 4)
      written = true
    } finally {
      if (!written) writer.length = start
    }
  }

  /** A sign of life, for when nothing else is to say. */
  tick(): void {
    this.writer.ensure(4)
    this.writer.u32(0)
  }

  /** How many bytes wait to be taken. */
  get pending(): number {
    return this.writer.length
  }

  /** All bytes that wait. They are the caller's from now on. */
  take(): Uint8Array {
    const { writer } = this
    const { bytes, length } = writer
    this.bytesOut += length
    if (length <= KEPT_BYTES) {
      const taken = writer.take()
      writer.reset()
      return taken
    }
    // A large buffer is given away as it is: no copy, and a rare large message holds no memory for ever.
    writer.bytes = new Uint8Array(KEPT_BYTES)
    writer.length = 0
    return bytes.subarray(0, length)
  }

  private frame(bytes: Uint8Array, start: number, end: number, deliver: Deliver): void {
    const reader = new Reader(bytes, start, end)
    this.reading = "header"
    this.base = start
    if (!this.headers) {
      expect(reader.u8(), PASS_THROUGH)
      expect(reader.u8(), VERSION)
      this.message(reader, deliver)
      return
    }
    expect(reader.u8(), VERSION)
    const tag = reader.u8()
    if (tag === HEADER) {
      this.atomCache.readHeader(reader, this.decoding)
      this.message(reader, deliver)
      return
    }
    if (!this.fragmenting || (tag !== FIRST_FRAGMENT && tag !== NEXT_FRAGMENT)) expect(tag, HEADER)
    const whole = this.fragment(reader, tag === FIRST_FRAGMENT)
    if (whole !== undefined) this.assembled(whole, deliver)
  }

  private message(reader: Reader, deliver: Deliver): void {
    this.reading = "control"
    const control = this.controlReader.read(reader, this.decoding)
    const kind = this.controlReader.payload
    if (kind === "none") {
      deliver(control, undefined)
      return
    }
    if (reader.remaining === 0) throw missingPayload(this.controlReader.code)
    this.reading = "message"
    if (!this.headers) expect(reader.u8(), VERSION)
    this.payload(reader, control, kind, this.controlReader.code, deliver)
  }

  private payload(reader: Reader, control: Control, kind: PayloadKind, code: number, deliver: Deliver): void {
    if (reader.remaining === 0) throw missingPayload(code)
    const payload = decodeFrom(reader, this.decoding)
    if (kind === "message") {
      deliver(control, payload)
      return
    }
    // The control was made a moment ago, by the reader, and nobody else has seen it.
    ;(control as { reason: unknown }).reason = payload
    deliver(control, undefined)
  }

  private fragment(reader: Reader, first: boolean): Sequence | undefined {
    const id = reader.u64()
    const left = reader.u64()
    if (!first) return this.fragments.add(id, left, reader.view(reader.remaining))
    this.atomCache.readHeader(reader, this.decoding)
    this.reading = "control"
    const control = this.controlReader.read(reader, this.decoding)
    const { payload, code } = this.controlReader
    const message = { control, payload, code, atoms: this.atomCache.atoms }
    return this.fragments.start(id, left, message, reader.view(reader.remaining))
  }

  private assembled(sequence: Sequence, deliver: Deliver): void {
    const { control, payload, code, atoms, bytes, length } = sequence
    if (payload === "none") {
      deliver(control, undefined)
      return
    }
    this.reading = "message"
    this.base = 0
    this.atomCache.atoms = atoms
    this.payload(new Reader(bytes, 0, length), control, payload, code, deliver)
  }

  /** Replaces the one frame from `start` on by fragments. Large messages only pay the one further copy. */
  private cut(start: number, controlStart: number, payloadStart: number): void {
    const { writer } = this
    const control = writer.bytes.slice(controlStart, payloadStart)
    const payload = writer.bytes.slice(payloadStart, writer.length)
    const id = ++this.sequence
    let left = Math.ceil(payload.length / FRAGMENT_BYTES)
    writer.length = start
    for (let from = 0; from < payload.length; from += FRAGMENT_BYTES, left--) {
      const length = writer.reserve32()
      writer.ensure(19)
      writer.u8(VERSION)
      writer.u8(from === 0 ? FIRST_FRAGMENT : NEXT_FRAGMENT)
      writer.u64(id)
      writer.u64(BigInt(left))
      if (from === 0) {
        writer.u8(0)
        writer.raw(control)
      }
      writer.raw(payload.subarray(from, from + FRAGMENT_BYTES))
      writer.patch32(length, writer.length - length - 4)
    }
  }
}

function expect(got: number, expected: number): void {
  if (got !== expected) throw new ProtocolError({ reason: "wrong_framing", expected, got })
}

const missingPayload = (op: number): ProtocolError => new ProtocolError({ reason: "missing_payload", op })
