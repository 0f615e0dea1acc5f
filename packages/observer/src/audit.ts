/**
 * The audit: who did what from the observer, from where, and what came of it. A ring of the latest, beside a note among the node's reports for each.
 *
 * ```ts
 * audit.add({ at, who: "ann", from: "10.0.0.7", action: "kill", params: {…}, done: true, text: "till <0.12.0> was killed." })
 * audit.latest         // newest last
 * ```
 */
import type { Node } from "umbel"
import type { Params } from "./protocol.ts"

export interface AuditEntry {
  readonly key: string
  readonly at: number
  readonly who: string
  readonly from: string
  readonly action: string
  readonly params: Params
  readonly done: boolean
  readonly text: string
}

const ENTRIES_MAX = 500

export class Audit {
  readonly #node: Node
  readonly #entries: AuditEntry[] = []
  #count = 0

  constructor(node: Node) {
    this.#node = node
  }

  add(entry: Omit<AuditEntry, "key">): void {
    this.#entries.push({ key: String(++this.#count), ...entry })
    if (this.#entries.length > ENTRIES_MAX) this.#entries.shift()
    const { who, from, action, text, done } = entry
    this.#node.reports.note(
      "warning",
      "observer",
      `${action} by ${who} (${from}) from the observer: ${done ? "" : "not done: "}${text}`,
    )
  }
  get latest(): readonly AuditEntry[] {
    return this.#entries
  }
}
