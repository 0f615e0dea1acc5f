/**
 * Progress of long work, told to people: `umbel up` and `umbel start` draw it, the observer lists it.
 *
 * ```ts
 * reportProgress(self, { label: "indexing", done: 120, total: 4_000 })
 * reportProgress(self, { label: "indexing", done: 4_000, total: 4_000, finished: true })
 * ```
 */
import type { Node, ProcessCapability, ProgressReport } from "../runtime/index.ts"
import { nodeOf } from "./node-of.ts"

export type Progress = Pick<ProgressReport, "label" | "done" | "total" | "finished">

/** Says how far the work of that label is. Cheap, but not free: a few times a second is enough for anybody. */
export function reportProgress(self: ProcessCapability | Node, progress: Progress): void {
  nodeOf(self).reports.progress(progress)
}
