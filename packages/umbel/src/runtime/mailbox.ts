/**
 * A mailbox: a queue of envelopes that is read from the front, or from the middle by a guard (selective receive).
 *
 * It is the base of {@link Process} rather than a part of it: a process has exactly one, and a million idle processes should not
 * hold a million further objects.
 */
import type { Envelope } from "./envelope.ts"

export class Mailbox {
  /** @internal */ head: Envelope | undefined
  /** @internal */ tail: Envelope | undefined
  /** How many envelopes wait. */
  size: number

  constructor() {
    this.head = undefined
    this.tail = undefined
    this.size = 0
  }

  /** @internal */ put(envelope: Envelope): void {
    this.size++
    if (this.tail === undefined) this.head = envelope
    else this.tail.next = envelope
    this.tail = envelope
  }

  /** The first envelope, taken out. Only called when `size` is above 0. @internal */
  take(): Envelope {
    const envelope = this.head!
    this.size--
    this.head = envelope.next
    if (this.head === undefined) this.tail = undefined
    envelope.next = undefined
    return envelope
  }

  /**
   * Takes out the first envelope that `matches`, looking only behind `after` (which was seen before and did not match).
   * @internal
   */
  takeMatching(after: Envelope | undefined, matches: (envelope: Envelope) => boolean): Envelope | undefined {
    let previous = after
    let candidate = after === undefined ? this.head : after.next
    while (candidate !== undefined) {
      if (matches(candidate)) {
        if (previous === undefined) this.head = candidate.next
        else previous.next = candidate.next
        if (this.tail === candidate) this.tail = previous
        candidate.next = undefined
        this.size--
        return candidate
      }
      previous = candidate
      candidate = candidate.next
    }
    return undefined
  }
}
