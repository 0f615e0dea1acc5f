/**
 * The reports of a node under test: kept instead of printed, so that a test can look at them, and a crash nobody expected is seen.
 */
import { describeReport } from "../otp/index.ts"
import type { CrashReport, ProgressReport, Report } from "../runtime/index.ts"

/** Reports, and what they say. */
export interface CapturedReports {
  readonly reports: readonly Exclude<Report, ProgressReport>[]
  /** As a console would show them, without colours. */
  readonly text: string
}

export class Captured {
  readonly all: Exclude<Report, ProgressReport>[] = []
  readonly #expected = new Set<CrashReport>()
  readonly #waiting = new Set<() => void>()

  readonly report = (report: Report): void => {
    // A progress is out of date in a moment.
    if (report.kind === "progress") return
    this.all.push(report)
    for (const look of [...this.#waiting]) look()
  }

  /** Calls `look` after every further report, until it is disposed. */
  onReport(look: () => void): Disposable {
    this.#waiting.add(look)
    return { [Symbol.dispose]: () => void this.#waiting.delete(look) }
  }

  /** Crashes that no test has said it expects. */
  get unexpected(): readonly CrashReport[] {
    return this.all.filter((report): report is CrashReport => report.kind === "crash" && !this.#expected.has(report))
  }
  /** The first unexpected crash that fits is expected from now on. */
  take(fits: (report: CrashReport) => boolean): CrashReport | undefined {
    const found = this.unexpected.find(fits)
    if (found !== undefined) this.#expected.add(found)
    return found
  }

  since(first: number): CapturedReports {
    const reports = this.all.slice(first)
    return { reports, text: inWords(reports) }
  }
}

export const inWords = (reports: readonly Report[]): string =>
  reports.map((report) => describeReport(report)).join("\n")
