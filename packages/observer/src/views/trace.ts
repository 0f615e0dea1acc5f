/**
 * The view `trace`: messages of a process, or of all below it, as they pass, on every Umbel node at once.
 *
 * Watching it begins the trace, and to stop watching ends it: the inspectors trace on behalf of the page's own process. Each node sees its half of a message to
 * another; here the halves are put together, and all is brought into one order.
 */

import type { Pid } from "umbel"
import type { TracedEvent, TracePage } from "umbel/otp"
import type { PidKey } from "../protocol.ts"
import { type Context, countOf, flagOf, here, type ProcessParams, processParams, type View } from "../view.ts"

export interface TraceData {
  /** "running", or why it is over. */
  readonly state: "running" | "asked" | "events" | "time" | "watcher" | "unread"
  readonly eventsMax: number
  /** Milliseconds since 1970. */
  readonly until: number
  /** In the order of time. */
  readonly events: readonly TraceEventView[]
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
}
export interface Party {
  readonly process: PidKey | null
  readonly title: string
}

interface TraceParams {
  readonly named: ProcessParams
  readonly below: boolean
  readonly seconds: number
  readonly events: number
}
interface Running {
  readonly node: string
  readonly id: number
  readonly until: number
  readonly eventsMax: number
  next: number
  state: TraceData["state"]
  readonly events: TraceEventView[]
}

const SECONDS = { usual: 30, max: 600 }
const EVENTS = { usual: 500, max: 2_000 }

export const TRACE_VIEW: View<TraceParams, TraceData> = {
  name: "trace",
  about:
    "Traces the messages of a process (`below`: and of all below it) for so many `seconds` and `events`; it ends with the watch.",
  capability: "inspect.state",
  params(loose) {
    const named = processParams(loose)
    if (named === undefined) return undefined
    const { below, seconds, events } = loose
    return {
      named,
      below: flagOf(below),
      seconds: Math.max(1, countOf(seconds, SECONDS.usual, SECONDS.max)),
      events: Math.max(1, countOf(events, EVENTS.usual, EVENTS.max)),
    }
  },
  async read(context, params) {
    const known = context.memory.get("trace") as Running | undefined
    const running = known ?? (await begin(context, params))
    if (running.state === "running") await collect(context, running)
    const { state, eventsMax, until, events } = running
    return here({ state, eventsMax, until, events: [...events] })
  },
}

async function begin(context: Context, { named, below, seconds, events }: TraceParams): Promise<Running> {
  const pid: Pid = await context.process(named)
  const started = await context.umbel(pid.node).trace({
    ...(below ? { subtrees: [pid] } : { pids: [pid] }),
    limits: { ms: seconds * 1_000, events },
  })
  const running: Running = {
    node: pid.node,
    id: started.id,
    until: Math.round(started.until),
    eventsMax: started.events,
    next: 0,
    state: "running",
    events: [],
  }
  context.memory.set("trace", running)
  return running
}

async function collect(context: Context, running: Running): Promise<void> {
  const page: TracePage | undefined = await context.umbel(running.node).traced(running.id, running.next)
  if (page === undefined) {
    running.state = "unread"
    return
  }
  running.next = page.next
  running.state = page.stopped ?? "running"
  for (const event of page.events) running.events.push(viewOf(context, running.node, event))
}

function viewOf(context: Context, node: string, event: TracedEvent): TraceEventView {
  const { number, at, kind, from, to, toName, fromTitle, toTitle, text, call = null, ms = null } = event
  const party = (pid: Pid | undefined, title: string): Party | null =>
    pid === undefined && title === ""
      ? null
      : { process: pid === undefined ? null : context.key(pid), title: title === "" ? String(pid) : title }
  return {
    key: String(number),
    at,
    kind,
    node,
    from: party(from, fromTitle),
    to: party(to, toTitle === "" ? (toName ?? "") : toTitle),
    text,
    call,
    ms,
  }
}
