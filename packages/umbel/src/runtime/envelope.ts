/**
 * Envelopes: what lies in a mailbox.
 *
 * A plain message, a cast and a call each have a class, so that a request to a server on this node is never packed into
 * tuples and unpacked again. Whoever wants the term (a bare process, the observer) asks for it with {@link termOf}, and gets
 * exactly what a BEAM node would have sent: `{'$gen_call', {Pid, [alias|Ref]}, Request}`.
 */
import { atom, improper, type Pid, type Ref, type Target, type Tuple, tupleOver } from "../term/index.ts"

export const MESSAGE = 0
export const CALL = 1
export const CAST = 2

export type Envelope = Message | Call | Cast

export class Message {
  readonly kind = MESSAGE
  next: Envelope | undefined
  readonly value: unknown
  /** Whether the runtime sends it, not another process: it is never dropped. */
  readonly system: boolean
  /** What it is part of, for the node's `traceContext`; so it is with calls and casts. */
  readonly trace: unknown
  constructor(value: unknown, system = false, trace: unknown = undefined) {
    this.next = undefined
    this.value = value
    this.system = system
    this.trace = trace
  }
}

/** `cast(x).request(...args)`. */
export class Cast {
  readonly kind = CAST
  next: Envelope | undefined
  readonly request: string
  readonly args: readonly unknown[]
  trace: unknown
  get system(): false {
    return false
  }
  constructor(request: string, args: readonly unknown[]) {
    this.next = undefined
    this.request = request
    this.args = args
    this.trace = undefined
  }
}

export const PENDING = 0
export const SETTLED = 1

/** Where a call's identity comes from once somebody needs to see it: the node that made it. */
export interface CallHome {
  refOf(call: Call): Ref
}

/**
 * One call, from asking to answer: message, reply slot, time-out entry and mailbox link in a single object, which is most of
 * what makes local calls cheap.
 */
export class Call {
  readonly kind = CALL
  next: Envelope | undefined
  /** The request's name, or undefined when the request is the one term in `args` (the raw form). */
  readonly request: string | undefined
  readonly args: readonly unknown[]
  /** Whom it asks: a via name becomes the process it means when that is on another node. */
  target: Target
  readonly timeoutMs: number
  readonly caller: Pid
  readonly home: CallHome
  status: typeof PENDING | typeof SETTLED
  readonly resolve: (value: unknown) => void
  /** Where the answer goes when the call came as a message, from another node or by hand; `caller` is then the server itself. */
  from: { readonly pid: Pid; readonly tag: unknown } | undefined
  /** Made when the call becomes visible as a term: sent to another node, or kept as a From. */
  ref: Ref | undefined
  /** The wheel's links. */
  earlier: Call | undefined
  later: Call | undefined
  slot: number
  deadline: number
  interval: number
  /** Whether a monitor on another node stands for it. */
  watched: boolean
  /** Undoes what the call left elsewhere (a monitor on another node, an abort listener). */
  cleanup: (() => void) | undefined
  trace: unknown

  get system(): false {
    return false
  }

  constructor(
    request: string | undefined,
    args: readonly unknown[],
    target: Target,
    timeoutMs: number,
    caller: Pid,
    home: CallHome,
    resolve: (value: unknown) => void,
  ) {
    this.next = undefined
    this.request = request
    this.args = args
    this.target = target
    this.timeoutMs = timeoutMs
    this.caller = caller
    this.home = home
    this.status = PENDING
    this.resolve = resolve
    this.from = undefined
    this.ref = undefined
    this.earlier = undefined
    this.later = undefined
    this.slot = -1
    this.deadline = 0
    this.interval = 0
    this.watched = false
    this.cleanup = undefined
    this.trace = undefined
  }
}

const genCall = atom("$gen_call")
const genCast = atom("$gen_cast")
const alias = atom("alias")

/** `{increment, 2}` for `increment(2)`, the atom `get` for `get()`. */
export function requestTerm(request: string | undefined, args: readonly unknown[]): unknown {
  if (request === undefined) return args[0]
  return args.length === 0 ? atom(request) : tupleOver([atom(request), ...args])
}

/** The `{Pid, [alias|Ref]}` of a call, as `gen` makes it since OTP 24. */
export function fromTerm(call: Call): Tuple<readonly [Pid, unknown]> {
  if (call.from !== undefined) return tupleOver([call.from.pid, call.from.tag] as const)
  return tupleOver([call.caller, improper([alias], call.home.refOf(call))] as const)
}

/** The envelope as the term a BEAM node would have sent. */
export function termOf(envelope: Envelope): unknown {
  switch (envelope.kind) {
    case MESSAGE:
      return envelope.value
    case CALL:
      return tupleOver([genCall, fromTerm(envelope), requestTerm(envelope.request, envelope.args)])
    case CAST:
      return tupleOver([genCast, requestTerm(envelope.request, envelope.args)])
  }
}
