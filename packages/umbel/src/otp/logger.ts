/**
 * Logger: lines for people, from processes, with levels that can be set for a node, an application or a single process.
 *
 * ```ts
 * Logger.info(self, "order taken", { order: 7, by: "ann" })
 * Logger.setLevel(node, "warning")                              // the node
 * Logger.setLevel(node, "debug", { application: "shop" })       // all processes of an application
 * Logger.setLevel(node, "debug", { process: pid })              // one process
 * ```
 *
 * A line becomes a report: it goes where the node's reports go (the console, a file, pino: see `pinoReports` in `umbel/nodejs`), and into the node's short memory
 * for the observer. A line below its level costs a look at the level.
 */
import type { Node, NoteReport, Process, ProcessCapability } from "../runtime/index.ts"
import { copy, inspect, NotATerm, type Pid } from "../term/index.ts"
import { applicationsOf } from "./application-controller.ts"
import { nodeOf, processOf } from "./node-of.ts"

export type LogLevel = NoteReport["level"]

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warning: 2, error: 3 }

class Levels {
  node: LogLevel = "info"
  readonly applications = new Map<string, LogLevel>()
  readonly processes = new Map<string, LogLevel>()
}

const levelsKey = Symbol.for("umbel.logger")

function levelsOf(node: Node): Levels {
  const known = node.attachments.get(levelsKey) as Levels | undefined
  if (known !== undefined) return known
  const levels = new Levels()
  node.attachments.set(levelsKey, levels)
  return levels
}

/** The nearest wins: the process, its application, the node. */
function levelOf(process: Process): LogLevel {
  const levels = levelsOf(process.node)
  if (levels.processes.size > 0) {
    const own = levels.processes.get(process.pid.key)
    if (own !== undefined) return own
  }
  if (levels.applications.size > 0) {
    const application = applicationOf(process)
    const its = application === undefined ? undefined : levels.applications.get(application)
    if (its !== undefined) return its
  }
  return levels.node
}

/** The application in whose tree the process stands; undefined outside of all. */
export function applicationOf(process: Process): string | undefined {
  const tops = applicationsOf(process.node)
  for (let above: Process | undefined = process; above !== undefined; above = above.parent) {
    const found = tops.find((running) => running.supervisor === above?.pid)
    if (found !== undefined) return found.name
  }
  return undefined
}

export interface LoggerApi {
  debug(self: ProcessCapability | Node, text: string, meta?: object): void
  info(self: ProcessCapability | Node, text: string, meta?: object): void
  warning(self: ProcessCapability | Node, text: string, meta?: object): void
  error(self: ProcessCapability | Node, text: string, meta?: object): void
  /** Lines below `level` are dropped from now on; for the node, unless an application or a process is named. */
  setLevel(self: ProcessCapability | Node, level: LogLevel, where?: { application: string } | { process: Pid }): void
  /** Takes a level of an application or a process back. */
  unsetLevel(self: ProcessCapability | Node, where: { application: string } | { process: Pid }): void
  /** Whether a line of that level would be written: for lines that are costly to make. */
  enabled(self: ProcessCapability | Node, level: LogLevel): boolean
}

const write =
  (level: LogLevel) =>
  (self: ProcessCapability | Node, text: string, meta?: object): void => {
    const process = processOf(self)
    if (RANK[level] < RANK[levelOf(process)]) return
    process.node.reports.note(level, process.title, text, process.pid, meta === undefined ? undefined : asTerm(meta))
  }

/** A log line must not crash whoever writes it: what is no term is printed. */
function asTerm(meta: object): object {
  try {
    return copy(meta)
  } catch (thrown) {
    if (thrown instanceof NotATerm) return { meta: inspect(meta) }
    throw thrown
  }
}

/** From which level on lines are written: for the inspector. */
export function logLevels(node: Node): {
  node: LogLevel
  applications: { application: string; level: LogLevel }[]
  processes: { pid: string; level: LogLevel }[]
} {
  const levels = levelsOf(node)
  return {
    node: levels.node,
    applications: [...levels.applications].map(([application, level]) => ({ application, level })),
    processes: [...levels.processes].map(([pid, level]) => ({ pid, level })),
  }
}

export const Logger: LoggerApi = {
  debug: write("debug"),
  info: write("info"),
  warning: write("warning"),
  error: write("error"),
  setLevel(self, level, where) {
    const node = nodeOf(self)
    const levels = levelsOf(node)
    if (where === undefined) levels.node = level
    else if ("application" in where) levels.applications.set(where.application, level)
    else {
      const { key } = where.process
      if (!levels.processes.has(key))
        node.signals.watch(node.root.pid, where.process, () => levels.processes.delete(key))
      levels.processes.set(key, level)
    }
  },
  unsetLevel(self, where) {
    const levels = levelsOf(nodeOf(self))
    if ("application" in where) levels.applications.delete(where.application)
    else levels.processes.delete(where.process.key)
  },
  enabled: (self, level) => RANK[level] >= RANK[levelOf(processOf(self))],
}
