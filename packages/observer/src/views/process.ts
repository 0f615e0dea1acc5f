/** The view `process`: everything about one process but what is in its messages and its state; those are the view `inside`. */

import type { Pid } from "umbel"
import type { ProcessView } from "umbel/otp"
import { beamProcess } from "../beam-process.ts"
import { type Fact, fact } from "../facts.ts"
import { pastOf } from "../past.ts"
import type { PidKey } from "../protocol.ts"
import { pidOfKey } from "../shown.ts"
import { type Context, here, missing, type ProcessParams, processParams, type View } from "../view.ts"

export interface ProcessData {
  readonly key: PidKey
  readonly pid: string
  readonly node: string
  readonly of: "umbel" | "beam"
  readonly title: string
  readonly module: string
  readonly kind: "worker" | "supervisor"
  readonly status: string
  readonly registeredName: string | null
  readonly mailbox: number
  /** Messages; of a BEAM node, reductions. */
  readonly handled: number
  /** Milliseconds; null where nobody counts. */
  readonly cpu: number | null
  /** Bytes; null where nobody knows. */
  readonly memory: number | null
  readonly trapExit: boolean
  readonly ancestors: readonly string[]
  readonly parent: LinkView | null
  readonly links: readonly LinkView[]
  readonly monitors: readonly LinkView[]
  readonly watchedBy: readonly LinkView[]
  /** How many monitors watch it, shown or not. */
  readonly watchers: number
  /** Whatever else that kind of node tells. */
  readonly facts: readonly Fact[]
  /** Where it is now, innermost first: of BEAM nodes. */
  readonly stack: readonly string[]
}
export interface LinkView {
  /** Null for what is no process that could be looked at. */
  readonly key: PidKey | null
  readonly pid: string
  readonly node: string
  readonly title: string
}

export const PROCESS_VIEW: View<ProcessParams, ProcessData> = {
  name: "process",
  about: "One process: by `node` and `pid` (`<0.12.0>`).",
  capability: "inspect",
  params: processParams,
  async read(context, named) {
    const pid = await context.process(named)
    const { kind } = await context.known(pid.node)
    const data = kind === "beam" ? await beamProcess(context, pid) : await umbelProcess(context, pid)
    return data === undefined ? missing("gone", "It has ended.") : here(data)
  },
  async past(context, named, at) {
    const { pid, node } = await namedThen(context, named)
    const { scene } = await pastOf(context, node, at, { processes: true })
    const row = scene?.rows.find((row) => row.pid === pid)
    if (row === undefined) {
      return missing(
        "unkept",
        "Of single processes the recorder keeps those that stood out, and this one did not then.",
      )
    }
    const { title, module, status, mailbox, handled, handledRate, cpuRate } = row
    return missing(
      "unkept",
      `Of single processes the recorder keeps a row, and no more: ${title} (${module}) was ${status}, with ${mailbox} messages in its mailbox; it had handled ${handled}, ${handledRate} a second, by ${cpuRate} ms of CPU a second.`,
    )
  },
}

/** Whatever it names, it need not be there now. */
function namedThen(
  context: Context,
  named: ProcessParams,
): Promise<{ pid: string; node: string }> | { pid: string; node: string } {
  if ("node" in named) return named
  const pid = pidOfKey(named.process)
  return pid === undefined
    ? context.process(named).then((pid) => ({ pid: String(pid), node: pid.node }))
    : { pid: String(pid), node: pid.node }
}

export const linkOf = (context: Context, pid: Pid, title = String(pid)): LinkView => ({
  key: context.key(pid),
  pid: String(pid),
  node: pid.node,
  title,
})
export const textLink = (title: string, node: string): LinkView => ({ key: null, pid: "", node, title })

async function umbelProcess(context: Context, pid: Pid): Promise<ProcessData | undefined> {
  const view = await context.umbel(pid.node).process(pid)
  if (view === undefined) return undefined
  const { node, title, module, kind, status, registeredName, mailbox, handled, cpuMs, trapExit, ancestors } = view
  return {
    key: context.key(view.pid),
    pid: String(view.pid),
    node,
    of: "umbel",
    title,
    module,
    kind,
    status,
    registeredName: registeredName ?? null,
    mailbox,
    handled,
    // What looking at it costs is not of interest; tenths of milliseconds are.
    cpu: Math.round(cpuMs * 10) / 10,
    memory: view.memory,
    trapExit,
    ancestors,
    parent: view.parent === undefined ? null : linkOf(context, view.parent, ancestors[0]),
    links: view.links.map((link) => linkOf(context, link.pid, link.title)),
    monitors: view.monitors.map(({ pid, title }) =>
      pid === undefined ? textLink(title, node) : linkOf(context, pid, title),
    ),
    watchedBy: view.watchedBy.map((link) => linkOf(context, link.pid, link.title)),
    watchers: view.watchers,
    facts: factsOf(view),
    stack: [],
  }
}

function factsOf({ label, application, memoryCut, dropped }: ProcessView): Fact[] {
  return [
    ...(application === undefined ? [] : [fact("application", "Application", application, "text")]),
    ...(label === undefined ? [] : [fact("label", "Label", label, "text")]),
    ...(memoryCut ? [fact("memory", "Memory", "more than is shown: the estimate stopped at its bound", "text")] : []),
    ...(dropped === 0 ? [] : [fact("dropped", "Messages that met a full mailbox", dropped, "count")]),
  ]
}
