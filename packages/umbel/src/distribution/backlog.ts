/**
 * How much of what a peer has sent lies unread in the mailboxes of this node.
 *
 * Reading from a link never stops for a busy moment: a BEAM node suspends every process that sends to one that does not read. What was read lies
 * in mailboxes then, and this is what bounds it. Nobody counts on the way out of a mailbox, which is the hot path; from time to time all are looked
 * through, and each message that came over a link knows from which it came and how long it was.
 */
import { Message, type Node } from "../runtime/index.ts"

/** A message that came over a link. */
export class FarMessage extends Message {
  /** The link. */
  readonly source: object
  /** The length of its frame. */
  readonly bytes: number

  constructor(value: unknown, source: object, bytes: number, trace: unknown) {
    super(value, false, trace)
    this.source = source
    this.bytes = bytes
  }
}

/** Bytes of messages from `source` that nobody has taken out of a mailbox. */
export function backlogOf(node: Node, source: object): number {
  let bytes = 0
  for (const process of node.all()) {
    for (let envelope = process.head; envelope !== undefined; envelope = envelope.next) {
      if (envelope instanceof FarMessage && envelope.source === source) bytes += envelope.bytes
    }
  }
  return bytes
}
