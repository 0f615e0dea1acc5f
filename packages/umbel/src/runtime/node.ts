/**
 * A node: its processes, and how signals find them.
 *
 * ```ts
 * const node = new Node(platform, { name: "a@127.0.0.1" })
 * const pid = node.spawn(async (self) => { await self.receive() })
 * node.send(pid, "hello")
 * ```
 *
 * Nothing of it is global: several nodes run in one thread, as they do in the simulator. Code outside processes acts through the
 * node itself, with the verbs that need no mailbox.
 */
import {
  atom,
  copy,
  error,
  kill,
  killed,
  Local,
  Name,
  noproc,
  normal,
  type Pid,
  type Ref,
  shutdown,
  type Target,
  Tuple,
  tuple,
} from "../term/index.ts"
import { CallExit, CallRefused } from "./call-errors.ts"
import { CallTimeouts } from "./call-timeouts.ts"
import type {
  Api,
  Caller,
  CallOptions,
  Calls,
  Casts,
  Definition,
  Down,
  Exit,
  Running,
  StartOptions,
} from "./capability.ts"
import { Clients, type Invoker } from "./clients.ts"
import { Coroutine } from "./coroutine.ts"
import { buryProcess } from "./death.ts"
import { Call, type CallHome, Cast, type Envelope, Message, PENDING, SETTLED } from "./envelope.ts"
import { NameTaken, ProcessEnded, reasonOf, StartFailed } from "./exits.ts"
import { Identities } from "./identities.ts"
import { Keeper } from "./keeper.ts"
import { addLink, removeLink } from "./links.ts"
import { Monitor } from "./monitor.ts"
import { Names } from "./names.ts"
import { PendingCalls } from "./pending-calls.ts"
import type { Platform } from "./platform.ts"
import { AWAITING, ENDED, IDLE, type Process, READY, RUNNING } from "./process.ts"
import { noRemote, type Remote, type RemoteOutcome } from "./remote.ts"
import { Reports } from "./reports.ts"
import { Scheduler, type TurnOutcome } from "./scheduler.ts"
import type { TraceEvent } from "./trace.ts"
import { Zombies } from "./zombies.ts"

export interface NodeOptions {
  /** `name@host`. */
  readonly name: string
  /** Milliseconds; 50 unless told. */
  readonly longHandlerMs?: number | undefined
}

/** How a definition becomes a process; `otp` puts it on its definitions. */
export const create = Symbol.for("umbel.create")
export interface Creatable {
  readonly module: string
  readonly [create]: (node: Node, parent: Process, arg: unknown) => Process
}

const DEFAULT_TIMEOUT_MS = 5_000
/** How long servers without a supervisor may take to end when the node stops, in milliseconds: the shutdown time of a child. */
const STOP_MS = 5_000
const timeoutAtom = atom("timeout")
const abortedAtom = atom("aborted")
const callingSelf = atom("calling_self")
const alreadyStarted = atom("already_started")

