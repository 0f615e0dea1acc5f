/**
 * A link: the open connection to one peer, with its channel, its ticks, and its flow.
 *
 * Signals are encoded when they are sent and written together once the burst of work is over, or when there is a good deal of them.
 */
import { ATOMS_TO_PEER, AtomBudget } from "../etf/index.ts"
import type { LinkTraffic, Node, Timer } from "../runtime/index.ts"
import {
  Channel,
  type Connected,
  type Control,
  type Deliver,
  flagNames,
  has,
  ProtocolError,
  Ticks,
} from "../wire/index.ts"
import { backlogOf } from "./backlog.ts"
import { Congestion } from "./congestion.ts"
import { type DistributionLimits, LIMITS } from "./limits.ts"
import type { Connection, ConnectionHandler } from "./transport.ts"

/** Bytes encoded until they are written without waiting for the end of the burst: few, so that the other side works while this one does. */
const WRITE_BYTES = 8 * 1024
/** Unsent bytes above which the link counts as full. */
export const FULL_BYTES = 1024 * 1024
/** Of large messages no more than this is written at a time, in bytes: a small one behind them waits for that much. */
const FRAGMENTS_UNSENT = 256 * 1024

/** So many writes are remembered, to have their buffers back; those before them are left to the collector. */
const LENT_MAX = 64

/** How often one looks while as many bytes come. */
const LOOKS = 4

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

export interface LinkOptions {
  /** Milliseconds of silence until the peer is given up. */
  readonly tickMs: number
  readonly limits?: DistributionLimits | undefined
  /** The atoms that the peer has brought so far. */
  readonly brought?: AtomBudget | undefined
  /** Whether atoms are sent by their slots in the peer's cache. */
  readonly cacheAtoms?: boolean | undefined
}

export class Link implements ConnectionHandler {
  readonly peer: Connected
  /**
   * Whether the peer is told of monitors. Not when it announced only one of the two flags: C nodes do, and close the connection at the first one that
   * comes. As on the BEAM, a monitor of what lives there is then kept here, and fires when the connection is lost.
   */
  readonly hasMonitors: boolean
  /** Whether replies go to aliases. */
  readonly hasAlias: boolean
  readonly #node: Node
  readonly #connection: Connection
  readonly #channel: Channel
  readonly #events: LinkEvents
  readonly #ticks: Ticks
  #timer: Timer | undefined
  #flushing = false
  /** Pieces that the connection may still look at. Empty where it never says when it is done with them. */
  #lent: (readonly Uint8Array[])[] = []
  #over = false
  readonly #congestion: Congestion
  /** Whether the peer reads tokens whose label is any term (C and Java nodes close the connection at one), or no token is ever written. */
  readonly #carriesLabels: boolean
  /** Bytes that may come until the mailboxes are looked through for those that nobody reads. */
  #untilLook: number
  readonly #backlogBytes: number
  readonly #unsentBytes: number

