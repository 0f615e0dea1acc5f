/**
 * The truth about one mailbox while somebody studies it: who sends what, how long messages wait, how long they take.
 *
 * ```ts
 * const study = new MailboxStudy(node, process)
 * study.arrived(from, "increment")       // told by the tracer, before the process works
 * study.turn(from, to)                   // told by the scheduler, after each of its turns
 * study.view()                           // { waitP99, handleP99, senders: [{ title: "clerk", count: 90 }], … }
 * ```
 *
 * Messages are handled in the order in which they came, so the n-th that came is the n-th that is handled: no message is marked. What a turn of several took is
 * shared out evenly. Handling is time on the thread: what a handler awaits is no part of it, but the wait of those behind it. A function that picks its messages
 * (`spawn`) has no such order: of it there are senders and kinds alone.
 */
import type { Node, Process } from "../../runtime/index.ts"
import type { Pid } from "../../term/index.ts"
import { Server } from "../server.ts"
import { titleOf } from "./kinds.ts"
import type { MailboxView } from "./says/tracing.ts"

/** Arrivals remembered; what comes while so many wait is counted, and its wait is not known. */
const ARRIVALS_MAX = 20_000
/** Times of which the middle and the worst are told: the latest so many. */
const TIMES = 2_000
/** Senders and kinds of messages counted by name; what comes after so many is "others". */
const NAMES_MAX = 200
const SHOWN = 10

class Times {
  readonly #times = new Float64Array(TIMES)
  #count = 0
  add(ms: number): void {
    this.#times[this.#count++ % TIMES] = ms
  }
  /** The part below which that share of them lies; undefined without any. */
  at(share: number): number | undefined {
    const known = Math.min(this.#count, TIMES)
    if (known === 0) return undefined
    const sorted = this.#times.slice(0, known).sort()
    return sorted[Math.min(known - 1, Math.floor(known * share))]
  }
}

interface Counted {
  count: number
  readonly pid: Pid | undefined
  readonly title: string
}

export class MailboxStudy {
  readonly process: Process
  readonly #node: Node
  readonly #since: number
  /** When messages came that wait still; NaN for those that waited before anybody looked. */
  #arrivals: number[]
  #first = 0
  #handled: number
  #came = 0
  readonly #waits = new Times()
  readonly #handles = new Times()
  readonly #senders = new Map<string, Counted>()
  readonly #kinds = new Map<string, Counted>()
  /** By the platform's clock. */
  readAt: number

  constructor(node: Node, process: Process) {
    this.#node = node
    this.process = process
    this.#since = node.platform.clock.now()
    this.readAt = this.#since
    this.#arrivals = new Array<number>(Math.min(process.size, ARRIVALS_MAX)).fill(Number.NaN)
    this.#handled = process.handled
  }

  arrived(from: Process | Pid | undefined, kind: string): void {
    this.#came++
    if (this.#arrivals.length - this.#first < ARRIVALS_MAX) this.#arrivals.push(this.#node.platform.clock.now())
    const pid = from === undefined ? undefined : "pid" in from ? from.pid : from
    counted(this.#senders, pid?.key ?? "", pid, () => {
      const process = pid === undefined ? undefined : this.#node.find(pid)
      return process !== undefined ? titleOf(process) : pid === undefined ? "the runtime" : String(pid)
    })
    counted(this.#kinds, kind, undefined, () => kind)
  }

  /** It had the thread from then to then. */
  turn(from: number, to: number): void {
    const { handled } = this.process
    const done = handled - this.#handled
    this.#handled = handled
    for (let at = 0; at < done; at++) {
      const came = this.#arrivals[this.#first] ?? Number.NaN
      if (this.#first < this.#arrivals.length) this.#first++
      const began = from + ((to - from) * at) / done
      if (!Number.isNaN(came)) this.#waits.add(Math.max(0, began - came))
      this.#handles.add((to - from) / done)
    }
    // Messages that met a full mailbox came, and do not wait.
    const dropped = this.#arrivals.length - this.#first - Math.min(this.process.size, ARRIVALS_MAX)
    if (dropped > 0) this.#arrivals.length -= dropped
    // In one go, as taking one out of the front moves all others.
    if (this.#first > 1_000 && this.#first * 2 > this.#arrivals.length) {
      this.#arrivals = this.#arrivals.slice(this.#first)
      this.#first = 0
    }
  }

  view(): MailboxView {
    const now = this.#node.platform.clock.now()
    this.readAt = now
    const inOrder = this.process instanceof Server
    const oldest = this.process.size === 0 ? undefined : (this.#arrivals[this.#first] ?? Number.NaN)
    const ms = Math.max(1, now - this.#since)
    return {
      ms,
      depth: this.process.size,
      came: this.#came,
      cameRate: (this.#came * 1_000) / ms,
      // One that waited before anybody looked has waited for as long at least.
      oldestMs: !inOrder || oldest === undefined ? undefined : Number.isNaN(oldest) ? ms : now - oldest,
      waitP50: inOrder ? this.#waits.at(0.5) : undefined,
      waitP99: inOrder ? this.#waits.at(0.99) : undefined,
      handleP50: inOrder ? this.#handles.at(0.5) : undefined,
      handleP99: inOrder ? this.#handles.at(0.99) : undefined,
      senders: most(this.#senders),
      kinds: most(this.#kinds).map(({ title, count }) => ({ kind: title, count })),
    }
  }
}

function counted(map: Map<string, Counted>, key: string, pid: Pid | undefined, title: () => string): void {
  const known = map.get(key)
  if (known !== undefined) known.count++
  else if (map.size < NAMES_MAX) map.set(key, { count: 1, pid, title: title() })
  else counted(map, "others", undefined, () => "others")
}

const most = (map: ReadonlyMap<string, Counted>): { pid: Pid | undefined; title: string; count: number }[] =>
  [...map.values()]
    .sort((a, b) => b.count - a.count)
    .slice(0, SHOWN)
    .map(({ pid, title, count }) => ({ pid, title, count }))
