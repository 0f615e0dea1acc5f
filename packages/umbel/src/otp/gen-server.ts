/**
 * GenServer: a process that answers requests, defined by two tables.
 *
 * ```ts
 * export const counter = genServer("shop.counter", {
 *   init: (start: number) => ({ count: start }),
 *   calls: {
 *     increment: ({ state }, by: number) => (state.count += by),
 *     get: ({ state }) => state.count,
 *   },
 *   casts: { reset: ({ state }) => { state.count = 0 } },
 * })
 * export const COUNTER = name<typeof counter>("counter")
 *
 * const pid = await node.start(counter, { arg: 5, name: COUNTER })
 * await node.call(COUNTER).increment(2)   // 7, and typed
 * ```
 *
 * The tables are the whole protocol: `call(x).increment(2)` is `{increment, 2}` and `call(x).get()` the atom `get` inside the ordinary
 * `$gen_call`, so `GenServer.call(:counter, {:increment, 2})` works from Elixir unchanged. A request that stands in no table crashes
 * the server, as in OTP, unless there is a `request` handler.
 *
 * **Replying** is returning. A handler may return a promise, which holds the server until it settles; work that should not hold it goes through
 * `return self.later(promise)`. `return refuse(reason)` says no, and the server lives. A throw is a crash.
 *
 * How it runs is in `server.ts`.
 */
import {
  type Api,
  type Creatable,
  create,
  type Definition,
  type ExitReason,
  type MailboxLimit,
  type Node,
  type Process,
  type ProcessCapability,
  type SupervisionDescription,
} from "../runtime/index.ts"
import { makeName, type Name } from "../term/index.ts"
import type { Checks, Schemas } from "./checks.ts"
import { RememberingServer } from "./remembering-server.ts"
import type { From, Ignore, Later, Refused } from "./replies.ts"
import { Server } from "./server.ts"
import type { CodeChanging } from "./upgrade.ts"

/** The `self` of a server's handlers. */
export interface Self<State extends object> extends ProcessCapability {
  /** The server's own: mutate it or replace it. Nobody else sees it. */
  state: State
  /** Ends the server once this handler has returned and its reply is sent; `terminate` runs. `normal` unless told. */
  stop(reason?: ExitReason): void
  /** The answer comes when `keep`'s From is replied to; the server goes on with its next message. */
  later<R>(keep: (from: From<R>) => void): Later<R>
  /** The answer comes when `work` settles; the server goes on meanwhile. A rejection crashes the server, as a throw would. */
  later<R>(work: Promise<R>): Later<R>
  /**
   * Fires when nobody waits for the answer of the call in hand any more: its caller gave up (a time-out, its `signal`) or has ended, here or on another
   * node. For work that can be cancelled: `self.later(fetch(url, { signal: self.cancelled }))`. Read it in the handler, before the first `await`.
   * @throws TypeError outside of a call's handler
   */
  readonly cancelled: AbortSignal
  /** Runs the spec's `continue` with `what`, after this handler (or `init`) and before any further message. */
  continue(what?: unknown): void
  /** From now on `info` gets the atom `timeout` whenever no message has come for that many milliseconds; undefined ends that. */
  idleAfter(ms: number | undefined): void
  /** Answers a call that was kept. A second answer, or one to a caller that has given up, goes nowhere. */
  reply<R>(from: From<R>, value: R): void
}

/** What a reply is to the caller: kept answers as what they will be, refusals not at all (they reject). */
type Reply<R> = R extends Later<infer L> ? Exclude<L, Refused<unknown>> : R extends Refused<unknown> ? never : R

/** One table, seen twice: once to read the arguments off it, once to read the replies. */
type Table<State extends object, P, R> = {
  readonly [K in keyof P]: (self: Self<State>, ...args: Extract<P[K], unknown[]>) => unknown
} & {
  readonly [K in keyof R]: (self: Self<State>, ...args: never) => R[K]
} & { readonly then?: never } // a client with `then` would be awaited by mistake

