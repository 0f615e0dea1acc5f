/**
 * The transport over sockets: TCP, or TLS over it. EPMD knows the ports.
 *
 * A host may have several addresses, of IPv4 and IPv6: each is tried in turn. A node may listen on several as well, on the same port of each.
 */
import { lookup } from "node:dns/promises"
import type { Server, Socket } from "node:net"
import type { Connection, ConnectionHandler, Transport } from "../distribution/index.ts"
import { nodeName } from "../wire/index.ts"
import { type Carrier, type Tell, tcpCarrier } from "./carrier.ts"
import { lookUp } from "./epmd-client.ts"
import { Registration } from "./registration.ts"

export interface TcpOptions {
  /** `name@host`. */
  readonly node: string
  /** The addresses to listen on; the loopback address unless told. */
  readonly listenOn?: string | readonly string[] | undefined
  /** The port to listen on; any free one unless told. */
  readonly port?: number | undefined
  readonly epmdPort: number
  readonly tell: Tell
  /** What carries the bytes; TCP as it is unless told. */
  readonly carrier?: Carrier | undefined
  /** Whether nobody can connect to this node, and EPMD does not know it. */
  readonly unlisted?: boolean | undefined
  /** What EPMD is told: no unless told. */
  readonly hidden?: boolean | undefined
}

const LOOPBACK = "127.0.0.1"

export class TcpTransport implements Transport {
  readonly handshakeHeader: 2 | 4
  readonly #options: TcpOptions
  readonly #carrier: Carrier
  readonly #servers: Server[] = []
  #registration: Registration | undefined

  constructor(options: TcpOptions) {
    this.#options = options
    this.#carrier = options.carrier ?? tcpCarrier
    this.handshakeHeader = this.#carrier.handshakeHeader
  }

  async listen(onConnection: (connection: Connection) => void): Promise<void> {
    const { node, listenOn = LOOPBACK, port = 0, epmdPort, tell, unlisted = false, hidden = false } = this.#options
    if (unlisted) return
    const addresses = [listenOn].flat() as readonly string[]
    if (addresses.length === 0) throw new RangeError("listenOn names no address to listen on")
    let bound = port
    try {
      for (const address of addresses) bound = await this.#bind(address, bound, onConnection)
      const epmd = { host: LOOPBACK, port: epmdPort, listenOn: epmdAddresses(addresses) }
      this.#registration = new Registration(epmd, { name: nodeName(node).name, port: bound, hidden }, tell)
      await this.#registration.start()
    } catch (error) {
      for (const server of this.#servers) server.close()
      throw error
    }
  }

  #bind(address: string, port: number, onConnection: (connection: Connection) => void): Promise<number> {
    const server = this.#carrier.server((socket) => onConnection(new SocketConnection(socket)))
    return new Promise((resolve, reject) => {
      server.once("error", (error) =>
        reject(new Error(`cannot listen on ${address}:${port}: ${error.message}`, { cause: error })),
      )
      server.listen({ port, host: address, ipv6Only: address === "::" && this.#servers.length > 0 }, () => {
        this.#servers.push(server)
        resolve((server.address() as { port: number }).port)
      })
    })
  }

  async dial(node: string): Promise<Connection> {
    const { name, host } = nodeName(node)
    const addresses = await lookup(host, { all: true }).catch((error: Error) => {
      throw new Error(`the host ${host} is not known: ${error.message}`)
    })
    const troubles: string[] = []
    for (const { address } of addresses) {
      try {
        const port = await lookUp({ host: address, port: this.#options.epmdPort }, name)
        if (port !== undefined) return new SocketConnection(await this.#carrier.connect(host, address, port))
        troubles.push(`EPMD on ${host} knows no node called ${name}; is it running?`)
      } catch (error) {
        troubles.push(error instanceof Error ? error.message : String(error))
      }
    }
    // Where one address says more than that nobody is there, it is another one's failure that is beside the point.
    throw new Error([...new Set(troubles)].join("; ") || `the host ${host} has no address`)
  }

  async close(): Promise<void> {
    await this.#registration?.stop()
    await Promise.all(this.#servers.map((server) => new Promise<void>((resolve) => void server.close(() => resolve()))))
  }
}

/** Where an EPMD of our own listens: so that whoever can reach the node can find it. */
function epmdAddresses(addresses: readonly string[]): readonly string[] {
  if (addresses.includes("::")) return ["::"]
  if (addresses.includes("0.0.0.0"))
    return addresses.filter((address) => address.includes(":") || address === "0.0.0.0")
  return [...new Set([LOOPBACK, ...addresses])]
}

class SocketConnection implements Connection {
  readonly from: string
  // The operating system has a copy by then, and TLS has encrypted them.
  readonly returnsSent = true
  trouble: string | undefined
  readonly #socket: Socket
  #handler: ConnectionHandler | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    this.from = `${socket.remoteAddress}:${socket.remotePort}`
    // Until a handler is there nothing is read; an error before that closes, and is told as such.
    socket.on("error", (error) => {
      // A reset tells no more than the close that follows it.
      if ("library" in error) this.trouble = `TLS: ${error.message}`
      socket.destroy()
    })
  }

  handle(handler: ConnectionHandler): void {
    this.#socket.on("data", (bytes) => handler.data(bytes))
    this.#handler = handler
    this.#socket.on("close", () => handler.closed())
    if (this.#socket.destroyed) queueMicrotask(() => handler.closed())
  }
  write(bytes: Uint8Array | readonly Uint8Array[]): void {
    const socket = this.#socket
    if (!socket.writable) return
    if (bytes instanceof Uint8Array || bytes.length === 1) {
      socket.write(bytes instanceof Uint8Array ? bytes : bytes[0]!, this.#written)
      return
    }
    // Together they are one call of the operating system.
    socket.cork()
    for (let i = 0; i < bytes.length; i++) socket.write(bytes[i]!, i === bytes.length - 1 ? this.#written : undefined)
    socket.uncork()
  }
  // Not the event "drain": it does not come for a large write that the operating system takes at once.
  readonly #written = (error?: Error | null): void => {
    if (!error && this.#socket.writableLength === 0) this.#handler?.drained()
  }
  get unsent(): number {
    return this.#socket.writableLength
  }
  close(): void {
    // What was written goes out; a peer that does not take it is not waited for.
    this.#socket.end()
    setTimeout(() => this.#socket.destroy(), 1_000).unref()
  }
}
