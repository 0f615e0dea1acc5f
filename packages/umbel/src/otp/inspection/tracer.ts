/**
 * The tracer: it runs a node's traces, and is the node's spy while there are any.
 *
 * ```ts
 * const started = tracer.start({ pids: [pid], limits: { ms: 5_000 } }, watcher)
 * tracer.page(started.id, 0)
 * ```
 *
 * While no trace runs the node has no spy, and each message costs one look at a field. A trace ends by itself: at its limits, when its watcher ends, or
 * when nobody has read it for {@link UNREAD_MS}. A stopped one can be read for a minute.
 */
import type { Call, Node, Process, Settled, Spy, Timer } from "../../runtime/index.ts"
import { isAtom, type Pid, type Ref, type Target, Tuple } from "../../term/index.ts"
import { type Refused, refuse } from "../replies.ts"
import { MailboxStudies } from "./mailbox-studies.ts"
import type { TraceOptions, TracePage, TraceStarted, TraceStop } from "./says/tracing.ts"
import { Trace } from "./trace.ts"

const TRACES_MAX = 10
const UNREAD_MS = 30_000
const KEPT_MS = 60_000
/** Milliseconds between two looks whether a trace is over. */
const LOOK_MS = 250

export class Tracer implements Spy {
  readonly #node: Node
  readonly #traces = new Map<number, { readonly trace: Trace; readonly watch: { cancel(): void } }>()
  readonly #studies: MailboxStudies
  #running: Trace[] = []
  #ids = 0
  #timer: Timer | undefined

  constructor(node: Node) {
    this.#node = node
    this.#studies = new MailboxStudies(node)
  }

  /** What a mailbox is like, from the first look on: see `mailbox-study.ts`. */
  mailbox(pid: Pid): ReturnType<MailboxStudies["look"]> {
    const view = this.#studies.look(pid)
    if (this.#studies.size > 0) {
      this.#node.spy = this
      this.#node.scheduler.turnListeners.add(this.#studies.turn)
      this.#timer ??= this.#node.platform.clock.after(LOOK_MS, this.#look)
    }
    return view
  }

  /** How many run. */
  get running(): number {
    return this.#running.length
  }

  start(options: TraceOptions, watcher: Pid): TraceStarted | Refused<string> {
    if (this.#running.length >= TRACES_MAX)
      return refuse(`${TRACES_MAX} traces run already on ${this.#node.name}; stop one`)
    const trace = new Trace(this.#node, ++this.#ids, options ?? {}, watcher)
    if (trace.targets === 0) return refuse(`none of these processes lives on ${this.#node.name}`)
    const watch = this.#node.signals.watch(this.#node.root.pid, watcher, () => this.stop(trace.id, "watcher"))
    this.#traces.set(trace.id, { trace, watch })
    this.#running.push(trace)
    this.#node.spy = this
    this.#timer ??= this.#node.platform.clock.after(LOOK_MS, this.#look)
    return { id: trace.id, targets: trace.targets, until: trace.untilWall, events: trace.eventsMax }
  }

  page(id: number, since: number): TracePage | undefined {
    return this.#traces.get(id)?.trace.page(since)
  }

  /** Processes in it from then on; undefined when there is no such trace. */
  add(id: number, these: Pick<TraceOptions, "pids" | "names">): number | undefined {
    const trace = this.#traces.get(id)?.trace
    trace?.add(these)
    return trace?.targets
  }

  stop(id: number, why: TraceStop): void {
    this.#traces.get(id)?.trace.stop(why)
    this.#settle()
  }
  stopAll(): void {
    for (const { trace } of this.#traces.values()) trace.stop("asked")
    this.#studies.clear()
    this.#settle()
    this.#timer?.cancel()
    this.#timer = undefined
    this.#traces.clear()
  }

  /** Those that stopped are told nothing more. */
  #settle(): void {
    this.#running = this.#running.filter(({ stopped }) => stopped === undefined)
    for (const { trace, watch } of this.#traces.values()) if (trace.stopped !== undefined) watch.cancel()
    if (this.#studies.size === 0) this.#node.scheduler.turnListeners.delete(this.#studies.turn)
    if (this.#running.length === 0 && this.#studies.size === 0 && this.#node.spy === this) this.#node.spy = undefined
  }

  readonly #look = (): void => {
    const now = this.#node.platform.clock.now()
    for (const [id, { trace }] of this.#traces) {
      if (now >= trace.until) trace.stop("time")
      else if (now - trace.readAt > UNREAD_MS) trace.stop("unread")
      if (trace.stopped !== undefined && now - trace.stoppedAt > KEPT_MS) this.#traces.delete(id)
    }
    this.#studies.expire(now)
    this.#settle()
    this.#timer =
      this.#traces.size === 0 && this.#studies.size === 0
        ? undefined
        : this.#node.platform.clock.after(LOOK_MS, this.#look)
  }

  // ---- the node's spy --------------------------------------------------------------------------------------------------
  sent(kind: "message" | "cast", from: Pid, to: Target | Ref, process: Process | undefined, what: unknown): void {
    this.#studies.arrived(this.#node.find(from) ?? from, this.#node.isFar(to) ? undefined : process, unwrapped(what))
    for (const trace of this.#running)
      if (trace.stopped === undefined) trace.sent(kind, from, to, process, unwrapped(what))
  }
  called(call: Call, process: Process | undefined): void {
    this.#studies.called(call, process)
    for (const trace of this.#running) if (trace.stopped === undefined) trace.called(call, process)
  }
  settled(call: Call, how: Settled, what: unknown): void {
    for (const trace of this.#running) if (trace.stopped === undefined) trace.settled(call, how, what)
  }
  received(from: Pid | undefined, process: Process, message: unknown, context: unknown): void {
    this.#studies.arrived(from, process, requestOf(unwrapped(message)))
    for (const trace of this.#running)
      if (trace.stopped === undefined) trace.received(from, process, unwrapped(message), context)
  }
  told(process: Process, message: unknown, context: unknown): void {
    this.#studies.arrived(undefined, process, message)
    for (const trace of this.#running) if (trace.stopped === undefined) trace.told(process, message, context)
  }
  spawned(process: Process): void {
    for (const trace of this.#running) if (trace.stopped === undefined) trace.spawned(process)
  }
  ended(process: Process, reason: unknown): void {
    this.#studies.ended(process)
    for (const trace of this.#running) if (trace.stopped === undefined) trace.ended(process, reason)
  }
}

/** The request of a call that comes as the message `{'$gen_call', From, Request}`. */
function requestOf(message: unknown): unknown {
  if (!(message instanceof Tuple) || message.elements.length !== 3) return message
  const [label, , request] = message.elements
  return isAtom(label) && label.text === "$gen_call" ? request : message
}

/** The request of a cast that comes as the message `{'$gen_cast', Request}`. */
function unwrapped(message: unknown): unknown {
  if (!(message instanceof Tuple) || message.elements.length !== 2) return message
  const label = message.elements[0]
  const isCast = typeof label === "object" && label !== null && "text" in label && label.text === "$gen_cast"
  return isCast ? message.elements[1] : message
}
