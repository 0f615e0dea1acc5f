/**
 * What the inspector says of memory and CPU in depth: what one process retains, and where a node's time goes.
 *
 * ```ts
 * const inspector = node.call(INSPECTOR.at("back@127.0.0.1"), { timeout: 60_000 })
 * const retained = await inspector.retained(pid, { confirmed: false })
 * if (retained.kind === "confirm") retained.expectedPauseMs     // the node would stand still that long
 * const profile = await inspector.profile({ ms: 5_000 })
 * ```
 */
import type { Pid } from "../../../term/index.ts"

/** The answer to a question for the exact size of a process. */
export type Retained =
  | {
      readonly kind: "retained"
      readonly pid: Pid
      /** What would be freed if the process were not there, in bytes. */
      readonly bytes: number
      readonly objects: number
      /** Its own record without what it points at. */
      readonly selfBytes: number
      readonly heapBytes: number
      /** The largest kinds of objects in it. */
      readonly byKind: readonly { readonly name: string; readonly count: number; readonly bytes: number }[]
      /** How long the node stood still. */
      readonly pauseMs: number
    }
  /** The heap is large: ask again, confirmed. */
  | { readonly kind: "confirm"; readonly heapBytes: number; readonly expectedPauseMs: number }
  | { readonly kind: "unavailable"; readonly why: string }

export interface ProfileOptions {
  /** Milliseconds, 60,000 at most; 5,000 unless told. */
  readonly ms?: number | undefined
  /** Microseconds between samples, 100 at least; 1,000 unless told. */
  readonly intervalUs?: number | undefined
  /** Only what ran in turns of this process. */
  readonly pid?: Pid | undefined
}

export type Profile =
  | {
      readonly kind: "profile"
      readonly node: string
      readonly at: number
      readonly ms: number
      readonly samples: number
      /** Of everything, or of the one process asked for. */
      readonly root: FlameNode
      /** Who had the thread, the most first, at most 50; what ran outside any turn has no pid. */
      readonly processes: readonly ProcessShare[]
    }
  | { readonly kind: "unavailable"; readonly why: string }

export interface ProcessShare {
  readonly pid: Pid | undefined
  readonly title: string
  readonly ms: number
  readonly share: number
}

/** A function, as called from one place. Milliseconds. */
export interface FlameNode {
  readonly name: string
  /** `path:line`, as written where there is a source map; empty for what is the engine's own. */
  readonly place: string
  readonly selfMs: number
  readonly totalMs: number
  /** The largest first. */
  readonly children: readonly FlameNode[]
}
