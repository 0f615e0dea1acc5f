/**
 * One end of a simulated connection, and the stream of chunks that leaves it.
 *
 * A stream stalls at a cut and goes on when that is mended. An end whose chunks have waited for {@link BREAK_MS} gives the connection up. Whatever arrives at an
 * end that is closed is answered with a reset, where the way back is open: so a peer that was not told learns of it when it next writes.
 */
import type { Connection, ConnectionHandler } from "../distribution/index.ts"
import type { Timer } from "../runtime/index.ts"
import type { VirtualTime } from "./virtual-time.ts"

/** Milliseconds that chunks may wait at a cut before their sender gives the connection up: retransmission has an end. */
export const BREAK_MS = 30_000

/** What an end needs of its network. */
export interface Wire {
  readonly time: VirtualTime
  latency(): number
  blocked(from: string, to: string): boolean
  tell(text: string): void
  over(end: ConnectionEnd): void
}

/** Bytes, or the end of the stream. */
type Chunk = Uint8Array | "end"

export class ConnectionEnd implements Connection {
  readonly node: string
  readonly from: string
  /** Set by the network before anything else is done with it. */
  peer: ConnectionEnd | undefined
  readonly #wire: Wire
  #handler: ConnectionHandler | undefined
  #open = true
  readonly #stream: Chunk[] = []
  #unsent = 0
  /** When the last chunk that left will arrive: none later may arrive earlier. */
  #lastArrival = 0
  #stalled: Timer | undefined

  /** @param from the node at the other end */
  constructor(wire: Wire, node: string, from: string) {
    this.#wire = wire
    this.node = node
    this.from = from
  }

  handle(handler: ConnectionHandler): void {
    this.#handler = handler
  }
  get unsent(): number {
    return this.#unsent
  }
  write(bytes: Uint8Array | readonly Uint8Array[]): void {
    if (!(bytes instanceof Uint8Array)) {
      for (const piece of bytes) this.write(piece)
      return
    }
    if (!this.#open || bytes.length === 0) return
    this.#unsent += bytes.length
    this.#put(bytes.slice())
  }
  close(): void {
    if (!this.#open) return
    this.#shut()
    this.#put("end")
  }
  /** As the operating system closes what a dead process had open: what was written goes out, and nobody here is told. */
  kill(): void {
    this.#handler = undefined
    this.close()
  }

  /** Nothing arrives at the other end before that moment. */
  holdUntil(moment: number): void {
    this.#lastArrival = Math.max(this.#lastArrival, moment)
  }

  // ---- the stream to the other end -----------------------------------------------------------------------------------------
  #put(chunk: Chunk): void {
    this.#stream.push(chunk)
    if (this.#stalled === undefined) this.#travel()
  }

  /** The chunk that was put last sets out; at a cut it and all behind it wait. */
  #travel(): void {
    const { time } = this.#wire
    if (this.#wire.blocked(this.node, this.from)) {
      this.#stall()
      return
    }
    this.#lastArrival = Math.max(this.#lastArrival, time.now() + this.#wire.latency())
    time.at(this.#lastArrival, () => this.#arrive())
  }

  /** The first chunk is there, unless a cut has come between or the stream was given up. */
  #arrive(): void {
    if (this.#stalled !== undefined || this.#stream.length === 0) return
    if (this.#wire.blocked(this.node, this.from)) {
      this.#stall()
      return
    }
    const chunk = this.#stream.shift()!
    if (chunk === "end") {
      this.peer?.ended()
      return
    }
    this.#unsent -= chunk.length
    this.#wire.tell(`${this.node} > ${this.from} ${chunk.length} bytes`)
    this.peer?.data(chunk)
    if (this.#unsent === 0) this.#handler?.drained()
  }

  #stall(): void {
    this.#stalled = this.#wire.time.after(BREAK_MS, () => this.#give("stalled"))
  }
  /** A cut was mended: what waited sets out anew. */
  resume(): void {
    if (this.#stalled === undefined || this.#wire.blocked(this.node, this.from)) return
    this.#stalled.cancel()
    this.#stalled = undefined
    for (let waiting = this.#stream.length; waiting > 0; waiting--) this.#travel()
  }

  /** The connection is over for this end; what it had not sent is lost. */
  #give(why: string): void {
    this.#wire.tell(`break ${this.node} > ${this.from} (${why})`)
    this.#stream.length = 0
    this.#unsent = 0
    this.#shut()
    this.#wire.over(this)
  }

  // ---- what comes from the other end ---------------------------------------------------------------------------------------
  data(chunk: Uint8Array): void {
    if (this.#open) this.#handler?.data(chunk)
    else this.#reset()
  }
  ended(): void {
    // Neither end has anything more to say to the other.
    this.#wire.over(this)
    if (this.peer !== undefined) this.#wire.over(this.peer)
    if (!this.#open) return
    this.#wire.tell(`close ${this.from} > ${this.node}`)
    this.#shut()
  }
  /** Somebody writes to an end that is no more. */
  #reset(): void {
    if (this.#wire.blocked(this.node, this.from)) return
    this.#wire.time.after(this.#wire.latency(), () => {
      if (this.peer?.isOpen === true) this.peer.#give("reset")
    })
  }
  get isOpen(): boolean {
    return this.#open
  }

  /** Its owner hears of it from outside its own call. */
  #shut(): void {
    if (!this.#open) return
    this.#open = false
    const handler = this.#handler
    if (handler !== undefined) this.#wire.time.after(0, () => handler.closed())
  }
}
