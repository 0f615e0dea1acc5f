/** The view `timeline`: how far back one can look on a node, and what happened there worth a mark. What the slider is drawn from. */
import { here, missing, textOf, type View } from "../view.ts"

export interface TimelineData {
  /** Milliseconds since 1970 by the clock of that node: the oldest numbers, the oldest scene (null for none yet), and now. */
  readonly from: number
  readonly scenesFrom: number | null
  readonly to: number
  readonly marks: readonly TimelineMark[]
}
export interface TimelineMark {
  readonly key: string
  readonly at: number
  readonly kind: string
  readonly text: string
}

const MARKED: ReadonlySet<string> = new Set(["boot", "crash", "give-up", "long-handler", "node-up", "node-down"])

const read: View<{ node: string }, TimelineData>["read"] = async (context, { node }) => {
  const { kind } = await context.known(node)
  if (kind === "beam") return missing("unsupported", "Only Umbel nodes have a flight recorder.")
  const { now, oldest = now, oldestScene = null, events } = await context.umbel(node).moment(Number.MAX_SAFE_INTEGER)
  return here({
    from: oldest,
    scenesFrom: oldestScene,
    to: now,
    marks: events
      .filter(({ kind }) => MARKED.has(kind))
      .map(({ at, kind, text }, index) => ({ key: `${at} ${index}`, at, kind, text })),
  })
}

export const TIMELINE_VIEW: View<{ node: string }, TimelineData> = {
  name: "timeline",
  about: "How far back one can look on a `node`, and what happened there worth a mark.",
  capability: "inspect",
  params: ({ node }) => (node === undefined ? undefined : { node: textOf(node) }),
  read,
  past: read,
}
