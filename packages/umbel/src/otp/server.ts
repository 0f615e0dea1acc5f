/**
 * A running GenServer: an object with a mailbox, whose handlers are looked up in its definition's tables.
 *
 * It has no coroutine of its own. A handler that returns a value costs no promise; one that returns a promise holds the server until that
 * settles, one message at a time as in Erlang.
 */
import {
  CALL,
  CAST,
  Call,
  type Description,
  ENDED,
  type Envelope,
  fromTerm,
  ignoreStart,
  isExit,
  type Node,
  PENDING,
  Process,
  reasonOf,
  requestTerm,
  threwLate,
} from "../runtime/index.ts"
import { atom, copy, inspect, isAtom, normal, Pid, redact, system, Tuple, tuple } from "../term/index.ts"
import { check } from "./checks.ts"
import { formatted } from "./formatted.ts"
import type { Handler, LooseSpec, Self, ServerDefinition, StatusAbout } from "./gen-server.ts"
import { invoke, isPromise, promiseOf, UnknownRequest } from "./handlers.ts"
import { type From, Ignored, type Later, Postponed, Refusal } from "./replies.ts"
import { answerSystem, Rare } from "./sys.ts"

const alreadyStarted = atom("already_started")
const genCall = atom("$gen_call")
const genCast = atom("$gen_cast")
const postponed = new Postponed()

export class Server extends Process implements Self<object> {
  /** The definition it runs now. @internal */
  definition: ServerDefinition
  state: object
  #arg: unknown
  #stopping: { readonly reason: unknown } | undefined
  /** Calls to be answered later. */
  #kept: Set<Call> | undefined
  /** What few servers use. */
  #rare: Rare | undefined

  constructor(node: Node, parent: Process | undefined, definition: ServerDefinition, arg: unknown) {
    super(node, parent)
    this.definition = definition
    this.state = NO_STATE
    this.#arg = arg
    this.#stopping = undefined
    this.#kept = undefined
    this.#rare = undefined
    const { mailbox } = definition.spec
    if (mailbox !== undefined) this.limitMailbox(mailbox)
  }

  override begin(): Promise<unknown> | undefined {
    const entering = this.extras?.entering
    if (entering === undefined) return this.#init()
    return entering().then((holder) => {
      if (holder === undefined) return this.#init()
      this.pendingExit = { reason: tuple(alreadyStarted, holder) }
      return undefined
    })
  }

  #init(): Promise<unknown> | undefined {
    const arg = this.#arg
    this.#arg = undefined
    const state = this.definition.init(arg, this)
    return isPromise(state) ? state.then((made) => this.#up(made as object)) : this.#up(state)
  }

