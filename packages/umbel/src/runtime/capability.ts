/**
 * Capabilities: what a process (`self`) and code outside processes (`node`) may do.
 *
 * Identities are plain terms; to do something to what they name one needs one of these. They are passed, never ambient, so it is
 * always visible who sends, who is linked and who is charged.
 */

import type { Atom, Local, Name, Pid, Ref, Target } from "../term/index.ts"
import type { MailboxLimit } from "./mailbox-limit.ts"
import type { AnyModules, RpcClient, RpcOptions } from "./rpc.ts"

/** What may be asked of a server: plain signatures, `self` taken off. An interface can extend it to be the contract. */
export interface Api {
  readonly calls: Signatures
  readonly casts: Signatures
}
// The parameters of arbitrary functions: `unknown[]` would refuse every signature but one that takes anything.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Signatures = { readonly [request: string]: (...args: any[]) => unknown }

export interface CallOptions {
  /** Milliseconds; 5,000 unless told. */
  timeout?: number | "infinity" | undefined
  /** Aborting rejects at once, and a request that has not begun is never begun. */
  signal?: AbortSignal | undefined
}

/** What `call(target)` gives: one method per request, each returning a promise of the reply. */
export type Calls<A extends Api> = {
  readonly [K in keyof A["calls"]]: (...args: Parameters<A["calls"][K]>) => Promise<ReturnType<A["calls"][K]>>
}
/** What `cast(target)` gives: one method per request, none of them waits. */
export type Casts<A extends Api> = {
  readonly [K in keyof A["casts"]]: (...args: Parameters<A["casts"][K]>) => void
}

declare const api: unique symbol
declare const argument: unique symbol
/** Something that can be started: a GenServer or a supervisor. `module` is its identity. */
export interface Definition<Arg, A extends Api> {
  readonly module: string
  readonly [api]?: A
  readonly [argument]?: (arg: Arg) => void
}

type Named<A> = {
  name?: Name<A> | undefined
  /** Milliseconds `init` may take; no bound unless told. One that is late is killed, and the start rejects with `timeout`. */
  timeoutMs?: number | undefined
}
export type StartOptions<Arg, A> = [void] extends [Arg]
  ? [options?: Named<A>]
  : [options: Named<A> & { arg: Arg | Local<Arg> }]

/** What both a process and code outside processes can do. */
export interface Caller {
  /**
   * Asks and waits: `await self.call(COUNTER).increment(2)`. Rejects with {@link CallExit} or {@link CallRefused}; with `NotATerm`
   * when an argument cannot be sent.
   */
  call<A extends Api>(to: Target<A>, options?: CallOptions): Calls<A>
  /** Asks without waiting: `self.cast(COUNTER).reset()`. */
  cast<A extends Api>(to: Target<A>): Casts<A>
  /** The raw form of a call, for servers that have no type here (an Elixir GenServer, say). The reply as it came. */
  ask(to: Target, request: unknown, options?: CallOptions): Promise<unknown>
  /**
   * Calls functions of that node: `await self.rpc("b@host").lists.reverse([1, 2])`. Rejects with {@link RpcFailed} when the function throws or
   * is not there, with {@link CallExit} when the node cannot be reached or is late.
   */
  rpc<M = AnyModules>(node: string, options?: RpcOptions): RpcClient<M>
  /** Sends a message. To nobody, it is dropped, as in Erlang. @throws NotATerm with the path to what cannot be sent. */
  send(to: Target | Ref, message: unknown): void
  /** Resolves when the link to `to` has room again. At once for a target on this node. */
  ready(to: Target): Promise<void>
  /**
   * Starts a server under the node's `user` supervisor. Rejects with a {@link CallExit}-like `StartFailed` when `init` fails, is late, or (then with its
   * kind `StartIgnored`) said `ignore`.
   */
  start<Arg, A extends Api>(definition: Definition<Arg, A>, ...options: StartOptions<Arg, A>): Promise<Pid<A>>
  /** A process of its own, under the node's `user` supervisor. */
  spawn(run: (self: Running) => Promise<void>): Pid
  /** The process registered under that name on this node. */
  whereis<A>(name: Name<A>): Pid<A> | undefined
}

