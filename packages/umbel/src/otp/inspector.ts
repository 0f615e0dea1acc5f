/**
 * The inspector: the process through which one node is looked at by another, and by the observer.
 *
 * ```ts
 * const { applications } = await node.call(INSPECTOR.at("back@127.0.0.1")).overview()
 * const tree = await node.call(INSPECTOR.at("back@127.0.0.1")).tree("index")
 * ```
 *
 * It reads what the runtime keeps anyway and asks no other process, so nothing hangs on what it is shown; it costs nothing while nobody asks. States
 * leave the node printed, bounded, and with secrets covered.
 */
import {
  type Api,
  type Node,
  type Process,
  type ProcessRow,
  type ProgressReport,
  processDetails,
  processRow,
  type Report,
} from "../runtime/index.ts"
import { inspect, Name, type Pid } from "../term/index.ts"
import { applicationsOf } from "./application-controller.ts"
import { define, type GenServer, name } from "./gen-server.ts"
import { redact } from "./redact.ts"
import { describeReport } from "./report-text.ts"

/** What a node is and does, in numbers. Times are milliseconds since 1970, durations milliseconds. */
export interface Overview {
  readonly node: string
  readonly bootedAt: number
  readonly now: number
  readonly processes: number
  readonly zombies: number
  /** Processes that wait for a turn. */
  readonly runQueue: number
  readonly turns: number
  readonly crashes: number
  /** Reports since boot: the id of the latest. */
  readonly reports: number
  /** Nodes it is connected to. */
  readonly connected: readonly string[]
  readonly applications: readonly ApplicationRow[]
}
export interface ApplicationRow {
  readonly name: string
  readonly description: string
  readonly type: string
  readonly startedAt: number
  readonly supervisor: Pid | undefined
}

/** A supervision tree, or a part of it. */
export interface TreeNode {
  /** Undefined for a child that does not run. */
  readonly pid: Pid | undefined
  /** The id under its supervisor. */
  readonly id: string
  readonly title: string
  readonly module: string
  readonly kind: "worker" | "supervisor"
  readonly status: string
  readonly mailbox: number
  readonly handled: number
  readonly cpuMs: number
  readonly restart: string
  /** How often this child was started anew. */
  readonly restarts: number
  readonly strategy?: string
  readonly intensity?: number
  readonly periodMs?: number
  readonly restartsInPeriod?: number
  readonly children: readonly TreeNode[]
  /** Children that are not in `children`, as there are too many to show. */
  readonly more: number
}

/** Everything about one process; terms are printed, as they may be anything. */
export interface ProcessView {
  readonly pid: Pid
  readonly node: string
  readonly title: string
  readonly module: string
  readonly kind: "worker" | "supervisor"
  readonly status: string
  readonly registeredName: string | undefined
  readonly mailbox: number
  readonly handled: number
  readonly cpuMs: number
  readonly trapExit: boolean
  readonly ancestors: readonly string[]
  readonly parent: Pid | undefined
  readonly links: readonly ProcessRef[]
  readonly monitors: readonly string[]
  readonly watchers: number
  readonly current: string | undefined
  readonly messages: readonly string[]
  readonly state: string
}
export interface ProcessRef {
  readonly pid: Pid
  readonly title: string
}

/** A report in words. `id` counts up on its node. */
export interface ReportView {
  readonly id: number
  readonly at: number
  readonly kind: "crash" | "long-handler" | "note"
  readonly level: "debug" | "info" | "warning" | "error"
  readonly text: string
  readonly pid: Pid | undefined
}

export interface InspectorApi extends Api {
  calls: {
    overview(): Overview
    /** The supervision tree of an application; of `init` and `user`, the node's own. Undefined when it does not run. */
    tree(application: string): TreeNode | undefined
    /** At most `limit` processes, those with the most CPU time first. */
    processes(limit: number): readonly ProcessRow[]
    process(pid: Pid): ProcessView | undefined
    /** The reports with an id above `since`, oldest first. */
    reports(since: number): readonly ReportView[]
  }
  casts: {}
}

/** Where every node's inspector is found. */
export const INSPECTOR = name<InspectorApi>("umbel_inspector")

/** Children shown of one supervisor, and levels of a tree. */
const CHILDREN_MAX = 200
const DEPTH_MAX = 30
const STATE_LIMITS = { limit: 60, text: 500, size: 20_000 }

