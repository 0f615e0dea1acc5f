/**
 * What the flight recorder says of one moment of the past: what the pages of an observer show when they look back.
 *
 * ```ts
 * const moment = await node.call(INSPECTOR.at("back@127.0.0.1")).moment(Date.now() - 60_000, { processes: true })
 * moment.scene?.rows[0]?.title         // who was the busiest a minute ago
 * ```
 *
 * Nothing in it is of the present: what was not kept of that moment is undefined. It is plain JSON, pids are texts.
 */
import type { TreeNode } from "./overview.ts"
import type { ApplicationSample, RecordedEvent, Sample } from "./recording.ts"

/** What is wanted beside the rest, as it may be large. */
export interface MomentQuery {
  /** The samples that led to it. */
  readonly samples?: boolean | undefined
  /** The tree of this application. */
  readonly application?: string | undefined
  /** The rows of the processes that stood out. */
  readonly processes?: boolean | undefined
}

/** Times are milliseconds since 1970 by the clock of that node. */
export interface Moment {
  readonly node: string
  /** The life that recorded it. */
  readonly bootedAt: number
  readonly creation: number
  /** When it was asked. */
  readonly now: number
  /** The oldest sample, and the oldest scene, that there is; undefined before the first. */
  readonly oldest: number | undefined
  readonly oldestScene: number | undefined
  /** The last one up to that moment, if it is from about then; and where asked for those that led to it, oldest first, itself the last. */
  readonly sample: Sample | undefined
  readonly samples: readonly Sample[]
  /** The last round up to then. */
  readonly applications: readonly ApplicationSample[]
  readonly scene: Scene | undefined
  /** Those up to then, oldest first. */
  readonly events: readonly RecordedEvent[]
}

/** How things stood at one time, coarsely. */
export interface Scene {
  readonly at: number
  readonly applications: readonly SceneApplication[]
  readonly connected: readonly string[]
  /** The one that was asked for; undefined when it did not run then, or there was no room for it. */
  readonly tree: SceneTree | undefined
  /** None unless asked for. */
  readonly rows: readonly SceneRow[]
}
export interface SceneApplication {
  readonly name: string
  readonly description: string
  readonly type: string
  readonly startedAt: number
  readonly supervised: boolean
  /** Whether its tree was kept. */
  readonly kept: boolean
}
export interface SceneTree extends Omit<TreeNode, "pid" | "handled" | "cpuMs" | "children"> {
  /** `<0.12.0>`; empty for a child that did not run. */
  readonly pid: string
  readonly children: readonly SceneTree[]
}

/** A process that stood out: by CPU, by messages handled, or by its mailbox. Rates are per second, over the ten before. */
export interface SceneRow {
  readonly pid: string
  readonly title: string
  readonly module: string
  readonly kind: "worker" | "supervisor"
  readonly status: string
  readonly application: string
  readonly mailbox: number
  readonly mailboxRate: number
  readonly handled: number
  readonly handledRate: number
  readonly cpuMs: number
  readonly cpuRate: number
}
