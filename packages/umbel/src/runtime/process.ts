/**
 * A process: an identity, a mailbox, and what ends with it.
 *
 * What a process *does* with a message is its subclass's matter ({@link Process.begin}, {@link Process.step}): `Coroutine` runs an async
 * function that reads its mailbox by hand; the servers of `otp` are objects with handlers and no coroutine of their own, so
 * that a million of them fit in memory. The verbs here are the capability that handlers get as `self`.
 *
 * Everything that few processes need lives in {@link Extras}, made at first use.
 */
import { copy, inspect, type Name, type Pid, type Ref, type Target } from "../term/index.ts"
import type {
  Api,
  CallOptions,
  Calls,
  Process as Capability,
  Casts,
  Definition,
  Down,
  Running,
  StartOptions,
} from "./capability.ts"
import type { Call, Envelope } from "./envelope.ts"
import { ProcessEnded } from "./exits.ts"
import type { Links } from "./links.ts"
import { Mailbox } from "./mailbox.ts"
import { type MailboxLimit, NO_LIMIT } from "./mailbox-limit.ts"
import type { Monitor } from "./monitor.ts"
import type { Directory } from "./names.ts"
import type { Node } from "./node.ts"
import type { Timer } from "./platform.ts"
import type { AnyModules, RpcClient, RpcOptions } from "./rpc.ts"
import type { Watchers } from "./watchers.ts"

/** Waiting for a message. */
export const IDLE = 0
/** In the run queue. */
export const READY = 1
/** Its handler is on the stack. */
export const RUNNING = 2
/** Its handler awaits something. */
export const AWAITING = 3
export const ENDED = 4
/** It could go on, and gets no turn: it has sent more than a link could take. */
export const SUSPENDED = 5
export type Status = typeof IDLE | typeof READY | typeof RUNNING | typeof AWAITING | typeof ENDED | typeof SUSPENDED

/** What few processes need. */
export class Extras {
  controller: AbortController | undefined
  monitors: Map<string, Monitor> | undefined
  watchers: Watchers | undefined
  /** Linked processes on other nodes, by key. */
  farLinks: Map<string, Pid> | undefined
  timers: Set<Timer> | undefined
  /** References by which it can be sent to. */
  aliases: Set<Ref> | undefined
  mailboxLimit: MailboxLimit | undefined
  /** Messages that met a full mailbox. */
  dropped = 0
  droppedReportAt: number | undefined
  dictionary: Map<unknown, unknown> | undefined
  owned: (Disposable | AsyncDisposable)[] | undefined
  label: unknown
  /** A part of the node itself, which sends little: a full link neither suspends nor refuses it, as others wait for what it says. */
  essential = false
  /** Enters it under its name, in its first turn; gives who has the name, when it is taken. */
  entering: (() => Promise<Pid | undefined>) | undefined
}

/** Told once whether a process came up. */
export interface StartAck {
  started(pid: Pid): void
  failed(error: unknown): void
}

/** For whom a process is described: whoever looks, or, when it ends by a fault, its crash report. @internal */
export interface DescribedFor {
  readonly why: "normal" | "terminate"
  readonly reason?: unknown
  readonly message?: unknown
}

/** What a process is, for people and tools. */
export interface Description {
  readonly kind: "worker" | "supervisor"
  /** The module of its definition, or what else there is to go by. */
  readonly module: string
  /** What may be shown of the state. */
  readonly state: unknown
  /** A supervisor's strategy and children. */
  readonly supervision?: SupervisionDescription | undefined
}
export interface SupervisionDescription {
  readonly strategy: string
  readonly intensity: number
  readonly periodMs: number
  /** Restarts counted within the period right now. */
  readonly restartsInPeriod: number
  readonly restarts: number
  /** How many children there are. */
  readonly count: number
  /** The first thousand of them at most; see `page`. */
  readonly children: readonly ChildDescription[]
  /** At most `limit` children from the one with that index on, in their order. */
  page(from: number, limit: number): readonly ChildDescription[]
}
export interface ChildDescription {
  readonly id: string
  readonly pid: Pid | undefined
  readonly restart: string
  readonly restarts: number
  /** Why its last life ended; undefined in its first. */
  readonly lastReason?: unknown
}

const printedAs: unique symbol = Symbol.for("nodejs.util.inspect.custom")

const NOTHING: readonly string[] = []

