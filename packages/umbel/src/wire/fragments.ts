/**
 * Fragments: messages that travel in pieces, so that a large one does not hold up small ones behind it.
 *
 * The first piece (tag 69) holds the whole control message and the beginning of the payload, the others (tag 70) the rest of it.
 * Each says the number of its sequence and how many pieces are left, itself included, down to 1. Pieces of
 * different sequences, and ordinary frames, may come in between; the message counts as received with its last piece.
 */
import { roomFor } from "../etf/index.ts"
import type { AtomValue } from "../term/index.ts"
import type { Control, PayloadKind } from "./control.ts"
import { ProtocolError } from "./failures.ts"

/** Payloads longer than this are cut into pieces of this many bytes, as OTP does. */
export const FRAGMENT_BYTES = 64 * 1024

/** The buffer of an unfinished message may be so many times as long as what has come of it. */
const GROWTH = 8

/** A message of which pieces are missing; or, when `add` or `start` gives it out, a whole one. */
export interface Sequence {
  readonly control: Control
  readonly payload: PayloadKind
  /** The number of the control message, for errors. */
  readonly code: number
  /** The cached atoms that the header of the first piece named, for the whole message. */
  readonly atoms: readonly AtomValue[]
  /** The payload, as far as it came: the first `length` of these bytes. */
  bytes: Uint8Array
  length: number
}

interface Unfinished extends Sequence {
  /** How long the payload will be if the pieces are as long as announced, which nobody has to believe. */
  readonly expected: number
  /** How many pieces the last one left, itself included. */
  left: bigint
}

/** Puts together what one peer sends in pieces, within bounds. */
export class Fragments {
  private readonly sequences = new Map<bigint, Unfinished>()
  private readonly bytesMax: number
  private readonly sequencesMax: number
  private bytes = 0

  /** @param limits How much may be unfinished at any time: bytes of all payloads together, and messages. */
  constructor(limits: { bytes: number; sequences: number }) {
    this.bytesMax = limits.bytes
    this.sequencesMax = limits.sequences
  }

  /** How many messages are unfinished. */
  get unfinished(): number {
    return this.sequences.size
  }

  /**
   * The first piece of a message.
   * @param left How many pieces it has.
   * @param first The beginning of its payload, which is copied unless it is all of it.
   * @returns The message, if that was all.
   * @throws ProtocolError
   */
  start(
    id: bigint,
    left: bigint,
    message: Omit<Sequence, "bytes" | "length">,
    first: Uint8Array,
  ): Sequence | undefined {
    if (left === 0n) throw bad(`sequence ${id} starts with none left`)
    if (this.sequences.has(id)) throw bad(`sequence ${id} starts again before its end`)
    if (left === 1n) return { ...message, bytes: first, length: first.length }
    if (this.sequences.size >= this.sequencesMax) {
      throw new ProtocolError({ reason: "fragments_too_large", what: "sequences", limit: this.sequencesMax })
    }
    const expected = first.length + Math.min(Number(left - 1n), this.bytesMax / FRAGMENT_BYTES) * FRAGMENT_BYTES
    const sequence: Unfinished = { ...message, bytes: new Uint8Array(0), length: 0, left, expected }
    this.sequences.set(id, sequence)
    this.append(sequence, first)
    return undefined
  }

  /** A further piece. @returns The message, if it was the last one. @throws ProtocolError */
  add(id: bigint, left: bigint, piece: Uint8Array): Sequence | undefined {
    const sequence = this.sequences.get(id)
    if (sequence === undefined) throw bad(`sequence ${id} has not started`)
    if (left !== sequence.left - 1n) throw bad(`sequence ${id} goes from ${sequence.left} pieces left to ${left}`)
    // It cannot be 0: with 1 left a sequence is whole, and gone.
    sequence.left = left
    this.append(sequence, piece)
    if (left > 1n) return undefined
    this.sequences.delete(id)
    this.bytes -= sequence.length
    return sequence
  }

  /**
   * The buffer grows by a multiple, so that a message costs time in proportion to its size however small the pieces; towards the length that was announced,
   * so that it is not larger than the message in the end, and no announcement alone costs memory.
   */
  private append(sequence: Unfinished, piece: Uint8Array): void {
    this.bytes += piece.length
    if (this.bytes > this.bytesMax) {
      throw new ProtocolError({ reason: "fragments_too_large", what: "bytes", limit: this.bytesMax })
    }
    const length = sequence.length + piece.length
    if (length > sequence.bytes.length) {
      const larger = roomFor(Math.max(length, Math.min(sequence.expected, GROWTH * length)))
      larger.set(sequence.bytes.subarray(0, sequence.length))
      sequence.bytes = larger
    }
    sequence.bytes.set(piece, sequence.length)
    sequence.length = length
  }
}

const bad = (detail: string): ProtocolError => new ProtocolError({ reason: "bad_fragment", detail })
