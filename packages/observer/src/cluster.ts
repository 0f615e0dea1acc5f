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
import { beamVitals } from "./beam-vitals.ts"

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
  /** The last there are, also of a node that cannot be reached; null before the first. */
  readonly vitals: Vitals | null
}
/** How a node is, the same for both kinds. */
export interface Vitals {
  readonly bootedAt: number
  readonly uptime: number
  /** `Umbel`, `Erlang/OTP 25`, `Elixir 1.14.0, Erlang/OTP 25`. */
  readonly release: string
  /** Which life of the node, as its pids say it; 0 when not known. */
  readonly creation: number
  readonly processes: number
  /** 0 for no limit. */
  readonly processLimit: number
  readonly zombies: number
  readonly runQueue: number
  /** Turns of processes since boot; of a BEAM node, reductions. Null where they were not counted. */
  readonly turns: number | null
  /** Since boot; null where nobody counts them. */
  readonly crashes: number | null
  readonly connected: readonly string[]
  /** Whether it wants no more work. */
  readonly draining: boolean
  readonly applications: readonly ApplicationView[]
  /** Those it knows and does not run: they can be started by name. */
  readonly loaded: readonly { readonly key: string; readonly description: string }[]
}
export interface ApplicationView {
  readonly key: string
  readonly name: string
  readonly description: string
  readonly version: string
  readonly type: string
  /** 0 when not known. */
  readonly startedAt: number
  /** Whether it has a supervision tree. */
  readonly supervised: boolean
}
export interface ClusterEvent {
  readonly node: string
  /** Which life of the node: its reports are counted from 1 in each. */
  readonly bootedAt: number
  readonly report: ReportView
}

/** How long a node may take to answer, in milliseconds. */
export const PATIENCE_MS = 2_000
/** After how many milliseconds a node is asked again that could not be reached: no dialling twice a second. */
const RETRY_MS = 3_000
/** BEAM nodes are asked by calls that run code there: no more often than this. */
const BEAM_MS = 1_000
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
  vitals: Vitals | null
  /** What it runs, asked once in each of its lives. */
  release: string
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
  | { readonly beam: Vitals }
  | { readonly release: string }
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
        nodes: [...state.known].map(([name, { kind, status, seenAt, vitals }]) => ({
          name,
          kind,
          status,
          seenAt,
          vitals,
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
    else if ("beam" in answer) tookBeam(known, answer.beam)
    else if ("release" in answer) known.release = answer.release
    else if ("reports" in answer) tookReports(self.state, known, answer.node, answer)
    else failed(self, known, answer.node, answer.failed)
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
      vitals: null,
      release: "",
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
  const pause =
    known.status === "unreachable"
      ? RETRY_MS
      : known.kind === "beam"
        ? Math.max(BEAM_MS, state.refreshMs)
        : state.refreshMs
  return Date.now() - known.askedAt >= pause * 0.8
}

function askOverview(self: ClusterSelf, node: string, known: Known): void {
  known.asking = true
  known.askedAt = Date.now()
  // One that was away may have come back as the other kind: its inspector is asked for first.
  if (known.kind === "beam" && known.status === "up") return askBeam(self, node)
  self.pipe(
    self.call(INSPECTOR.at(node), { timeout: PATIENCE_MS }).overview(),
    (outcome): Answer =>
      outcome.status === "fulfilled" ? { node, overview: outcome.value } : { node, failed: failureOf(outcome.reason) },
  )
}

function askRelease(self: ClusterSelf, node: string): void {
  self.pipe(
    self.call(INSPECTOR.at(node), { timeout: PATIENCE_MS }).system(),
    // A node that does not say it now is called Umbel until its next life.
    (outcome): Answer => ({
      node,
      release:
        outcome.status === "fulfilled"
          ? `Umbel ${outcome.value.platform.release} on ${outcome.value.platform.runtime}`
          : "",
    }),
  )
}

function askBeam(self: ClusterSelf, node: string): void {
  const client = self.rpc(node, { timeout: PATIENCE_MS })
  self.pipe(
    beamVitals((module, name, args) => client[module]![name]!(...args) as Promise<unknown>),
    (outcome): Answer => (outcome.status === "fulfilled" ? { node, beam: outcome.value } : { node, failed: "other" }),
  )
}

function tookBeam(known: Known, vitals: Vitals): void {
  known.asking = false
  known.status = "up"
  known.seenAt = Date.now()
  known.vitals = vitals
}

function vitalsOf(overview: Overview, release: string): Vitals {
  const { bootedAt, now, processes, zombies, runQueue, turns, crashes, connected, applications } = overview
  return {
    bootedAt,
    uptime: now - bootedAt,
    release: release === "" ? "Umbel" : release,
    creation: applications.find(({ supervisor }) => supervisor !== undefined)?.supervisor?.creation ?? 0,
    processes,
    processLimit: 0,
    zombies,
    runQueue,
    turns,
    crashes,
    connected,
    // Of an older release nothing is known of it.
    draining: overview.draining ?? false,
    loaded: overview.loaded.map(({ name, description }) => ({ key: name, description })),
    applications: applications.map(({ name, description, type, startedAt, supervisor }) => ({
      key: name,
      name,
      description,
      version: "",
      type,
      startedAt,
      supervised: supervisor !== undefined,
    })),
  }
}

function tookOverview(self: ClusterSelf, known: Known, node: string, overview: Overview): void {
  known.asking = false
  known.kind = "umbel"
  known.status = "up"
  known.seenAt = Date.now()
  known.vitals = vitalsOf(overview, known.release)
  // Another life of that node: its reports are counted from 1 again.
  if (known.bootedAt !== overview.bootedAt) {
    known.reports = 0
    askRelease(self, node)
  }
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

function failed(self: ClusterSelf, known: Known, node: string, why: "noproc" | "other"): void {
  known.asking = false
  if (why === "noproc") {
    known.kind = "beam"
    known.status = "up"
    known.seenAt = Date.now()
    known.vitals = null
    askOverview(self, node, known)
  } else {
    if (known.seenAt === 0) known.seenAt = Date.now()
    known.status = "unreachable"
  }
}

/** Only a node without an inspector, which is one that is not Umbel, answers that there is no such process. */
export function failureOf(reason: unknown): "noproc" | "other" {
  return reason instanceof CallExit && inspect(reason.reason) === ":noproc" ? "noproc" : "other"
}
