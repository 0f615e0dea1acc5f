/**
 * The door to other nodes. The runtime knows that there may be others, and nothing of how they are reached: `distribution`
 * comes in through this interface. A node without a network has {@link noRemote}, where everybody else is `noconnection`.
 */
import { makeName, noconnection, type Pid, type Ref, type Target } from "../term/index.ts"
import { CallExit } from "./call-errors.ts"
import type { Call, Cast } from "./envelope.ts"

/** Signals to other nodes. None of them waits; what cannot be delivered is answered as Erlang answers it. */
export interface Remote {
  /** @throws NotATerm */
  send(from: Pid, to: Target | Ref, message: unknown): void
  /** `'$gen_cast'`. @throws NotATerm */
  cast(from: Pid, to: Target, request: Cast): void
  /** Carries the call; settles it through the node when the answer, or the loss of the server, is known. @throws NotATerm */
  call(call: Call): void
  /** Sends `{Tag, Reply}` to whoever made that call. */
  reply(from: Pid, to: { readonly pid: Pid; readonly tag: unknown }, value: unknown): void
  /** `erpc:call`. Rejects with RpcFailed, or with CallExit when the node is out of reach or late. */
  rpc(
    caller: Pid,
    node: string,
    module: string,
    name: string,
    args: readonly unknown[],
    timeoutMs: number,
  ): Promise<unknown>
  /**
   * Whether a process there waits for the answer to a call that came with this tag. Who calls by an alias monitors, first of all, by its reference
   * (`gen:call` of OTP 24 and newer): where that monitor has been taken back, nobody waits. Callers without an alias are taken to wait.
   */
  waits(caller: Pid, tag: unknown): boolean
  link(from: Pid, to: Pid): void
  unlink(from: Pid, to: Pid): void
  /** The exit signal of a broken link. */
  linkExit(from: Pid, to: Pid, reason: unknown): void
  /** `exit/2`. */
  exit(from: Pid, to: Pid, reason: unknown): void
  monitor(from: Pid, to: Target, ref: Ref): void
  demonitor(from: Pid, to: Target, ref: Ref): void
  /** Resolves when the link to that node has room. */
  ready(node: string): Promise<void>
  /** The nodes connected now. */
  nodes(): readonly string[]
  /** What went over the links to them; nothing on a node that is alone. */
  traffic(): readonly LinkTraffic[]
  /** Tells of nodes that come (`up`) and go, and whether each is visible, until the function it returns is called. */
  onNodes(listener: (node: string, up: boolean, visible: boolean) => void): () => void
  connect(node: string): Promise<boolean>
  disconnect(node: string): void
}

/** A link that is up. Bytes since then. */
export interface LinkTraffic {
  readonly node: string
  readonly creation: number
  readonly received: number
  readonly sent: number
  /** Encoded and not yet taken by the operating system. */
  readonly unsent: number
  /** Whether it declared itself an Umbel node. */
  readonly umbel: boolean
  /** Its capabilities, by OTP's names. */
  readonly flags: readonly string[]
}

/** What a door tells the runtime: how far watchers hear of a death. */
export interface Watch {
  /** Who watches. */
  readonly from: Pid
  /** Where it stands among the watchers: theirs alone to change. */
  place: number
  /** The watched process has ended. Called once. */
  ended(reason: unknown): void
}

/** Whom a door tells what has become of signals to other nodes: the node. */
export interface RemoteOutcome {
  readonly calls: { fail(call: Call, reason: unknown): void }
  readonly signals: {
    /** A monitor of ours on another node has fired. */
    far(ref: Ref, reason: unknown): void
    /** A linked process on another node has ended. */
    farLinkExit(from: Pid, to: Pid, reason: unknown): void
  }
}

/** The door of a node that is alone. */
export const noRemote = (outcome: RemoteOutcome): Remote => ({
  send: () => {},
  cast: () => {},
  call: (call) => outcome.calls.fail(call, noconnection),
  reply: () => {},
  rpc: (_caller, node, module, name, _args, timeoutMs) =>
    Promise.reject(new CallExit(noconnection, makeName(module, node), name, timeoutMs)),
  waits: () => true,
  link: (from, to) => outcome.signals.farLinkExit(to, from, noconnection),
  unlink: () => {},
  linkExit: () => {},
  exit: () => {},
  monitor: (_from, _to, ref) => outcome.signals.far(ref, noconnection),
  demonitor: () => {},
  ready: () => Promise.resolve(),
  nodes: () => [],
  traffic: () => [],
  onNodes: () => () => {},
  connect: () => Promise.resolve(false),
  disconnect: () => {},
})
