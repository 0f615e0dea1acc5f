/**
 * Reports in words, for a console: what happened, to whom, with which message and state, and where in the source.
 *
 * ```
 * ✗ crash  shop.counter <0.12.0> on a@127.0.0.1
 *   TypeError: cannot add "two"
 *     at increment (shop/counter.ts:14:11)
 *   message   call {:increment, "two"}
 *   state     %{count: 5}
 *   under     shop.stores, init
 * ```
 */

import type { CrashReport, Report } from "../runtime/index.ts"
import { reasonText } from "../runtime/index.ts"
import { inspect, redact } from "../term/index.ts"

/** How words are marked; a console gives colours, a file nothing. */
export interface Paint {
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
  readonly dim: (text: string) => string
  readonly strong: (text: string) => string
}

export const plain: Paint = { bad: same, warn: same, dim: same, strong: same }
function same(text: string): string {
  return text
}

const LIMIT = 40
const STACK_LINES = 8
/** Characters of the facts beside a note: the text says what matters. */
const META_SIZE = 200

/** One or several lines, without a final line break. */
export function describeReport(report: Report, paint: Paint = plain): string {
  switch (report.kind) {
    case "crash":
      return describeCrash(report, paint)
    case "long-handler": {
      const where = `${report.title} ${report.pid}`
      const what = report.message === undefined ? "" : ` with ${report.message}`
      return `${paint.warn("! slow")}  ${paint.strong(where)} held the thread for ${Math.round(report.ms)} ms${what}; everybody else waited. Give long work to a promise, or to a thread node.`
    }
    case "progress": {
      const { label, done, total, finished } = report
      return `${paint.dim("· ")}${label}  ${done}${total === undefined ? "" : ` of ${total}`}${finished === true ? ", done" : ""}`
    }
    case "note": {
      const mark = { debug: paint.dim("· "), info: paint.dim("· "), warning: paint.warn("! "), error: paint.bad("✗ ") }[
        report.level
      ]
      return `${mark}${paint.dim(report.from)}  ${report.text}${report.meta === undefined ? "" : ` ${paint.dim(inspect(redact(report.meta), { limit: LIMIT, size: META_SIZE }))}`}`
    }
  }
}

function describeCrash(report: CrashReport, paint: Paint): string {
  const lines = [`${paint.bad("✗ crash")}  ${paint.strong(`${report.title} ${report.pid}`)} on ${report.node}`]
  const { error } = report
  if (error instanceof Error) {
    const [first = "", ...frames] = (error.stack ?? String(error)).split("\n")
    lines.push(`  ${paint.strong(first)}`)
    for (const frame of own(frames)) lines.push(paint.dim(`  ${frame}`))
  } else lines.push(`  ${paint.strong(`exit ${reasonText(report.reason)}`)}`)
  const fact = (name: string, value: string): void => void lines.push(`  ${paint.dim(name.padEnd(9))} ${value}`)
  if (report.message !== undefined) fact("message", report.message)
  if (report.state !== undefined) fact("state", inspect(redact(report.state), { limit: LIMIT }))
  if (report.ancestors.length > 0) fact("under", report.ancestors.join(", "))
  if (report.unread > 0) fact("unread", unreadOf(report))
  return lines.join("\n")
}

/** `3 messages: call :get, …` */
function unreadOf({ unread, waiting = [] }: CrashReport): string {
  const more = waiting.length < unread && waiting.length > 0 ? ", …" : ""
  const which = waiting.length === 0 ? "" : `: ${waiting.join(", ")}${more}`
  return `${unread} ${unread === 1 ? "message" : "messages"}${which}`
}

/** The frames that say something to the reader: not those of the runtime itself, unless there are no others. */
function own(frames: readonly string[]): readonly string[] {
  const theirs = frames.filter(
    (frame) => !/node:internal|[\\/]umbel[\\/](?:src|dist)[\\/](?:runtime|otp|nodejs)[\\/]/.test(frame),
  )
  return (theirs.length > 0 ? theirs : frames).slice(0, STACK_LINES)
}
