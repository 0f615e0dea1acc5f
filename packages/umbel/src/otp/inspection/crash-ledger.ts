/**
 * The crash ledger: crashes grouped by cause, with what supervisors did about them.
 *
 * ```ts
 * ledger.crashed(report, 7)            // a process has ended by a fault
 * ledger.decided(decision)           // its supervisor has made up its mind
 * ledger.groups()                    // the latest first
 * ```
 *
 * A cause is the module, the reason without what differs from one crash to the next, and the innermost frame of user code. Words are made for at most
 * {@link WORDED_MAX} crashes of a group a second: in a storm the others are counted.
 */
import type { CrashReport, SupervisionReport } from "../../runtime/index.ts"
import { Atom, inspect, redact, Tuple } from "../../term/index.ts"
import { framesOf } from "./frames.ts"
import type { CrashGroup, CrashView, SupervisorDecision } from "./says/crashes.ts"

/** Causes remembered; the one seen longest ago makes room. */
const GROUPS_MAX = 200
/** Crashes that wait for the decision of their supervisor. */
const UNDECIDED_MAX = 1_000
const WORDED_MAX = 5
const STACK_LINES = 12
const LIMITS = { limit: 40, text: 300, size: 4_000 }

interface Group {
  readonly cause: string
  readonly module: string
  readonly reason: string
  readonly frame: string | undefined
  readonly firstAt: number
  count: number
  lastAt: number
  latest: CrashView
  restarts: number
  givenUp: number
  /** Crashes put into words in the second that began then. */
  worded: number
  secondAt: number
}

export class CrashLedger {
  readonly #groups = new Map<string, Group>()
  /** By the key of the process's pid. */
  readonly #undecided = new Map<string, Group>()

  crashed(report: CrashReport, line: number): void {
    const module = report.module ?? report.title
    const frames = framesOf(report.error)
    const reason = shapeOf(report)
    const frame = frames[0]
    const cause = hash(`${module}\n${reason}\n${frame ?? ""}`)
    let group = this.#groups.get(cause)
    if (group === undefined) {
      const latest = view(report, frames, line)
      const { at } = report
      group = {
        cause,
        module,
        reason,
        frame,
        firstAt: at,
        count: 0,
        lastAt: at,
        latest,
        restarts: 0,
        givenUp: 0,
        worded: 0,
        secondAt: at,
      }
    } else {
      if (report.at - group.secondAt >= 1_000) {
        group.secondAt = report.at
        group.worded = 0
      }
      if (group.worded++ < WORDED_MAX) group.latest = view(report, frames, line)
      this.#groups.delete(cause)
    }
    group.count++
    group.lastAt = report.at
    // Last in the map is latest; the first makes room.
    this.#groups.set(cause, group)
    bounded(this.#groups, GROUPS_MAX)
    this.#undecided.set(report.pid.key, group)
    bounded(this.#undecided, UNDECIDED_MAX)
  }

  decided(report: SupervisionReport): void {
    const { at: _at, pid, ...decision } = report
    const group = this.#undecided.get(pid.key)
    if (group === undefined) return
    this.#undecided.delete(pid.key)
    if (decision.kind === "restart") group.restarts++
    if (decision.kind === "give-up") group.givenUp++
    const made: SupervisorDecision = decision
    if (group.latest.pid.key === pid.key) group.latest = { ...group.latest, decision: made }
  }

  groups(): CrashGroup[] {
    return [...this.#groups.values()].reverse().map(({ worded: _worded, secondAt: _secondAt, ...group }) => group)
  }
}

function bounded(map: Map<string, unknown>, max: number): void {
  if (map.size <= max) return
  for (const key of map.keys()) {
    map.delete(key)
    return
  }
}

function view(report: CrashReport, frames: readonly string[], line: number): CrashView {
  const { at, pid, title, message, ancestors, unread, waiting = [], before = [], traceId, error } = report
  return {
    at,
    pid,
    title,
    reason: printed(report.reason),
    error: error instanceof Error ? firstLine(String(error)) : error === undefined ? undefined : printed(error),
    stack: frames.slice(0, STACK_LINES),
    message,
    state: report.state === undefined ? undefined : printed(redact(report.state)),
    ancestors,
    unread,
    waiting,
    before,
    traceId,
    line,
    decision: undefined,
  }
}

function printed(value: unknown): string {
  try {
    return inspect(value, LIMITS)
  } catch (thrown) {
    return `(cannot be shown: ${firstLine(String(thrown))})`
  }
}
const firstLine = (text: string): string => text.split("\n", 1)[0]!.slice(0, 500)

/** What two crashes of one cause have in common: the class and words of an error, the atoms of a term. */
function shapeOf({ error, reason }: CrashReport): string {
  if (error instanceof Error) return `${error.name}: ${withoutFacts(firstLine(error.message))}`
  return shape(reason, 0)
}

function shape(value: unknown, depth: number): string {
  if (value instanceof Atom) return value.text
  if (value instanceof Tuple && depth < 3) {
    const parts = value.elements.slice(0, 6).map((element: unknown) => shape(element, depth + 1))
    return `{${parts.join(", ")}}`
  }
  if (value instanceof Error) return `${value.name}: ${withoutFacts(firstLine(value.message))}`
  if (typeof value === "string" && depth === 0) return withoutFacts(firstLine(value))
  return "_"
}

/** Numbers, quoted texts and pids differ from one crash to the next. */
const withoutFacts = (text: string): string =>
  text
    .replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, "…")
    .replace(/#?(?:PID)?<\d+(?:\.\d+)+>/g, "<pid>")
    .replace(/\d+(?:\.\d+)?/g, "0")

/** 53 bits of FNV-1a, which is enough to tell some hundreds of causes apart. */
function hash(text: string): string {
  let low = 0x811c9dc5
  let high = 0xcbf29ce4
  for (let i = 0; i < text.length; i++) {
    low = Math.imul(low ^ text.charCodeAt(i), 0x01000193)
    high = Math.imul(high ^ low, 0x01000193)
  }
  return (low >>> 0).toString(16).padStart(8, "0") + (high >>> 0).toString(16).padStart(8, "0")
}
