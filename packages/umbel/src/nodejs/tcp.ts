/**
 * The transport over TCP: connections are sockets, and EPMD knows their ports.
 */
import { lookup } from "node:dns/promises"
import { createConnection, createServer, type Server, type Socket } from "node:net"
import type { Connection, ConnectionHandler, Transport } from "../distribution/index.ts"
import { nodeName } from "../wire/index.ts"
import { type EpmdAddress, lookUp } from "./epmd-client.ts"
import { Registration } from "./registration.ts"

/** Milliseconds to connect. */
const CONNECT_MS = 7_000

export interface TcpOptions {
  /** `name@host`. */
  readonly node: string
  /** The address to listen on; the loopback address unless told. */
  readonly listenOn?: string | undefined
  /** The port to listen on; any free one unless told. */
  readonly port?: number | undefined
  readonly epmdPort: number
  readonly tell: (level: "info" | "warning", text: string) => void
}

export class TcpTransport implements Transport {
  readonly #options: TcpOptions
  #server: Server | undefined
  #registration: Registration | undefined

  constructor(options: TcpOptions) {
    this.#options = options
  }

  async listen(onConnection: (connection: Connection) => void): Promise<void> {
    const { node, listenOn = "127.0.0.1", port = 0, epmdPort, tell } = this.#options
    const server = createServer({ noDelay: true }, (socket) => onConnection(new TcpConnection(socket)))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error) =>
        reject(new Error(`cannot listen on ${listenOn}:${port}: ${error.message}`, { cause: error })),
      )
      server.listen(port, listenOn, resolve)
    })
    const bound = (server.address() as { port: number }).port
    this.#registration = new Registration({ host: "127.0.0.1", port: epmdPort }, nodeName(node).name, bound, tell)
    try {
      await this.#registration.start()
    } catch (error) {
      server.close()
      throw error
    }
  }

  async dial(node: string): Promise<Connection> {
    const { name, host } = nodeName(node)
    const { address } = await lookup(host).catch((error: Error) => {
      throw new Error(`the host ${host} is not known: ${error.message}`)
    })
    const epmd: EpmdAddress = { host: address, port: this.#options.epmdPort }
    const port = await lookUp(epmd, name)
    if (port === undefined) throw new Error(`EPMD on ${host} knows no node called ${name}; is it running?`)
    return new Promise((resolve, reject) => {
      const socket = createConnection({ host: address, port, noDelay: true })
      socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error(`no connection within ${CONNECT_MS} ms`)))
      socket.once("error", reject)
      socket.once("connect", () => {
        socket.setTimeout(0)
        socket.off("error", reject)
        resolve(new TcpConnection(socket))
      })
    })
  }

  async close(): Promise<void> {
    await this.#registration?.stop()
    const server = this.#server
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()))
  }
}

class TcpConnection implements Connection {
  readonly from: string
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    this.from = `${socket.remoteAddress}:${socket.remotePort}`
    // Until a handler is there nothing is read; an error before that closes, and is told as such.
    socket.on("error", () => socket.destroy())
  }

  handle(handler: ConnectionHandler): void {
    this.#socket.on("data", (bytes) => handler.data(bytes))
    this.#socket.on("drain", () => handler.drained())
    this.#socket.on("close", () => handler.closed())
    if (this.#socket.destroyed) queueMicrotask(() => handler.closed())
  }
  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes)
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