/** The `self` of `init`: there is no state yet. */
export type Initialising = ProcessCapability & Pick<Self<object>, "continue" | "idleAfter">

export interface GenServerSpec<Arg, State extends object, CallArgs, CallReply, CastArgs> {
  /**
   * Makes the state. `arg` is a fresh copy at each start, so a restart never sees what an earlier life did to it. Or returns `ignore`: there is nothing to
   * do here, and nothing is wrong.
   */
  init: (arg: Arg, self: Initialising) => State | Ignore | Promise<State | Ignore>
  calls?: Table<State, CallArgs, CallReply>
  casts?: { readonly [K in keyof CastArgs]: (self: Self<State>, ...args: Extract<CastArgs[K], unknown[]>) => unknown }
  /**
   * Schemas for the arguments of requests, by request, for those that come from where types do not reach. What does not fit is refused with
   * `{invalid_argument, Path, Problem}`, and the server lives. See `checks.ts`.
   */
  checks?: Checks<keyof NoInfer<CallArgs> | keyof NoInfer<CastArgs>>
  /** Every other message: `Down`, `Exit`, timers, plain sends. */
  info?: (self: Self<State>, message: unknown) => unknown
  /** Calls outside the table, for protocols that exist already. */
  request?: (self: Self<State>, request: unknown, from: From<unknown>) => unknown
  /** How many messages may wait, and what becomes of more. No limit unless told. */
  mailbox?: MailboxLimit
  /**
   * How many of the messages before the one in hand its crash report tells, with what sounds like a secret covered. They are kept alive for that long, and each message costs a
   * little more. None unless told, or the node's `rememberMessages`; 100 at most.
   */
  remember?: number
  /** What a handler or `init` put off with `self.continue(what)`. */
  continue?: (self: Self<State>, what: unknown) => unknown
  /** Runs when the server stops by itself, crashes, or (if it traps exits) is told to by its supervisor. */
  terminate?: (self: Self<State>, reason: ExitReason) => void | Promise<void>
  /** What the observer, crash reports and `sys:get_status` may show of the state; `about` says of what else they are to show. */
  formatStatus?: (state: State, about: StatusAbout) => unknown
  /** Which edition of the definition this is; the next one's `codeChange` is told. */
  version?: string | number
  /**
   * Makes the state of this definition from that of an older one, when running servers go on with it: see `changeCode`. Without it the state is kept as it is. A
   * throw ends the server, and its supervisor starts it anew.
   */
  codeChange?: (state: unknown, change: CodeChanging) => NoInfer<State> | Promise<NoInfer<State>>
}

/** What a status is made for. */
export interface StatusAbout {
  /** `terminate` for a crash report, `normal` for whoever looks. */
  readonly why: "normal" | "terminate"
  /** Why the server ends, in a crash report. */
  readonly reason?: unknown
  /** The message in hand, in a crash report, where there is one. */
  readonly message?: unknown
}

declare const api: unique symbol

/** `module` is the definition's identity: in crash reports, on the wire, for remote start, placement and reload. */
export interface GenServer<Arg, A extends Api> extends Definition<Arg, A> {
  readonly module: string
  readonly init: (arg: Arg, self: Initialising) => unknown
  readonly [api]: A
}

type Args<T> = { [K in keyof T]: unknown[] }

/** Defines a server. Nothing runs until it is started. @throws TypeError for a spec with an unknown key. */
export function genServer<
  State extends object,
  CallArgs extends Args<CallArgs> = {},
  CallReply = {},
  CastArgs extends Args<CastArgs> = {},
  Arg = void,
>(
  module: string,
  spec: GenServerSpec<Arg, State, CallArgs, CallReply, CastArgs>,
): GenServer<
  Arg,
  {
    calls: {
      [K in keyof CallArgs]: (...args: CallArgs[K]) => K extends keyof CallReply ? Reply<Awaited<CallReply[K]>> : never
    }
    casts: { [K in keyof CastArgs]: (...args: CastArgs[K]) => void }
  }
