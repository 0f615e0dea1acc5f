/**
 * `global_name_server`: the process that the name servers of other nodes talk to. It performs what `state.ts` decides.
 *
 * ```ts
 * await node.startFor(node.root, nameServer({ remote, tickMs: 60_000 }), { name: GLOBAL })
 * ```
 *
 * Linked to it live the locker and the registrar: they end together. A new life of it begins alone: it leaves all visible nodes, as what it knew of them is gone.
 */
import { define, type From, type GenServer, Server } from "../otp/index.ts"
import {
  type Api,
  CAST,
  create,
  type Directory,
  type Envelope,
  isDown,
  MESSAGE,
  type Node,
  type Process,
  type Remote,
  requestTerm,
} from "../runtime/index.ts"
import {
  $gen_cast,
  atom,
  inspect,
  kill,
  makeName,
  type NameKey,
  ok,
  Pid,
  type Ref,
  Tuple,
  tuple,
} from "../term/index.ts"
import type { Effect, GlobalEvent } from "./events.ts"
import { type LockerHost, runLocker } from "./locker.ts"
import { pause } from "./locking.ts"
import { initConnectTerm, NAME_SERVER, readCast, readInfo, VERSION } from "./protocol.ts"
import { type ChangeRequest, type NameChange, type RegistrarHost, runRegistrar } from "./registrar.ts"
import { answer, changeTerm } from "./requests.ts"
import { decideNames, randomExitName } from "./resolvers.ts"
import { GlobalState } from "./state.ts"
import { GLOBAL_RESOURCE, type GlobalName } from "./tables.ts"

/** What it needs of the distribution. */
export interface GlobalRemote extends Remote {
  /** Whether this node may talk to that one. */
  allows(node: string): boolean
}

export interface NameServerSetup {
  readonly remote: GlobalRemote
  /** Milliseconds of silence until a peer is given up. */
  readonly tickMs: number
  /** Whether overlapping partitions are prevented. */
  readonly prevent: boolean
}

/** The name of the process. */
export const GLOBAL = makeName(NAME_SERVER, undefined)

const whereis = atom("whereis")

/** What happened here, as a message to itself: no term, so that nobody else can send it. */
class News {
  readonly event: GlobalEvent | { readonly kind: "gone"; readonly node: string }
  constructor(event: News["event"]) {
    this.event = event
  }
}

interface Syncer {
  readonly from: From<unknown>
  readonly missing: Set<string>
}

/** @internal */
export class NameServer extends Server implements Directory, LockerHost, RegistrarHost {
  readonly global: GlobalState
  readonly #setup: NameServerSetup
  readonly #watches = new Map<string, Ref>()
  readonly #resolving = new Map<string, Pid>()
  #syncers: readonly Syncer[] = []
  #locker: Pid | undefined
  #registrar: Pid | undefined
  /** When this thread was seen to run last, and when it was seen to have been held up. */
  #beatAt = 0
  #stalledAt = Number.NEGATIVE_INFINITY

  constructor(node: Node, parent: Process, setup: NameServerSetup) {
    super(node, parent, served, undefined)
    this.#setup = setup
    const { random } = node.platform
    this.global = new GlobalState({
      me: node.name,
      creation: node.creation,
      extension: BigInt(random.uint32() >>> 5) << 32n,
      firstTag: random.uint32(),
      prevent: setup.prevent,
      tickMs: setup.tickMs,
    })
  }

  /** Its `init`. @internal */
  up(): void {
    const { remote } = this.#setup
    this.#locker = this.spawnLink((self) => runLocker(self, this))
    this.#registrar = this.spawnLink((self) => runRegistrar(self, this))
    // No node is to wait for a lock or a name because processes here flood the link to it.
    for (const pid of [this.pid, this.#locker, this.#registrar]) this.node.find(pid)!.cold.essential = true
    const stop = remote.onNodes((node, up, visible) => {
      if (!visible) return
      const umbel = remote.traffic().some((link) => link.node === node && link.umbel)
      this.#soon(up ? { kind: "up", node, umbel } : { kind: "down", node, innocent: this.#innocent() })
    })
    this.own({ [Symbol.dispose]: stop })
    for (const { node, flags } of remote.traffic()) if (flags.includes("PUBLISHED")) remote.disconnect(node)
    this.#beat()
  }

  // ---- whether a loss may be our own doing ---------------------------------------------------------------------------------
  /** A thread that was held up finds its peers silent, or gone: they are none the worse for it, and must not be let go by others. */
  #innocent(): boolean {
    this.#look()
    return this.node.platform.clock.now() - this.#stalledAt < this.#setup.tickMs
  }
  #look(): void {
    const now = this.node.platform.clock.now()
    if (now - this.#beatAt > this.#setup.tickMs / 4 + this.#beatMs) this.#stalledAt = now
    this.#beatAt = now
  }
  get #beatMs(): number {
    return this.#setup.tickMs / 16
  }
  #beat(): void {
    this.#beatAt = this.node.platform.clock.now()
    const again = (): void => {
      this.#look()
      this.#soon({ kind: "beat" })
      timer = this.node.platform.clock.after(this.#beatMs, again)
    }
    let timer = this.node.platform.clock.after(this.#beatMs, again)
    this.own({ [Symbol.dispose]: () => timer.cancel() })
  }

  /** In its turn, behind what lies in the mailbox. */
  #soon(event: GlobalEvent | { readonly kind: "gone"; readonly node: string }): void {
    this.node.deliverTerm(this, new News(event))
  }

