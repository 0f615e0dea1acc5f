/**
 * The view `trace`: messages of a process, or of all below it, as they pass; with `follow` also those of the processes on other Umbel nodes that these turn out to
 * speak with, and so on from node to node.
 *
 * Watching it begins the trace, and to stop watching ends it: the inspectors trace on behalf of the page's own process. Each node sees its half of a message to
 * another; `trace-merge.ts` puts the halves together and everything in one order. It stops at its time, when it has as many events as it may (over all nodes), and
 * when the page goes; at most {@link FOLLOWED_MAX} processes are followed.
 */

import type { Pid } from "umbel"
import type { TracedEvent } from "umbel/otp"
import type { PidKey } from "../protocol.ts"
import { type MergedEvent, nameKey, TraceMerge } from "../trace-merge.ts"
import {
  type Context,
  countOf,
  flagOf,
  here,
  type ProcessParams,
  processParams,
  Unavailable,
  type View,
} from "../view.ts"

export interface TraceData {
  /** "running", or why it is over. */
  readonly state: "running" | "asked" | "events" | "time" | "watcher" | "unread"
  readonly eventsMax: number
  /** Milliseconds since 1970. */
  readonly until: number
  /** In the order of time. */
  readonly events: readonly TraceEventView[]
  /** The nodes it runs on. */
  readonly nodes: readonly TracedNode[]
  /** Nodes that take part and cannot be traced: BEAM nodes, and those that do not answer. */
  readonly untraced: readonly string[]
}
export interface TracedNode {
  readonly key: string
  readonly targets: number
  /** Milliseconds that its clock is ahead of the observer's, which is taken off; an estimate. */
  readonly ahead: number
}
export interface TraceEventView {
  readonly key: string
  readonly at: number
  readonly kind: TracedEvent["kind"]
  readonly node: string
  readonly from: Party | null
  readonly to: Party | null
  /** For who may not see states, empty. */
  readonly text: string
  readonly call: string | null
  readonly ms: number | null
  /** Milliseconds on its way between two nodes, where both saw it; an estimate. */
  readonly transit: number | null
  /** What it is part of: the W3C id of the trace that travels with messages, where one does. */
  readonly trace: string | null
}
export interface Party {
  readonly process: PidKey | null
  readonly title: string
  readonly node: string
}

interface TraceParams {
  readonly named: ProcessParams
  readonly below: boolean
  readonly follow: boolean
  readonly seconds: number
  readonly events: number
}
interface Running {
  readonly until: number
  readonly eventsMax: number
  readonly follow: boolean
  readonly merge: TraceMerge
  /** Traces by node. */
  readonly traces: Map<string, NodeTrace>
  readonly followed: Set<string>
  readonly untraced: Set<string>
  state: TraceData["state"]
}
interface NodeTrace {
  readonly id: number
  targets: number
  next: number
  over: boolean
}

const SECONDS = { usual: 30, max: 600 }
const EVENTS = { usual: 500, max: 2_000 }
const FOLLOWED_MAX = 50

export const TRACE_VIEW: View<TraceParams, TraceData> = {
  name: "trace",
  about:
    "Traces the messages of a process (`below`: and of all below it; `follow`: and of whom they speak with on other nodes) for so many `seconds` and `events`; it ends with the watch.",
  capability: "inspect.state",
  unkept: "Messages are traced while one looks, and not recorded.",
  costs: true,
  params(loose) {
    const named = processParams(loose)
    if (named === undefined) return undefined
    const { below, follow, seconds, events } = loose
    return {
      named,
      below: flagOf(below),
      follow: flagOf(follow),
      seconds: Math.max(1, countOf(seconds, SECONDS.usual, SECONDS.max)),
      events: Math.max(1, countOf(events, EVENTS.usual, EVENTS.max)),
    }
  },
  async read(context, params) {
    const known = context.memory.get("trace") as Running | undefined
    const running = known ?? (await begin(context, params))
    if (running.state === "running") await collect(context, running)
    const { state, eventsMax, until, merge, traces, untraced } = running
    return here({
      state,
      eventsMax,
      until,
      events: viewsOf(context, merge.events.slice(0, eventsMax)),
      nodes: [...traces].map(([key, { targets }]) => ({ key, targets, ahead: Math.round(merge.skewOf(key)) })),
      untraced: [...untraced],
    })
  },
}

async function begin(context: Context, { named, below, follow, seconds, events }: TraceParams): Promise<Running> {
  const pid: Pid = await context.process(named)
  if ((await context.known(pid.node)).kind === "beam")
    throw new Unavailable("unsupported", "Messages are traced on Umbel nodes; what they say to this one is seen there.")
  const started = await context.umbel(pid.node).trace({
    ...(below ? { subtrees: [pid] } : { pids: [pid] }),
    limits: { ms: seconds * 1_000, events },
  })
  const running: Running = {
    until: Date.now() + seconds * 1_000,
    eventsMax: started.events,
    follow,
    merge: new TraceMerge(),
    traces: new Map([[pid.node, { id: started.id, targets: started.targets, next: 0, over: false }]]),
    followed: new Set([pid.key]),
    untraced: new Set(),
    state: "running",
  }
  context.memory.set("trace", running)
  context.audit.add({
    at: Date.now(),
    who: context.visitor.name,
    from: context.visitor.address,
    action: "trace",
    params: { process: pid.key, below, follow, seconds, events: started.events },
    done: true,
    text: `${pid} on ${pid.node} is traced${below ? ", with all below it," : ""} for ${seconds} s or ${started.events} events.`,
  })
  return running
}