> {
  return define(module, spec as unknown as LooseSpec) as never
}

/** @internal */
export type Handler = (self: Server, ...args: readonly unknown[]) => unknown

/** A spec whose types have done their work. @internal */
export interface LooseSpec {
  readonly init: (arg: unknown, self: Server) => object | Promise<object>
  readonly calls?: Readonly<Record<string, Handler>>
  readonly casts?: Readonly<Record<string, Handler>>
  readonly checks?: Readonly<Record<string, Schemas>>
  readonly info?: (self: Server, message: unknown) => unknown
  readonly request?: (self: Server, request: unknown, from: From<unknown>) => unknown
  readonly mailbox?: MailboxLimit
  readonly remember?: number
  readonly continue?: (self: Server, what: unknown) => unknown
  readonly terminate?: (self: Server, reason: unknown) => void | Promise<void>
  readonly formatStatus?: (state: object, about: StatusAbout) => unknown
  readonly version?: string | number
  readonly codeChange?: (state: unknown, change: CodeChanging, self: Server) => object | Promise<object>
  /** Of supervisors, which are servers too: what is supervised, read off the state. */
  readonly supervision?: (state: object, now: number) => SupervisionDescription
  /** Which kind of server it is, as one cannot become another: `server` unless told. */
  readonly kind?: string
}

/** What a node runs. @internal */
export interface ServerDefinition extends Creatable {
  readonly spec: LooseSpec
  readonly init: LooseSpec["init"]
  readonly calls: ReadonlyMap<string, Handler>
  readonly casts: ReadonlyMap<string, Handler>
  readonly checks: ReadonlyMap<string, Schemas> | undefined
}

/** What only the kinds of servers in this folder say of themselves. */
const HIDDEN = ["supervision", "kind"]
const REMEMBERED_MAX = 100
const KEYS: ReadonlySet<string> = new Set([
  "init",
  "calls",
  "casts",
  "checks",
  "info",
  "request",
  "continue",
  "mailbox",
  "remember",
  "terminate",
  "formatStatus",
  "version",
  "codeChange",
  ...HIDDEN,
])

/** @internal */
export function define(module: string, spec: LooseSpec): ServerDefinition {
  for (const key of Object.keys(spec)) {
    if (!KEYS.has(key))
      throw new TypeError(`${module}: a server has no ${key}; it has ${[...KEYS].slice(0, -HIDDEN.length).join(", ")}`)
  }
  if (spec.remember !== undefined && !(Number.isInteger(spec.remember) && spec.remember >= 0))
    throw new TypeError(`${module}: a server remembers a whole number of messages, not ${spec.remember}`)
  if (spec.calls !== undefined && Object.hasOwn(spec.calls, "then")) {
    throw new TypeError(`${module}: a request cannot be called then; its client would be awaited by mistake`)
  }
  const definition: ServerDefinition = {
    module,
    spec,
    init: spec.init,
    // Own properties only: `constructor` is no request.
    calls: new Map(Object.entries(spec.calls ?? {})),
    casts: new Map(Object.entries(spec.casts ?? {})),
    checks: spec.checks === undefined ? undefined : new Map(Object.entries(spec.checks)),
    [create](node: Node, parent: Process, arg: unknown): Server {
      const size = spec.remember ?? node.rememberMessages
      return size > 0
        ? new RememberingServer(node, parent, definition, arg, Math.min(size, REMEMBERED_MAX))
        : new Server(node, parent, definition, arg)
    },
  }
  return definition
}

/** Accepts a server's type or a hand-written Api. */
export type ApiFor<D> = D extends GenServer<infer _, infer A> ? A : D extends Api ? D : never

/** A typed name: where a server is registered, and what may be asked of it. Data, to be shared and sent. */
// biome-ignore lint/suspicious/noExplicitAny: any Api is meant, and its methods are contravariant
export function name<D extends GenServer<never, any> | Api>(name: string): Name<ApiFor<D>> {
  return makeName(name, undefined) as Name<ApiFor<D>>
}
