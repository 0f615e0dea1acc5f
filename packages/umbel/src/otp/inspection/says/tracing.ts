/**
 * What the inspector says of messages while they are traced: who sent what to whom and when, and how calls ended.
 *
 * ```ts
 * const inspector = self.call(INSPECTOR.at("back@127.0.0.1"))
 * const { id } = await inspector.trace({ subtrees: [shop], limits: { events: 2_000, ms: 10_000 } })
 * const { events, stopped } = await inspector.traced(id, 0)
 * ```
 *
 * Each node traces its own processes; a message between two traced nodes is seen on both, `sent` here and `received` there. A trace stops by itself: at
 * its limits, when the process that asked for it ends, and when nobody has read it for half a minute.
 */
import type { Pid } from "../../../term/index.ts"

export interface TraceOptions {
  /** Processes of this node. */
  readonly pids?: readonly Pid[] | undefined
  /** Processes of this node with all that are started below them, those that come later included. */
  readonly subtrees?: readonly Pid[] | undefined
  /** Processes of this node by their registered names. */
  readonly names?: readonly string[] | undefined
  /** Everything unless told. */
  readonly what?: readonly TraceWhat[] | undefined
  readonly limits?: TraceLimits | undefined
}

/** Plain messages, casts and timers; calls and their answers; starts, ends and exits. */
export type TraceWhat = "messages" | "calls" | "lifecycle"

export interface TraceLimits {
  /** Events until it stops: 20,000 at most; 5,000 unless told. */
  readonly events?: number | undefined
  /** Milliseconds until it stops: 600,000 at most; 30,000 unless told. */
  readonly ms?: number | undefined
}

/** A trace has begun. */
export interface TraceStarted {
  readonly id: number
  /** Processes it begins with. */
  readonly targets: number
  /** When it will have stopped, in milliseconds since 1970. */
  readonly until: number
  readonly events: number
}

/** Why a trace stopped. */
export type TraceStop = "asked" | "events" | "time" | "watcher" | "unread"

export interface TracePage {
  readonly node: string
  readonly id: number
  /** Undefined while it runs. */
  readonly stopped: TraceStop | undefined
  /** Those with a number from `since` on, in order, at most 2,000 at once. */
  readonly events: readonly TracedEvent[]
  /** The `since` to ask with next. */
  readonly next: number
  /** The node's clock now, in milliseconds since 1970: what a reader tells the skew between nodes by. */
  readonly now: number
}

export type TracedKind =
  /** A message, a cast, a call on its way. */
  | "message"
  | "cast"
  | "call"
  /** How a call ended. */
  | "answer"
  | "refusal"
  | "failure"
  /** From the runtime: a timer, news of a monitor, an exit message. */
  | "signal"
  | "spawn"
  | "exit"

export interface TracedEvent {
  /** Counts up within the trace from 0. */
  readonly number: number
  /** Milliseconds since 1970, with fractions. */
  readonly at: number
  readonly kind: TracedKind
  /** Undefined where nobody in particular sent it, or where it came from another node without a sender. */
  readonly from: Pid | undefined
  /** The name or pid it was sent to, printed, where that is no pid of this node. */
  readonly to: Pid | undefined
  readonly toName: string | undefined
  /** The node it was sent to, where that is another one; and the name it is registered under there, where it was sent to a name. */
  readonly toNode: string | undefined
  readonly toRegistered: string | undefined
  readonly fromTitle: string
  readonly toTitle: string
  /** The message, printed, bounded and redacted; the reason of an end; what was spawned. */
  readonly text: string
  /** Which half of a message between nodes was seen here. */
  readonly seen: "both" | "sent" | "received"
  /** The same for a call and its answer. */
  readonly call: string | undefined
  /** From call to answer. */
  readonly ms: number | undefined
  /** Of the trace that the message is part of: its W3C id, or the text that travels instead (`traceContext`). */
  readonly traceId: string | undefined
}

/** One mailbox since somebody began to study it. Times in milliseconds; undefined while there are none, or where they cannot be told. */
export interface MailboxView {
  /** How long it has been studied. */
  readonly ms: number
  readonly depth: number
  /** Messages that came meanwhile, and a second. */
  readonly came: number
  readonly cameRate: number
  /** How long the message has waited that is next. */
  readonly oldestMs: number | undefined
  /** From arrival to its turn, of the latest 2,000: half of them below, and 99 of 100. */
  readonly waitP50: number | undefined
  readonly waitP99: number | undefined
  /** On the thread. */
  readonly handleP50: number | undefined
  readonly handleP99: number | undefined
  /** Most first, ten at most. */
  readonly senders: readonly { readonly pid: Pid | undefined; readonly title: string; readonly count: number }[]
  readonly kinds: readonly { readonly kind: string; readonly count: number }[]
}
