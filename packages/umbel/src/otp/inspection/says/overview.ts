/**
 * What the inspector says of a node at a glance: its applications, their supervision trees, one process, what was reported.
 *
 * ```ts
 * const { applications } = await node.call(INSPECTOR.at("back@127.0.0.1")).overview()
 * const tree = await node.call(INSPECTOR.at("back@127.0.0.1")).tree("index")
 * ```
 */
import type { Pid } from "../../../term/index.ts"

/** What a node is and does, in numbers. Times are milliseconds since 1970, durations milliseconds. */
export interface Overview {
  readonly node: string
  readonly bootedAt: number
  readonly now: number
  readonly processes: number
  readonly zombies: number
  /** Processes that wait for a turn. */
  readonly runQueue: number
  readonly turns: number
  readonly crashes: number
  /** Reports since boot: the id of the latest. */
  readonly reports: number
  /** Whether it wants no more work. */
  readonly draining: boolean
  /** Nodes it is connected to. */
  readonly connected: readonly string[]
  readonly applications: readonly ApplicationRow[]
  /** Applications it knows and does not run. */
  readonly loaded: readonly { readonly name: string; readonly description: string }[]
}
export interface ApplicationRow {
  readonly name: string
  readonly description: string
  readonly type: string
  readonly startedAt: number
  readonly supervisor: Pid | undefined
}

/** A supervision tree, or a part of it. */
export interface TreeNode {
  /** Undefined for a child that does not run. */
  readonly pid: Pid | undefined
  /** The id under its supervisor. */
  readonly id: string
  readonly title: string
  readonly module: string
  readonly kind: "worker" | "supervisor"
  readonly status: string
  readonly mailbox: number
  readonly handled: number
  readonly cpuMs: number
  readonly restart: string
  /** How often this child was started anew. */
  readonly restarts: number
  /** Why its last life ended; absent in its first. */
  readonly lastReason?: string
  readonly strategy?: string
  readonly intensity?: number
  readonly periodMs?: number
  readonly restartsInPeriod?: number
  readonly children: readonly TreeNode[]
  /** Children that are not in `children`, as there are too many to show. */
  readonly more: number
}

/** Everything about one process; terms are printed, as they may be anything. */
export interface ProcessView {
  readonly pid: Pid
  readonly node: string
  readonly title: string
  readonly module: string
  readonly kind: "worker" | "supervisor"
  readonly status: string
  readonly registeredName: string | undefined
  readonly mailbox: number
  readonly handled: number
  readonly cpuMs: number
  readonly trapExit: boolean
  readonly ancestors: readonly string[]
  readonly parent: Pid | undefined
  readonly links: readonly ProcessRef[]
  readonly monitors: readonly MonitoredRef[]
  readonly watchers: number
  /** Who watches it, the first fifty. */
  readonly watchedBy: readonly ProcessRef[]
  readonly label: string | undefined
  readonly application: string | undefined
  /** An estimate in bytes, see `memory-estimate.ts`; `memoryCut` when it stopped at its bound. */
  readonly memory: number
  readonly memoryCut: boolean
  /** Messages that met a full mailbox. */
  readonly dropped: number
  readonly dictionary: readonly { readonly key: string; readonly value: string }[]
  readonly current: string | undefined
  readonly messages: readonly string[]
  readonly state: string
}
/** What it monitors: a process, or a name, which has no pid here. */
export interface MonitoredRef {
  readonly pid: Pid | undefined
  readonly title: string
}
export interface ProcessRef {
  readonly pid: Pid
  readonly title: string
}

/** A report in words. `id` counts up on its node. */
export interface ReportView {
  readonly id: number
  readonly at: number
  readonly kind: "crash" | "long-handler" | "note"
  readonly level: "debug" | "info" | "warning" | "error"
  readonly text: string
  readonly pid: Pid | undefined
}