export class Node implements Caller, Invoker, CallHome, TurnOutcome, RemoteOutcome, AsyncDisposable {
  readonly name: string
  readonly creation: number
  /** Milliseconds since 1970. */
  readonly bootedAt: number
  /** @internal */ readonly platform: Platform
  /** @internal */ readonly identities: Identities
  /** @internal */ readonly scheduler: Scheduler
  /** @internal */ readonly names = new Names()
  /** @internal */ readonly calls: PendingCalls
  /** @internal */ readonly clients: Clients
  /** @internal */ readonly zombies = new Zombies()
  /** @internal */ readonly reports: Reports
  /** The door to other nodes. @internal */
  remote: Remote
  /** The current definition of each module that may be started by its name. @internal */
  readonly definitions = new Map<string, Creatable>()
  /** What other rooms keep with a node, so that nothing is kept at module level. @internal */
  readonly attachments = new Map<symbol, unknown>()
  /** Told of what happens, where somebody looks: the simulator, a tracer. @internal */
  tracer: ((event: TraceEvent) => void) | undefined = undefined
  /** `init`: the root, and the caller for code outside processes. @internal */
  readonly root: Keeper
  /** @internal */ readonly user: Keeper
  readonly #processes = new Map<number, Process>()
  readonly #farMonitors = new Map<string, (reason: unknown) => void>()
  readonly #timeouts: CallTimeouts
  readonly #stopSteps: (() => Promise<void> | void)[] = []
  readonly #broken: { readonly other: Process; readonly from: Pid; readonly reason: unknown }[] = []
  #telling = false
  #stopping: Promise<void> | undefined
  #resolve: (value: unknown) => void = () => {}
  readonly #grab = (resolve: (value: unknown) => void): void => {
    this.#resolve = resolve
  }

  constructor(platform: Platform, options: NodeOptions) {
    const { random, clock, executor } = platform
    this.name = options.name
    this.creation = (random.uint32() % 0xffff_fffe) + 1
    this.platform = platform
    this.bootedAt = clock.wallTime()
    this.identities = new Identities(this.name, this.creation, random.uint32())
    this.scheduler = new Scheduler(clock, executor, this, options.longHandlerMs ?? 50)
    this.calls = new PendingCalls(this.identities)
    this.clients = new Clients(this)
    this.reports = new Reports(platform, this.name)
    this.remote = noRemote(this)
    this.#timeouts = new CallTimeouts(clock, (call) => this.fail(call, timeoutAtom))
    this.root = this.#keeper("init", undefined)
    this.user = this.#keeper("user", this.root)
  }

  #keeper(name: string, parent: Keeper | undefined): Keeper {
    const keeper = new Keeper(this, parent)
    keeper.status = IDLE
    this.#enter(keeper)
    this.names.register(name, keeper)
    if (parent !== undefined) this.#bind(keeper, parent)
    return keeper
  }

  // ---- the processes ---------------------------------------------------------------------------------------------------
  /** How many processes live. */
  get count(): number {
    return this.#processes.size
  }
  /** @internal */ all(): IterableIterator<Process> {
    return this.#processes.values()
  }
  /** The live process of that pid, if it is of this node. @internal */
  find(pid: Pid): Process | undefined {
    const local = pid.local as Process | undefined
    if (local !== undefined) return local.node === this ? local : undefined
    if (pid.node !== this.name || pid.creation !== this.creation) return undefined
    return this.#processes.get(pid.serial * 2 ** 32 + pid.id)
  }
  /** @internal */ findTarget(target: Target): Process | undefined {
    return target instanceof Name ? this.names.get(target.name) : this.find(target)
  }
  /** The pid as this node knows it: for decoders. @internal */
  readonly canonical = (pid: Pid): Pid => this.find(pid)?.pid ?? pid
  /** Whether the target is on another node. @internal */
  isFar(target: Target): boolean {
    return target.node !== undefined && target.node !== this.name
  }
  whereis<A>(name: Name<A>): Pid<A> | undefined {
    return this.names.get(name.name)?.pid as Pid<A> | undefined
  }
  /** The other nodes this one is connected to. */
  get nodes(): readonly string[] {
    return this.remote.nodes()
  }
  connect(node: string): Promise<boolean> {
    return this.remote.connect(node)
  }
  disconnect(node: string): void {
    this.remote.disconnect(node)
  }

  #enter(process: Process): void {
    this.#processes.set(process.pid.serial * 2 ** 32 + process.pid.id, process)
    this.tracer?.({ kind: "spawn", pid: process.pid, parent: process.parent?.pid })
  }
  #bind(process: Process, parent: Process): void {
    addLink(process, parent)
    addLink(parent, process)
  }

  // ---- starting ----------------------------------------------------------------------------------------------------------
  spawn(run: (self: Running) => Promise<void>): Pid {
    return this.spawnUnder(this.user, run).pid
  }
  /** @internal */ spawnUnder(parent: Process, run: (self: Running) => Promise<void>): Coroutine {
    const process = new Coroutine(this, parent, run)
    this.launch(process, parent)
    return process
  }
  /** Enters a new process, links it to its parent, and gives it its first turn. @internal */
  launch(process: Process, parent: Process): void {
    this.#enter(process)
    this.#bind(process, parent)
    process.status = READY
    this.scheduler.enqueue(process)
  }

  start<Arg, A extends Api>(definition: Definition<Arg, A>, ...options: StartOptions<Arg, A>): Promise<Pid<A>> {
    return this.startFor(undefined, definition, options[0])
  }
  /** Starts under `parent` (the `user` supervisor unless told) and waits until `init` is through. @internal */
  startFor<Arg, A extends Api>(
    parent: Process | undefined,
    definition: Definition<Arg, A>,
    options: { name?: Name | undefined; arg?: unknown } | undefined,
  ): Promise<Pid<A>> {
    return new Promise((resolve, reject) => {
      const under = parent ?? this.user
      const { arg } = options ?? {}
      const process = (definition as unknown as Creatable)[create](
        this,
        under,
        arg instanceof Local ? arg.value : copy(arg),
      )
      if (options?.name !== undefined) {
        const refused = this.#register(options.name, process)
        if (refused !== undefined) return reject(refused)
      }
      process.starting = { started: (pid) => resolve(pid as Pid<A>), failed: reject }
      this.launch(process, under)
    })
  }
  /** The process is up. @internal */
  started(process: Process): void {
    const ack = process.starting
    process.starting = undefined
    ack?.started(process.pid)
  }
  #register(name: Name, process: Process): StartFailed | undefined {
    try {
      this.names.register(name.name, process)
      return undefined
    } catch (thrown) {
      process.status = ENDED
      process.pid.local = undefined
      this.scheduler.meters.close(process.slot)
      const reason = thrown instanceof NameTaken ? tuple(alreadyStarted, thrown.holder) : reasonOf(thrown)
      return new StartFailed(name.name, reason, thrown)
    }
  }

  // ---- sending -----------------------------------------------------------------------------------------------------------
  send(to: Target, message: unknown): void {
    this.dispatch(this.root.pid, to, message)
  }
  /** @internal */ dispatch(from: Pid, to: Target, message: unknown): void {
    const process = this.findTarget(to)
    if (this.isFar(to)) this.remote.send(from, to, message)
    else {
      const copied = copy(message)
      if (process !== undefined) this.deliver(process, new Message(copied))
    }
  }
  /** A message that is the receiver's own already. @internal */
  deliverTerm(process: Process, term: unknown): void {
    this.deliver(process, new Message(term))
  }
  /** @internal */ deliver(process: Process, envelope: Envelope): void {
    if (process.status === ENDED) return
    this.tracer?.({ kind: "deliver", pid: process.pid, envelope })
    process.put(envelope)
    if (process.status === IDLE) {
      process.status = READY
      this.scheduler.enqueue(process)
    }
  }
  ready(to: Target): Promise<void> {
    return this.isFar(to) ? this.remote.ready(to.node!) : Promise.resolve()
  }

  // ---- calls -------------------------------------------------------------------------------------------------------------
  call<A extends Api>(to: Target<A>, options?: CallOptions): Calls<A> {
    return this.clients.calls(this.root, to, options) as unknown as Calls<A>
  }
  cast<A extends Api>(to: Target<A>): Casts<A> {
    return this.clients.casts(this.root, to) as unknown as Casts<A>
  }
  ask(to: Target, request: unknown, options?: CallOptions): Promise<unknown> {
    return this.invoke(this.root, to, undefined, [request], options)
  }

  /** @internal */ invoke(
    caller: Process,
    target: Target,
    request: string | undefined,
    args: unknown[],
    options: CallOptions | undefined,
  ): Promise<unknown> {
    if (caller.status === ENDED) return Promise.reject(new ProcessEnded(caller.pid))
    const promise = new Promise<unknown>(this.#grab)
    const given = options?.timeout
    const timeoutMs = given === undefined ? DEFAULT_TIMEOUT_MS : given === "infinity" ? Number.POSITIVE_INFINITY : given
    const call = new Call(request, args, target, timeoutMs, caller.pid, this, this.#resolve)
    try {
      if (this.isFar(target)) this.remote.call(call)
      else this.#invokeHere(call, args, caller)
    } catch (refused) {
      call.status = SETTLED
      call.cleanup?.()
      return Promise.reject(refused)
    }
    if (call.status === PENDING) {
      if (timeoutMs !== Number.POSITIVE_INFINITY) this.#timeouts.add(call)
      if (options?.signal !== undefined) this.#heed(call, options.signal)
    }
    return promise
  }

  #invokeHere(call: Call, args: unknown[], caller: Process): void {
    for (let i = 0; i < args.length; i++) args[i] = copy(args[i])
    const process = this.findTarget(call.target)
    if (process === undefined) this.fail(call, noproc)
    else if (process === caller) this.fail(call, callingSelf)
    else this.deliver(process, call)
  }

  #heed(call: Call, signal: AbortSignal): void {
    const abort = (): void => this.fail(call, abortedAtom)
    if (signal.aborted) return abort()
    signal.addEventListener("abort", abort, { once: true })
    const before = call.cleanup
    call.cleanup = () => {
      signal.removeEventListener("abort", abort)
      before?.()
    }
  }

  /** @internal */ castRequest(caller: Process, to: Target, request: string, args: unknown[]): void {
    caller.alive()
    const cast = new Cast(request, args)
    if (this.isFar(to)) return this.remote.cast(caller.pid, to, cast)
    for (let i = 0; i < args.length; i++) args[i] = copy(args[i])
    const process = this.findTarget(to)
    if (process !== undefined) this.deliver(process, cast)
  }

  /**
   * The answer to a call, which is the caller's own already; nothing when the call has been given up. `{error, Reason}` is a refusal, so that
   * a server answers alike whether its caller is here or far.
   * @internal
   */
  answer(call: Call, value: unknown): void {
    if (value instanceof Tuple && value.elements.length === 2 && value.elements[0] === error) {
      this.refuse(call, value.elements[1])
    } else this.#settle(call, value)
  }

  /** The answer "no". @internal */
  refuse(call: Call, reason: unknown): void {
    const refusal = (): unknown => tuple(error, reason)
    if (call.request === undefined || call.from !== undefined) this.#settle(call, refusal())
    else this.#reject(call, () => new CallRefused(reason, call.target, call.request!))
  }

  #settle(call: Call, value: unknown): void {
    if (call.status !== PENDING) return
    this.#close(call)
    if (call.from !== undefined) this.reply(call.caller, call.from, value)
    else call.resolve(value)
  }

  /** The caller's promise rejects. One that asked from afar or by hand watches the server, and hears of its end that way. */
  #reject(call: Call, makeError: () => Error): void {
    if (call.status !== PENDING) return
    this.#close(call)
    if (call.from !== undefined) return
    // Thrown two microtasks on, where V8 sees who awaits the promise, and gives the stack the caller's line.
    call.resolve(
      Promise.resolve()
        .then(() => {})
        .then(() => {
          throw makeError()
        }),
    )
  }

  /** The caller's promise rejects with a {@link CallExit} of that reason. @internal */
  fail(call: Call, reason: unknown): void {
    this.#reject(call, () => callExit(call, reason))
  }

  #close(call: Call): void {
    call.status = SETTLED
    this.#timeouts.remove(call)
    if (call.ref !== undefined) this.calls.forget(call)
    if (call.cleanup !== undefined) call.cleanup()
  }

  /** @internal */ refOf(call: Call): Ref {
    return this.calls.expose(call)
  }

  /** Answers whoever made the call of that `{Pid, Tag}`, here or far. @internal */
  reply(from: Pid, to: { readonly pid: Pid; readonly tag: unknown }, value: unknown): void {
    if (this.isFar(to.pid)) return this.remote.reply(from, to, value)
    const call = this.calls.findByTag(to.tag)
    const copied = copy(value)
    if (call !== undefined) return this.answer(call, copied)
    const process = this.find(to.pid)
    // A tag that is no call of ours: a process that asked by hand. A late reply to a call, an alias, finds no one.
    if (process !== undefined && !isAliasTag(to.tag)) this.deliverTerm(process, tuple(to.tag, copied))
  }

  // ---- links, monitors, exits -----------------------------------------------------------------------------------------
  /** @internal */ link(process: Process, target: Pid): void {
    const other = this.find(target)
    if (other === process) return
    if (other !== undefined) this.#bind(process, other)
    else if (this.isFar(target)) {
      const links = (process.cold.farLinks ??= new Map())
      if (links.has(target.key)) return
      links.set(target.key, target)
      this.remote.link(process.pid, target)
    } else this.linkSignal(process, target, noproc)
  }
  /** @internal */ unlink(process: Process, target: Pid): void {
    const other = this.find(target)
    if (other !== undefined) {
      removeLink(process, other)
      removeLink(other, process)
    } else if (process.extras?.farLinks?.delete(target.key)) this.remote.unlink(process.pid, target)
  }

  /** Tells `onDown` once when `target` ends. */
  monitor(target: Target, onDown: (down: Down) => void): Disposable {
    const monitor: Monitor = this.watch(this.root.pid, target, (reason) =>
      onDown({ kind: "down", ref: monitor.ref, target, reason }),
    )
    return { [Symbol.dispose]: () => monitor.cancel() }
  }
  /** @internal */ watch(watcher: Pid, target: Target, onDown: (reason: unknown) => void): Monitor {
    const monitor = new Monitor(this, watcher, target, onDown)
    const process = this.isFar(target) ? undefined : this.findTarget(target)
    if (process !== undefined) monitor.watchLocal(process)
    else if (this.isFar(target)) {
      this.#farMonitors.set(monitor.ref.key, (reason) => monitor.ended(reason))
      this.remote.monitor(watcher, target, monitor.ref)
    } else queueMicrotask(() => monitor.ended(noproc))
    return monitor
  }
  /** @internal */ forgetFar(watcher: Pid, target: Target, ref: Ref): void {
    if (this.#farMonitors.delete(ref.key)) this.remote.demonitor(watcher, target, ref)
  }
  /** @internal */ far(ref: Ref, reason: unknown): void {
    const fire = this.#farMonitors.get(ref.key)
    if (fire === undefined) return
    this.#farMonitors.delete(ref.key)
    fire(reason)
  }

  /** Sends an exit signal, as `exit/2`. */
  exit(target: Pid, reason: unknown): void {
    this.exitSignal(this.root.pid, target, copy(reason))
  }
  /** @internal */ exitSignal(from: Pid, target: Pid, reason: unknown): void {
    if (this.isFar(target)) return this.remote.exit(from, target, reason)
    const process = this.find(target)
    if (process === undefined) return
    if (reason === kill) this.exitSoon(process, killed)
    else if (process.trapping) this.#deliverExit(process, from, reason)
    else if (reason !== normal || process.pid === from) this.exitSoon(process, reason)
  }
  /** A linked process has ended. @internal */
  linkSignal(process: Process, from: Pid, reason: unknown): void {
    if (process.status === ENDED) return
    if (process.trapping) this.#deliverExit(process, from, reason)
    else if (reason !== normal) this.exitSoon(process, reason)
  }
  /** @internal */ farLinkExit(from: Pid, to: Pid, reason: unknown): void {
    const process = this.find(to)
    if (process?.extras?.farLinks?.delete(from.key)) this.linkSignal(process, from, reason)
  }
  #deliverExit(process: Process, pid: Pid, reason: unknown): void {
    this.deliverTerm(process, { kind: "exit", pid, reason } satisfies Exit)
  }

  // ---- endings -----------------------------------------------------------------------------------------------------------
  /** Ends the process; one whose handler is on the stack when that returns. @internal */
  exitSoon(process: Process, reason: unknown): void {
    if (process.status === RUNNING) process.pendingExit ??= { reason }
    else this.end(process, reason)
  }
  /** Something was thrown that nobody caught. @internal */
  crash(process: Process, thrown: unknown): void {
    if (process.status === ENDED) return
    const reason = termOrPrinted(process.pendingExit === undefined ? reasonOf(thrown) : process.pendingExit.reason)
    this.end(process, reason, thrown)
  }
  /** @internal */ end(process: Process, reason: unknown, thrown?: unknown): void {
    if (process.status === ENDED) return
    const awaited = process.status === AWAITING
    this.#processes.delete(process.pid.serial * 2 ** 32 + process.pid.id)
    this.tracer?.({ kind: "exit", pid: process.pid, reason })
    if (awaited) this.zombies.add(process)
    for (const other of buryProcess(this, process, reason, thrown)) {
      this.#broken.push({ other, from: process.pid, reason })
    }
    this.#tellLinked()
  }
  /** Links form chains of any length: the linked are told one after the other, not from within one another's end. */
  #tellLinked(): void {
    if (this.#telling) return
    this.#telling = true
    for (let link = this.#broken.shift(); link !== undefined; link = this.#broken.shift()) {
      this.linkSignal(link.other, link.from, link.reason)
    }
    this.#telling = false
  }
  /** @internal */ heldThread(process: Process, ms: number): void {
    this.reports.longHandler(process, ms)
  }
  /** @internal */ settledLate(process: Process, thrown: unknown): void {
    this.zombies.settled(process)
    // That its self refuses is how a zombie learns of its end; anything else it throws somebody should know of.
    if (thrown !== undefined && !(thrown instanceof ProcessEnded)) {
      this.reports.note(
        "warning",
        "runtime",
        `${process.title} ${process.pid} threw after it had ended: ${String(thrown)}`,
      )
    }
  }

  /** Runs when the node stops; the latest first. @internal */
  onStop(step: () => Promise<void> | void): void {
    this.#stopSteps.push(step)
  }
  /** Stops everything in reverse order, and resolves when nothing is left. A second call waits for the first. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop())
  }
  async #stop(): Promise<void> {
    await this.#stopServers()
    for (const step of this.#stopSteps.reverse()) {
      try {
        await step()
      } catch (thrown) {
        this.reports.note("error", "runtime", `a step of stopping ${this.name} failed: ${String(thrown)}`)
      }
    }
    for (const process of [...this.#processes.values()].reverse()) this.end(process, shutdown)
    this.#timeouts.stop()
    this.platform.executor.detach()
  }
  /**
   * What code outside processes started came last, and goes first. Servers may finish what they do and clean up; bare processes are told, and
   * not waited for.
   */
  async #stopServers(): Promise<void> {
    const ended: Promise<void>[] = []
    for (const process of this.user.kept().reverse()) {
      if (!(process instanceof Coroutine)) {
        ended.push(new Promise((resolve) => void this.watch(this.root.pid, process.pid, () => resolve())))
      }
      this.exitSignal(this.user.pid, process.pid, shutdown)
    }
    if (ended.length === 0) return
    await new Promise<void>((resolve) => {
      const timer = this.platform.clock.after(STOP_MS, resolve)
      void Promise.all(ended).then(() => {
        timer.cancel()
        resolve()
      })
    })
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

function callExit(call: Call, reason: unknown): CallExit {
  const timeoutMs = call.timeoutMs === Number.POSITIVE_INFINITY ? "infinity" : call.timeoutMs
  return new CallExit(reason, call.target, call.request ?? "(raw request)", timeoutMs)
}

/** An exit reason travels: what is no term is said in words. */
function termOrPrinted(reason: unknown): unknown {
  try {
    return copy(reason)
  } catch {
    return String(reason)
  }
}

function isAliasTag(tag: unknown): boolean {
  return typeof tag === "object" && tag !== null && "tail" in tag
}
