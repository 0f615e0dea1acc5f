/**
 * One trace: what was seen of its processes so far, and whether it goes on.
 *
 * ```ts
 * const trace = new Trace(node, 1, { subtrees: [pid], limits: { events: 500 } }, watcher)
 * trace.page(0)
 * ```
 *
 * Messages are put into words at once, bounded and redacted, so nothing of a process is kept. Which processes it is about is one look into a set.
 */
import type { Call, Node, Process, Settled } from "../../runtime/index.ts"
import { requestTerm, traceIdOf } from "../../runtime/index.ts"
import { inspect, makeName, Name, Pid, type Ref, redact, type Target, Tuple } from "../../term/index.ts"
import { titleOf } from "./kinds.ts"
import type { TracedEvent, TracedKind, TraceOptions, TracePage, TraceStop, TraceWhat } from "./says/tracing.ts"

const EVENTS = { usual: 5_000, max: 20_000 }
const MS = { usual: 30_000, max: 600_000 }
const PAGE_MAX = 2_000
const PRINTED = { limit: 30, text: 200, size: 600 }
/** Calls that wait for their answers. */
const OPEN_MAX = 5_000
const ALL: readonly TraceWhat[] = ["messages", "calls", "lifecycle"]

/** What is known of an event where it happens. */
interface Seen {
  readonly kind: TracedKind
  readonly from: Process | Pid | undefined
  readonly to: Process | Target | Ref | undefined
  readonly term: unknown
  readonly seen?: TracedEvent["seen"]
  readonly call?: string | undefined
  readonly ms?: number | undefined
  readonly fromTitle?: string
  /** What it is part of, unless it is what the code that runs now is part of. */
  readonly trace?: unknown
}

/** A call that waits for its answer; what the server is called is noted now, as it may have ended by then. */
interface OpenCall {
  readonly id: string
  readonly at: number
  readonly caller: Pid
  readonly server: Pid | undefined
  readonly title: string
  readonly trace: unknown
}

export class Trace {
  readonly id: number
  readonly watcher: Pid
  readonly until: number
  readonly eventsMax: number
  readonly #node: Node
  readonly #targets = new Set<Process>()
  /** Those whose offspring are targets too. */
  readonly #roots = new Set<Process>()
  readonly #what: ReadonlySet<TraceWhat>
  readonly #events: TracedEvent[] = []
  readonly #open = new Map<Call, OpenCall>()
  readonly #clockOffset: number
  #calls = 0
  stopped: TraceStop | undefined
  /** By the platform's clock. */
  readAt: number
  stoppedAt = 0

