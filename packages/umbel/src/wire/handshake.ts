/**
 * What the two sides of a handshake have in common: what goes in, what comes out, and how frames drive the steps.
 *
 * ```ts
 * for (const effect of handshake.receive(chunk)) {
 *   if ("send" in effect) socket.write(effect.send)
 *   else if ("done" in effect) connected(effect.done)
 *   else if ("failed" in effect) giveUp(describe(effect.failed))
 *   else cancelOurAttempt(effect.cancelOwnAttempt)
 * }
 * ```
 *
 * Nothing here waits: the driver closes the socket after `net_setuptime` (7 s) without progress, and says
 * {@link Handshake.timedOut} what that was.
 */
import { describe, type HandshakeFailure, type HandshakeStep, ProtocolError } from "./failures.ts"
import { Deframer } from "./frame.ts"
import { HANDSHAKE_FRAME_BYTES_MAX, Malformed, type Md5, OldHandshake } from "./handshake-messages.ts"

/** Two nodes are connected. */
export interface Connected {
  /** The peer's full name. */
  readonly peer: string
  /** Our own full name, which the peer may have given us. */
  readonly us: string
  /** Our own creation, which comes with the name if that was given. */
  readonly ourCreation: number
  /** Negotiated: what both ends can do. */
  readonly flags: bigint
  readonly profile: "umbel" | "beam"
  /** The peer's incarnation, 32 bits. */
  readonly creation: number
  /** Whether this link replaces one that was up: close that one now, the peer has proven who it is. */
  readonly replaces: boolean
  /** What the peer sent already after its last message of the handshake: the first bytes for the channel. */
  readonly leftover: Uint8Array
}

/** What the driver has to do, in order. After `done` or `failed` comes nothing more; after `failed`, close. */
export type HandshakeEffect =
  | { readonly send: Uint8Array }
  | { readonly done: Connected }
  | { readonly failed: HandshakeFailure }
  /** Give up our own pending attempt to connect to that node: its attempt to us won. */
  | { readonly cancelOwnAttempt: string }

/** What both sides are given. Challenge and MD5 come from the platform. */
export interface HandshakeOptions {
  /** Our own full name. */
  readonly us: string
  /** What we announce: see `announced`. */
  readonly flags: bigint
  /** Our incarnation: 32 bits, not 0. */
  readonly creation: number
  /** 32 random bits, new for each handshake. */
  readonly challenge: number
  readonly md5: Md5
  /** How many bytes the length in front of each message has: 2, or 4 as over TLS. */
  readonly header?: 2 | 4 | undefined
}

/** A state machine of one side. Bytes in, effects out. */
export abstract class Handshake {
  /** What is awaited from the peer. */
  step: HandshakeStep
  /** The peer's name, once known. */
  peer: string | undefined
  private readonly header: 2 | 4
  private readonly frames: Deframer
  private over = false
  private effects: HandshakeEffect[] = []

  constructor(step: HandshakeStep, peer: string | undefined, header: 2 | 4 = 2) {
    this.header = header
    this.frames = new Deframer(header, HANDSHAKE_FRAME_BYTES_MAX)
    this.step = step
    this.peer = peer
  }

  /** One frame came, whole. */
  protected abstract frame(body: Uint8Array): void

  /** The next bytes from the peer, cut anywhere. @returns what to do, often nothing. */
  receive(chunk: Uint8Array): readonly HandshakeEffect[] {
    if (this.over) return []
    try {
      this.frames.feed(chunk)
      while (!this.over && this.frames.next()) {
        const { bytes, start, end } = this.frames
        this.frame(bytes.subarray(start, end))
      }
    } catch (error) {
      this.fail(this.failureOf(error))
    }
    return this.take()
  }

  /** What it means that the peer closed the connection just now. Nothing if the handshake is over. */
  closed(): readonly HandshakeEffect[] {
    if (!this.over) this.fail({ reason: "closed", peer: this.peer, step: this.step })
    return this.take()
  }

  /** What it means that nothing came for `ms`. Nothing if the handshake is over. */
  timedOut(ms: number): readonly HandshakeEffect[] {
    if (!this.over) this.fail({ reason: "timeout", peer: this.peer, step: this.step, ms })
    return this.take()
  }

  protected send(bytes: Uint8Array): void {
    if (this.header === 2) this.effects.push({ send: bytes })
    else {
      // The messages come with two bytes of length: two more zeros in front make four.
      const wide = new Uint8Array(bytes.length + 2)
      wide.set(bytes, 2)
      this.effects.push({ send: wide })
    }
  }

  protected cancelOwnAttempt(peer: string): void {
    this.effects.push({ cancelOwnAttempt: peer })
  }

  protected fail(failed: HandshakeFailure): void {
    this.over = true
    this.effects.push({ failed })
  }

  protected finish(connected: Omit<Connected, "leftover">): void {
    this.over = true
    this.effects.push({ done: { ...connected, leftover: this.frames.rest() } })
  }

  protected take(): readonly HandshakeEffect[] {
    const { effects } = this
    this.effects = []
    return effects
  }

  /** The failure that an error stands for. Errors of other kinds are our own bugs, and pass. */
  private failureOf(error: unknown): HandshakeFailure {
    if (error instanceof OldHandshake) return { reason: "old_handshake" }
    if (error instanceof Malformed) return { reason: "malformed", step: this.step, detail: error.message }
    if (error instanceof ProtocolError) {
      return { reason: "malformed", step: this.step, detail: describe(error.failure) }
    }
    throw error
  }
}

/** @throws RangeError for what no handshake could carry. */
export function checkOptions(options: HandshakeOptions): void {
  for (const key of ["creation", "challenge"] as const) {
    const value = options[key]
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
      throw new RangeError(`expected 32 bits as ${key}, got ${value}`)
    }
  }
  if (options.creation === 0) throw new RangeError("a creation is never 0")
}
