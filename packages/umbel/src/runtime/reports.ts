/**
 * Where a node's reports go: to the platform, and into a short memory for the observer.
 */
import { inspect, type Pid } from "../term/index.ts"
import type { HeldStack } from "./diagnostics.ts"
import { type Envelope, termOf } from "./envelope.ts"
import { printed, waiting } from "./introspection.ts"
import type { Platform } from "./platform.ts"
import type { Process } from "./process.ts"
import type { NoteReport, ProgressReport, Report, SupervisionReport } from "./report.ts"
import { traceIdOf } from "./trace-context.ts"

const REMEMBERED = 200
const ANCESTORS_MAX = 20
/** Messages behind the one in hand. */
const WAITING_SHOWN = 5

/** Who wants to know of reports at once. It must not throw. */
export interface ReportListener {
  /** `id` counts up from 1. */
  reported(report: Exclude<Report, ProgressReport>, id: number): void
  decided(decision: SupervisionReport): void
  /** Where a long handler was: told after the report of it. */
  heldAt?(stack: HeldStack): void
}

export class Reports {
  readonly #platform: Platform
  readonly #node: string
  readonly #recent: Exclude<Report, ProgressReport>[] = []
  /** Told of every report, and of what supervisors decide, until the function that {@link listen} returns is called. */
  readonly #listeners = new Set<ReportListener>()
  /** Crashes since boot. */
  crashes = 0
  /** All reports since boot. */
  count = 0

  constructor(platform: Platform, node: string) {
    this.#platform = platform
    this.#node = node
  }

  /** The latest, oldest first. */
  get recent(): readonly Exclude<Report, ProgressReport>[] {
    return this.#recent
  }

  listen(listener: ReportListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
  /** What a supervisor does about the end of a child. Made only where somebody listens. */
  decided(decision: () => SupervisionReport): void {
    if (this.#listeners.size === 0) return
    const made = decision()
    for (const listener of this.#listeners) listener.decided(made)
  }

  /** A watching thread has seen where this one was held. */
  held(stack: HeldStack): void {
    for (const listener of this.#listeners) listener.heldAt?.(stack)
  }

  note(level: NoteReport["level"], from: string, text: string, pid?: Pid, meta?: object): void {
    this.#add({ kind: "note", ...this.#common(), level, from, text, pid, meta })
  }

  /** Told to the platform only: there is a newer one in a moment. */
  progress(progress: Pick<ProgressReport, "label" | "done" | "total" | "finished">): void {
    this.#platform.report({ kind: "progress", ...this.#common(), ...progress })
  }

  /** `last` is the message handled last in that turn, of `handled`. */
  longHandler(process: Process, ms: number, last?: Envelope, handled = 0): void {
    const { pid, title } = process
    const message = last === undefined || handled !== 1 ? undefined : printed(last)
    this.#add({ kind: "long-handler", ...this.#common(), pid, title, ms, module: moduleOf(process), message })
  }

  crash(process: Process, reason: unknown, error: unknown): void {
    this.crashes++
    this.#add({
      kind: "crash",
      ...this.#common(),
      pid: process.pid,
      title: process.title,
      module: moduleOf(process),
      reason,
      error,
      message: process.current === undefined ? undefined : printed(process.current),
      state: shown(process, reason),
      ancestors: ancestors(process),
      unread: process.size,
      waiting: waiting(process, WAITING_SHOWN),
      before: process.remembered,
      traceId: traceIdOf(process.current?.trace),
    })
  }

  #common(): { at: number; node: string } {
    return { at: this.#platform.clock.wallTime(), node: this.#node }
  }

  #add(report: Exclude<Report, ProgressReport>): void {
    this.count++
    this.#recent.push(report)
    if (this.#recent.length > REMEMBERED) this.#recent.shift()
    this.#platform.report(report)
    for (const listener of this.#listeners) listener.reported(report, this.count)
  }
}

/** The module it runs; what the user's own formatting throws is no reason to lose a report. */
function moduleOf(process: Process): string {
  try {
    return process.describe().module
  } catch {
    return process.constructor.name
  }
}

/** Who started it, who started that, …: nearest first. */
export function ancestors(process: Process): string[] {
  const names: string[] = []
  for (let above = process.parent; above !== undefined && names.length < ANCESTORS_MAX; above = above.parent) {
    names.push(above.title)
  }
  return names
}

/** The state as it may be shown; what the user's own formatting throws is shown instead, so that a report is never lost. */
function shown(process: Process, reason: unknown): unknown {
  const { current } = process
  try {
    return process.describe({ why: "terminate", reason, message: current && termOf(current) }).state
  } catch (thrown) {
    return `(formatStatus threw ${inspect(String(thrown))})`
  }
}
