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
import { copy, Local, Name, type Pid, Ref, shutdown, type Target } from "../term/index.ts"
import { CallBroker, millisecondsOf } from "./call-broker.ts"
import type { Api, Caller, CallOptions, Calls, Casts, Definition, Down, Running, StartOptions } from "./capability.ts"
import { Clients } from "./clients.ts"
import { Coroutine } from "./coroutine.ts"
import { buryProcess, threwLate } from "./death.ts"
import { type Envelope, Message } from "./envelope.ts"
import { reasonOf, termOrPrinted } from "./exits.ts"
import { Identities } from "./identities.ts"
import { Keeper } from "./keeper.ts"
import { overflows } from "./mailbox-limit.ts"
import type { Monitor } from "./monitor.ts"
import { Names } from "./names.ts"
import type { Platform } from "./platform.ts"
import { AWAITING, ENDED, IDLE, type Process, READY } from "./process.ts"
import { ProcessTable } from "./process-table.ts"
import { noRemote, type Remote } from "./remote.ts"
import { Reports } from "./reports.ts"
import { type AnyModules, type ExposedFunction, type RpcClient, type RpcOptions, rpcClient } from "./rpc.ts"
import { Scheduler, type TurnOutcome } from "./scheduler.ts"
import { bind, Signals } from "./signals.ts"
import type { Spy } from "./spy.ts"
import { limitStart } from "./start-ends.ts"
import { claimName, noDefinition, Starting } from "./starting.ts"
import type { TraceEvent } from "./trace.ts"
import type { TraceContext } from "./trace-context.ts"
import { Zombies } from "./zombies.ts"

export interface NodeOptions {
  /** `name@host`. */
  readonly name: string
  /** Its incarnation, where that came with the name: 32 bits, not 0. Drawn unless told. */
  readonly creation?: number | undefined
  /** Milliseconds; 50 unless told. */
  readonly longHandlerMs?: number | undefined
  /** What travels with messages beside them. */
  readonly traceContext?: TraceContext | undefined
  /** How many of their last messages servers remember for their crash reports, unless they say it themselves; 0 unless told. */
  readonly rememberMessages?: number | undefined
}

/** How a definition becomes a process; `otp` puts it on its definitions. */
export const create = Symbol.for("umbel.create")
export interface Creatable {
  readonly module: string
  readonly [create]: (node: Node, parent: Process, arg: unknown) => Process
}

/** How long servers without a supervisor may take to end when the node stops, in milliseconds: the shutdown time of a child. */
const STOP_MS = 5_000

export class Node implements Caller, TurnOutcome, AsyncDisposable {
  readonly name: string
  readonly creation: number
  /** Milliseconds since 1970. */
  readonly bootedAt: number
  /** @internal */ readonly platform: Platform
  /** @internal */ readonly identities: Identities
  /** @internal */ readonly scheduler: Scheduler
  /** @internal */ readonly names = new Names()
  /** @internal */ readonly calls: CallBroker
  /** @internal */ readonly signals: Signals
  /** @internal */ readonly clients: Clients
  /** @internal */ readonly zombies = new Zombies()
  /** @internal */ readonly reports: Reports
  /** The door to other nodes. @internal */
  remote: Remote
  /** The current definition of each module that may be started by its name. @internal */
  readonly definitions = new Map<string, Creatable>()
  /** The modules of which the current definition counts, whatever older one somebody starts: their code was changed here. @internal */
  readonly changedModules = new Set<string>()
  /** Processes by the keys of their aliases. @internal */
  readonly aliases = new Map<string, Process>()
  /** What other nodes may call here, by module. @internal */
  readonly exposed = new Map<string, Readonly<Record<string, ExposedFunction>>>()
  /** Asked for a function that stands in no module there. @internal */
  exposedElse: ((module: string, name: string) => ExposedFunction | undefined) | undefined = undefined
  /** What other rooms keep with a node, so that nothing is kept at module level. @internal */
  readonly attachments = new Map<symbol, unknown>()
  /** What travels with messages beside them. @internal */
  readonly traceContext: TraceContext | undefined
  /** @internal */ readonly rememberMessages: number
  /** Told of what happens, where somebody looks: the simulator, a tracer. @internal */
  tracer: ((event: TraceEvent) => void) | undefined = undefined
  /** Told of messages and calls while they are traced. @internal */
  spy: Spy | undefined = undefined
  /** `init`: the root, and the caller for code outside processes. @internal */
  readonly root: Keeper
  /** @internal */ readonly user: Keeper
  readonly #processes = new ProcessTable()
  readonly #stopSteps: (() => Promise<void> | void)[] = []
  #stopping: Promise<void> | undefined
  constructor(platform: Platform, options: NodeOptions) {
    const { random, clock, executor } = platform
    this.name = options.name
    this.creation = options.creation ?? (random.uint32() % 0xffff_fffe) + 1
    this.platform = platform
    this.traceContext = options.traceContext
    this.rememberMessages = options.rememberMessages ?? 0
    this.bootedAt = clock.wallTime()
    this.identities = new Identities(this.name, this.creation, random.uint32())
    this.scheduler = new Scheduler(clock, executor, this, options.longHandlerMs ?? 50, platform.attribution)
    this.calls = this.makeCalls()
    this.signals = new Signals(this)
    this.clients = new Clients(this.calls)
    this.reports = new Reports(platform, this.name)
    this.remote = noRemote(this)
    this.root = this.#keeper("init", undefined)
    this.user = this.#keeper("user", this.root)
  }