  constructor(node: Node, id: number, options: TraceOptions, watcher: Pid) {
    const { clock } = node.platform
    this.#node = node
    this.id = id
    this.watcher = watcher
    this.#clockOffset = clock.wallTime() - clock.now()
    this.readAt = clock.now()
    const { subtrees = [], what = ALL, limits = {} } = options
    this.#what = new Set(what)
    this.eventsMax = within(limits.events, EVENTS)
    this.until = clock.now() + within(limits.ms, MS)
    this.add(options)
    for (const process of found(node, subtrees)) this.#roots.add(process)
    if (this.#roots.size > 0) this.#addOffspring()
  }

  /** These too, from now on: whom the others turned out to speak with. */
  add({ pids = [], names = [] }: Pick<TraceOptions, "pids" | "names">): void {
    if (this.stopped !== undefined) return
    for (const process of [...found(this.#node, pids), ...named(this.#node, names)]) this.#targets.add(process)
  }

  /** All below the roots, however deep: who has been looked at is not climbed over again. */
  #addOffspring(): void {
    const known = new Map<Process, boolean>()
    for (const process of this.#node.all()) {
      const passed: Process[] = []
      let above: Process | undefined = process
      let below: boolean | undefined
      for (; above !== undefined && below === undefined; above = above.parent) {
        below = this.#roots.has(above) ? true : known.get(above)
        passed.push(above)
      }
      for (const one of passed) known.set(one, below === true)
      if (below === true) this.#targets.add(process)
    }
    for (const root of this.#roots) this.#targets.add(root)
  }

  get targets(): number {
    return this.#targets.size
  }
  /** Milliseconds since 1970, when it will have stopped. */
  get untilWall(): number {
    return this.until + this.#clockOffset
  }

  stop(why: TraceStop): void {
    if (this.stopped !== undefined) return
    this.stopped = why
    this.stoppedAt = this.#node.platform.clock.now()
    this.#targets.clear()
    this.#roots.clear()
    this.#open.clear()
  }

  page(since: number): TracePage {
    this.readAt = this.#node.platform.clock.now()
    const from = Math.max(0, Math.floor(since) || 0)
    const events = this.#events.slice(from, from + PAGE_MAX)
    const now = this.#node.platform.clock.wallTime()
    return { node: this.#node.name, id: this.id, stopped: this.stopped, events, next: from + events.length, now }
  }

  #concerns(one: Process | undefined, other: Process | undefined): boolean {
    return (one !== undefined && this.#targets.has(one)) || (other !== undefined && this.#targets.has(other))
  }

  #add({ kind, from, to, term, seen = "both", call, ms, trace, fromTitle = this.#title(from) }: Seen): void {
    const { clock } = this.#node.platform
    const toPid = to instanceof Pid ? to : to !== undefined && "pid" in to ? to.pid : undefined
    this.#events.push({
      number: this.#events.length,
      at: clock.now() + this.#clockOffset,
      kind,
      from: from === undefined ? undefined : from instanceof Pid ? from : from.pid,
      to: toPid,
      toName: toPid === undefined && to !== undefined ? String(to) : undefined,
      toNode: farNode(to, this.#node.name),
      toRegistered: to instanceof Name && to.key === undefined ? to.name : undefined,
      fromTitle,
      toTitle: this.#title(to),
      text: worded(term),
      seen,
      call,
      ms,
      traceId: traceIdOf(trace),
    })
    if (this.#events.length >= this.eventsMax) this.stop("events")
  }
  #title(who: Process | Target | Ref | undefined): string {
    if (who === undefined) return ""
    if ("status" in who) return titleOf(who)
    const process = who instanceof Pid ? this.#node.find(who) : undefined
    return process === undefined ? (who instanceof Name ? String(who) : "") : titleOf(process)
  }

  /** What is sent now is part of: the spy is told while its sender runs. */
  #context(): unknown {
    return this.#node.traceContext?.capture()
  }

  // ---- what the spy is told --------------------------------------------------------------------------------------------
  sent(kind: "message" | "cast", from: Pid, to: Target | Ref, process: Process | undefined, term: unknown): void {
    // A name of another node may be borne here as well: that one is not meant.
    const far = this.#node.isFar(to)
    const receiver = far ? undefined : process
    if (!this.#what.has("messages") || !this.#concerns(this.#node.find(from), receiver)) return
    this.#add({ kind, from, to: receiver ?? to, term, seen: far ? "sent" : "both", trace: this.#context() })
  }
  received(from: Pid | undefined, process: Process, term: unknown, trace: unknown): void {
    if (!this.#targets.has(process)) return
    const call = callOf(term)
    if (call !== undefined) {
      if (this.#what.has("calls"))
        this.#add({
          kind: "call",
          from: call.from,
          to: process,
          term: call.request,
          seen: "received",
          call: call.id,
          trace,
        })
    } else if (this.#what.has("messages"))
      this.#add({ kind: "message", from, to: process, term, seen: "received", trace })
  }
  told(process: Process, term: unknown, trace: unknown): void {
    if (this.#what.has("messages") && this.#targets.has(process))
      this.#add({ kind: "signal", from: undefined, to: process, term, trace })
  }
  called(call: Call, process: Process | undefined): void {
    if (!this.#what.has("calls")) return
    const caller = this.#node.find(call.caller)
    if (!this.#concerns(caller, process)) return
    const id = call.ref === undefined ? `${this.#node.name}/${this.id}.${++this.#calls}` : call.ref.key
    const trace = this.#context()
    if (this.#open.size < OPEN_MAX) {
      const server = process?.pid ?? (call.target instanceof Pid ? call.target : undefined)
      const at = this.#node.platform.clock.now()
      this.#open.set(call, { id, at, caller: call.caller, server, title: this.#title(process ?? call.target), trace })
    }
    const far = process === undefined && this.#node.isFar(call.target)
    this.#add({
      kind: "call",
      from: call.caller,
      to: process ?? call.target,
      term: requestTerm(call.request, call.args),
      seen: far ? "sent" : "both",
      call: id,
      trace,
    })
  }
  settled(call: Call, how: Settled, term: unknown): void {
    if (!this.#what.has("calls")) return
    if (call.from !== undefined) return this.#answered(call, how, term)
    const open = this.#open.get(call)
    if (open === undefined) return
    this.#open.delete(call)
    const { id, at, caller, server, title, trace } = open
    const ms = this.#node.platform.clock.now() - at
    const seen = this.#node.isFar(call.target) ? "received" : "both"
    this.#add({ kind: how, from: server, fromTitle: title, to: caller, term, seen, call: id, ms, trace })
  }
  /** To whoever asked from another node, or by hand. */
  #answered(call: Call, kind: Settled, term: unknown): void {
    const server = this.#node.find(call.caller)
    if (server === undefined || !this.#targets.has(server)) return
    const { pid, tag } = call.from!
    this.#add({
      kind,
      from: server,
      to: pid,
      term,
      seen: this.#node.isFar(pid) ? "sent" : "both",
      call: refKey(tag),
      trace: call.trace,
    })
  }
  spawned(process: Process): void {
    const { parent } = process
    if (parent === undefined || !this.#targets.has(parent)) return
    if (this.#what.has("lifecycle")) this.#add({ kind: "spawn", from: parent, to: process, term: undefined })
    if (this.#roots.size > 0 && this.#isBelowRoot(parent)) this.#targets.add(process)
  }
  #isBelowRoot(process: Process): boolean {
    for (let above: Process | undefined = process; above !== undefined; above = above.parent) {
      if (this.#roots.has(above)) return true
    }
    return false
  }
  ended(process: Process, reason: unknown): void {
    if (!this.#targets.has(process)) return
    if (this.#what.has("lifecycle")) this.#add({ kind: "exit", from: process, to: undefined, term: reason })
    this.#targets.delete(process)
    // Its children may outlive it: it stays a root.
  }
}

function within(given: number | undefined, { usual, max }: { readonly usual: number; readonly max: number }): number {
  const asked = given === undefined ? usual : Math.floor(Number(given)) || 1
  return Math.max(1, Math.min(asked, max))
}
const found = (node: Node, pids: readonly Pid[]): Process[] =>
  pids.flatMap((pid) => (pid instanceof Pid ? (node.find(pid) ?? []) : []))

const named = (node: Node, names: readonly string[]): Process[] =>
  names.flatMap((name) => {
    const pid = node.whereis(makeName(String(name), undefined))
    return pid === undefined ? [] : (node.find(pid) ?? [])
  })
const farNode = (to: Process | Target | Ref | undefined, here: string): string | undefined =>
  (to instanceof Pid || to instanceof Name) && to.node !== here ? to.node : undefined

function worded(term: unknown): string {
  if (term === undefined) return ""
  // Of an error and its stack, the error: the stack is in the crash ledger.
  if (term instanceof Tuple && term.elements[0] instanceof Error) return worded(term.elements[0])
  try {
    return inspect(redact(term), PRINTED)
  } catch (thrown) {
    return `(cannot be shown: ${String(thrown).slice(0, 100)})`
  }
}

/** The request in `{'$gen_call', {Pid, Tag}, Request}`, as it comes from another node. */
function callOf(term: unknown): { from: Pid; id: string | undefined; request: unknown } | undefined {
  const [label, from, request] = elementsOf(term, 3)
  if (label === undefined || String((label as { text?: unknown }).text) !== "$gen_call") return undefined
  const [pid, tag] = elementsOf(from, 2)
  return pid instanceof Pid ? { from: pid, id: refKey(tag), request } : undefined
}
function elementsOf(term: unknown, size: number): readonly unknown[] {
  if (typeof term !== "object" || term === null || !("elements" in term)) return []
  const { elements } = term
  return Array.isArray(elements) && elements.length === size ? elements : []
}
/** The reference in `Ref`, `[alias|Ref]` and `[[alias|Ref]|Ref]`. */
function refKey(tag: unknown): string | undefined {
  if (typeof tag !== "object" || tag === null) return undefined
  if ("tail" in tag) return refKey(tag.tail)
  return "words" in tag && "key" in tag ? String(tag.key) : undefined
}
