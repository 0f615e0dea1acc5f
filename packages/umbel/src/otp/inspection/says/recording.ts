/**
 * What the flight recorder says: the vitals of a node over the last hours, what happened, and the last views of nodes that are gone.
 *
 * ```ts
 * const recording = await node.call(INSPECTOR.at("back@127.0.0.1")).recording(0)
 * recording.samples.at(-1)?.loopUtilisation
 * ```
 *
 * It is plain JSON throughout (pids are texts), so that it can be written to a file and read by another observer: see `recording-file.ts`.
 */
import type { Overview, TreeNode } from "./overview.ts"

/** Milliseconds since 1970; memory in bytes; a rate is per second. */
export interface Sample {
  readonly at: number
  /** What the sample is over: 1,000, or 10,000 for what is older than a quarter of an hour. */
  readonly intervalMs: number
  readonly heapUsed: number
  readonly rss: number
  readonly external: number
  readonly loopUtilisation: number
  readonly delayP50: number
  readonly delayP99: number
  readonly delayMax: number
  readonly gcCount: number
  readonly gcMs: number
  /** Of one processor. */
  readonly cpuShare: number
  readonly runQueue: number
  readonly processes: number
  readonly zombies: number
  readonly messagesRate: number
  readonly turnsRate: number
  readonly crashes: number
  readonly bytesInRate: number
  readonly bytesOutRate: number
  readonly connected: number
}

/** One application over one interval. */
export interface ApplicationSample {
  readonly at: number
  readonly application: string
  readonly processes: number
  /** Messages that wait. */
  readonly mailbox: number
  readonly handledRate: number
  /** Milliseconds of CPU per second. */
  readonly cpuRate: number
}

export type RecordedKind =
  | "boot"
  | "crash"
  | "restart"
  | "give-up"
  | "long-handler"
  | "warning"
  | "error"
  | "node-up"
  | "node-down"
  | "application"
  | "action"

/** Something happened. */
export interface RecordedEvent {
  readonly at: number
  readonly kind: RecordedKind
  readonly text: string
  readonly pid: string | undefined
}

export interface Recording {
  readonly format: "umbel-recording"
  readonly version: 1
  readonly node: string
  readonly bootedAt: number
  readonly at: number
  /** Oldest first: those of a minute, then those of ten seconds, then those of one. */
  readonly samples: readonly Sample[]
  readonly applications: readonly ApplicationSample[]
  readonly events: readonly RecordedEvent[]
}

/** A node as one of its peers saw it last. */
export interface LastView {
  readonly node: string
  /** By the clock of the node that keeps it. */
  readonly at: number
  /** Whether that node is connected now. */
  readonly connected: boolean
  readonly overview: Overview
  readonly trees: readonly { readonly application: string; readonly tree: TreeNode }[]
  readonly events: readonly RecordedEvent[]
}