  /** @internal */ protected makeCalls(): CallBroker {
    return new CallBroker(this)
  }

  #keeper(name: string, parent: Keeper | undefined): Keeper {
    const keeper = new Keeper(this, parent)
    keeper.status = IDLE
    this.#enter(keeper)
    this.names.register(name, keeper)
    if (parent !== undefined) bind(keeper, parent)
    return keeper
  }

  // ---- the processes ---------------------------------------------------------------------------------------------------
  /** How many processes live. */
  get count(): number {
    return this.#processes.size
  }
  /** @internal */ all(): IterableIterator<Process> {
    return this.#processes[Symbol.iterator]()
  }
  /** The live process of that pid, if it is of this node. @internal */
  find(pid: Pid): Process | undefined {
    const local = pid.local as Process | undefined
    if (local !== undefined) return local.node === this ? local : undefined
    if (pid.node !== this.name || pid.creation !== this.creation) return undefined
    return this.#processes.find(pid)
  }
  /** @internal */ findTarget(target: Target): Process | undefined {
    return target instanceof Name ? this.names.find(target) : this.find(target)
  }
  /** The pid as this node knows it: for decoders. @internal */
  readonly canonical = (pid: Pid): Pid => this.find(pid)?.pid ?? pid
  /** Whether the target is on another node. @internal */
  isFar(target: Target | Ref): boolean {
    return target.node !== undefined && target.node !== this.name
  }
  whereis<A>(name: Name<A>): Pid<A> | undefined {
    return (this.names.find(name)?.pid ?? this.names.far(name)) as Pid<A> | undefined
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
    this.#processes.add(process)
    this.tracer?.({ kind: "spawn", pid: process.pid, parent: process.parent?.pid })
    if (this.spy !== undefined) this.spy.spawned(process)
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
    bind(process, parent)
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
    options: { name?: Name | undefined; arg?: unknown; timeoutMs?: number | undefined } | undefined,
  ): Promise<Pid<A>> {
    const starting = new Starting()
    try {
      this.#startAs(starting, parent ?? this.user, definition as unknown as Creatable, options)
    } catch (refused) {
      starting.failed(refused)
    }
    return starting.promise as Promise<Pid<A>>
  }
  /** @throws TypeError for what is no definition; NotATerm for an argument that is none; whatever a definition throws */
  #startAs(
    starting: Starting,
    parent: Process,
    definition: Creatable,
    options: { name?: Name | undefined; arg?: unknown; timeoutMs?: number | undefined } | undefined,
  ): void {
    if (typeof definition?.[create] !== "function") throw noDefinition(definition)
    const arg = options?.arg
    const process = this.currentOf(definition)[create](this, parent, arg instanceof Local ? arg.value : copy(arg))
    if (options?.name !== undefined) {
      const refused = claimName(options.name, process)
      if (refused !== undefined) return starting.failed(refused)
    }
    process.starting = starting
    const timeoutMs = options?.timeoutMs
    if (timeoutMs !== undefined && timeoutMs !== Number.POSITIVE_INFINITY) limitStart(process, parent, timeoutMs)
    this.launch(process, parent)
  }
  /** The definition that counts on this node: where the code of its module was changed, the current one. @internal */
  currentOf(definition: Creatable): Creatable {
    const { module } = definition
    return this.changedModules.has(module) ? (this.definitions.get(module) ?? definition) : definition
  }
  /** The process is up. @internal */
  started(process: Process): void {
    const ack = process.starting
    process.starting = undefined
    ack?.started(process.pid)
  }
  // ---- sending -----------------------------------------------------------------------------------------------------------
  rpc<M = AnyModules>(node: string, options?: RpcOptions): RpcClient<M> {
    return this.rpcFor(this.root, node, options) as RpcClient<M>
  }
  /** @internal */ rpcFor(caller: Process, node: string, options: RpcOptions | undefined): RpcClient<AnyModules> {
    const timeoutMs = millisecondsOf(options)
    return rpcClient((module, name, args) => this.remote.rpc(caller.pid, node, module, name, args, timeoutMs))
  }
  /** What may be called from elsewhere under that name. Own properties only. @internal */
  exposedFunction(module: string, name: string): ExposedFunction | undefined {
    const functions = this.exposed.get(module)
    if (functions !== undefined && Object.hasOwn(functions, name)) return functions[name]
    return this.exposedElse?.(module, name)
  }
  send(to: Target | Ref, message: unknown): void {
    this.dispatch(this.root.pid, to, message)
  }
  /** @internal */ dispatch(from: Pid, to: Target | Ref, message: unknown): void {
    const process = to instanceof Ref ? this.aliases.get(to.key) : this.findTarget(to)
    if (this.spy !== undefined) this.spy.sent("message", from, to, process, message)
    const far = process !== undefined || this.isFar(to) ? undefined : this.names.far(to)
    if (far !== undefined || this.isFar(to)) this.remote.send(from, far ?? to, message)
    else {
      const copied = copy(message)
      if (process !== undefined) this.deliver(process, new Message(copied, false, this.traceContext?.capture()))
    }
  }
  /** A message that is the receiver's own already, and what it is part of. @internal */
  deliverTerm(process: Process, term: unknown, trace?: unknown): void {
    if (process.status === ENDED) return
    if (this.spy !== undefined) this.spy.told(process, term, trace)
    this.#put(process, new Message(term, true, trace))
  }
  /** What another process sends. @internal */
  deliver(process: Process, envelope: Envelope): void {
    if (process.status === ENDED) return
    if (process.size < process.sizeMax || overflows(this, process, envelope)) this.#put(process, envelope)
  }
  #put(process: Process, envelope: Envelope): void {
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
    return this.calls.invoke(this.root, to, undefined, [request], options)
  }

  // ---- links, monitors, exits -----------------------------------------------------------------------------------------
  /** Tells `onDown` once when `target` ends. */
  monitor(target: Target, onDown: (down: Down) => void): Disposable {
    const monitor: Monitor = this.signals.watch(this.root.pid, target, (reason) =>
      onDown({ kind: "down", ref: monitor.ref, target, reason }),
    )
    return { [Symbol.dispose]: () => monitor.cancel() }
  }
  /** Sends an exit signal, as `exit/2`. */
  exit(target: Pid, reason: unknown): void {
    this.signals.exit(this.root.pid, target, copy(reason))
  }
  // ---- endings -----------------------------------------------------------------------------------------------------------
  /** Something was thrown that nobody caught. @internal */
  crash(process: Process, thrown: unknown): void {
    if (process.status === ENDED) return
    const reason = termOrPrinted(process.pendingExit === undefined ? reasonOf(thrown) : process.pendingExit.reason)
    this.end(process, reason, thrown)
  }
  /** @internal */ end(process: Process, reason: unknown, thrown?: unknown): void {
    if (process.status === ENDED) return
    const awaited = process.status === AWAITING
    this.#processes.delete(process)
    this.tracer?.({ kind: "exit", pid: process.pid, reason })
    if (this.spy !== undefined) this.spy.ended(process, reason)
    if (awaited) this.zombies.add(process)
    this.signals.tellLinked(buryProcess(this, process, reason, thrown), process.pid, reason)
  }
  /** A promise that it had begun, and nobody looks at, was rejected. @internal */
  rejected(process: Process, reason: unknown): void {
    if (process.status === ENDED) threwLate(process, reason)
    else this.crash(process, reason)
  }
  /** @internal */ heldThread(process: Process, ms: number, last: Envelope | undefined, handled: number): void {
    this.reports.longHandler(process, ms, last, handled)
  }
  /** @internal */ settledLate(process: Process, thrown: unknown): void {
    this.zombies.settled(process)
    if (thrown !== undefined) threwLate(process, thrown)
  }

  /** What code outside processes waits for; the simulator lets its time run until it is there. @internal */
  awaited<T>(work: Promise<T>): Promise<T> {
    return work
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
    for (const process of [...this.#processes].reverse()) this.end(process, shutdown)
    this.calls.stop()
    this.platform.diagnostics?.stop()
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
        ended.push(new Promise((resolve) => void this.signals.watch(this.root.pid, process.pid, () => resolve())))
      }
      this.signals.exit(this.user.pid, process.pid, shutdown)
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
