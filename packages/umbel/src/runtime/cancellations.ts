/**
 * Cancellation: telling a server that nobody waits for the answer it is working on.
 *
 * ```ts
 * calls: {
 *   report: (self, year: number) => self.later(query("select …", { signal: self.cancelled })),
 * }
 * ```
 *
 * A caller gives up when its time-out passes, when the `signal` it called with is aborted, or when it ends. Here that is known at once. From
 * another node it comes as the end of the monitor that stands for the call, whose reference is the call's (as `gen_server:call` makes it since OTP
 * 24), or as the end of the caller. Only calls whose signal was asked for cost anything. A caller that gave up while its call still lay in the
 * mailbox makes a signal that is aborted from the start.
 */
import { type Pid, type Ref, Ref as RefClass } from "../term/index.ts"
import { type Call, PENDING } from "./envelope.ts"
import type { Node } from "./node.ts"

export class Cancellations {
  readonly #node: Node
  readonly #controllers = new Map<Call, AbortController>()
  /** Calls that came from another node, by the keys of their references. */
  readonly #far = new Map<string, Call>()

  constructor(node: Node) {
    this.#node = node
  }

  /** How many calls are watched. */
  get size(): number {
    return this.#controllers.size
  }

  /** The signal that fires when nobody waits for `call`'s answer any more. `server` is who works on it. */
  signalOf(call: Call, server: Pid): AbortSignal {
    const known = this.#controllers.get(call)
    if (known !== undefined) return known.signal
    const controller = new AbortController()
    if (call.status !== PENDING || (call.from !== undefined && !this.#node.remote.waits(call.from.pid, call.from.tag)))
      controller.abort()
    if (controller.signal.aborted) return controller.signal
    this.#controllers.set(call, controller)
    const ref = call.from === undefined ? undefined : refIn(call.from.tag)
    if (ref !== undefined) this.#far.set(ref.key, call)
    const watch = this.#node.signals.watch(server, call.from?.pid ?? call.caller, () => this.abandon(call))
    const before = call.cleanup
    call.cleanup = () => {
      watch.cancel()
      this.#forget(call, ref)
      before?.()
    }
    return controller.signal
  }

  /** Its caller waits no more. */
  abandon(call: Call): void {
    this.#controllers.get(call)?.abort()
  }

  /** The far caller of that reference waits no more. */
  abandoned(ref: Ref): void {
    if (this.#far.size === 0) return
    const call = this.#far.get(ref.key)
    if (call !== undefined) this.abandon(call)
  }

  #forget(call: Call, ref: Ref | undefined): void {
    this.#controllers.delete(call)
    if (ref !== undefined) this.#far.delete(ref.key)
  }
}

/** The reference in a tag: `[alias|Ref]` of OTP 24 and newer, or the bare one of older nodes. */
function refIn(tag: unknown): Ref | undefined {
  const inner = typeof tag === "object" && tag !== null && "tail" in tag ? tag.tail : tag
  return inner instanceof RefClass ? inner : undefined
}
