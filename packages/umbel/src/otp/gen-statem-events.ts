/**
 * The order in which a machine gets its events.
 *
 * They all lie in its mailbox, in three parts from the front:
 *
 * ```
 * postponed … | received … | new …
 *             ^ next
 * ```
 *
 * What is postponed stays where it is and is passed over, so it is the same envelope all along: its call can still time out, and fails when the machine ends. A
 * change of state makes all that is postponed *received*, as is what a handler inserts; what runs out at once waits until nothing received is left, and
 * comes before anything new.
 */
import { CALL, type Envelope, Message, PENDING, type Process } from "../runtime/index.ts"
import { atom, tuple } from "../term/index.ts"

const internal = atom("internal")
/** So many postponed events are kept before those are looked for that nobody waits for any more. */
const SWEEP_AT = 64

/** What `self.nextEvent(event)` inserts. */
export class InternalEvent extends Message {
  readonly event: unknown
  constructor(event: unknown) {
    super(tuple(internal, event))
    this.event = event
  }
}

export class EventQueue {
  readonly #mailbox: Process
  /** The last of those that are postponed. */
  #last: Envelope | undefined = undefined
  #postponed = 0
  #received = 0
  #sweepAt = SWEEP_AT

  constructor(mailbox: Process) {
    this.#mailbox = mailbox
  }

  /** How many envelopes wait that are not postponed. */
  get waiting(): number {
    return this.#mailbox.size - this.#postponed
  }
  /** Whether everything that was received has had its turn, and only new envelopes are left. */
  get drained(): boolean {
    return this.#received === 0
  }

  /** The next one is about to be taken out: gives the envelope behind which it lies; undefined when it is the first. */
  beforeTake(): Envelope | undefined {
    if (this.#received > 0) this.#received--
    return this.#last
  }

  /** Puts the event in hand back where it was: behind those that are postponed already. */
  postpone(envelope: Envelope): void {
    this.#put(this.#last, envelope)
    this.#last = envelope
    this.#postponed++
    if (this.#postponed >= this.#sweepAt) this.#sweep(envelope)
  }

  /** Drops the postponed calls that were given up, so that callers who ask again and again fill no mailbox. `last`, just handled, stays. */
  #sweep(last: Envelope): void {
    const mailbox = this.#mailbox
    const before = mailbox.size
    let kept: Envelope | undefined
    for (let one = mailbox.head; one !== undefined && one !== last; ) {
      const { next }: { next: Envelope | undefined } = one
      if (one.kind === CALL && one.status !== PENDING) {
        if (kept === undefined) mailbox.head = next
        else kept.next = next
        one.next = undefined
        mailbox.size--
      } else kept = one
      one = next
    }
    this.#postponed -= before - mailbox.size
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#postponed)
  }

  /** Inserts events before all others that wait. */
  insert(events: readonly Envelope[]): void {
    let after = this.#last
    for (const event of events) {
      this.#put(after, event)
      after = event
    }
    this.#received += events.length
  }

  /** What is postponed comes again, before everything else. */
  release(): void {
    this.#received += this.#postponed
    this.#postponed = 0
    this.#last = undefined
  }

  #put(after: Envelope | undefined, envelope: Envelope): void {
    const mailbox = this.#mailbox
    if (after === undefined) {
      envelope.next = mailbox.head
      mailbox.head = envelope
    } else {
      envelope.next = after.next
      after.next = envelope
    }
    if (envelope.next === undefined) mailbox.tail = envelope
    mailbox.size++
  }
}
