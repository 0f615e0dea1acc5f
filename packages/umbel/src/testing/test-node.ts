/**
 * A node of a test's own, with what a test wants of it.
 *
 * ```ts
 * await using t = await testNode()
 * const pid = await t.startSupervised(counter, { arg: 5, name: COUNTER })
 * expect(await t.call(COUNTER).increment(2)).toBe(7)
 *
 * t.cast(COUNTER).crash()
 * await t.expectCrash(/out of ink/)
 * ```
 *
 * At its end everything is stopped, in reverse order, and a crash that the test did not expect fails it, with its report. Nothing is printed: the
 * reports are in `t.reports`.
 */
import { type Child, type ChildOptions, child, type SupervisorApi, supervisor } from "../otp/index.ts"
import {
  type Api,
  type Caller,
  type CallOptions,
  CallRefused,
  type Calls,
  type Casts,
  type CrashReport,
  type Definition,
  type Down,
  type Node,
  type Running,
} from "../runtime/index.ts"
import {
  inspect,
  isAtom,
  kill,
  type Name,
  type Pid,
  shutdown as shutdownReason,
  type Target,
  Tuple,
} from "../term/index.ts"
import { type Captured, type CapturedReports, inWords } from "./captured.ts"
import { failureAt, quoted, TestFailure } from "./failure.ts"
import { Probe, type Surroundings, WITHIN_MS, type Within } from "./probe.ts"

/** Turns of the event loop until a node that does not come to rest is given up. */
const ROUNDS_MAX = 10_000

const children = supervisor("umbel.test", { intensity: 1_000_000, period: 1_000, children: [] })

export interface TestNodeHome {
  readonly awaited: <T>(work: Promise<T>) => Promise<T>
  readonly prefix: () => string
  /** Whether the node lives; one that has crashed has nothing to stop. */
  readonly lives: (node: Node) => boolean
  /** Lets everything happen that is to happen now. */
  readonly settle: (node: Node) => Promise<void>
}

/** Which crash: a part of what its report says, or a question. */
export type CrashPattern = string | RegExp | ((report: CrashReport) => boolean)