/** What a process may do: its `self`. Every verb of an ended process throws {@link ProcessEnded}. */
export interface Process extends Caller {
  readonly pid: Pid
  /** Aborted when this process ends. */
  readonly signal: AbortSignal
  /** Ends together: when either ends abnormally, so does the other, or is told if it traps exits. */
  link(target: Pid): void
  unlink(target: Pid): void
  /** A {@link Down} arrives when `target` ends; at once when there is no such process. */
  monitor(target: Target): Ref
  demonitor(ref: Ref): void
  /** Sends an exit signal to another process. `kill` cannot be trapped. */
  exitOther(target: Pid, reason: unknown): void
  /** Exit signals of linked processes arrive as {@link Exit} messages instead of ending this one. */
  trapExit(on: boolean): void
  /** Registers this process. @throws NameTaken */
  register(name: Name): void
  unregister(name: Name): void
  /** Sends itself `message` after that many milliseconds, unless cancelled. */
  sendAfter(ms: number, message: unknown): { cancel(): void }
  /** Like `start`, and linked to this process. */
  startLink: Caller["start"]
  /** A process linked to this one. */
  spawnLink(run: (self: Running) => Promise<void>): Pid
  /** A process, and a monitor of it. */
  spawnMonitor(run: (self: Running) => Promise<void>): readonly [pid: Pid, ref: Ref]
  /** From now on no more messages wait than that: see {@link MailboxLimit}. */
  limitMailbox(limit: MailboxLimit): void
  /** A reference by which this process can be sent to, from anywhere, until `unalias`; later messages to it are dropped. */
  alias(): Ref
  /** Whether it was an alias of this process. */
  unalias(ref: Ref): boolean
  /** What this process keeps under keys of its own; gone with it. For libraries: state belongs in the state. */
  readonly dictionary: Map<unknown, unknown>
  /** What the observer and crash reports call this process. Any term; printed. */
  label(label: unknown): void
  /** Closed when this process ends, however it ends. */
  own<T extends Disposable | AsyncDisposable>(resource: T): T
  /** Lets work run without holding the process; its outcome arrives as a message. */
  pipe<T>(work: Promise<T>, wrap: (outcome: PromiseSettledResult<T>) => unknown): void
}

/** The `self` of `spawn`: a process that reads its mailbox by hand. */
export interface Running extends Process {
  /** The next message. One `receive` may be pending at a time: a second throws. */
  receive(): Promise<unknown>
  /** The first message that fits; the others stay, in their order. */
  receive<M>(is: (message: unknown) => message is M): Promise<M>
  /** Undefined when none came within `timeout` milliseconds, or when `signal` was aborted. */
  receive<M>(
    is: (message: unknown) => message is M,
    options: { timeout: number; signal?: AbortSignal | undefined },
  ): Promise<M | undefined>
  /** Ends this process with that reason. */
  exit(reason: unknown): never
}

/** What a monitor brings, once. */
export interface Down {
  readonly kind: "down"
  readonly ref: Ref
  readonly target: Target
  readonly reason: unknown
}
/** What a link brings to a process that traps exits. */
export interface Exit {
  readonly kind: "exit"
  readonly pid: Pid
  readonly reason: unknown
}

const has = (message: unknown, kind: string): boolean =>
  typeof message === "object" && message !== null && (message as { kind?: unknown }).kind === kind

export const isDown = (message: unknown): message is Down => has(message, "down") && "ref" in (message as object)
export const isExit = (message: unknown): message is Exit => has(message, "exit") && "pid" in (message as object)

/** OTP's words for why a process ended are atoms; any other term may be one too. */
export type ExitReason = Atom | unknown
