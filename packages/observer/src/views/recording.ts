/** The view `recording`: what a node's flight recorder has, and the last views of nodes that are gone. */
import type { LastView, Recording } from "umbel/otp"
import type { Snapshot } from "../protocol.ts"
import { type Context, countOf, here, missing, textOf, type View } from "../view.ts"
import { eachUmbel } from "./each-umbel.ts"

export interface RecordingData {
  readonly recording: Recording
}
export interface GoneData {
  readonly gone: readonly GoneNode[]
}
/** A node that is gone, as its peers saw it last. */
export interface GoneNode {
  readonly key: string
  readonly node: string
  readonly seenAt: number
  readonly processes: number
  readonly crashes: number
  readonly applications: readonly string[]
  readonly events: readonly { readonly at: number; readonly kind: string; readonly text: string }[]
}

export const RECORDING_VIEW: View<{ node: string; since: number }, RecordingData> = {
  name: "recording",
  about:
    "What the flight recorder of a `node` has `since` then (milliseconds since 1970): samples, applications, events.",
  capability: "inspect",
  params: ({ node, since }) =>
    node === undefined ? undefined : { node: textOf(node), since: countOf(since, 0, Number.MAX_SAFE_INTEGER) },
  async read(context, { node, since }) {
    const { kind } = await context.known(node)
    if (kind === "beam") return missing("unsupported", "Only Umbel nodes have a flight recorder.")
    const recording = await context.umbel(node).recording(since)
    // JSON has no undefined: an event without a process has no `pid`.
    return here({ recording: JSON.parse(JSON.stringify(recording)) as Recording })
  },
  // All of it is past.
  past: (context, params) => RECORDING_VIEW.read(context, params),
}

export const GONE_VIEW: View<{}, GoneData> = {
  name: "gone",
  about: "Nodes that are gone, as their peers saw them last.",
  capability: "inspect",
  params: () => ({}),
  read: (context) => goneBy(context),
  past: (context, _params, at) => goneBy(context, at),
}

async function goneBy(context: Context, at = Number.POSITIVE_INFINITY): Promise<Snapshot<GoneData>> {
  const views = (await eachUmbel(context, (_node, inspector) => inspector.lastViews())).flat()
  const latest = new Map<string, LastView>()
  const up = new Set((await context.cluster()).nodes.flatMap(({ name, status }) => (status === "up" ? [name] : [])))
  for (const view of views) {
    if (up.has(view.node) || view.at > at || (latest.get(view.node)?.at ?? 0) > view.at) continue
    latest.set(view.node, view)
  }
  return here({
    gone: [...latest.values()].map(({ node, at, overview, events }) => ({
      key: node,
      node,
      seenAt: at,
      processes: overview.processes,
      crashes: overview.crashes,
      applications: overview.applications.map(({ name }) => name),
      events: events.slice(-20).map(({ at, kind, text }) => ({ at, kind, text })),
    })),
  })
}