  constructor(node: Node, peer: Connected, connection: Connection, events: LinkEvents, options: LinkOptions) {
    this.peer = peer
    this.hasMonitors = has(peer.flags, "DIST_MONITOR") && has(peer.flags, "DIST_MONITOR_NAME")
    this.hasAlias = has(peer.flags, "ALIAS")
    this.#node = node
    this.#connection = connection
    this.#events = events
    this.#congestion = new Congestion(node)
    this.#carriesLabels = node.traceContext === undefined || has(peer.flags, "BIG_SEQTRACE_LABELS")
    this.#backlogBytes = options.limits?.backlogBytes ?? LIMITS.backlogBytes
    this.#untilLook = this.#backlogBytes / LOOKS
    this.#unsentBytes = options.limits?.unsentBytes ?? LIMITS.unsentBytes
    this.#channel = new Channel({
      flags: peer.flags,
      profile: peer.profile,
      // The BEAM never collects atoms: an Umbel peer does not either, but its limits are its own matter.
      atoms: peer.profile === "beam" ? new AtomBudget(ATOMS_TO_PEER) : undefined,
      newAtoms: options.brought,
      limits: options.limits,
      cacheAtoms: options.cacheAtoms,
      pid: node.canonical,
    })
    this.#ticks = new Ticks({ ms: options.tickMs })
    this.#tickLater()
  }

  /** Begins to read, with what the peer had sent before this link was made. */
  open(): void {
    if (this.peer.leftover.length > 0) this.data(this.peer.leftover)
  }

  /** Whether each end is in the other's `nodes()`. */
  get isVisible(): boolean {
    return has(this.peer.flags, "PUBLISHED")
  }
  /** Bytes received and sent so far. */
  get traffic(): { readonly received: number; readonly sent: number; readonly unsent: number } {
    const { bytesIn, bytesOut, pending } = this.#channel
    return { received: bytesIn, sent: bytesOut, unsent: pending + this.#connection.unsent }
  }

  /** The link as the observer shows it. */
  get row(): LinkTraffic {
    const { peer, creation, profile, flags } = this.peer
    return { node: peer, creation, ...this.traffic, umbel: profile === "umbel", flags: flagNames(flags) }
  }

  /** Bytes that are unsent when they are so many that messages may be refused, or 0. What the node itself has to say (an end, an acknowledgement, an answer) is small and is not refused. */
  get unsentTooMuch(): number {
    const unsent = this.#connection.unsent + this.#channel.pending
    return unsent > this.#unsentBytes ? unsent : 0
  }

  /** @throws NotATerm, NotNegotiated */
  write(control: Control, payload?: unknown): void {
    if (this.#over) return
    if ((control.op === "monitor" || control.op === "demonitor") && !this.hasMonitors) return
    this.#channel.write(this.#carriesLabels ? control : withoutToken(control), payload)
    if (this.#connection.unsent + this.#channel.pending > FULL_BYTES) this.#congestion.suspendSender(control)
    if (this.#channel.framed > WRITE_BYTES) this.#flush()
    else this.#flushSoon()
  }
  #flushSoon(): void {
    if (this.#flushing) return
    this.#flushing = true
    this.#node.platform.executor.afterBurst(this.#afterBurst)
  }
  readonly #afterBurst = (): void => {
    this.#flushing = false
    this.#flush()
  }
  #flush(): void {
    if (this.#over || this.#channel.pending === 0) return
    // What is left of large messages is taken when this has gone.
    const pieces = this.#channel.takePieces(Math.max(0, FRAGMENTS_UNSENT - this.#connection.unsent))
    if (pieces.length === 0) return
    this.#connection.write(pieces)
    if (this.#connection.returnsSent === true) {
      if (this.#lent.length === LENT_MAX) this.#lent.length = 0
      this.#lent.push(pieces)
      if (this.#connection.unsent === 0) this.#takeBack()
    }
    this.#node.platform.executor.stayAwake()
  }

  #takeBack(): void {
    for (const pieces of this.#lent) this.#channel.giveBack(pieces)
    this.#lent.length = 0
  }

  /** Resolves when the link is not full, or is no more. */
  ready(): Promise<void> {
    if (this.#over || this.#connection.unsent + this.#channel.pending < FULL_BYTES) return Promise.resolve()
    return this.#congestion.wait()
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
    this.#untilLook -= bytes.length
    if (this.#untilLook <= 0) this.#look()
  }
  /** The length of the frame that is being delivered. */
  get frameBytes(): number {
    return this.#channel.frameBytes
  }
  #look(): void {
    this.#untilLook = this.#backlogBytes / LOOKS
    if (this.#over) return
    const unread = backlogOf(this.#node, this)
    if (unread <= this.#backlogBytes) return
    this.close(
      `${unread} bytes of its messages lie unread in mailboxes here, more than the limit of ${this.#backlogBytes}: it sends faster than they are handled`,
    )
  }
  drained(): void {
    if (this.#lent.length > 0 && this.#connection.unsent === 0) this.#takeBack()
    const { pending } = this.#channel
    // Not at once: a peer that takes all there is would keep this thread from everything else until the large message is through.
    if (pending > 0) this.#flushSoon()
    // Otherwise there is more to come, and so another word of this.
    if (this.#connection.unsent + pending < FULL_BYTES) this.#congestion.end()
  }
  closed(): void {
    this.close(undefined)
  }

  close(why: string | undefined): void {
    if (this.#over) return
    if (this.#channel.pending > 0) this.#connection.write(this.#channel.takePieces())
    this.#over = true
    this.#timer?.cancel()
    this.#connection.close()
    this.#congestion.end()
    this.#events.lost(why)
  }

  #tickLater(): void {
    const { clock } = this.#node.platform
    this.#timer = clock.after(this.#ticks.intervalMs / 4, () => {
      const decision = this.#ticks.check(clock.now(), this.#channel.bytesIn, this.#channel.bytesOut)
      if (decision === "silent") return this.close("nothing has come from it for the whole tick time")
      if (decision === "tick") {
        this.#channel.tick()
        this.#flush()
        this.#channel.forget()
      }
      this.#tickLater()
    })
  }
}

const withoutToken = (control: Control): Control => ("token" in control ? { ...control, token: undefined } : control)
