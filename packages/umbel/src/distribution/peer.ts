/**
 * A peer: another node, from the first signal to it until it is lost, and what is bound to it: calls under way, monitors in both
 * directions, links.
 *
 * Until the connection is up signals wait in order. When it is lost, or cannot be made, everything bound to it hears `noconnection`.
 */
import {
  type Call,
  type Cast,
  fromTerm,
  type Node,
  type Process,
  requestTerm,
  type Watch,
  Watchers,
} from "../runtime/index.ts"
import {
  atom,
  atomValue,
  copy,
  ImproperList,
  inspect,
  type Name,
  Name as NameClass,
  NotATerm,
  noconnection,
  noproc,
  type Pid,
  Ref,
  type Target,
  tupleOver,
} from "../term/index.ts"
import { type Control, NotNegotiated } from "../wire/index.ts"
import { Congestion } from "./congestion.ts"
import { type ErpcOutcome, readOutcome } from "./functions.ts"
import { Busy, type Link } from "./link.ts"
import { RefTable } from "./ref-table.ts"
import { tokenOf } from "./sequence-token.ts"

/** Signals that may wait for a connection until messages are refused. */
const WAITING_MAX = 100_000
/** From this many on their senders are suspended until there is one, or none. */
const WAITING_FULL = 1_000

/** Whoever sends to this name is about to leave: no process has it, so that the word is heard before the connection is closed. */
export const GOODBYE = "umbel_goodbye"

const genCall = atom("$gen_call")
const genCast = atom("$gen_cast")

const monitorOption = atom("monitor")
const notsup = atom("notsup")

/** A function to be called over there. */
export interface Erpc {
  readonly ref: Ref
  readonly module: string
  readonly name: string
  readonly args: readonly unknown[]
}

interface Waiting {
  readonly control: Control
  readonly payload: unknown
}
interface FarMonitor {
  readonly watcher: Pid
  readonly ref: Ref
}
/** A link as both ends see it; `unlinkId` while our unlinking is not yet acknowledged. */
interface FarLink {
  readonly near: Pid
  readonly far: Pid
  active: boolean
  unlinkId: number | undefined
}

export class Peer {
  readonly name: string
  link: Link | undefined
  readonly #node: Node
  #waiting: Waiting[] = []
  /** Of those signals. */
  readonly #congestion: Congestion
  readonly #monitors = new Map<string, FarMonitor>()
  /** Functions under way over there. */
  readonly #requests = new Map<string, (reason: unknown) => void>()
  /** Those of the peer's processes that watch ours. */
  readonly #watches = new RefTable<FarWatch>()
  readonly #links = new Map<string, FarLink>()
  #unlinkIds = 0
  #leaving = false

  constructor(node: Node, name: string) {
    this.#node = node
    this.#congestion = new Congestion(node)
    this.name = name
  }