export abstract class Process extends Mailbox implements Capability {
  /** @internal */ readonly node: Node
  readonly pid: Pid
  /** @internal */ status: Status
  /** Who started it. @internal */
  readonly parent: Process | undefined
  /** @internal */ registeredName: string | undefined
  /** The message in hand. @internal */
  current: Envelope | undefined
  /** An exit that takes effect when the handler on the stack returns. @internal */
  pendingExit: { readonly reason: unknown } | undefined
  /** @internal */ trapping: boolean
  /** How many messages may wait. @internal */
  sizeMax: number
  /** Linked processes of this node. @internal */
  links: Links
  /** The latest call it made to a process of this node. @internal */
  waitsFor: Call | undefined
  /** @internal */ extras: Extras | undefined
  /** @internal */ starting: StartAck | undefined
  /** Whether it has had its first turn. @internal */
  begun: boolean
  /** Messages handled so far. @internal */
  handled: number
  /** Where its CPU time is counted. @internal */
  readonly slot: number

  constructor(node: Node, parent: Process | undefined) {
    super()
    this.node = node
    this.pid = node.identities.pid(this)
    this.status = READY
    this.parent = parent
    this.registeredName = undefined
    this.current = undefined
    this.pendingExit = undefined
    this.trapping = false
    this.sizeMax = NO_LIMIT
    this.links = undefined
    this.waitsFor = undefined
    this.extras = undefined
    this.starting = undefined
    this.begun = false
    this.handled = 0
    this.slot = node.scheduler.meters.open()
  }

  /** The first turn. A promise holds the process until it settles. @internal */
  abstract begin(): Promise<unknown> | undefined
  /** Works on the next envelope. Called while there is one. A promise holds the process until it settles. @internal */
  abstract step(): Promise<unknown> | undefined
  /** What there is to show. Must not run code of users, but for `formatStatus`. @internal */
  abstract describe(about?: DescribedFor): Description

  /** Whether its end is no news, whatever the reason. @internal */
  get quiet(): boolean {
    return false
  }

  /** It was suspended, and no longer is: what was put off until now may happen. @internal */
  resumed(): void {}
  /** The end is near: whatever the subclass holds for others. Called once, before links and monitors hear of it. @internal */
  onEnd(_reason: unknown): void {}
  /** Who is told of its end besides those linked to it, and after them. Called once, after `onEnd`. @internal */
  tied(): readonly Process[] | undefined {
    return undefined
  }

  /** The messages before the one in hand, printed, oldest first; none unless it was told to remember them. @internal */
  get remembered(): readonly string[] {
    return NOTHING
  }

  /** Whom it knows by which key, when it is a registry: what via names are asked of. @internal */
  get directory(): Directory | undefined {
    return undefined
  }

  /** What crash reports and lists call it: registered name, label, or module. @internal */
  get title(): string {
    if (this.registeredName !== undefined) return this.registeredName
    const label = this.extras?.label
    if (label !== undefined) return typeof label === "string" ? label : inspect(label)
    return this.moduleName
  }
  /** The module of its definition, or what else there is to go by; runs no code of users. @internal */
  get moduleName(): string {
    return this.describe().module
  }

  /** What consoles print of it: behind its fields lies the whole node. @internal */
  [printedAs](): string {
    return `#Process ${this.title} ${this.pid}`
  }

  /** @internal */ alive(): void {
    if (this.status === ENDED) throw new ProcessEnded(this.pid)
  }
  /** @internal */ get cold(): Extras {
    return (this.extras ??= new Extras())
  }

  // ---- asking ------------------------------------------------------------------------------------------------------
  call<A extends Api>(to: Target<A>, options?: CallOptions): Calls<A> {
    this.alive()
    return this.node.clients.calls(this, to, options) as unknown as Calls<A>
  }
  cast<A extends Api>(to: Target<A>): Casts<A> {
    this.alive()
    return this.node.clients.casts(this, to) as unknown as Casts<A>
  }
  ask(to: Target, request: unknown, options?: CallOptions): Promise<unknown> {
    this.alive()
    return this.node.calls.invoke(this, to, undefined, [request], options)
  }
  rpc<M = AnyModules>(node: string, options?: RpcOptions): RpcClient<M> {
    this.alive()
    return this.node.rpcFor(this, node, options) as RpcClient<M>
  }
  send(to: Target | Ref, message: unknown): void {
    this.alive()
    this.node.dispatch(this.pid, to, message)
  }
  ready(to: Target): Promise<void> {
    return this.node.ready(to)
  }