/** What has come on every node since the last look; and whom to follow from there. */
async function collect(context: Context, running: Running): Promise<void> {
  const { traces, merge, follow, eventsMax } = running
  const met: Met = new Map()
  const [home] = traces.keys()
  await Promise.all(
    [...traces].map(async ([node, trace]) => {
      if (trace.over) return
      const askedAt = Date.now()
      const page = await context
        .umbel(node)
        .traced(trace.id, trace.next)
        // A node that goes while it is traced has nothing more to say.
        .catch(() => undefined)
      if (page === undefined) {
        trace.over = true
        running.untraced.add(node)
        if (node === home) running.state = "unread"
        return
      }
      merge.took(page, askedAt, Date.now())
      trace.next = page.next
      trace.over = page.stopped !== undefined
      if (node === home && page.stopped !== undefined) running.state = page.stopped
      if (follow) for (const event of page.events) note(met, node, event)
    }),
  )
  if (merge.count >= eventsMax) running.state = "events"
  if (running.state === "running") await followAll(context, running, met)
  else await end(context, running)
}

/** Whom to follow, by node: pids by their keys, and names. */
type Met = Map<string, Map<string, Pid | string>>

/** Processes of other nodes that an event speaks of. */
function note(met: Met, node: string, { from, to, toNode, toRegistered }: TracedEvent): void {
  const noted = (at: string, key: string, who: Pid | string): void => {
    if (at !== node) met.set(at, (met.get(at) ?? new Map<string, Pid | string>()).set(key, who))
  }
  for (const pid of [from, to]) if (pid !== undefined) noted(pid.node, pid.key, pid)
  if (toNode !== undefined && toRegistered !== undefined) noted(toNode, nameKey(toRegistered, toNode), toRegistered)
}

async function followAll(context: Context, running: Running, met: Met): Promise<void> {
  const { traces, followed, untraced, until, eventsMax, merge } = running
  for (const [node, whom] of met) {
    const fresh = [...whom].filter(([key]) => !followed.has(key)).slice(0, FOLLOWED_MAX - followed.size)
    if (fresh.length === 0 || untraced.has(node)) continue
    for (const [key] of fresh) followed.add(key)
    const these = {
      pids: fresh.flatMap(([, who]) => (typeof who === "string" ? [] : [who])),
      names: fresh.flatMap(([, who]) => (typeof who === "string" ? [who] : [])),
    }
    try {
      if ((await context.known(node)).kind !== "umbel") throw new Unavailable("unsupported", "")
      const trace = traces.get(node)
      const ms = Math.max(1, until - Date.now())
      if (trace === undefined) {
        const { id, targets } = await context.umbel(node).trace({ ...these, limits: { ms, events: eventsMax } })
        traces.set(node, { id, targets, next: 0, over: false })
      } else trace.targets = (await context.umbel(node).traceAlso(trace.id, these)) ?? trace.targets
      merge.joined(
        fresh.map(([key]) => key),
        Date.now(),
      )
    } catch {
      // Not an Umbel node, away, or too many traces there: the page says that its side is not seen.
      untraced.add(node)
    }
  }
}

async function end(context: Context, { traces }: Running): Promise<void> {
  await Promise.allSettled(
    [...traces].map(([node, { id, over }]) => (over ? undefined : context.umbel(node).untrace(id))),
  )
}

/** Who has been seen to bear a name; null where it was more than one. */
type Bearers = ReadonlyMap<string, { readonly pid: Pid; readonly title: string } | null>

function viewsOf(context: Context, events: readonly MergedEvent[]): TraceEventView[] {
  const bearers = new Map<string, { pid: Pid; title: string } | null>()
  for (const { event, other } of events) {
    const { toNode, toRegistered } = event
    if (toNode === undefined || toRegistered === undefined || other?.to === undefined) continue
    const name = nameKey(toRegistered, toNode)
    const known = bearers.get(name)
    if (known === undefined) bearers.set(name, { pid: other.to, title: other.toTitle })
    else if (known?.pid.key !== other.to.key) bearers.set(name, null)
  }
  return events.map((event) => viewOf(context, event, bearers))
}

function viewOf(
  context: Context,
  { key, at, node, event, other, transit }: MergedEvent,
  bearers: Bearers,
): TraceEventView {
  const { kind, from, to, toName, toNode, toRegistered, fromTitle, toTitle, text, call = null, ms = null } = event
  const party = (pid: Pid | undefined, title: string, of: string): Party | null =>
    pid === undefined && title === ""
      ? null
      : {
          process: pid === undefined ? null : context.key(pid),
          title: title === "" ? String(pid) : title,
          node: pid?.node ?? of,
        }
  // Each side knows best what its own process is called.
  const bearer =
    toNode === undefined || toRegistered === undefined ? undefined : bearers.get(nameKey(toRegistered, toNode))
  const receiver = other?.to ?? to ?? bearer?.pid
  return {
    key,
    at: Math.round(at * 1_000) / 1_000,
    kind,
    node,
    from: party(from, fromTitle || (other?.fromTitle ?? ""), node),
    to: party(receiver, (other?.toTitle ?? "") || (bearer?.title ?? "") || toTitle || (toName ?? ""), toNode ?? node),
    text,
    call,
    ms: ms ?? other?.ms ?? null,
    transit: transit === undefined ? null : Math.round(transit * 1_000) / 1_000,
    // An erring half (a node without the hook) is helped by the other.
    trace: event.traceId ?? other?.traceId ?? null,
  }
}