  // ---- sending -----------------------------------------------------------------------------------------------------------
  /** @throws NotATerm, NotNegotiated */
  write(control: Control, payload?: unknown): void {
    if (this.link !== undefined) return this.link.write(control, payload)
    // The sender may change its term before the connection is up.
    this.#waiting.push({ control, payload: payload === undefined ? undefined : copy(payload) })
    if (this.#waiting.length >= WAITING_FULL) this.#congestion.suspendSender(control)
  }
  /** Resolves when there is room for more. */
  ready(): Promise<void> {
    if (this.link !== undefined) return this.link.ready()
    return this.#waiting.length < WAITING_FULL ? Promise.resolve() : this.#congestion.wait()
  }

  /**
   * Before a message or a request: they are what may be refused. A process that has sent nothing over this full link is not: it gets to send
   * one thing, and is suspended then, so that no process pays for what another one sends without waiting. @throws Busy
   */
  #refuseWhenFull(from: Pid): void {
    const unsent = this.link?.unsentTooMuch ?? (this.#waiting.length >= WAITING_MAX ? this.#waiting.length : 0)
    if (unsent > 0 && !this.#isInnocent(from)) throw new Busy(this.name, unsent)
  }
  #isInnocent(from: Pid): boolean {
    const { root, user, scheduler } = this.#node
    const process = this.#node.find(from)
    if (process === undefined || process === root || process === user) return false
    return process.extras?.essential === true || !scheduler.isSuspended(process)
  }

  /** The connection is up: what waited goes first. */
  connected(link: Link): void {
    this.link = link
    const waiting = this.#waiting
    this.#waiting = []
    for (const { control, payload } of waiting) {
      try {
        link.write(control, payload)
      } catch (thrown) {
        // Whoever asked for a process over there waits for it: the peer has none (a C or Java node).
        if (thrown instanceof NotNegotiated && control.op === "spawnRequest") this.monitorExit(control.ref, notsup)
        // Its sender has long gone on; what this profile cannot carry is lost loudly.
        this.#node.reports.note("error", "distribution", `a message to ${this.name} was lost: ${String(thrown)}`)
      }
    }
    this.#congestion.end()
  }

  /** @throws NotATerm, Busy */
  send(from: Pid, to: Target | Ref, message: unknown): void {
    this.#refuseWhenFull(from)
    this.#sendNow(from, to, message)
  }
  #sendNow(from: Pid, to: Target | Ref, message: unknown): void {
    const token = tokenOf(this.#node, from)
    if (to instanceof Ref) this.write({ op: "aliasSend", from, to, token }, message)
    else if (to instanceof NameClass) this.write({ op: "regSend", from, name: to.name, token }, message)
    else this.write({ op: "send", from, to, token }, message)
  }
  cast(from: Pid, to: Target, cast: Cast): void {
    this.send(from, to, tupleOver([genCast, requestTerm(cast.request, cast.args)]))
  }

  /** As `gen:call`: a monitor, the request, and once it is settled the end of the monitor. @throws NotATerm, Busy */
  call(call: Call): void {
    const { caller, target } = call
    const envelope = tupleOver([genCall, fromTerm(call), requestTerm(call.request, call.args)])
    const ref = call.ref!
    const to = monitored(target)
    this.#refuseWhenFull(caller)
    this.write({ op: "monitor", from: caller, to, ref })
    call.watched = true
    call.cleanup = () => {
      if (call.watched) this.write({ op: "demonitor", from: caller, to, ref })
    }
    this.#sendNow(caller, target, envelope)
  }

  /** `erpc:call`: the outcome is the reason that the process over there ends with. */
  erpc(caller: Pid, leader: Pid, request: Erpc, done: (outcome: ErpcOutcome) => void): () => void {
    const { ref } = request
    const { module, name, args } = request
    const payload = [ref, atomValue(module), atomValue(name), args]
    const control: Control = {
      op: "spawnRequest",
      ref,
      from: caller,
      leader,
      module: "erpc",
      function: "execute_call",
      arity: 4,
      options: [monitorOption],
      token: tokenOf(this.#node, caller),
    }
    this.#refuseWhenFull(caller)
    this.#requests.set(ref.key, (reason) => done(readOutcome(ref, reason)))
    try {
      this.write(control, payload)
    } catch (thrown) {
      this.#requests.delete(ref.key)
      throw thrown
    }
    // What it still comes to is nobody's any more.
    return () => this.#requests.delete(ref.key)
  }

  reply(from: Pid, to: { readonly pid: Pid; readonly tag: unknown }, value: unknown): void {
    const alias = this.link === undefined || this.link.hasAlias ? aliasOf(to.tag) : undefined
    const answer = tupleOver([to.tag, value])
    const token = tokenOf(this.#node, from)
    if (alias !== undefined) this.write({ op: "aliasSend", from, to: alias, token }, answer)
    else this.write({ op: "send", from, to: to.pid, token }, answer)
  }

  exit(from: Pid, to: Pid, reason: unknown): void {
    this.#writeReason({ op: "exit2", from, to, reason })
  }

  /** A reason that cannot travel must not keep the news of the death from travelling. */
  #writeReason(control: Control & { readonly reason: unknown }): void {
    try {
      this.write(control)
    } catch (thrown) {
      if (!(thrown instanceof NotATerm)) throw thrown
      this.write({ ...control, reason: inspect(control.reason) } as Control)
    }
  }

  // ---- our monitors ------------------------------------------------------------------------------------------------------
  monitor(watcher: Pid, to: Target, ref: Ref): void {
    this.#monitors.set(ref.key, { watcher, ref })
    this.write({ op: "monitor", from: watcher, to: monitored(to), ref })
  }
  demonitor(watcher: Pid, to: Target, ref: Ref): void {
    if (this.#monitors.delete(ref.key)) this.write({ op: "demonitor", from: watcher, to: monitored(to), ref })
  }
  /** What we monitored is gone. */
  monitorExit(ref: Ref, reason: unknown): void {
    const request = this.#requests.get(ref.key)
    if (request !== undefined) {
      this.#requests.delete(ref.key)
      return request(reason)
    }
    const call = this.#node.calls.find(ref)
    if (call !== undefined) {
      // The monitor has fired, and needs no end.
      call.watched = false
      this.#node.calls.fail(call, reason)
    } else if (this.#monitors.delete(ref.key)) this.#node.signals.far(ref, reason)
  }

  // ---- their monitors ----------------------------------------------------------------------------------------------------
  watched(from: Pid, to: Pid | string, ref: Ref, process: Process | undefined): void {
    const watch = new FarWatch(this, process, from, to, ref)
    if (process === undefined) return watch.ended(noproc)
    const watchers = (process.cold.watchers ??= new Watchers())
    watchers.add(watch)
    this.#watches.set(ref, watch)
  }
  unwatched(ref: Ref): void {
    const watch = this.#watches.take(ref)
    watch?.process?.extras?.watchers?.delete(watch)
  }
  /** See {@link Remote.waits}: the monitor of a call is known by the tail of its tag, and gone with the connection it came over. */
  waits(tag: unknown): boolean {
    if (this.link?.hasMonitors === false || aliasOf(tag) === undefined) return true
    const { tail } = tag as ImproperList
    return !(tail instanceof Ref) || this.#watches.has(tail)
  }
  /** Something that they watch has ended. */
  tellEnd(watch: FarWatch, reason: unknown): void {
    this.#watches.take(watch.ref)
    this.#writeReason({ op: "monitorExit", from: watch.to, to: watch.from, ref: watch.ref, reason })
  }

  // ---- links -------------------------------------------------------------------------------------------------------------
  linkTo(near: Pid, far: Pid): void {
    const known = this.#links.get(linkKey(near, far))
    if (known === undefined) this.#links.set(linkKey(near, far), { near, far, active: true, unlinkId: undefined })
    else known.active = true
    this.write({ op: "link", from: near, to: far })
  }
  unlinkFrom(near: Pid, far: Pid): void {
    const link = this.#links.get(linkKey(near, far))
    if (link === undefined || !link.active) return
    link.active = false
    link.unlinkId = ++this.#unlinkIds
    this.write({ op: "unlinkId", id: link.unlinkId, from: near, to: far })
  }
  /** Our process has ended. */
  linkExit(near: Pid, far: Pid, reason: unknown): void {
    this.#links.delete(linkKey(near, far))
    this.#writeReason({ op: "exit", from: near, to: far, reason })
  }
  /** Theirs links to ours. */
  linked(far: Pid, near: Pid, process: Process | undefined): void {
    if (process === undefined) return this.#writeReason({ op: "exit", from: near, to: far, reason: noproc })
    // While our own unlinking is under way theirs does not count: they will see ours, and link again if they mean it.
    if (this.#links.has(linkKey(near, far))) return
    this.#links.set(linkKey(near, far), { near, far, active: true, unlinkId: undefined })
    const farLinks = (process.cold.farLinks ??= new Map())
    farLinks.set(far.key, far)
  }
  unlinked(far: Pid, near: Pid, id: number | bigint, process: Process | undefined): void {
    // The acknowledgement goes before any other signal to that process.
    this.write({ op: "unlinkIdAck", id, from: near, to: far })
    const link = this.#links.get(linkKey(near, far))
    if (link?.active !== true) return
    this.#links.delete(linkKey(near, far))
    process?.extras?.farLinks?.delete(far.key)
  }
  unlinkAcked(far: Pid, near: Pid, id: number | bigint): void {
    const link = this.#links.get(linkKey(near, far))
    if (link?.unlinkId !== Number(id)) return
    link.unlinkId = undefined
    if (!link.active) this.#links.delete(linkKey(near, far))
  }
  /** Theirs has ended, and ours was linked to it. */
  farEnded(far: Pid, near: Pid, reason: unknown): void {
    const link = this.#links.get(linkKey(near, far))
    if (link === undefined || !link.active || link.unlinkId !== undefined) return
    this.#links.delete(linkKey(near, far))
    this.#node.signals.farLinkExit(far, near, reason)
  }

  // ---- saying goodbye ----------------------------------------------------------------------------------------------------
  /** Whether it has said that it stops: that it goes is no loss then. */
  get isLeaving(): boolean {
    return this.#leaving
  }
  leaves(): void {
    this.#leaving = true
  }
  /** This node stops. Only Umbel nodes know the word. */
  sayGoodbye(): void {
    if (this.link?.peer.profile !== "umbel") return
    this.write({ op: "regSend", from: this.#node.root.pid, name: GOODBYE, token: undefined }, true)
  }

  // ---- the end -----------------------------------------------------------------------------------------------------------
  /** The node cannot be reached any more: everything bound to it hears so. */
  lost(): void {
    this.link = undefined
    this.#waiting = []
    this.#congestion.end()
    for (const watch of this.#watches.drain()) watch.process?.extras?.watchers?.delete(watch)
    const calls = this.#node.calls.pendingTo(this.name)
    const monitors = [...this.#monitors.values()]
    const requests = [...this.#requests.values()]
    this.#requests.clear()
    const links = [...this.#links.values()].filter((link) => link.active)
    this.#monitors.clear()
    this.#links.clear()
    for (const call of calls) {
      call.watched = false
      this.#node.calls.fail(call, noconnection)
    }
    for (const request of requests) request(noconnection)
    for (const { ref } of monitors) this.#node.signals.far(ref, noconnection)
    for (const { near, far } of links) this.#node.signals.farLinkExit(far, near, noconnection)
  }
}

/** One of theirs watches one of ours. */
class FarWatch implements Watch {
  readonly process: Process | undefined
  readonly from: Pid
  /** As they named it, by pid or by name: that is how they hear of it. */
  readonly to: Pid | string
  readonly ref: Ref
  place = -1
  readonly #peer: Peer

  constructor(peer: Peer, process: Process | undefined, from: Pid, to: Pid | string, ref: Ref) {
    this.#peer = peer
    this.process = process
    this.from = from
    this.to = to
    this.ref = ref
  }
  ended(reason: unknown): void {
    this.#peer.tellEnd(this, reason)
  }
}

const linkKey = (near: Pid, far: Pid): string => `${near.key} ${far.key}`

/** A monitor names what it watches by pid or by registered name. */
const monitored = (target: Target): Pid | string =>
  target instanceof NameClass ? (target as Name).name : (target as Pid)

/** The alias in `[alias|Ref]` and in `[[alias|AliasRef]|MonitorRef]` (`gen` since OTP 24, `multi_call` since 26). */
function aliasOf(tag: unknown): Ref | undefined {
  if (!(tag instanceof ImproperList)) return undefined
  const [first] = tag.elements
  if (first instanceof ImproperList) return aliasOf(first)
  return tag.tail instanceof Ref ? tag.tail : undefined
}
