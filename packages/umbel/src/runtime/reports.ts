/**
 * Where a node's reports go: to the platform, and into a short memory for the observer.
 */
import { inspect, type Pid } from "../term/index.ts"
import { printed } from "./introspection.ts"
import type { Platform } from "./platform.ts"
import type { Process } from "./process.ts"
import type { NoteReport, ProgressReport, Report } from "./report.ts"

const REMEMBERED = 200
const ANCESTORS_MAX = 20

export class Reports {
  readonly #platform: Platform
  readonly #node: string
  readonly #recent: Exclude<Report, ProgressReport>[] = []
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

  note(level: NoteReport["level"], from: string, text: string, pid?: Pid, meta?: object): void {
    this.#add({ kind: "note", ...this.#common(), level, from, text, pid, meta })
  }

  /** Told to the platform only: there is a newer one in a moment. */
  progress(progress: Pick<ProgressReport, "label" | "done" | "total" | "finished">): void {
    this.#platform.report({ kind: "progress", ...this.#common(), ...progress })
  }

  longHandler(process: Process, ms: number): void {
    this.#add({ kind: "long-handler", ...this.#common(), pid: process.pid, title: process.title, ms })
  }

  crash(process: Process, reason: unknown, error: unknown): void {
    this.crashes++
    this.#add({
      kind: "crash",
      ...this.#common(),
      pid: process.pid,
      title: process.title,
      reason,
      error,
      message: process.current === undefined ? undefined : printed(process.current),
      state: shown(process),
      ancestors: ancestors(process),
      unread: process.size,
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
function shown(process: Process): unknown {
  try {
    return process.describe().state
  } catch (thrown) {
    return `(formatStatus threw ${inspect(String(thrown))})`
  }
}
