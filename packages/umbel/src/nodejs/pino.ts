/**
 * pino as the place where reports go.
 *
 * ```ts
 * import pino from "pino"
 * await boot({ name: "a@127.0.0.1", report: pinoReports(pino()) })
 * ```
 */
import { describeReport } from "../otp/index.ts"
import type { Report } from "../runtime/index.ts"
import { inspect } from "../term/index.ts"
import { levelOf } from "./console.ts"

/** What is needed of a pino logger; any logger with these methods will do. */
export interface PinoLike {
  debug(object: object, text: string): void
  info(object: object, text: string): void
  warn(object: object, text: string): void
  error(object: object, text: string): void
}

/** Writes each report as one line, with its facts as fields; an error under `err`, as pino's serializers expect it. */
export function pinoReports(logger: PinoLike): (report: Report) => void {
  return (report) => {
    const level = levelOf(report)
    logger[level === "warning" ? "warn" : level](fields(report), textOf(report))
  }
}

function fields(report: Report): object {
  const { node, kind } = report
  switch (report.kind) {
    case "note":
      return { node, kind, from: report.from, pid: report.pid?.toString(), ...report.meta }
    case "crash":
      return {
        node,
        kind,
        pid: report.pid.toString(),
        process: report.title,
        err: report.error,
        reason: report.error === undefined ? inspect(report.reason) : undefined,
        message: report.message,
        ancestors: report.ancestors,
      }
    case "long-handler":
      return { node, kind, pid: report.pid.toString(), process: report.title, ms: report.ms }
    case "progress":
      return { node, kind, label: report.label, done: report.done, total: report.total }
  }
}

const textOf = (report: Report): string =>
  report.kind === "note" ? report.text : report.kind === "crash" ? `${report.title} crashed` : describeReport(report)
