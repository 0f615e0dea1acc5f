/** The view `crashes`: what went wrong on every Umbel node, by cause, the latest first; and handlers that held the thread. */
import type { CrashGroup, CrashView, LongHandlerGroup, SupervisorDecision } from "umbel/otp"
import type { PidKey } from "../protocol.ts"
import { type Context, here, type View } from "../view.ts"
import { eachUmbel } from "./each-umbel.ts"
import { type SourceView, sourceView } from "./source.ts"

export interface CrashesData {
  readonly groups: readonly CauseView[]
  readonly long: readonly LongView[]
  /** Of the past: those that had been seen by then and again since. The ledger counts all of them, so what they were then is not known. */
  readonly since?: readonly SeenSince[]
}
export interface SeenSince {
  readonly key: string
  readonly node: string
  readonly module: string
  readonly what: string
  readonly firstAt: number
}
export interface CauseView {
  readonly key: string
  readonly node: string
  readonly module: string
  readonly reason: string
  readonly frame: string | null
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
  readonly restarts: number
  readonly givenUp: number
  readonly latest: LatestCrash
}
export interface LatestCrash {
  readonly at: number
  readonly process: PidKey
  readonly title: string
  readonly error: string | null
  readonly reason: string
  readonly stack: readonly string[]
  readonly message: string | null
  /** Null for who may not see states, too. */
  readonly state: string | null
  readonly ancestors: readonly string[]
  readonly unread: number
  /** The first few of them; none for who may not see states. */
  readonly waiting: readonly string[]
  /** The messages before the one in hand, oldest first: where servers remember them; none for who may not see states. */
  readonly before: readonly string[]
  /** Of the trace that the message is part of; null where none travels. */
  readonly trace: string | null
  /** Its line in the log of its node; 0 where that is not known. */
  readonly line: number
  /** What the supervisor did, in a sentence. */
  readonly decision: string | null
}
export interface LongView {
  readonly key: string
  readonly node: string
  readonly module: string
  readonly request: string | null
  readonly count: number
  readonly longestMs: number
  readonly totalMs: number
  readonly firstAt: number
  readonly lastAt: number
  readonly process: PidKey
  /** Where its handler is written; null where that is not known. */
  readonly handler: SourceView | null
  /** Where it held the thread, innermost first; empty for what has not come a second time. */
  readonly stack: readonly (SourceView & { readonly name: string })[]
}

export const CRASHES_VIEW: View<{}, CrashesData> = {
  name: "crashes",
  about: "Crashes grouped by cause, with the latest of each, and handlers that held the thread.",
  capability: "inspect",
  params: () => ({}),
  read: async (context) => here(await ledgerOf(context)),
  async past(context, _params, at) {
    const { groups, long } = await ledgerOf(context)
    const isOver = ({ lastAt }: { readonly lastAt: number }): boolean => lastAt <= at
    const goesOn = ({ firstAt, lastAt }: { readonly firstAt: number; readonly lastAt: number }): boolean =>
      firstAt <= at && lastAt > at
    return here({
      groups: groups.filter(isOver),
      long: long.filter(isOver),
      since: [
        ...groups
          .filter(goesOn)
          .map(({ key, node, module, reason, firstAt }) => ({ key, node, module, what: reason, firstAt })),
        ...long.filter(goesOn).map(({ key, node, module, request, firstAt }) => ({
          key: `long ${key}`,
          node,
          module,
          what: `held the thread${request === null ? "" : ` with ${request}`}`,
          firstAt,
        })),
      ],
    })
  },
}

async function ledgerOf(context: Context): Promise<Omit<CrashesData, "since">> {
  const all = await eachUmbel(context, async (node, inspector) => {
    const [groups, long] = await Promise.all([inspector.crashes(), inspector.longHandlers()])
    return { node, groups, long }
  })
  return {
    groups: all
      .flatMap(({ node, groups }) => groups.map((group) => causeOf(context, node, group)))
      .sort((a, b) => b.lastAt - a.lastAt),
    long: all
      .flatMap(({ node, long }) => long.map((group) => longOf(context, node, group)))
      .sort((a, b) => b.totalMs - a.totalMs),
  }
}

function causeOf(context: Context, node: string, group: CrashGroup): CauseView {
  const { cause, module, reason, frame = null, count, firstAt, lastAt, restarts, givenUp } = group
  const latest = latestOf(context, group.latest)
  return { key: `${node} ${cause}`, node, module, reason, frame, count, firstAt, lastAt, restarts, givenUp, latest }
}

function latestOf(context: Context, crash: CrashView): LatestCrash {
  const { at, pid, title, error = null, reason, stack, ancestors, unread, decision } = crash
  const seesState = context.visitor.capabilities.has("inspect.state")
  return {
    at,
    process: context.key(pid),
    title,
    error,
    reason,
    stack,
    message: seesState ? (crash.message ?? null) : null,
    state: seesState ? (crash.state ?? null) : null,
    ancestors,
    unread,
    waiting: seesState ? crash.waiting : [],
    // Nodes of older releases have none of these.
    before: seesState ? (crash.before ?? []) : [],
    trace: crash.traceId ?? null,
    line: crash.line ?? 0,
    decision: decision === undefined ? null : sentence(decision),
  }
}

function sentence({
  kind,
  supervisorTitle,
  child,
  generation,
  restartsInPeriod,
  intensity,
  siblings,
}: SupervisorDecision): string {
  switch (kind) {
    case "restart": {
      const others = siblings.length === 0 ? "" : `, with ${siblings.join(", ")}`
      return `${supervisorTitle} started ${child} again${others}: life ${generation + 1}, restart ${restartsInPeriod} of ${intensity} allowed`
    }
    case "give-up":
      return `${supervisorTitle} gave up: ${child} ended too often (${intensity} restarts allowed)`
    case "shut-down":
      return `${supervisorTitle} ended too: ${child} was what it was there for`
    default:
      return `${supervisorTitle} left ${child} down`
  }
}

function longOf(context: Context, node: string, group: LongHandlerGroup): LongView {
  const { module, request = null, count, longestMs, totalMs, firstAt, lastAt, latest, handler, stack } = group
  const process = context.key(latest.pid)
  return {
    key: `${node} ${module} ${request ?? ""}`,
    node,
    module,
    request,
    count,
    longestMs,
    totalMs,
    firstAt,
    lastAt,
    process,
    handler: handler === undefined ? null : sourceView(context, handler),
    // Nodes of older releases have none of these.
    stack: (stack?.frames ?? []).map((frame) => ({ name: frame.name, ...sourceView(context, frame) })),
  }
}
