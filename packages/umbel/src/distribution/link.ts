/**
 * A link: the open connection to one peer, with its channel, its ticks, and its flow.
 *
 * Signals are encoded when they are sent and written together once the burst of work is over, or when there is a good deal of them.
 */
import { ATOMS_TO_PEER, AtomBudget } from "../etf/index.ts"
import type { Node, Timer } from "../runtime/index.ts"
import { Channel, type Connected, type Control, type Deliver, has, ProtocolError, Ticks } from "../wire/index.ts"
import type { Connection, ConnectionHandler } from "./transport.ts"

/** Bytes encoded until they are written without waiting for the end of the burst: few, so that the other side works while this one does. */
const WRITE_BYTES = 8 * 1024
/** Unsent bytes above which the link counts as full. */
export const FULL_BYTES = 1024 * 1024
/** Unsent bytes above which sending is refused: whoever sends on over a full link has had its warning. */
export const REFUSE_BYTES = 256 * 1024 * 1024

/** The link to a node is so full that nothing more is taken. Wait with `await self.ready(target)` before sending on. */
export class Busy extends Error {
  override readonly name = "Busy"
  constructor(peer: string, unsent: number) {
    super(`${unsent} bytes wait to be sent to ${peer}; await self.ready(target) before sending more`)
  }
}

export interface LinkEvents {
  readonly deliver: Deliver
  /** The link is over; `why` in words, undefined when the peer closed it. */
  lost(why: string | undefined): void
}

export class Link implements ConnectionHandler {
  readonly peer: Connected
  readonly #node: Node
  readonly #connection: Connection
  readonly #channel: Channel
  readonly #events: LinkEvents
  readonly #ticks: Ticks
  #timer: Timer | undefined
  #flushing = false
  #over = false
  #waiting: (() => void)[] = []

  constructor(node: Node, peer: Connected, connection: Connection, events: LinkEvents, tickMs: number) {
    this.peer = peer
    this.#node = node
    this.#connection = connection
    this.#events = events
    this.#channel = new Channel({
      flags: peer.flags,
      profile: peer.profile,
      // The BEAM never collects atoms: an Umbel peer does not either, but its limits are its own matter.
      atoms: peer.profile === "beam" ? new AtomBudget(ATOMS_TO_PEER) : undefined,
      pid: node.canonical,
    })
    this.#ticks = new Ticks({ ms: tickMs })
    this.#tickLater()
  }

  /** Begins to read, with what the peer had sent before this link was made. */
  open(): void {
    if (this.peer.leftover.length > 0) this.data(this.peer.leftover)
  }

  get hasAlias(): boolean {
    return has(this.peer.flags, "ALIAS")
  }
  /** Bytes received and sent so far. */
  get traffic(): { readonly received: number; readonly sent: number; readonly unsent: number } {
    const { bytesIn, bytesOut, pending } = this.#channel
    return { received: bytesIn, sent: bytesOut, unsent: pending + this.#connection.unsent }
  }

  /** @throws NotATerm, Busy */
  write(control: Control, payload?: unknown): void {
    if (this.#over) return
    const unsent = this.#connection.unsent + this.#channel.pending
    if (unsent > REFUSE_BYTES) throw new Busy(this.peer.peer, unsent)
    this.#channel.write(control, payload)
    if (this.#channel.pending > WRITE_BYTES) this.#flush()
    else if (!this.#flushing) {
      this.#flushing = true
      this.#node.platform.executor.afterBurst(this.#afterBurst)
    }
  }
  readonly #afterBurst = (): void => {
    this.#flushing = false
    this.#flush()
  }
  #flush(): void {
    if (this.#over || this.#channel.pending === 0) return
    this.#connection.write(this.#channel.take())
    this.#node.platform.executor.stayAwake()
  }

  /** Resolves when the link is not full, or is no more. */
  ready(): Promise<void> {
    if (this.#over || this.#connection.unsent + this.#channel.pending < FULL_BYTES) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  data(bytes: Uint8Array): void {
    if (this.#over) return
    this.#node.platform.executor.stayAwake()
    try {
      this.#channel.receive(bytes, this.#events.deliver)
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown
      this.close(thrown.message)
    }
  }
  drained(): void {
    this.#flush()
    if (this.#connection.unsent < FULL_BYTES) this.#release()
  }
  closed(): void {
    this.close(undefined)
  }

  close(why: string | undefined): void {
    if (this.#over) return
    this.#flush()
    this.#over = true
    this.#timer?.cancel()
    this.#connection.close()
    this.#release()
    this.#events.lost(why)
  }
  #release(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  #tickLater(): void {
    const { clock } = this.#node.platform
    this.#timer = clock.after(this.#ticks.intervalMs / 4, () => {
      const decision = this.#ticks.check(clock.now(), this.#channel.bytesIn, this.#channel.bytesOut)
      if (decision === "silent") return this.close("nothing has come from it for the whole tick time")
      if (decision === "tick") {
        this.#channel.tick()
        this.#flush()
      }
      this.#tickLater()
    })
  }
}
