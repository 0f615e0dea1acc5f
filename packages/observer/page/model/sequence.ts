/**
 * A sequence diagram: who has which lane, and where each arrow goes.
 *
 * ```ts
 * sequence(events)     // { lanes: [{ title: "till" }, …], rows: [{ from: 0, to: 1, event }, …] }
 * ```
 *
 * Lanes stand in the order in which they first take part. Beyond {@link LANES_MAX} they share the last one.
 */
import type { Party, TraceEventView } from "../../src/views/trace.ts"

export const LANES_MAX = 12

export interface Lane {
  readonly key: string
  readonly title: string
  readonly process: string | null
  readonly node: string
}
export interface SequenceRow {
  readonly event: TraceEventView
  /** Lanes; -1 for nobody in particular. */
  readonly from: number
  readonly to: number
}

export function sequence(events: readonly TraceEventView[]): { lanes: readonly Lane[]; rows: readonly SequenceRow[] } {
  const lanes: Lane[] = []
  const places = new Map<string, number>()
  const place = (party: Party | null): number => {
    if (party === null) return -1
    const key = party.process ?? party.title
    const known = places.get(key)
    if (known !== undefined) return known
    if (lanes.length === LANES_MAX) lanes.push({ key: "others", title: "others", process: null, node: "" })
    else if (lanes.length < LANES_MAX) lanes.push({ key, title: party.title, process: party.process, node: party.node })
    const at = lanes.length - 1
    places.set(key, at)
    return at
  }
  const rows = events.map((event) => {
    const from = place(event.from)
    return { event, from, to: place(event.to) }
  })
  return { lanes, rows }
}