  // ---- starting ------------------------------------------------------------------------------------------------------
  start<Arg, A extends Api>(definition: Definition<Arg, A>, ...options: StartOptions<Arg, A>): Promise<Pid<A>> {
    this.alive()
    return this.node.startFor(undefined, definition, options[0])
  }
  startLink<Arg, A extends Api>(definition: Definition<Arg, A>, ...options: StartOptions<Arg, A>): Promise<Pid<A>> {
    this.alive()
    return this.node.startFor(this, definition, options[0])
  }
  spawn(run: (self: Running) => Promise<void>): Pid {
    this.alive()
    return this.node.spawn(run)
  }
  spawnLink(run: (self: Running) => Promise<void>): Pid {
    this.alive()
    return this.node.spawnUnder(this, run).pid
  }
  spawnMonitor(run: (self: Running) => Promise<void>): readonly [pid: Pid, ref: Ref] {
    const pid = this.spawn(run)
    return [pid, this.monitor(pid)]
  }

  // ---- being bound together --------------------------------------------------------------------------------------------
  link(target: Pid): void {
    this.alive()
    this.node.signals.link(this, target)
  }
  unlink(target: Pid): void {
    this.alive()
    this.node.signals.unlink(this, target)
  }
  monitor(target: Target): Ref {
    this.alive()
    const monitors = (this.cold.monitors ??= new Map())
    const monitor = this.node.signals.watch(this.pid, target, (reason) => {
      monitors.delete(monitor.ref.key)
      this.node.deliverTerm(this, { kind: "down", ref: monitor.ref, target, reason: copy(reason) } satisfies Down)
    })
    if (monitor.active) monitors.set(monitor.ref.key, monitor)
    return monitor.ref
  }
  demonitor(ref: Ref): void {
    this.alive()
    this.extras?.monitors?.get(ref.key)?.cancel()
    this.extras?.monitors?.delete(ref.key)
  }
  exitOther(target: Pid, reason: unknown): void {
    this.alive()
    this.node.signals.exit(this.pid, target, copy(reason))
  }
  trapExit(on: boolean): void {
    this.alive()
    this.trapping = on
  }

  // ---- itself ------------------------------------------------------------------------------------------------------------
  get signal(): AbortSignal {
    const controller = (this.cold.controller ??= new AbortController())
    if (this.status === ENDED) controller.abort()
    return controller.signal
  }
  register(name: Name): void {
    this.alive()
    this.node.names.claim(name, this)
  }
  unregister(name: Name): void {
    this.alive()
    this.node.names.release(name, this)
  }
  whereis<A>(name: Name<A>): Pid<A> | undefined {
    return this.node.whereis(name)
  }
  limitMailbox(limit: MailboxLimit): void {
    this.alive()
    if (!Number.isInteger(limit.limit) || limit.limit < 1) {
      throw new RangeError(`a mailbox limit is a whole number from 1 on, not ${limit.limit}`)
    }
    this.sizeMax = Math.min(limit.limit, NO_LIMIT)
    this.cold.mailboxLimit = limit
  }
  alias(): Ref {
    this.alive()
    const ref = this.node.identities.ref()
    const aliases = (this.cold.aliases ??= new Set())
    aliases.add(ref)
    this.node.aliases.set(ref.key, this)
    return ref
  }
  unalias(ref: Ref): boolean {
    this.alive()
    for (const own of this.extras?.aliases ?? []) {
      if (own.key === ref.key) this.extras?.aliases?.delete(own)
    }
    return this.node.aliases.get(ref.key) === this && this.node.aliases.delete(ref.key)
  }
  get dictionary(): Map<unknown, unknown> {
    return (this.cold.dictionary ??= new Map())
  }
  label(label: unknown): void {
    this.alive()
    this.cold.label = copy(label)
  }
  sendAfter(ms: number, message: unknown): { cancel(): void } {
    this.alive()
    const copied = copy(message)
    const trace = this.node.traceContext?.capture()
    const timers = (this.cold.timers ??= new Set())
    const timer = this.node.platform.clock.after(ms, () => {
      timers.delete(timer)
      this.node.deliverTerm(this, copied, trace)
    })
    timers.add(timer)
    return {
      cancel: () => {
        timers.delete(timer)
        timer.cancel()
      },
    }
  }
  own<T extends Disposable | AsyncDisposable>(resource: T): T {
    this.alive()
    const owned = (this.cold.owned ??= [])
    owned.push(resource)
    return resource
  }
  pipe<T>(work: Promise<T>, wrap: (outcome: PromiseSettledResult<T>) => unknown): void {
    this.alive()
    const trace = this.node.traceContext?.capture()
    const arrive = (outcome: PromiseSettledResult<T>): void => {
      if (this.status === ENDED) return
      try {
        this.node.deliverTerm(this, copy(wrap(outcome)), trace)
      } catch (thrown) {
        this.node.crash(this, thrown)
      }
    }
    work.then(
      (value) => arrive({ status: "fulfilled", value }),
      (reason: unknown) => arrive({ status: "rejected", reason }),
    )
  }
}
