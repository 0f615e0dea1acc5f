/** The view `events`: what the nodes reported lately, oldest first. */
import type { PidKey, Snapshot } from "../protocol.ts"
import { type Context, here, type View } from "../view.ts"

export interface EventsData {
  readonly events: readonly EventView[]
}
export interface EventView {
  /** Unique in the cluster. */
  readonly key: string
  readonly node: string
  readonly at: number
  readonly kind: "crash" | "long-handler" | "note"
  readonly level: "debug" | "info" | "warning" | "error"
  /** The first line says what, the others the details. */
  readonly text: string
  readonly process: PidKey | null
}

export const EVENTS_VIEW: View<{}, EventsData> = {
  name: "events",
  about: "What the nodes reported lately, oldest first.",
  capability: "inspect",
  params: () => ({}),
  read: (context) => eventsOf(context),
  past: (context, _params, at) => eventsOf(context, at),
}

async function eventsOf(context: Context, until = Number.POSITIVE_INFINITY): Promise<Snapshot<EventsData>> {
  const { events } = await context.cluster(0)
  return here({
    events: events
      .filter(({ report }) => report.at <= until)
      .map(({ node, bootedAt, report: { id, at, kind, level, text, pid } }) => ({
        key: `${node}/${bootedAt}/${id}`,
        node,
        at,
        kind,
        level,
        text,
        process: pid === undefined ? null : context.key(pid),
      })),
  })
}
