/**
 * The trace of a world: what happened, in order, as lines of plain text, and one hash over all of it.
 *
 * ```
 * 12.413 a@sim deliver #PID<0.5.0> call {:increment, 2}
 * 14.020 net a@sim > b@sim 48 bytes
 * ```
 *
 * The same seed and scenario give the same trace, so a hash tells whether two runs were the same. Only the latest lines are kept.
 */
import { printed, type Report, type TraceEvent } from "../runtime/index.ts"
import { inspect, Tuple } from "../term/index.ts"
import { hashed } from "./random.ts"

export class Trace {
  readonly #kept: number
  #lines: string[] = []
  #low = 0x811c9dc5
  #high = 0xcbf29ce4
  /** Lines so far. */
  count = 0

  /** `kept`: how many of the latest lines are kept. */
  constructor(kept: number) {
    this.#kept = kept
  }

  add(now: number, text: string): void {
    const line = `${now.toFixed(3)} ${text}`
    this.count++
    this.#low = hashed(line, this.#low)
    this.#high = hashed(line, this.#high ^ this.#low)
    this.#lines.push(line)
    if (this.#lines.length > 2 * this.#kept) this.#lines = this.#lines.slice(-this.#kept)
  }

  /** The latest lines, oldest first. */
  get lines(): readonly string[] {
    return this.#lines.slice(-this.#kept)
  }
  /** Of all lines: 16 hexadecimal digits. */
  get hash(): string {
    return [this.#high, this.#low].map((half) => half.toString(16).padStart(8, "0")).join("")
  }
}

/** An event of a node, without anything that differs between two runs of the same seed. */
export function eventLine(event: TraceEvent): string {
  const pid = inspect(event.pid)
  switch (event.kind) {
    case "spawn":
      return `spawn ${pid} under ${event.parent === undefined ? "nothing" : inspect(event.parent)}`
    case "deliver":
      return `deliver ${pid} ${printed(event.envelope)}`
    case "exit":
      return `exit ${pid} ${reasonText(event.reason)}`
  }
}

export function reportLine(report: Report): string {
  switch (report.kind) {
    case "note":
      return `note ${report.level} ${report.from} ${report.text}`
    case "crash":
      return `crash ${report.title} ${reasonText(report.reason)}`
    case "long-handler":
      return `long-handler ${report.title}`
    case "progress":
      return `progress ${report.label} ${report.done}`
  }
}

/** A thrown error without its stack: where the source lies is no part of what happened. */
function reasonText(reason: unknown): string {
  const thrown = reason instanceof Tuple && reason.elements[0] instanceof Error ? reason.elements[0] : undefined
  return thrown === undefined ? inspect(reason, { limit: 20, size: 1_000 }) : `${thrown.name}: ${thrown.message}`
}
