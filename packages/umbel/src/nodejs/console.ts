/**
 * Reports on the console, coloured where a person reads it.
 */
import { styleText } from "node:util"
import { describeReport, type Paint, plain } from "../otp/index.ts"
import type { Report } from "../runtime/index.ts"

/** Whether to colour what goes to that stream: `NO_COLOR` and `FORCE_COLOR` have their say (no-color.org). */
export function wantsColour(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false
  if (env["FORCE_COLOR"] !== undefined) return env["FORCE_COLOR"] !== "0"
  return stream.isTTY === true
}

const coloured: Paint = {
  bad: (text) => styleText("red", text),
  warn: (text) => styleText("yellow", text),
  dim: (text) => styleText("dim", text),
  strong: (text) => styleText("bold", text),
}

/** How much a report is worth. */
export function levelOf(report: Report): Level {
  switch (report.kind) {
    case "note":
      return report.level
    case "crash":
      return "error"
    case "long-handler":
      return "warning"
    case "progress":
      return "debug"
  }
}

const LEVELS = ["debug", "info", "warning", "error"] as const
export type Level = (typeof LEVELS)[number]

/** Writes reports from that level on to standard error. */
export function consoleReports(level: Level = "info"): (report: Report) => void {
  const paint = wantsColour(process.stderr, process.env) ? coloured : plain
  const least = LEVELS.indexOf(level)
  return (report) => {
    const its = levelOf(report)
    if (LEVELS.indexOf(its) >= least) process.stderr.write(`${describeReport(report, paint)}\n`)
  }
}