  #up(state: object): Promise<unknown> | undefined {
    if (state instanceof Ignored) {
      ignoreStart(this)
      return undefined
    }
    if (typeof state !== "object" || state === null) {
      throw new TypeError(
        `init of ${this.definition.module} must return an object, so that handlers can change it; got ${inspect(state)}`,
      )
    }
    this.state = state
    this.node.started(this)
    const entered = this.entered()
    return entered === undefined ? this.#afterwards() : entered.then(() => this.#afterwards())
  }
  /** It is up: what a kind of server does of its own before the first message. */
  protected entered(): Promise<unknown> | undefined {
    return undefined
  }

  override step(): Promise<unknown> | undefined {
    const envelope = this.#rare === undefined ? this.take() : this.#rare.take(this)
    if (envelope === undefined) return undefined
    this.current = envelope
    this.handled++
    const { terminate } = this.definition.spec
    let work: Promise<unknown> | undefined
    try {
      work =
        envelope.trace === undefined ? this.handle(envelope) : this.#inContext(envelope, () => this.handle(envelope))
    } catch (thrown) {
      if (terminate === undefined) throw thrown
      return this.#crashing(terminate, thrown)
    }
    if (work === undefined && this.#rare === undefined && this.#stopping === undefined) return undefined
    const done = work === undefined ? this.#afterwards() : work.then(() => this.#afterwards())
    if (terminate === undefined || done === undefined) return done
    return done.catch((thrown: unknown) => this.#crashing(terminate, thrown))
  }

  /** What follows a handler, before the next message: `continue`, the end that the handler asked for, the wait for silence. */
  #afterwards(): Promise<unknown> | undefined {
    const rare = this.#rare
    if (rare !== undefined && this.#stopping === undefined && rare.continuing.length > 0) {
      const { module, spec } = this.definition
      if (spec.continue === undefined) throw new TypeError(`${module} has no \`continue\`, but asked to continue`)
      const continued = spec.continue
      const what = rare.continuing.shift()
      const work = this.#inContext(this.current, () => promiseOf(continued(this, what)))
      return work === undefined ? this.#afterwards() : work.then(() => this.#afterwards())
    }
    if (this.#stopping !== undefined) return this.#leave(this.#stopping.reason)
    rare?.waitForSilence(this)
    return undefined
  }

  /** Runs `work` as part of what that message is part of. */
  #inContext<T>(envelope: Envelope | undefined, work: () => T): T {
    const { traceContext } = this.node
    const trace = envelope?.trace
    return traceContext === undefined || trace === undefined ? work() : traceContext.run(trace, work)
  }

  protected handle(envelope: Envelope): Promise<unknown> | undefined {
    switch (envelope.kind) {
      case CALL:
        return this.#call(envelope)
      case CAST:
        return this.#cast(envelope.request, envelope.args)
      default:
        return this.#message(envelope.value)
    }
  }

  #call(call: Call): Promise<unknown> | undefined {
    // Its caller has given up: late answers never arrive, so the work need not be done.
    if (call.status !== PENDING) return undefined
    let { request, args } = call
    if (request === undefined) {
      const raw = args[0]
      if (isAtom(raw)) {
        request = raw.text
        args = NO_ARGS
      } else if (raw instanceof Tuple && isAtom(raw.elements[0])) {
        request = raw.elements[0].text
        args = raw.elements.slice(1)
      }
    }
    const handler = request === undefined ? undefined : this.definition.calls.get(request)
    if (handler === undefined) return this.#request(call)
    const schemas = this.definition.checks?.get(request!)
    if (schemas === undefined) return this.#answer(call, invoke(handler, this, args))
    return this.#checkedCall(call, handler, check(schemas, args))
  }

  #checkedCall(call: Call, handler: Handler, checked: ReturnType<typeof check>): Promise<unknown> | undefined {
    if (isPromise(checked))
      return checked.then((outcome) => this.#checkedCall(call, handler, outcome as ReturnType<typeof check>))
    return this.#answer(
      call,
      checked instanceof Refusal ? checked : invoke(handler, this, checked as readonly unknown[]),
    )
  }

  #request(call: Call): Promise<unknown> | undefined {
    const { spec, module, calls } = this.definition
    const term = requestTerm(call.request, call.args)
    if (spec.request === undefined) throw new UnknownRequest(module, "call", term, calls.keys())
    return this.#answer(call, spec.request(this, term, this.#from(call)))
  }

  #answer(call: Call, result: unknown): Promise<unknown> | undefined {
    if (typeof result !== "object" || result === null) {
      this.node.calls.answer(call, copy(result))
      return undefined
    }
    if (result instanceof Postponed) return undefined
    if (result instanceof Refusal) this.node.calls.refuse(call, result.reason)
    else if (isPromise(result)) return result.then((value) => this.#answer(call, value))
    else this.node.calls.answer(call, copy(result))
    return undefined
  }

  #cast(request: string, args: readonly unknown[]): Promise<unknown> | undefined {
    const handler = this.definition.casts.get(request)
    if (handler === undefined) {
      throw new UnknownRequest(this.definition.module, "cast", atom(request), this.definition.casts.keys())
    }
    const schemas = this.definition.checks?.get(request)
    return schemas === undefined
      ? promiseOf(handler(this, ...args))
      : this.#checkedCast(request, handler, check(schemas, args))
  }

  /** Nobody waits for a cast: one that does not fit is dropped, and said. */
  #checkedCast(request: string, handler: Handler, checked: ReturnType<typeof check>): Promise<unknown> | undefined {
    if (isPromise(checked))
      return checked.then((outcome) => this.#checkedCast(request, handler, outcome as ReturnType<typeof check>))
    if (!(checked instanceof Refusal)) return promiseOf(handler(this, ...(checked as readonly unknown[])))
    this.node.reports.note("warning", this.title, `a cast ${request} was dropped: ${inspect(checked.reason)}`, this.pid)
    return undefined
  }

  #message(message: unknown): Promise<unknown> | undefined {
    if (message instanceof Tuple) {
      const { elements } = message
      if (elements[0] === genCall && elements.length === 3) return this.#askedByMessage(elements[1], elements[2])
      if (elements[0] === genCast && elements.length === 2) return this.#castByMessage(elements[1])
      if (elements[0] === system && elements.length === 3) return this.#system(elements[1], elements[2])
    }
    if (isExit(message) && this.trapping && message.pid === this.parent?.pid) {
      this.stop(message.reason)
      return undefined
    }
    const { info } = this.definition.spec
    if (info !== undefined) return promiseOf(info(this, message))
    // Nobody waits for it, so it harms nobody; OTP's servers log it too.
    this.node.reports.note(
      "warning",
      this.title,
      `no info handler for the message ${inspect(redact(message))}`,
      this.pid,
    )
    return undefined
  }

  /** A call that came as a message: from another node, or from a process that wrote the envelope by hand. */
  #askedByMessage(from: unknown, request: unknown): Promise<unknown> | undefined {
    if (!(from instanceof Tuple) || from.elements.length !== 2 || !(from.elements[0] instanceof Pid)) {
      throw new TypeError(`a $gen_call without {Pid, Tag}: ${inspect(from)}`)
    }
    const call = new Call(undefined, [request], this.pid, Number.POSITIVE_INFINITY, this.pid, this.node.calls, ignore)
    call.from = { pid: from.elements[0], tag: from.elements[1] }
    call.trace = this.current?.trace
    this.current = call
    return this.#call(call)
  }

  /** Debugging and tools: see `sys.ts`. */
  #system(from: unknown, request: unknown): Promise<unknown> | undefined {
    if (!(from instanceof Tuple) || !(from.elements[0] instanceof Pid)) return undefined
    this.#rare ??= new Rare()
    return answerSystem(this, this.#rare, { pid: from.elements[0], tag: from.elements[1] }, request)
  }

  #castByMessage(request: unknown): Promise<unknown> | undefined {
    if (isAtom(request)) return this.#cast(request.text, NO_ARGS)
    if (request instanceof Tuple && isAtom(request.elements[0])) {
      return this.#cast(request.elements[0].text, request.elements.slice(1))
    }
    throw new UnknownRequest(this.definition.module, "cast", request, this.definition.casts.keys())
  }

  // ---- what handlers may do beyond any process ---------------------------------------------------------------------------
  stop(reason: unknown = normal): void {
    this.alive()
    this.#stopping ??= { reason: copy(reason) }
  }

  continue(what?: unknown): void {
    this.alive()
    this.#rare ??= new Rare()
    this.#rare.continuing.push(what)
  }

  idleAfter(ms: number | undefined): void {
    this.alive()
    this.#rare ??= new Rare()
    this.#rare.idleMs = ms
  }

  later<R>(what: Promise<R> | ((from: From<R>) => void)): Later<R> {
    this.alive()
    const call = this.current
    if (call?.kind !== CALL) throw new TypeError("self.later is for handlers of calls: there is no caller to answer")
    this.#keep(call)
    if (typeof what === "function") what(this.#from(call) as From<R>)
    else this.#awaitLater(call, what)
    return postponed as unknown as Later<R>
  }

  get cancelled(): AbortSignal {
    const call = this.current
    if (call?.kind !== CALL) throw new TypeError("self.cancelled is for handlers of calls: there is no caller")
    return this.node.calls.cancellations.signalOf(call, this.pid)
  }

  #awaitLater(call: Call, work: Promise<unknown>): void {
    work
      .then((value) => {
        if (value instanceof Refusal) this.node.calls.refuse(call, value.reason)
        else this.node.calls.answer(call, copy(value))
      })
      .catch((thrown: unknown) => {
        this.node.calls.fail(call, reasonOf(thrown))
        if (this.status === ENDED) threwLate(this, thrown)
        else this.node.crash(this, thrown)
      })
  }

  /** The caller hears of this server's end although its call is neither in hand nor in the mailbox any more. */
  #keep(call: Call): void {
    const kept = (this.#kept ??= new Set())
    kept.add(call)
    const before = call.cleanup
    call.cleanup = () => {
      kept.delete(call)
      before?.()
    }
  }

  override onEnd(reason: unknown): void {
    this.#rare?.heard()
    if (this.#kept === undefined) return
    for (const call of [...this.#kept]) this.node.calls.fail(call, reason)
  }

  reply<R>(from: From<R>, value: R): void {
    this.alive()
    this.node.calls.reply(this.pid, from, value)
  }

  #from(call: Call): From<unknown> {
    if (call.from !== undefined) return call.from
    const [pid, tag] = fromTerm(call).elements
    return { pid, tag }
  }

  // ---- ending ----------------------------------------------------------------------------------------------------------------
  #leave(reason: unknown): Promise<unknown> | undefined {
    const leave = (): undefined => {
      this.pendingExit ??= { reason }
      return undefined
    }
    const { terminate } = this.definition.spec
    if (terminate === undefined) return leave()
    const work = promiseOf(terminate(this, reason))
    return work === undefined ? leave() : work.then(leave)
  }

  async #crashing(terminate: NonNullable<LooseSpec["terminate"]>, thrown: unknown): Promise<never> {
    await terminate(this, reasonOf(thrown))
    throw thrown
  }

  /** What `sys` gets and replaces. @internal */
  get sysState(): unknown {
    return this.state
  }
  set sysState(state: unknown) {
    this.state = state as object
  }

  /** The definition of its module that it runs. @internal */
  get code(): ServerDefinition {
    return this.definition
  }
  override get moduleName(): string {
    return this.code.module
  }
  /** What `codeChange` gets of it. @internal */
  get codeState(): unknown {
    return this.state
  }
  /** Goes on with another definition of its module, and with `state` where that has changed. @internal */
  adopt(next: ServerDefinition, state: object | undefined): void {
    this.definition = next
    if (state !== undefined) this.state = state
  }

  override describe(about: StatusAbout = LOOKED_AT): Description {
    const { spec, module } = this.definition
    if (this.state === NO_STATE) return { kind: "worker", module, state: undefined }
    const supervision = spec.supervision?.(this.state, this.node.platform.clock.now())
    if (supervision !== undefined) return { kind: "supervisor", module, state: undefined, supervision }
    const state = spec.formatStatus === undefined ? this.state : formatted(spec.formatStatus, this.state, about)
    return { kind: "worker", module, state }
  }
}

const LOOKED_AT: StatusAbout = Object.freeze({ why: "normal" as const })
const NO_STATE: object = Object.freeze({})
const NO_ARGS: readonly unknown[] = []
const ignore = (): void => {}
