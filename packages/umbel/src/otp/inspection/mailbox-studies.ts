/**
 * The mailboxes that are studied at present: begun by the first look at one, ended when nobody has looked for {@link UNREAD_MS}, or with the process.
 *
 * While there is one, each message of the node costs a look into a map; without any, nothing (see `tracer.ts`).
 */
import type { Call, Node, Process } from "../../runtime/index.ts"
import { requestTerm } from "../../runtime/index.ts"
import { inspect, isAtom, type Pid, Tuple } from "../../term/index.ts"
import { type Refused, refuse } from "../replies.ts"
import { MailboxStudy } from "./mailbox-study.ts"
import type { MailboxView } from "./says/tracing.ts"

const STUDIES_MAX = 20
const UNREAD_MS = 10_000

export class MailboxStudies {
  readonly #node: Node
  readonly #studies = new Map<Process, MailboxStudy>()

  constructor(node: Node) {
    this.#node = node
  }
  get size(): number {
    return this.#studies.size
  }

  /** Undefined for a process that has ended. */
  look(pid: Pid): MailboxView | undefined | Refused<string> {
    const process = this.#node.find(pid)
    if (process === undefined) return undefined
    let study = this.#studies.get(process)
    if (study === undefined) {
      if (this.#studies.size >= STUDIES_MAX)
        return refuse(`${STUDIES_MAX} mailboxes are studied already on ${this.#node.name}`)
      study = new MailboxStudy(this.#node, process)
      this.#studies.set(process, study)
    }
    return study.view()
  }
  /** Those that nobody looks at any more end. */
  expire(now: number): void {
    for (const [process, { readAt }] of this.#studies) if (now - readAt > UNREAD_MS) this.#studies.delete(process)
  }
  clear(): void {
    this.#studies.clear()
  }

  // ---- what the tracer and the scheduler tell ----------------------------------------------------------------------------
  arrived(from: Process | Pid | undefined, to: Process | undefined, term: unknown): void {
    const study = to === undefined ? undefined : this.#studies.get(to)
    study?.arrived(from, kindOf(term))
  }
  called(call: Call, to: Process | undefined): void {
    const study = to === undefined ? undefined : this.#studies.get(to)
    study?.arrived(call.caller, kindOf(requestTerm(call.request, call.args)))
  }
  readonly turn = (process: Process, from: number, to: number): void => {
    this.#studies.get(process)?.turn(from, to)
  }
  ended(process: Process): void {
    this.#studies.delete(process)
  }
}

/** What sort of message it is: its word, without what it carries. */
function kindOf(term: unknown): string {
  const first = term instanceof Tuple ? term.elements[0] : term
  if (isAtom(first)) return String(first.text).slice(0, 60)
  if (typeof term === "object" && term !== null && "kind" in term && typeof term.kind === "string")
    return `%{kind: ${inspect(term.kind, { text: 60, size: 80 })}}`
  if (Array.isArray(term)) return "a list"
  return term === null || typeof term !== "object" ? `a ${typeof term}` : "a term"
}