export class TestNode
  implements Pick<Caller, "call" | "cast" | "ask" | "send" | "start" | "spawn" | "whereis">, AsyncDisposable
{
  /** The node itself, for everything else. */
  readonly node: Node
  /** Whether a crash that nobody expected fails the test. */
  readonly #failOnCrash: boolean
  readonly #captured: Captured
  readonly #home: TestNodeHome
  readonly #surroundings: Surroundings
  readonly #probes: Probe[] = []
  #supervisor: Pid<SupervisorApi> | undefined
  #told = false

  /** @internal */
  constructor(node: Node, captured: Captured, home: TestNodeHome, failOnCrash: boolean) {
    this.node = node
    this.#captured = captured
    this.#home = home
    this.#failOnCrash = failOnCrash
    this.#surroundings = {
      node,
      captured,
      awaited: home.awaited,
      prefix: home.prefix,
      failed: () => {
        this.#told = true
      },
    }
  }

  // ---- the node's verbs -----------------------------------------------------------------------------------------------------
  get name(): string {
    return this.node.name
  }
  call<A extends Api>(to: Target<A>, options?: CallOptions): Calls<A> {
    return this.node.call(to, options)
  }
  cast<A extends Api>(to: Target<A>): Casts<A> {
    return this.node.cast(to)
  }
  ask(to: Target, request: unknown, options?: CallOptions): Promise<unknown> {
    return this.node.ask(to, request, options)
  }
  send(to: Target, message: unknown): void {
    this.node.send(to, message)
  }
  /** As `node.start`: under nobody's supervision but the node's. */
  get start(): Node["start"] {
    return this.node.start.bind(this.node)
  }
  spawn(run: (self: Running) => Promise<void>): Pid {
    return this.node.spawn(run)
  }
  whereis<A>(name: Name<A>): Pid<A> | undefined {
    return this.node.whereis(name)
  }

  // ---- processes of the test ---------------------------------------------------------------------------------------------------
  /** A process that stands for the test. With a name it stands in a server's place. */
  probe(options: { readonly name?: Name<never> | Name | undefined } = {}): Probe {
    const probe = new Probe(this.#surroundings, options.name as Name | undefined)
    this.#probes.push(probe)
    return probe
  }

  /** Starts a child under the test's own supervisor, which starts it again as its `restart` says. Rejects with why its `init` failed. */
  startSupervised(child: Child): Promise<Pid>
  startSupervised<Arg, A extends Api>(
    definition: Definition<Arg, A>,
    ...options: [void] extends [Arg] ? [options?: ChildOptions<Arg, A>] : [options: ChildOptions<Arg, A>]
  ): Promise<Pid<A>>
  async startSupervised(what: Child | Definition<never, Api>, options?: object): Promise<Pid> {
    const failure = failureAt()
    const spec = "module" in what ? child(what as Definition<unknown, Api>, (options ?? {}) as never) : what
    this.#supervisor ??= await this.node.start(children)
    try {
      return await this.node.call(this.#supervisor, { timeout: "infinity" }).startChild(spec)
    } catch (thrown) {
      if (!(thrown instanceof CallRefused)) throw thrown
      throw failure(`${this.#home.prefix()}${spec.id} did not start: ${refusedStart(spec.id, thrown.reason)}`)
    }
  }
  /** Stops a child before the test ends, and forgets it. */
  async stopSupervised(id: string): Promise<void> {
    const stopped =
      this.#supervisor === undefined ? "not_found" : await this.node.call(this.#supervisor).terminateChild(id)
    if (stopped === "not_found") throw new TestFailure(`no child of this test is called ${id}`)
    const left = await this.node.call(this.#supervisor!).children()
    if (left.some((one) => one.id === id)) await this.node.call(this.#supervisor!).deleteChild(id)
  }

  /** How `target` ended, once it has. Rejects when it has not within 1,000 milliseconds, unless told otherwise. */
  async expectDown(target: Target, { within = WITHIN_MS }: Within = {}): Promise<Down> {
    const failure = failureAt()
    const down = await this.#within<Down>(within, (found) => this.node.monitor(target, found))
    if (down === undefined) throw failure(`${this.#home.prefix()}${String(target)} has not ended within ${within} ms`)
    return down
  }

  // ---- reports -----------------------------------------------------------------------------------------------------------------
  /** Everything this node has reported. */
  get reports(): CapturedReports {
    return this.#captured.since(0)
  }
  /** What the node reports while `run` runs, what follows from it at once included. */
  async captureReports(run: () => unknown): Promise<CapturedReports> {
    const first = this.#captured.all.length
    await run()
    await this.settled()
    return this.#captured.since(first)
  }
  /** Says that a process crashes, or has crashed, and waits for it. A text or an expression is looked for in its report. Any crash, unless told. */
  async expectCrash(pattern: CrashPattern = () => true, { within = WITHIN_MS }: Within = {}): Promise<CrashReport> {
    const failure = failureAt()
    const fits = (report: CrashReport): boolean => {
      if (typeof pattern === "function") return pattern(report)
      const text = inWords([report])
      return typeof pattern === "string" ? text.includes(pattern) : pattern.test(text)
    }
    const found =
      this.#captured.take(fits) ??
      (await this.#within<CrashReport>(within, (found) =>
        this.#captured.onReport(() => {
          const crash = this.#captured.take(fits)
          if (crash !== undefined) found(crash)
        }),
      ))
    if (found !== undefined) return found
    const others = this.#captured.unexpected
    if (others.length > 0) this.#told = true
    const which =
      typeof pattern === "function"
        ? "no process crashed"
        : `no crash matched ${typeof pattern === "string" ? inspect(pattern) : String(pattern)}`
    throw failure(
      `${this.#home.prefix()}${which} within ${within} ms${others.length === 0 ? "" : `; what has crashed:\n${quoted(inWords(others))}`}`,
    )
  }

  /** Resolves when all messages under way on this node have been handled. Rejects when it does not come to rest. */
  settled(): Promise<void> {
    return this.#home.settle(this.node)
  }

  #within<T>(ms: number, watch: (found: (value: T) => void) => Disposable): Promise<T | undefined> {
    return this.#home.awaited(
      new Promise((resolve) => {
        const finish = (value: T | undefined): void => {
          timer.cancel()
          watching[Symbol.dispose]()
          resolve(value)
        }
        const timer = this.node.platform.clock.after(ms, () => finish(undefined))
        const watching = watch(finish)
      }),
    )
  }

  /** Stops everything. @throws TestFailure for a crash that nobody expected */
  async [Symbol.asyncDispose](): Promise<void> {
    const failure = failureAt()
    if (this.#home.lives(this.node)) await this.#stop()
    const { unexpected } = this.#captured
    if (!this.#failOnCrash || this.#told || unexpected.length === 0) return
    this.#told = true
    const what = unexpected.length === 1 ? "a process crashed" : `${unexpected.length} processes crashed`
    throw failure(
      `${this.#home.prefix()}${what}, which the test did not expect (\`await t.expectCrash(…)\` says that it does):\n${inWords(unexpected).replace(/^(?=.)/gm, "  ")}`,
    )
  }
  async #stop(): Promise<void> {
    if (this.#supervisor !== undefined) await this.#stopChildren(this.#supervisor)
    // One that traps exits would be waited for.
    for (const probe of this.#probes) probe.exit(kill)
    await this.node.stop()
  }
  /** However long a child's `shutdown` allows. */
  #stopChildren(pid: Pid): Promise<void> {
    const ended = new Promise<void>((resolve) => void this.node.monitor(pid, () => resolve()))
    this.node.signals.exit(this.node.user.pid, pid, shutdownReason)
    return this.#home.awaited(ended)
  }
}

/** Why a child could not be started, from what its supervisor answers. */
function refusedStart(id: string, reason: unknown): string {
  if (reason instanceof Tuple) {
    const [first, stack] = reason.elements
    if (first instanceof Error) return `${String(first)}${placeOf(stack)}`
    if (isAtom(first) && first.text === "already_started") {
      return `a child called ${id} runs already; give one of them an \`id\``
    }
  }
  return inspect(reason)
}

/** Where it was thrown, from `[{Module, Function, Arity, [{file, F}, {line, L}]}, …]`. */
function placeOf(stack: unknown): string {
  const frame: unknown = Array.isArray(stack) ? stack[0] : undefined
  if (!(frame instanceof Tuple)) return ""
  const [, called, , place] = frame.elements
  const facts = new Map<string, unknown>()
  for (const fact of Array.isArray(place) ? place : []) {
    if (fact instanceof Tuple) facts.set(String(fact.elements[0]), fact.elements[1])
  }
  const [file, line] = [facts.get("file"), facts.get("line")]
  return Array.isArray(file) ? `\n    at ${String(called)} (${String.fromCodePoint(...file)}:${String(line)}:1)` : ""
}

/** In real time: until nobody is ready, and stays so while timers and I/O have their chance. @internal */
export async function settleInRealTime(node: Node): Promise<void> {
  let quiet = 0
  for (let round = 0; round < ROUNDS_MAX; round++) {
    quiet = node.scheduler.ready === 0 ? quiet + 1 : 0
    if (quiet === 3) return
    await new Promise<void>((resolve) => void node.platform.clock.after(0, resolve))
  }
  const busy = [...node.all()].filter((process) => process.size > 0).map((process) => `${process.title} ${process.pid}`)
  throw new TestFailure(`${node.name} does not come to rest: ${busy.slice(0, 10).join(", ")} never run out of messages`)
}
