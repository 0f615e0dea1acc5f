/**
 * Looking at processes from outside: what the observer, `sys` and the shell show.
 *
 * It reads the records of the runtime and sends nothing to anybody, so looking at a process can neither wake it nor hang on it. What a row costs is
 * paid by whoever looks.
 */
import { inspect, type Pid, redact, type Target } from "../term/index.ts"
import { CALL, CAST, type Envelope, requestTerm, termOf } from "./envelope.ts"
import { linkedPids } from "./links.ts"
import type { Node } from "./node.ts"
import { AWAITING, type Description, ENDED, type Process } from "./process.ts"
import { ancestors } from "./reports.ts"

/** What a process is doing. A zombie has ended, and JavaScript of it still awaits something. */
export type ProcessStatus = "waiting" | "ready" | "running" | "awaiting" | "zombie" | "suspended"

export interface ProcessRow {
  readonly pid: Pid
  /** Registered name, label or module. */
  readonly title: string
  readonly module: string
  readonly kind: Description["kind"]
  readonly status: ProcessStatus
  readonly mailbox: number
  readonly handled: number
  /** Milliseconds of handlers so far. */
  readonly cpuMs: number
}

export interface ProcessDetails extends ProcessRow {
  readonly registeredName: string | undefined
  readonly ancestors: readonly string[]
  readonly parent: Pid | undefined
  readonly links: readonly Pid[]
  readonly monitors: readonly Target[]
  /** How many monitors watch it. */
  readonly watchers: number
  readonly trapExit: boolean
  /** The message in hand and the first ones that wait, printed. */
  readonly current: string | undefined
  readonly messages: readonly string[]
  readonly description: Description
}

const STATUSES: readonly ProcessStatus[] = ["waiting", "ready", "running", "awaiting", "zombie", "suspended"]
const MESSAGES_SHOWN = 20

/** A suspended one that nothing has come for waits like any other, as its own record has it. */
export const statusOf = (process: Process): ProcessStatus =>
  process.node.scheduler.isSuspended(process) && process.status !== ENDED
    ? "suspended"
    : (STATUSES[process.status] ?? "zombie")

export function processRow(node: Node, process: Process): ProcessRow {
  const { kind, module } = process.describe()
  return {
    pid: process.pid,
    title: process.title,
    module,
    kind,
    status: statusOf(process),
    mailbox: process.size,
    handled: process.handled,
    cpuMs: node.scheduler.meters.read(process.slot),
  }
}

/** Everything there is to show of the live process of that pid; undefined when there is none. */
export function processDetails(node: Node, pid: Pid): ProcessDetails | undefined {
  const process = node.find(pid)
  if (process === undefined) return undefined
  const { extras, current } = process
  return {
    ...processRow(node, process),
    registeredName: process.registeredName,
    ancestors: ancestors(process),
    parent: process.parent?.pid,
    links: linkedPids(process),
    monitors: [...(extras?.monitors?.values() ?? [])].map((monitor) => monitor.target),
    watchers: extras?.watchers?.size ?? 0,
    trapExit: process.trapping,
    current: process.status === AWAITING && current !== undefined ? printed(current) : undefined,
    messages: waiting(process, MESSAGES_SHOWN),
    description: process.describe(),
  }
}

/** The first messages that wait in the mailbox, at most `max`, printed. */
export function waiting(process: Process, max: number): string[] {
  const messages: string[] = []
  for (let envelope = process.head; envelope !== undefined && messages.length < max; envelope = envelope.next) {
    messages.push(printed(envelope))
  }
  return messages
}

/** `call {:increment, 2}` says more to a reader than the envelope around it. What sounds like a secret is covered. */
export function printed(envelope: Envelope): string {
  const told = (term: unknown): string => inspect(redact(term), { limit: 20, text: 200, size: 1_000 })
  if (envelope.kind === CALL) return `call ${told(requestTerm(envelope.request, envelope.args))}`
  if (envelope.kind === CAST) return `cast ${told(requestTerm(envelope.request, envelope.args))}`
  return told(termOf(envelope))
}
