/**
 * Mailbox limits: what becomes of a message that comes to a process with enough of them.
 *
 * ```ts
 * genServer("shop.orders", { mailbox: { limit: 10_000, policy: "refuse" }, … })
 * ```
 *
 * Only what other processes send is counted against the limit. Exits, the news of monitors and a process's own timers always arrive: a process that
 * missed one of those could wait for ever.
 */
import { atom } from "../term/index.ts"
import { CALL, type Envelope } from "./envelope.ts"
import type { Node } from "./node.ts"
import type { Process } from "./process.ts"

/**
 * - `drop_newest`: what comes is dropped; a call rejects with `CallExit`, reason `mailbox_full`
 * - `drop_oldest`: room is made for it by what has waited longest
 * - `exit`: the process ends with `mailbox_full`, and its supervisor starts anew with an empty one
 */
export type OverflowPolicy = "drop_newest" | "drop_oldest" | "exit"

export interface MailboxLimit {
  /** How many messages may wait. */
  readonly limit: number
  /** `drop_newest` unless told. */
  readonly policy?: OverflowPolicy | undefined
}

/** As good as none, and a small integer, which costs nothing to compare with. */
export const NO_LIMIT = 2 ** 30 - 1

const mailboxFull = atom("mailbox_full")
/** Milliseconds between two reports of one process. */
const REPORT_MS = 10_000

/** Does with `envelope` what the policy says. Whether it is to be delivered all the same. */
export function overflows(node: Node, process: Process, envelope: Envelope): boolean {
  const { policy = "drop_newest" } = process.extras?.mailboxLimit ?? {}
  report(node, process, policy)
  if (policy === "exit") {
    node.signals.exitSoon(process, mailboxFull)
    drop(node, envelope)
    return false
  }
  if (policy === "drop_newest") {
    drop(node, envelope)
    return false
  }
  const oldest = process.takeMatching(undefined, (waiting) => !waiting.system)
  if (oldest !== undefined) drop(node, oldest)
  return true
}

function drop(node: Node, envelope: Envelope): void {
  if (envelope.kind === CALL) node.calls.fail(envelope, mailboxFull)
}

function report(node: Node, process: Process, policy: OverflowPolicy): void {
  const { cold } = process
  cold.dropped++
  const now = node.platform.clock.now()
  if (cold.droppedReportAt !== undefined && now - cold.droppedReportAt < REPORT_MS) return
  cold.droppedReportAt = now
  node.reports.note(
    "warning",
    "mailbox",
    `${process.title} has ${process.size} messages waiting, its limit; ${cold.dropped} met it full so far (${policy})`,
    process.pid,
  )
}
