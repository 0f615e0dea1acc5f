/**
 * Calls: from asking to answer, whoever asked whom.
 *
 * A call is settled once: by its answer, by the end of the server, by its time-out or by the caller's signal, whichever comes first. What comes later finds
 * it settled, and is dropped.
 */
import {
  type Atom,
  atom,
  copy,
  error,
  noproc,
  type Pid,
  type Ref,
  type Target,
  Tuple,
  timeout,
  tuple,
} from "../term/index.ts"
import { CallExit, CallRefused } from "./call-errors.ts"
import { CallTimeouts } from "./call-timeouts.ts"
import { Cancellations } from "./cancellations.ts"
import type { CallOptions } from "./capability.ts"
import { Call, type CallHome, Cast, fromTerm, PENDING, requestTerm, SETTLED } from "./envelope.ts"
import { ProcessEnded } from "./exits.ts"
import type { Node } from "./node.ts"
import { PendingCalls } from "./pending-calls.ts"
import { AWAITING, ENDED, type Process } from "./process.ts"
import { reportCycle } from "./wait-cycles.ts"

const DEFAULT_TIMEOUT_MS = 5_000
const aborted = atom("aborted")
const callingSelf = atom("calling_self")

export class CallBroker implements CallHome {
  readonly #node: Node
  readonly #pending: PendingCalls
  readonly #timeouts: CallTimeouts
  /** Calls whose servers want to know when nobody waits any more. */
  readonly cancellations: Cancellations
  // A promise's resolve function without a closure for each.
  #resolve: (value: unknown) => void = () => {}
  readonly #grab = (resolve: (value: unknown) => void): void => {
    this.#resolve = resolve
  }

  constructor(node: Node) {
    this.#node = node
    this.#pending = new PendingCalls(node.identities)
    this.cancellations = new Cancellations(node)
    this.#timeouts = new CallTimeouts(node.platform.clock, (call) => this.fail(call, timeout))
  }

  /** How many calls are known by reference: far ones, and those whose answer was put off. */
  get size(): number {
    return this.#pending.size
  }
  /** The pending call of that reference, or that is meant by a `From`'s tag. */
  find(ref: Ref): Call | undefined {
    return this.#pending.find(ref)
  }
  findByTag(tag: unknown): Call | undefined {
    return this.#pending.findByTag(tag)
  }

  /** Those that wait for an answer from that node. */
  pendingTo(node: string): readonly Call[] {
    return [...this.#pending.to(node)]
  }

  /** Asks. Never throws: what cannot be sent rejects, like everything else. */
  invoke(
    caller: Process,
    target: Target,
    request: string | undefined,
    args: unknown[],
    options: CallOptions | undefined,
  ): Promise<unknown> {
    if (caller.status === ENDED) return Promise.reject(new ProcessEnded(caller.pid))
    const promise = new Promise<unknown>(this.#grab)
    const timeoutMs = millisecondsOf(options)
    const call = new Call(request, args, target, timeoutMs, caller.pid, this, this.#resolve)
    try {
      if (this.#node.isFar(target)) this.#callFar(call)
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

  #callFar(call: Call): void {
    this.#node.remote.call(call)
    if (this.#node.spy !== undefined) this.#node.spy.called(call, undefined)
  }

  /** A via name can mean a process of another node: of global names nobody else knows. */
  #farOrNobody(call: Call): void {
    const far = this.#node.names.far(call.target)
    if (far === undefined) return this.fail(call, noproc)
    call.target = far
    this.#callFar(call)
  }

  #invokeHere(call: Call, args: unknown[], caller: Process): void {
    for (let i = 0; i < args.length; i++) args[i] = copy(args[i])
    const process = this.#node.findTarget(call.target)
    if (this.#node.spy !== undefined) this.#node.spy.called(call, process)
    if (process === undefined) return this.#farOrNobody(call)
    if (process === caller) return this.fail(call, callingSelf)
    caller.waitsFor = call
    if (this.#node.traceContext !== undefined) call.trace = this.#node.traceContext.capture()
    if (process.status === AWAITING) reportCycle(this.#node, caller, process)
    this.#node.deliver(process, call)
  }

  /**
   * Asks by an envelope of another label than `$gen_call`, `system` for one. It is a message like any other, so it meets whatever kind of process
   * is there, here or far.
   */
  askAs(label: Atom, caller: Process, target: Target, request: unknown, options?: CallOptions): Promise<unknown> {
    const node = this.#node
    const promise = new Promise<unknown>(this.#grab)
    const call = new Call(undefined, [request], target, millisecondsOf(options), caller.pid, this, this.#resolve)
    const envelope = tuple(label, fromTerm(call), request)
    const watch = node.signals.watch(caller.pid, target, (reason) => this.fail(call, reason))
    call.cleanup = () => watch.cancel()
    try {
      node.dispatch(caller.pid, target, envelope)
    } catch (refused) {
      this.#close(call)
      return Promise.reject(refused)
    }
    if (call.timeoutMs !== Number.POSITIVE_INFINITY) this.#timeouts.add(call)
    return promise
  }

  #heed(call: Call, signal: AbortSignal): void {
    const abort = (): void => this.fail(call, aborted)
    if (signal.aborted) return abort()
    signal.addEventListener("abort", abort, { once: true })
    const before = call.cleanup
    call.cleanup = () => {
      signal.removeEventListener("abort", abort)
      before?.()
    }
  }

  cast(caller: Process, to: Target, request: string, args: unknown[]): void {
    caller.alive()
    const cast = new Cast(request, args)
    const { spy } = this.#node
    if (this.#node.isFar(to)) {
      if (spy !== undefined) spy.sent("cast", caller.pid, to, undefined, requestTerm(request, args))
      return this.#node.remote.cast(caller.pid, to, cast)
    }
    for (let i = 0; i < args.length; i++) args[i] = copy(args[i])
    const process = this.#node.findTarget(to)
    if (spy !== undefined) spy.sent("cast", caller.pid, to, process, requestTerm(request, args))
    if (this.#node.traceContext !== undefined) cast.trace = this.#node.traceContext.capture()
    if (process !== undefined) return this.#node.deliver(process, cast)
    const far = this.#node.names.far(to)
    if (far !== undefined) this.#node.remote.cast(caller.pid, far, cast)
  }

  /**
   * The answer to a call, which is the caller's own already; nothing when the call has been given up. `{error, Reason}` is a refusal, so that
   * a server answers alike whether its caller is here or far.
   */
  answer(call: Call, value: unknown): void {
    if (value instanceof Tuple && value.elements.length === 2 && value.elements[0] === error) {
      this.refuse(call, value.elements[1])
    } else {
      if (this.#node.spy !== undefined && call.status === PENDING) this.#node.spy.settled(call, "answer", value)
      this.#settle(call, value)
    }
  }

  /** The answer "no". */
  refuse(call: Call, reason: unknown): void {
    const refusal = (): unknown => tuple(error, reason)
    if (this.#node.spy !== undefined && call.status === PENDING) this.#node.spy.settled(call, "refusal", reason)
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
    this.cancellations.abandon(call)
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

  /** The caller's promise rejects with a {@link CallExit} of that reason. */
  fail(call: Call, reason: unknown): void {
    if (this.#node.spy !== undefined && call.status === PENDING) this.#node.spy.settled(call, "failure", reason)
    this.#reject(call, () => callExit(call, reason))
  }

  #close(call: Call): void {
    call.status = SETTLED
    this.#timeouts.remove(call)
    if (call.ref !== undefined) this.#pending.forget(call)
    if (call.cleanup !== undefined) call.cleanup()
  }

  /** The call's reference, by which it is found from now on. */
  refOf(call: Call): Ref {
    return this.#pending.expose(call)
  }

  /** Answers whoever made the call of that `{Pid, Tag}`, here or far. */
  reply(from: Pid, to: { readonly pid: Pid; readonly tag: unknown }, value: unknown): void {
    if (this.#node.isFar(to.pid)) return this.#node.remote.reply(from, to, value)
    const call = this.#pending.findByTag(to.tag)
    const copied = copy(value)
    if (call !== undefined) return this.answer(call, copied)
    const process = this.#node.find(to.pid)
    // A tag that is no call of ours: a process that asked by hand. A late reply to a call, an alias, finds no one.
    if (process !== undefined && !isAliasTag(to.tag)) this.#node.deliverTerm(process, tuple(to.tag, copied))
  }

  stop(): void {
    this.#timeouts.stop()
  }
}

/** What a time-out option means: 5,000 where there is none. */
export function millisecondsOf(options: Pick<CallOptions, "timeout"> | undefined): number {
  const given = options?.timeout
  if (given === undefined) return DEFAULT_TIMEOUT_MS
  return given === "infinity" ? Number.POSITIVE_INFINITY : given
}

function callExit(call: Call, reason: unknown): CallExit {
  const timeoutMs = call.timeoutMs === Number.POSITIVE_INFINITY ? "infinity" : call.timeoutMs
  return new CallExit(reason, call.target, call.request ?? "(raw request)", timeoutMs)
}

function isAliasTag(tag: unknown): boolean {
  return typeof tag === "object" && tag !== null && "tail" in tag
}
