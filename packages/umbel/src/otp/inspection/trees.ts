/**
 * A node at a glance, supervision trees, one process, and what was reported: read off the runtime's records, bounded.
 *
 * ```ts
 * treeOf(node, "shop", { children: 200, boxes: 20_000 })
 * ```
 */

import type { ChildDescription, CrashReport, Envelope, LongHandlerReport, NoteReport } from "../../runtime/index.ts"
import {
  CALL,
  type Node,
  type Process,
  type ProcessRow,
  processDetails,
  requestTerm,
  statusOf,
  termOf,
} from "../../runtime/index.ts"
import { inspect, Name, type Pid, redact } from "../../term/index.ts"
import { applicationsOf, loadedOf } from "../application-controller.ts"
import { Drain } from "../drain.ts"
import { applicationOf } from "../logger.ts"
import { describeReport } from "../report-text.ts"
import { kindOf, labelOf, moduleOf, titleOf } from "./kinds.ts"
import { memoryOf } from "./memory-estimate.ts"
import type { Overview, ProcessView, ReportView, TreeNode } from "./says/overview.ts"

const DEPTH_MAX = 30
const MESSAGES_SHOWN = 20
const ENTRIES_SHOWN = 50
const STATE_LIMITS = { limit: 60, text: 500, size: 20_000 }
const LINE_LIMITS = { limit: 20, text: 200, size: 1_000 }

export function overviewOf(node: Node): Overview {
  return {
    node: node.name,
    bootedAt: node.bootedAt,
    now: node.platform.clock.wallTime(),
    processes: node.count,
    zombies: node.zombies.size,
    runQueue: node.scheduler.ready,
    turns: node.scheduler.turns,
    crashes: node.reports.crashes,
    reports: node.reports.count,
    draining: Drain.isOn(node),
    connected: node.nodes,
    applications: applicationsOf(node).map(({ name, description, type, startedAt, supervisor }) => ({
      name,
      description,
      type,
      startedAt,
      supervisor,
    })),
    loaded: loadedOf(node),
  }
}

/** How much of a tree is shown: children of one supervisor, and processes in all. */
export interface TreeBounds {
  readonly children: number
  readonly boxes: number
}
export const WHOLE_TREE: TreeBounds = { children: 200, boxes: 20_000 }

/** `left` counts down over several trees that are bounded together. */
export function treeOf(
  node: Node,
  application: string,
  bounds: TreeBounds = WHOLE_TREE,
  left = { boxes: bounds.boxes },
): TreeNode | undefined {
  const top = application === "init" ? node.root.pid : application === "user" ? node.user.pid : undefined
  const pid = top ?? applicationsOf(node).find((running) => running.name === application)?.supervisor
  const process = pid === undefined ? undefined : node.find(pid)
  const place = { id: application, restart: "temporary", restarts: 0, pid }
  return process === undefined ? undefined : branch(node, process, place, 0, bounds.children, left)
}

function branch(
  node: Node,
  process: Process,
  place: ChildDescription,
  depth: number,
  childrenMax: number,
  left: { boxes: number },
): TreeNode {
  left.boxes--
  const supervision = kindOf(process) === "supervisor" ? process.describe().supervision : undefined
  const children: TreeNode[] = []
  for (const child of depth < DEPTH_MAX ? (supervision?.page(0, childrenMax) ?? []) : []) {
    if (left.boxes <= 0) break
    const below = child.pid === undefined ? undefined : node.find(child.pid)
    children.push(below === undefined ? absent(child) : branch(node, below, child, depth + 1, childrenMax, left))
  }
  const { id, restart, restarts } = place
  return {
    ...row(node, process),
    id,
    restart,
    restarts,
    ...lastEnd(place),
    ...(supervision === undefined
      ? {}
      : {
          strategy: supervision.strategy,
          intensity: supervision.intensity,
          periodMs: supervision.periodMs,
          restartsInPeriod: supervision.restartsInPeriod,
        }),
    children,
    more: (supervision?.count ?? 0) - children.length,
  }
}