/** @internal */
export const inspector = define("umbel.inspector", {
  init: () => ({}),
  calls: {
    overview: ({ node }) => overview(node),
    tree: ({ node }, application) => tree(node, String(application)),
    processes: ({ node }, limit) => processes(node, Number(limit)),
    process: ({ node }, pid) => view(node, pid as Pid),
    reports: ({ node }, since) => reports(node, Number(since)),
  },
}) as unknown as GenServer<void, InspectorApi>

/** Starts what every node has of its own, whatever its applications. @internal */
export async function startKernel(node: Node): Promise<void> {
  await node.startFor(node.root, inspector, { name: INSPECTOR })
}

function overview(node: Node): Overview {
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
    connected: node.nodes,
    applications: applicationsOf(node).map(({ name, description, type, startedAt, supervisor }) => ({
      name,
      description,
      type,
      startedAt,
      supervisor,
    })),
  }
}

function tree(node: Node, application: string): TreeNode | undefined {
  const top = application === "init" ? node.root.pid : application === "user" ? node.user.pid : undefined
  const pid = top ?? applicationsOf(node).find((running) => running.name === application)?.supervisor
  const process = pid === undefined ? undefined : node.find(pid)
  return process === undefined
    ? undefined
    : branch(node, process, { id: application, restart: "temporary", restarts: 0 }, 0)
}

interface Place {
  readonly id: string
  readonly restart: string
  readonly restarts: number
}

function branch(node: Node, process: Process, place: Place, depth: number): TreeNode {
  const { supervision } = process.describe()
  const children: TreeNode[] = []
  const known = supervision?.children ?? []
  for (const child of depth < DEPTH_MAX ? known : []) {
    if (children.length === CHILDREN_MAX) break
    const below = child.pid === undefined ? undefined : node.find(child.pid)
    children.push(below === undefined ? absent(child) : branch(node, below, child, depth + 1))
  }
  const { title, module, kind, status, mailbox, handled, cpuMs } = processRow(node, process)
  const { id, restart, restarts } = place
  return {
    pid: process.pid,
    id,
    title,
    module,
    kind,
    status,
    mailbox,
    handled,
    cpuMs,
    restart,
    restarts,
    ...(supervision === undefined
      ? {}
      : {
          strategy: supervision.strategy,
          intensity: supervision.intensity,
          periodMs: supervision.periodMs,
          restartsInPeriod: supervision.restartsInPeriod,
        }),
    children,
    more: known.length - children.length,
  }
}

const absent = ({ id, restart, restarts }: Place): TreeNode => ({
  pid: undefined,
  id,
  title: id,
  module: "",
  kind: "worker",
  status: "not running",
  mailbox: 0,
  handled: 0,
  cpuMs: 0,
  restart,
  restarts,
  children: [],
  more: 0,
})

function processes(node: Node, limit: number): readonly ProcessRow[] {
  const rows = [...node.all()].map((process) => processRow(node, process))
  return rows.sort((a, b) => b.cpuMs - a.cpuMs).slice(0, Math.max(0, Math.min(limit, 1_000)))
}

function view(node: Node, pid: Pid): ProcessView | undefined {
  const details = processDetails(node, pid)
  if (details === undefined) return undefined
  const { description, links, monitors, ...rest } = details
  return {
    ...rest,
    node: node.name,
    links: links.map((linked) => ({ pid: linked, title: node.find(linked)?.title ?? String(linked) })),
    monitors: monitors.map((target) => (target instanceof Name ? String(target) : `${target} on ${target.node}`)),
    state: inspect(redact(description.state), STATE_LIMITS),
  }
}

function reports(node: Node, since: number): readonly ReportView[] {
  const { recent, count } = node.reports
  const first = count - recent.length
  // Words are made only of those that are wanted.
  const skipped = Math.max(0, since - first)
  return recent.slice(skipped).map((report, index) => reportView(report, first + skipped + index + 1))
}

function reportView(report: Exclude<Report, ProgressReport>, id: number): ReportView {
  const level = report.kind === "note" ? report.level : report.kind === "crash" ? "error" : "warning"
  return { id, at: report.at, kind: report.kind, level, text: describeReport(report), pid: report.pid }
}
