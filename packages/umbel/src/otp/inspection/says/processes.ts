/**
 * What the inspector says of many processes: a window of the sorted list, and who is found by some text.
 *
 * ```ts
 * const page = await node.call(INSPECTOR).list({ sort: "cpuRate", descending: true, from: 0, count: 50 })
 * const found = await node.call(INSPECTOR).find("counter", 20)
 * ```
 */
import type { ProcessStatus } from "../../../runtime/index.ts"
import type { Pid } from "../../../term/index.ts"

/** By what a list is sorted. The rates are changes per second, over the last one to two seconds in which somebody asked for them. */
export type ProcessSort =
  | "pid"
  | "title"
  | "module"
  | "status"
  | "mailbox"
  | "handled"
  | "cpu"
  | "memory"
  | "handledRate"
  | "cpuRate"
  | "mailboxRate"

export interface ProcessQuery {
  /** `cpu` unless told. */
  readonly sort?: ProcessSort | undefined
  /** True unless told, but for words (`pid`, `title`, `module`, `status`). */
  readonly descending?: boolean | undefined
  /** Only processes whose pid, name, label or module contains this, whatever the case. */
  readonly filter?: string | undefined
  /** Only processes of this application. */
  readonly application?: string | undefined
  /** The window: from which place, and how many, at most 1,000; 0 and 50 unless told. */
  readonly from?: number | undefined
  readonly count?: number | undefined
}

export interface ProcessPage {
  readonly node: string
  readonly at: number
  /** Processes of the node, and those that the filter lets through. */
  readonly total: number
  readonly matching: number
  readonly from: number
  readonly rows: readonly ProcessListRow[]
  /** Milliseconds that the rates are over; 0 while there are none yet (they are 0 then): ask again a second later. */
  readonly rateMs: number
  /** How long making this page held the thread, in milliseconds. */
  readonly tookMs: number
}

/** One row. Sizes in bytes, times in milliseconds, rates per second. */
export interface ProcessListRow {
  readonly pid: Pid
  /** Registered name, label or module. */
  readonly title: string
  readonly module: string
  readonly kind: "worker" | "supervisor"
  readonly status: ProcessStatus
  readonly mailbox: number
  readonly handled: number
  readonly cpuMs: number
  /** An estimate by size of state and mailbox: see `memory-estimate.ts`. */
  readonly memory: number
  /** The estimate stopped at its bound: the process holds more. */
  readonly memoryCut: boolean
  readonly handledRate: number
  /** Milliseconds of CPU per second. */
  readonly cpuRate: number
  readonly mailboxRate: number
}

/** A process that some text was found in. */
export interface FoundProcess {
  readonly pid: Pid
  readonly title: string
  readonly module: string
  readonly kind: "worker" | "supervisor"
  /** Where the text stands. */
  readonly in: "pid" | "name" | "label" | "module"
}

/** One handler of a server, and where it is written. */
export interface HandlerView {
  readonly kind: "call" | "cast" | "other"
  readonly name: string
  /** `path:line`; empty where it is not known. */
  readonly place: string
  /** Whether it has the message in hand, now or while it awaits. */
  readonly current: boolean
}
