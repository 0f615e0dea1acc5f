/**
 * A process that runs an async function and reads its mailbox by hand: what `spawn` makes.
 *
 * ```ts
 * node.spawn(async (self) => {
 *   for (;;) {
 *     const { ping } = await self.receive(isPing)
 *     self.send(ping, "pong")
 *   }
 * })
 * ```
 *
 * It ends when the function returns (`normal`), throws (a crash), or through `self.exit(reason)`. When it is ended from outside while it waits in
 * `receive`, the function is simply never resumed.
 */

import { copy, normal } from "../term/index.ts"
import type { Running } from "./capability.ts"
import { CALL, type Call, type Envelope, PENDING, termOf } from "./envelope.ts"
import { ExitThrown } from "./exits.ts"
import type { Node } from "./node.ts"
import type { Timer } from "./platform.ts"
import { AWAITING, type Description, ENDED, IDLE, Process, READY, RUNNING } from "./process.ts"

/** Receives answered at once before the next one goes through the scheduler, so that a loop of them cannot keep I/O out. */
const IMMEDIATE_MAX = 64

interface Receiving {
  readonly is: ((message: unknown) => boolean) | undefined
  readonly resolve: (message: unknown) => void
  readonly reject: (error: unknown) => void
  /** Its time is over, and the process suspended. */
  late: boolean
  timer: Timer | undefined
  unlisten: (() => void) | undefined
}

export class Coroutine extends Process implements Running {
  readonly #run: (self: Running) => Promise<void>
  #receiving: Receiving | undefined
  /** The last envelope the pending receive has seen and left. */
  #seen: Envelope | undefined
  #immediate = 0
  /** Calls it has taken and not answered yet: their callers hear of its end. */
  #taken: Set<Call> | undefined

  constructor(node: Node, parent: Process | undefined, run: (self: Running) => Promise<void>) {
    super(node, parent)
    this.#run = run
  }

  override begin(): undefined {
    this.status = AWAITING
    const work = this.#run(this)
    work.then(
      () => this.#finished(undefined, false),
      (thrown: unknown) => this.#finished(thrown, true),
    )
    return undefined
  }

  #finished(thrown: unknown, threw: boolean): void {
    const exit = thrown instanceof ExitThrown
    if (this.status === ENDED) return this.node.settledLate(this, exit ? undefined : thrown)
    // It awaits nothing any more: one that ends now leaves no zombie.
    this.status = RUNNING
    if (threw && !exit) this.node.crash(this, thrown)
    else this.node.end(this, this.pendingExit?.reason ?? (exit ? thrown.reason : normal))
  }

  receive(): Promise<unknown>
  receive<M>(is: (message: unknown) => message is M): Promise<M>
  receive<M>(
    is: (message: unknown) => message is M,
    options: { timeout: number; signal?: AbortSignal | undefined },
  ): Promise<M | undefined>
  receive(
    is?: (message: unknown) => boolean,
    options?: { timeout: number; signal?: AbortSignal | undefined },
  ): Promise<unknown> {
    this.alive()
    if (this.#receiving !== undefined) {
      throw new Error(`process ${this.pid} already waits in a receive: await that one before the next`)
    }
    if (this.pendingExit !== undefined) {
      this.node.end(this, this.pendingExit.reason)
      return new Promise(() => {})
    }
    if (this.#immediate < IMMEDIATE_MAX && !this.node.scheduler.isSuspended(this)) {
      const envelope = this.#match(undefined, is)
      if (envelope !== undefined) {
        this.#immediate++
        return Promise.resolve(this.#take(envelope))
      }
    }
    return new Promise((resolve, reject) =>
      this.#wait({ is, resolve, reject, late: false, timer: undefined, unlisten: undefined }, options),
    )
  }

  #wait(receiving: Receiving, options: { timeout: number; signal?: AbortSignal | undefined } | undefined): void {
    this.#receiving = receiving
    this.#seen = undefined
    if (options !== undefined) {
      const give = (): void => {
        if (this.node.scheduler.isSuspended(this)) receiving.late = true
        else this.#give(undefined)
      }
      if (options.timeout !== Number.POSITIVE_INFINITY) {
        receiving.timer = this.node.platform.clock.after(options.timeout, give)
      }
      const { signal } = options
      if (signal !== undefined) {
        signal.addEventListener("abort", give, { once: true })
        receiving.unlisten = () => signal.removeEventListener("abort", give)
        if (signal.aborted) return give()
      }
    }
    // What lies in the mailbox has been looked at unless too many receives were answered at once, or it gets no turn now: then a turn looks.
    if (this.size > 0 && (this.#immediate >= IMMEDIATE_MAX || this.node.scheduler.isSuspended(this))) {
      this.status = READY
      this.node.scheduler.enqueue(this)
    } else this.status = IDLE
    this.#immediate = 0
  }

  override resumed(): void {
    // One that is READY has messages to look at first.
    if (this.#receiving?.late === true && this.status === IDLE) this.#give(undefined)
  }

  #give(message: unknown): void {
    const receiving = this.#receiving
    if (receiving === undefined) return
    this.#receiving = undefined
    this.#seen = undefined
    receiving.timer?.cancel()
    receiving.unlisten?.()
    // A pending receive means IDLE or READY; one that is READY is passed over when its turn comes.
    this.status = AWAITING
    receiving.resolve(message)
  }

  override step(): undefined {
    const receiving = this.#receiving
    if (receiving === undefined) {
      this.status = AWAITING
      return undefined
    }
    let envelope: Envelope | undefined
    try {
      envelope = this.#match(this.#seen, receiving.is)
    } catch (thrown) {
      // The guard is the function's own code: its throw is the receive's.
      this.#receiving = undefined
      receiving.timer?.cancel()
      receiving.unlisten?.()
      this.status = AWAITING
      receiving.reject(thrown)
      return undefined
    }
    if (envelope === undefined) {
      if (receiving.late) {
        this.#give(undefined)
        return undefined
      }
      this.#seen = this.tail
      this.status = IDLE
    } else this.#give(this.#take(envelope))
    return undefined
  }

  #match(after: Envelope | undefined, is: ((message: unknown) => boolean) | undefined): Envelope | undefined {
    if (this.size === 0) return undefined
    return is === undefined ? this.takeMatching(after, () => true) : this.takeMatching(after, (e) => is(termOf(e)))
  }

  #take(envelope: Envelope): unknown {
    this.handled++
    this.current = envelope
    if (envelope.kind === CALL) this.#owe(envelope)
    return termOf(envelope)
  }
  #owe(call: Call): void {
    this.node.calls.refOf(call)
    if (call.status !== PENDING) return
    const taken = (this.#taken ??= new Set())
    taken.add(call)
    const before = call.cleanup
    call.cleanup = () => {
      taken.delete(call)
      before?.()
    }
  }

  exit(reason: unknown): never {
    this.pendingExit ??= { reason: copy(reason) }
    throw new ExitThrown(reason)
  }

  override onEnd(reason: unknown): void {
    for (const call of [...(this.#taken ?? [])]) this.node.calls.fail(call, reason)
    this.#receiving?.timer?.cancel()
    this.#receiving?.unlisten?.()
    this.#receiving = undefined
  }

  override describe(): Description {
    return { kind: "worker", module: this.#run.name === "" ? "spawn" : this.#run.name, state: undefined }
  }
}
