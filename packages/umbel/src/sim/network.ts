/**
 * The simulated network: nodes that listen, connections between them, and cuts.
 *
 * ```ts
 * const cut = network.cut(["a@sim"], ["b@sim"])    // nothing gets from a to b
 * cut[Symbol.dispose]()                            // … until now
 * ```
 *
 * What stands in the way of what, as with TCP: each chunk takes its own time, but none overtakes another of its connection. Across a cut
 * chunks wait; a connection whose chunks have waited for {@link BREAK_MS} is over for their sender, and for the other side when it hears of
 * it. A dial across a cut fails after {@link CONNECT_MS}.
 */
import type { Connection, Transport } from "../distribution/index.ts"
import { ConnectionEnd, type Wire } from "./connection.ts"
import type { SeededRandom } from "./random.ts"
import type { VirtualTime } from "./virtual-time.ts"

/** Milliseconds until a dial that nobody answers is given up, as over TCP. */
const CONNECT_MS = 7_000

interface Cut {
  readonly from: ReadonlySet<string>
  readonly to: ReadonlySet<string>
}

export class Network implements Wire {
  readonly time: VirtualTime
  readonly #random: SeededRandom
  readonly #latency: readonly [min: number, max: number]
  readonly #tell: (text: string) => void
  readonly #listening = new Map<string, SimulatedTransport>()
  readonly #cuts = new Set<Cut>()
  /** Both ends of the connections that are not over. */
  readonly #ends = new Set<ConnectionEnd>()

  constructor(
    time: VirtualTime,
    random: SeededRandom,
    latency: readonly [min: number, max: number],
    tell: (text: string) => void,
  ) {
    this.time = time
    this.#random = random
    this.#latency = latency
    this.#tell = tell
  }

  latency(): number {
    return this.#random.between(...this.#latency)
  }
  blocked(from: string, to: string): boolean {
    for (const cut of this.#cuts) if (cut.from.has(from) && cut.to.has(to)) return true
    return false
  }
  tell(text: string): void {
    this.#tell(text)
  }
  over(end: ConnectionEnd): void {
    this.#ends.delete(end)
  }

  /** Nothing gets from these nodes to those until it is disposed. */
  cut(from: Iterable<string>, to: Iterable<string>): Disposable {
    const cut: Cut = { from: new Set(from), to: new Set(to) }
    this.#cuts.add(cut)
    this.#tell(`cut ${[...cut.from]} > ${[...cut.to]}`)
    return {
      [Symbol.dispose]: () => {
        if (!this.#cuts.delete(cut)) return
        this.#tell(`mend ${[...cut.from]} > ${[...cut.to]}`)
        for (const end of [...this.#ends]) end.resume()
      },
    }
  }

  transport(node: string): SimulatedTransport {
    return new SimulatedTransport(this, node)
  }

  /** @internal */ listen(transport: SimulatedTransport): void {
    if (this.#listening.has(transport.node))
      throw new Error(`the name ${transport.node} is taken by another running node`)
    this.#listening.set(transport.node, transport)
  }
  /** @internal */ unlisten(transport: SimulatedTransport): void {
    if (this.#listening.get(transport.node) === transport) this.#listening.delete(transport.node)
  }

  /** @internal */ connect(from: SimulatedTransport, to: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      this.time.after(this.latency(), () => {
        if (this.blocked(from.node, to) || this.blocked(to, from.node)) {
          const late = `no connection within ${CONNECT_MS} ms`
          this.time.after(CONNECT_MS, () => reject(new Error(late)))
          return
        }
        const host = this.#listening.get(to)
        if (host === undefined) {
          this.time.after(this.latency(), () => reject(new Error(`there is no node called ${to}; is it running?`)))
          return
        }
        const [ours, theirs] = this.#pair(from, host)
        this.#tell(`connect ${from.node} > ${to}`)
        const back = this.latency()
        theirs.holdUntil(this.time.now() + back)
        this.time.after(back, () => (from.crashed ? ours.close() : resolve(ours)))
        host.accept(theirs)
      })
    })
  }

  #pair(dialing: SimulatedTransport, host: SimulatedTransport): readonly [ConnectionEnd, ConnectionEnd] {
    const ours = new ConnectionEnd(this, dialing.node, host.node)
    const theirs = new ConnectionEnd(this, host.node, dialing.node)
    ours.peer = theirs
    theirs.peer = ours
    this.#ends.add(ours).add(theirs)
    return [ours, theirs]
  }

  /** @internal */ kill(node: string): void {
    for (const end of [...this.#ends]) if (end.node === node) end.kill()
  }
}

/** The transport of one node. */
export class SimulatedTransport implements Transport {
  readonly node: string
  crashed = false
  readonly #network: Network
  #onConnection: (connection: Connection) => void = () => {}

  constructor(network: Network, node: string) {
    this.#network = network
    this.node = node
  }

  async listen(onConnection: (connection: Connection) => void): Promise<void> {
    this.#onConnection = onConnection
    this.#network.listen(this)
  }
  /** @internal */ accept(connection: Connection): void {
    this.#onConnection(connection)
  }
  dial(node: string): Promise<Connection> {
    return this.#network.connect(this, node)
  }
  async close(): Promise<void> {
    this.#network.unlisten(this)
  }

  /** The node's operating-system process is no more: its connections break, without a word from it. */
  crash(): void {
    this.crashed = true
    this.#network.unlisten(this)
    this.#network.kill(this.node)
  }
}
