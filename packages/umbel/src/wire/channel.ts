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
 * (131, 68) and terms without. Messages over 64 KiB are cut into fragments, if the peer can read them: see {@link Outgoing}.
 */
import {
  type AtomBudget,
  type DecodeOptions,
  decodeFrom,
  type Limits,
  MalformedTerm,
  type Profile,
  Reader,
  roomFor,
} from "../etf/index.ts"
import { AtomCache } from "./atom-cache.ts"
import type { Control, PayloadKind } from "./control.ts"
import { ControlReader } from "./control-reader.ts"
import { ProtocolError } from "./failures.ts"
import { has } from "./flags.ts"
import { Fragments, type Sequence } from "./fragments.ts"
import { Deframer } from "./frame.ts"
import { Outgoing } from "./outgoing.ts"

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
  /** Whether to name atoms by their slots in the peer's cache, if it has one. Default: no, as `docs/cluster.md` tells. */
  readonly cacheAtoms?: boolean | undefined
  /** Counts the atoms that this peer brings. */
  readonly newAtoms?: AtomBudget | undefined
  /** Puts this node's own pid in place of an equal one that was read. */
  readonly pid?: DecodeOptions["pid"]
  readonly structs?: DecodeOptions["structs"]
}

/** What is done with a message: `payload` is undefined for control messages that have none. It must not throw. */
export type Deliver = (control: Control, payload: unknown) => void

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
  /** The length of the message that is being delivered, or was last, in bytes. */
  frameBytes = 0

  private readonly headers: boolean
  private readonly fragmenting: boolean
  private readonly frames: Deframer
  private readonly atomCache: AtomCache
  private readonly fragments: Fragments
  private readonly controlReader = new ControlReader()
  private readonly decoding: DecodeOptions
  /** For messages that were put together from fragments: their bytes are theirs. */
  private readonly owning: DecodeOptions
  private readonly outgoing: Outgoing
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
    this.decoding = { limits: terms, atomCache: this.atomCache.lookup, newAtoms, pid, structs }
    this.owning = { ...this.decoding, owned: true }
    this.outgoing = new Outgoing(flags, { profile, atoms, structs }, options.cacheAtoms ?? false)
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
    this.outgoing.write(control, payload)
  }

  /** A sign of life, for when nothing else is to say. */
  tick(): void {
    this.outgoing.tick()
  }

  /** How many bytes wait to be taken. */
  get pending(): number {
    return this.outgoing.pending
  }
  /** How many of them are not of a large message that is under way. */
  get framed(): number {
    return this.outgoing.framed
  }

  /**
   * What waits, in pieces to be written one behind the other; they are the caller's from now on.
   * @param fragmentBytes How much of large messages to take, in bytes; all unless told. Whatever is left can be taken later, and what is written until
   *   then goes before it.
   */
  takePieces(fragmentBytes?: number): readonly Uint8Array[] {
    const pieces = this.outgoing.take(fragmentBytes)
    for (const piece of pieces) this.bytesOut += piece.length
    return pieces
  }

  /** Pieces that were taken and are the channel's again: nobody looks at them any more. */
  giveBack(pieces: readonly Uint8Array[]): void {
    this.outgoing.giveBack(pieces)
  }
  /** Lets go of what came back. */
  forget(): void {
    this.outgoing.forget()
  }

  /** The same as one piece. */
  take(fragmentBytes?: number): Uint8Array {
    return joined(this.takePieces(fragmentBytes))
  }

  private frame(bytes: Uint8Array, start: number, end: number, deliver: Deliver): void {
    const reader = new Reader(bytes, start, end)
    this.reading = "header"
    this.base = start
    this.frameBytes = end - start
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

  private payload(
    reader: Reader,
    control: Control,
    kind: PayloadKind,
    code: number,
    deliver: Deliver,
    decoding = this.decoding,
  ): void {
    if (reader.remaining === 0) throw missingPayload(code)
    const payload = decodeFrom(reader, decoding)
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
    this.frameBytes = length
    this.atomCache.atoms = atoms
    this.payload(new Reader(bytes, 0, length), control, payload, code, deliver, this.owning)
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!
  const whole = roomFor(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function expect(got: number, expected: number): void {
  if (got !== expected) throw new ProtocolError({ reason: "wrong_framing", expected, got })
}

const missingPayload = (op: number): ProtocolError => new ProtocolError({ reason: "missing_payload", op })