const absent = (child: ChildDescription): TreeNode => ({
  pid: undefined,
  id: child.id,
  title: child.id,
  module: "",
  kind: "worker",
  status: "not running",
  mailbox: 0,
  handled: 0,
  cpuMs: 0,
  restart: child.restart,
  restarts: child.restarts,
  ...lastEnd(child),
  children: [],
  more: 0,
})

const lastEnd = ({ lastReason }: ChildDescription): { lastReason?: string } =>
  lastReason === undefined ? {} : { lastReason: inspect(lastReason, LINE_LIMITS) }

const row = (node: Node, process: Process): ProcessRow => ({
  pid: process.pid,
  title: titleOf(process),
  module: moduleOf(process),
  kind: kindOf(process),
  status: statusOf(process),
  mailbox: process.size,
  handled: process.handled,
  cpuMs: node.scheduler.meters.read(process.slot),
})

export function processViewOf(node: Node, pid: Pid): ProcessView | undefined {
  const process = node.find(pid)
  const details = process === undefined ? undefined : processDetails(node, pid)
  if (process === undefined || details === undefined) return undefined
  const { description, links, monitors, ...rest } = details
  const { bytes, cut } = memoryOf(process)
  const { extras, current } = process
  return {
    ...rest,
    node: node.name,
    label: labelOf(process),
    application: applicationOf(process),
    memory: bytes,
    memoryCut: cut,
    dropped: extras?.dropped ?? 0,
    links: links.map((linked) => ({ pid: linked, title: titled(node, linked) })),
    monitors: monitors.map((target) =>
      target instanceof Name ? { pid: undefined, title: String(target) } : { pid: target, title: titled(node, target) },
    ),
    watchedBy: watchers(process).map((watcher) => ({ pid: watcher, title: titled(node, watcher) })),
    current: details.current === undefined || current === undefined ? undefined : worded(current),
    messages: messagesOf(process),
    dictionary: dictionaryOf(process),
    state: inspect(redact(description.state), STATE_LIMITS),
  }
}

function titled(node: Node, pid: Pid): string {
  const process = node.find(pid)
  return process === undefined ? String(pid) : titleOf(process)
}

function watchers(process: Process): Pid[] {
  const watching: Pid[] = []
  for (const watch of process.extras?.watchers?.all() ?? []) {
    if (watching.length === ENTRIES_SHOWN) break
    watching.push(watch.from)
  }
  return watching
}

function messagesOf(process: Process): string[] {
  const messages: string[] = []
  let envelope = process.head
  for (; envelope !== undefined && messages.length < MESSAGES_SHOWN; envelope = envelope.next)
    messages.push(worded(envelope))
  return messages
}

/** `call {:increment, 2}` says more to a reader than the envelope around it. What looks like a secret by its key is covered. */
function worded(envelope: Envelope): string {
  if (envelope.kind === CALL)
    return `call ${inspect(redact(requestTerm(envelope.request, envelope.args)), LINE_LIMITS)}`
  return inspect(redact(termOf(envelope)), LINE_LIMITS)
}

function dictionaryOf({ extras }: Process): { key: string; value: string }[] {
  const entries: { key: string; value: string }[] = []
  for (const [key, value] of (redact(extras?.dictionary ?? new Map()) as Map<unknown, unknown>).entries()) {
    if (entries.length === ENTRIES_SHOWN) break
    entries.push({ key: inspect(key, LINE_LIMITS), value: inspect(value, LINE_LIMITS) })
  }
  return entries
}

export function reportsOf(node: Node, since: number): readonly ReportView[] {
  const { recent, count } = node.reports
  const first = count - recent.length
  // Words are made only of those that are wanted.
  const skipped = Math.max(0, since - first)
  return recent.slice(skipped).map((report, index) => reportView(report, first + skipped + index + 1))
}

function reportView(report: CrashReport | LongHandlerReport | NoteReport, id: number): ReportView {
  const level = report.kind === "note" ? report.level : report.kind === "crash" ? "error" : "warning"
  return { id, at: report.at, kind: report.kind, level, text: describeReport(report), pid: report.pid }
}
