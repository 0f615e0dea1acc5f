/**
 * A spy: told of every message, call, start and end of a node while somebody traces it. See `otp/inspection/tracer.ts`.
 *
 * A node has none (`node.spy` is undefined) unless one is set: then each of these places costs one look at a field. It is told before the receiver
 * works, in order, and must neither throw nor keep envelopes: they are the receiver's.
 */
import type { Pid, Ref, Target } from "../term/index.ts"
import type { Call } from "./envelope.ts"
import type { Process } from "./process.ts"

/** How a call was settled: by its answer, by a refusal, or by the end of the server, a time-out, a lost link. */
export type Settled = "answer" | "refusal" | "failure"

export interface Spy {
  /** `process` is the receiver, where it lives on this node. `what` is the message, or of a cast its request as a term. */
  sent(kind: "message" | "cast", from: Pid, to: Target | Ref, process: Process | undefined, what: unknown): void
  called(call: Call, process: Process | undefined): void
  settled(call: Call, how: Settled, what: unknown): void
  /** A message from another node, and what it is part of (`traceContext`). */
  received(from: Pid | undefined, process: Process, message: unknown, trace: unknown): void
  /** What the runtime itself puts into a mailbox: timers, news of monitors, exits. */
  told(process: Process, message: unknown, trace: unknown): void
  spawned(process: Process): void
  ended(process: Process, reason: unknown): void
}
