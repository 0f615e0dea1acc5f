/**
 * The latest lines of a node's log, for those who look: notes, crashes and long handlers, filtered by level, text and process.
 *
 * ```ts
 * log.page({ level: "warning", text: "order", since: 120 }, levels)
 * ```
 *
 * A line keeps no state of a process alive: crashes are put into words when they happen, in a storm by their reason alone.
 */
import type { CrashReport, LongHandlerReport, NoteReport } from "../../runtime/index.ts"
import { inspect, redact } from "../../term/index.ts"
import { describeReport } from "../report-text.ts"
import { shortened } from "./frames.ts"
import type { LogLevelName, LogLevels, LogLine, LogPage, LogQuery } from "./says/crashes.ts"

const LINES_MAX = 2_000
const LIMIT_MAX = 500
/** Crashes put into words in full, a second. */
const WORDED_MAX = 20
const TEXT_MAX = 8_000
const RANK: Readonly<Record<LogLevelName, number>> = { debug: 0, info: 1, warning: 2, error: 3 }

export class LogRing {
  readonly #lines: LogLine[] = []
  #start = 0
  #latest = 0
  #worded = 0
  #secondAt = 0

  add(report: CrashReport | LongHandlerReport | NoteReport, id: number): void {
    const { at, kind, pid } = report
    const level = kind === "note" ? report.level : kind === "crash" ? "error" : "warning"
    const from = kind === "note" ? report.from : report.title
    const line = { id, at, kind, level, from, text: this.#text(report).slice(0, TEXT_MAX), pid } satisfies LogLine
    this.#latest = id
    if (this.#lines.length < LINES_MAX) this.#lines.push(line)
    else {
      this.#lines[this.#start] = line
      this.#start = (this.#start + 1) % LINES_MAX
    }
  }

  #text(report: CrashReport | LongHandlerReport | NoteReport): string {
    if (report.kind === "note") {
      const meta = report.meta === undefined ? "" : ` ${inspect(redact(report.meta), { limit: 40, size: 2_000 })}`
      return report.text + meta
    }
    if (report.kind === "crash") {
      if (report.at - this.#secondAt >= 1_000) {
        this.#secondAt = report.at
        this.#worded = 0
      }
      if (this.#worded++ >= WORDED_MAX) return `crashed: ${inspect(report.reason, { limit: 10, text: 200, size: 300 })}`
    }
    return shortened(describeReport(report))
  }

  page(node: string, query: LogQuery, levels: LogLevels): LogPage {
    const forever = Number.POSITIVE_INFINITY
    const { since = 0, upTo = forever, until = forever, level = "debug", text = "", pid, limit = 200 } = query ?? {}
    const rank = RANK[level]
    if (rank === undefined) throw new TypeError(`levels are ${Object.keys(RANK).join(", ")}, not ${String(level)}`)
    const most = Math.max(0, Math.min(Math.floor(Number(limit)) || 0, LIMIT_MAX))
    const wanted = String(text).toLowerCase()
    const lines: LogLine[] = []
    for (let i = this.#lines.length - 1; i >= 0 && lines.length < most; i--) {
      const line = this.#lines[(this.#start + i) % this.#lines.length]!
      if (line.id <= since) break
      if (line.id > upTo || line.at > until) continue
      if (RANK[line.level] < rank || (pid !== undefined && line.pid?.key !== pid.key)) continue
      if (wanted !== "" && !`${line.from} ${line.text}`.toLowerCase().includes(wanted)) continue
      lines.push(line)
    }
    return { node, lines: lines.reverse(), latest: this.#latest, oldest: this.#lines[this.#start]?.id ?? 0, levels }
  }
}
