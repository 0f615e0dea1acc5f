/**
 * The cluster as the observer knows it: one process that asks every node's inspector how it is, and remembers what it heard.
 *
 * ```ts
 * const { nodes, events } = await self.call(CLUSTER).look(0)
 * ```
 *
 * It asks only when it is looked at itself: `look` answers at once with what is known, and sends for what is older than the refresh interval. So nothing
 * runs while nobody looks, however many look the nodes are asked once, and a node that does not answer holds nobody up. What a node
 * last said is kept when it cannot be reached any more.
 */
import { CallExit, genServer, inspect, name } from "umbel"
import { INSPECTOR, type Overview, type ReportView } from "umbel/otp"

export interface ClusterView {
  readonly nodes: readonly KnownNode[]
  /** Those that came after `since`, oldest first. */
  readonly events: readonly ClusterEvent[]
  /** What to pass as `since` next time. */
  readonly upTo: number
}
export interface KnownNode {
  readonly name: string
  readonly kind: "umbel" | "beam" | "unknown"
  readonly status: "up" | "unreachable" | "asking"
  /** Milliseconds since 1970 by this node's clock; 0 for never. */
  readonly seenAt: number
  readonly overview: Overview | undefined
}
export interface ClusterEvent {
  readonly node: string
  /** Which life of the node: its reports are counted from 1 in each. */
  readonly bootedAt: number
  readonly report: ReportView
}

/** How long a node may take to answer, in milliseconds. */
export const PATIENCE_MS = 2_000
/** After how many milliseconds a node is asked again that is a BEAM node, or could not be reached: no dialling twice a second. */
const RETRY_MS = 3_000
/** Nodes that could not be reached for so long are forgotten. */
const FORGET_MS = 30 * 60_000
const NODES_MAX = 1_000
const EVENTS_MAX = 500

interface Known {
  kind: KnownNode["kind"]
  status: KnownNode["status"]
  seenAt: number
  askedAt: number
  asking: boolean
  overview: Overview | undefined
  /** The last report that was fetched, and of which life. */
  reports: number
  bootedAt: number
}

interface State {
  readonly home: string
  readonly refreshMs: number
  readonly connected: () => readonly string[]
  readonly known: Map<string, Known>
  readonly events: { readonly at: number; readonly event: ClusterEvent }[]
  heard: number
}

export interface ClusterOptions {
  readonly home: string
  readonly refreshMs: number
  readonly connected: () => readonly string[]
}

type Answer = { readonly node: string } & (
  | { readonly overview: Overview }
  | { readonly reports: readonly ReportView[]; readonly bootedAt: number }
  | { readonly failed: "noproc" | "other" }
)

export const cluster = genServer("umbel.observer.cluster", {
  init: (options: ClusterOptions): State => ({ ...options, known: new Map(), events: [], heard: 0 }),
  calls: {
    look(self, since: number): ClusterView {
      const { state } = self
      learn(state)
      for (const [node, known] of state.known) if (due(state, known)) askOverview(self, node, known)
      return {
        nodes: [...state.known].map(([name, { kind, status, seenAt, overview }]) => ({
          name,
          kind,
          status,
          seenAt,
          overview,
        })),
        events: state.events.filter(({ at }) => at > since).map(({ event }) => event),
        upTo: state.heard,
      }
    },
  },
  info(self, message) {
    const answer = message as Answer
    const known = self.state.known.get(answer.node)
    if (known === undefined) return
    if ("overview" in answer) tookOverview(self, known, answer.node, answer.overview)
    else if ("reports" in answer) tookReports(self.state, known, answer.node, answer)
    else failed(known, answer.failed)
  },
  formatStatus: ({ known, events }) => ({ nodes: [...known.keys()], events: events.length }),
})
export const CLUSTER = name<typeof cluster>("umbel_observer_cluster")

type ClusterSelf = Parameters<
  NonNullable<Parameters<typeof genServer<State, {}, {}, {}, ClusterOptions>>[1]["info"]>
>[0]

/** Nodes that came since the last look, and those that have been away for too long. */
function learn(state: State): void {
  for (const node of [state.home, ...state.connected()]) {
    if (state.known.has(node) || state.known.size >= NODES_MAX) continue
    state.known.set(node, {
      kind: "unknown",
      status: "asking",
      seenAt: 0,
      askedAt: 0,
      asking: false,
      overview: undefined,
      reports: 0,
      bootedAt: 0,
    })
  }
  const now = Date.now()
  for (const [node, known] of state.known) {
    if (known.status === "unreachable" && now - known.seenAt > FORGET_MS) state.known.delete(node)
  }
}

function due(state: State, known: Known): boolean {
  if (known.asking) return false
  const pause = known.status === "unreachable" || known.kind === "beam" ? RETRY_MS : state.refreshMs * 0.8
  return Date.now() - known.askedAt >= pause
}

function askOverview(self: ClusterSelf, node: string, known: Known): void {
  known.asking = true
  known.askedAt = Date.now()
  self.pipe(
    self.call(INSPECTOR.at(node), { timeout: PATIENCE_MS }).overview(),
    (outcome): Answer =>
      outcome.status === "fulfilled" ? { node, overview: outcome.value } : { node, failed: failureOf(outcome.reason) },
  )
}

function tookOverview(self: ClusterSelf, known: Known, node: string, overview: Overview): void {
  known.asking = false
  known.kind = "umbel"
  known.status = "up"
  known.seenAt = Date.now()
  known.overview = overview
  // Another life of that node: its reports are counted from 1 again.
  if (known.bootedAt !== overview.bootedAt) known.reports = 0
  known.bootedAt = overview.bootedAt
  if (overview.reports <= known.reports) return
  known.asking = true
  const { bootedAt } = overview
  self.pipe(
    self.call(INSPECTOR.at(node), { timeout: PATIENCE_MS }).reports(known.reports),
    (outcome): Answer =>
      outcome.status === "fulfilled"
        ? { node, bootedAt, reports: outcome.value }
        : { node, failed: failureOf(outcome.reason) },
  )
}

function tookReports(
  state: State,
  known: Known,
  node: string,
  { reports, bootedAt }: { reports: readonly ReportView[]; bootedAt: number },
): void {
  known.asking = false
  if (bootedAt !== known.bootedAt) return
  for (const report of reports) {
    known.reports = Math.max(known.reports, report.id)
    state.events.push({ at: ++state.heard, event: { node, bootedAt, report } })
  }
  if (state.events.length > EVENTS_MAX) state.events.splice(0, state.events.length - EVENTS_MAX)
}

function failed(known: Known, why: "noproc" | "other"): void {
  known.asking = false
  if (why === "noproc") {
    known.kind = "beam"
    known.status = "up"
    known.seenAt = Date.now()
    known.overview = undefined
  } else {
    if (known.seenAt === 0) known.seenAt = Date.now()
    known.status = "unreachable"
  }
}

/** Only a node without an inspector, which is one that is not Umbel, answers that there is no such process. */
export function failureOf(reason: unknown): "noproc" | "other" {
  return reason instanceof CallExit && inspect(reason.reason) === ":noproc" ? "noproc" : "other"
}