  // ---- messages ------------------------------------------------------------------------------------------------------------
  protected override handle(envelope: Envelope): Promise<unknown> | undefined {
    const { kind } = envelope
    // Casts of nodes that are newer than this one are not to end it.
    if (kind === CAST) this.#cast(requestTerm(envelope.request, envelope.args))
    else if (kind === MESSAGE && isCast(envelope.value)) this.#cast(envelope.value.elements[1])
    else return super.handle(envelope)
    return undefined
  }
  #cast(term: unknown): void {
    const said = readCast(term)
    if (said !== undefined) this.event(said)
    else this.#unknown(term)
  }
  /** @internal */ info(message: unknown): unknown {
    if (message instanceof News) return this.#news(message.event)
    if (isDown(message)) {
      if (!(message.target instanceof Pid)) return undefined
      this.#watches.delete(message.target.key)
      return this.event({ kind: "ended", pid: message.target })
    }
    const said = readInfo(message)
    if (said !== undefined) return this.event(said)
    const [word, name, from] = message instanceof Tuple ? message.elements : []
    if (word === whereis) void this.#whereisLater(name, from)
    else this.#unknown(message)
    return undefined
  }
  #news(event: News["event"]): void {
    if (event.kind === "gone") this.#told(event.node)
    else this.event(event)
  }
  #unknown(message: unknown): void {
    const shown = inspect(message, { limit: 20, text: 200, size: 1_000 })
    this.node.reports.note("warning", "global", `ignored what is none of version ${VERSION} of global: ${shown}`)
  }

  /** @internal */ event(event: GlobalEvent): void {
    for (const effect of this.global.handle(event, this.node.platform.clock.now())) this.#perform(effect)
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "cast":
        return this.send(makeName(NAME_SERVER, effect.node), tuple($gen_cast, effect.message))
      case "announce":
        return this.send(
          makeName(NAME_SERVER, effect.node),
          tuple($gen_cast, initConnectTerm(this.node.name, effect.tag, this.#locker!)),
        )
      case "send":
        if (this.#setup.remote.nodes().includes(effect.node)) {
          this.send(makeName(NAME_SERVER, effect.node), effect.message)
        }
        return
      case "locker":
        return this.send(this.#locker!, effect.message)
      case "resolve":
        return this.#resolve(effect.node, effect.tag, effect.names)
      case "stopResolving": {
        const resolver = this.#resolving.get(effect.node)
        if (resolver !== undefined) this.exitOther(resolver, kill)
        this.#resolving.delete(effect.node)
        return
      }
      case "meet":
        return void this.#meet(effect.node)
      case "disconnect":
        return this.#setup.remote.disconnect(effect.node)
      case "renew":
        this.#setup.remote.disconnect(effect.node)
        return void this.#reconnect(effect.node)
      case "watch":
        return this.#watch(effect.pid, effect.on)
      case "synced":
      case "gone":
        return this.#told(effect.node)
      case "note":
        this.node.reports.note(effect.level, "global", effect.text)
    }
  }

  #watch(pid: Pid, on: boolean): void {
    const ref = this.#watches.get(pid.key)
    if (ref !== undefined) this.demonitor(ref)
    this.#watches.delete(pid.key)
    if (on) this.#watches.set(pid.key, this.monitor(pid))
  }

  async #meet(node: string): Promise<void> {
    const { remote, tickMs } = this.#setup
    const { clock } = this.node.platform
    const ours = !remote.allows(node)
    // A node that is gone is missed by all by then, and is not known any more.
    const until = clock.now() + 1.5 * tickMs
    for (let times = 1; !(await remote.connect(node)); times++) {
      if (ours || clock.now() > until) return this.#soon({ kind: "unreachable", node, ours })
      await pause(this.node, times)
      if (this.node.find(this.pid) === undefined || !this.known.includes(node)) return
    }
    this.#soon({ kind: "met", node })
  }

  /** In a process of its own, so that locks are given and taken meanwhile. */
  #resolve(node: string, tag: number, names: readonly GlobalName[]): void {
    const us = { node: this.node, tables: this.global.tables }
    const resolver = this.node.spawnUnder(this.node.root, async (self) => {
      const { ops, theirs } = await decideNames(self, us, node, names)
      if (this.#resolving.get(node) !== self.pid) return
      this.#resolving.delete(node)
      this.#soon({ kind: "decided", node, tag, ops, theirs })
    })
    this.#resolving.set(node, resolver.pid)
  }

  // ---- for the locker and the registrar --------------------------------------------------------------------------------------
  get tables() {
    return this.global.tables
  }
  get known(): readonly string[] {
    return this.global.known
  }
  lockIsSet(node: string, tag: number, requester: unknown): void {
    this.#soon({ kind: "lockIsSet", node, tag, requester })
  }
  locate(name: unknown): Pid | undefined {
    return this.#living(this.global.tables.whereis(name))
  }
  /** A process of this node that has ended has no name, even before we hear of its end. */
  #living(pid: Pid | undefined): Pid | undefined {
    return pid === undefined || this.node.isFar(pid) || this.node.find(pid) !== undefined ? pid : undefined
  }

  // ---- for via names ---------------------------------------------------------------------------------------------------------
  override get directory(): Directory {
    return this
  }
  find(key: NameKey): Process | undefined {
    const pid = this.global.tables.nameAt(key.text)?.pid
    return pid === undefined ? undefined : this.node.find(pid)
  }
  far(key: NameKey): Pid | undefined {
    return this.global.tables.nameAt(key.text)?.pid
  }
  enter(key: NameKey): never {
    throw new TypeError(`the global name ${key} is asked of all nodes: \`await Global.register(self, …)\``)
  }
  async enterLater(key: NameKey, process: Process): Promise<Pid | undefined> {
    const change: NameChange = {
      kind: "register",
      name: key.term,
      pid: process.pid,
      method: key.value ?? randomExitName,
    }
    const made = await process.ask(GLOBAL, changeTerm(change), { timeout: "infinity" })
    return made === true ? undefined : (this.locate(key.term) ?? process.pid)
  }
  leave(key: NameKey, process: Process): void {
    if (this.global.tables.nameAt(key.text)?.pid.key !== process.pid.key) return
    this.change({ kind: "unregister", name: key.term }, undefined)
  }

  // ---- for requests ----------------------------------------------------------------------------------------------------------
  /** What has followed from a change of the tables is done. @internal */
  settle(): void {
    for (const effect of this.global.take()) this.#perform(effect)
  }
  /** @internal */ change(change: NameChange, from: From<unknown> | undefined): void {
    this.send(this.#registrar!, { kind: "change", change, from } satisfies ChangeRequest)
  }
  /** Answers once we share the names of all those nodes, but for those that are gone. @internal */
  sync(nodes: readonly string[], from: From<unknown>): void {
    const { synced, connected } = this.global
    const missing = new Set(nodes.filter((node) => node !== this.node.name && !synced.includes(node)))
    this.#syncers = [...this.#syncers, { from, missing }]
    this.#told(undefined)
    for (const node of missing) {
      if (!connected.includes(node)) void this.#reach(node)
    }
  }
  /** After a while by chance, as the other side may want the same. */
  async #reconnect(node: string): Promise<void> {
    await pause(this.node, 1)
    if (this.node.find(this.pid) !== undefined) await this.#setup.remote.connect(node)
  }
  async #reach(node: string): Promise<void> {
    if (!(await this.#setup.remote.connect(node))) this.#soon({ kind: "gone", node })
  }
  /** That node need not be waited for any more. */
  #told(node: string | undefined): void {
    const waiting: Syncer[] = []
    for (const syncer of this.#syncers) {
      if (node !== undefined) syncer.missing.delete(node)
      if (syncer.missing.size === 0) this.reply(syncer.from, ok)
      else waiting.push(syncer)
    }
    this.#syncers = waiting
  }
  /** Leaves every visible node. @internal */
  leaveAll(): readonly string[] {
    const left = this.global.leave()
    this.settle()
    return left
  }
  /** `whereis` of one that does not want to hear what is about to change: answered when no names change. */
  async #whereisLater(name: unknown, from: unknown): Promise<void> {
    const [pid, tag] = from instanceof Tuple ? from.elements : []
    if (!(pid instanceof Pid)) return
    if (this.tables.lock(GLOBAL_RESOURCE) === undefined) return this.reply({ pid, tag }, this.locate(name))
    await pause(this.node, 5)
    this.node.deliverTerm(this, tuple(whereis, name, from))
  }
}

const served = define(NAME_SERVER, {
  init(_arg, self) {
    const server = self as NameServer
    server.up()
    return server.global
  },
  request: (self, term, from) => answer(self as NameServer, term, from),
  info: (self, message) => (self as NameServer).info(message),
  formatStatus(state) {
    const { known, synced, tables } = state as GlobalState
    return { known, synced, names: tables.names().length, locks: tables.locks().map(({ resource }) => resource) }
  },
})

/** The definition of a node's name server. */
export function nameServer(setup: NameServerSetup): GenServer<void, Api> {
  const definition = {
    ...served,
    [create]: (node: Node, parent: Process) => new NameServer(node, parent, setup),
  }
  return definition as unknown as GenServer<void, Api>
}

/** The running name server of a node; undefined where there is none: on a hidden node, or one that is alone. */
export function nameServerOf(node: Node): NameServer | undefined {
  const process = node.names.get(NAME_SERVER)
  return process instanceof NameServer ? process : undefined
}

const isCast = (term: unknown): term is Tuple =>
  term instanceof Tuple && term.elements.length === 2 && term.elements[0] === $gen_cast
