/**
 * An endpoint: an HTTP server as a supervised process.
 *
 * ```ts
 * const app = new Hono().get("/", (c) => c.text("hello"))
 * supervisor("shop.web", {
 *   children: [child(endpoint, { arg: local({ port: 4000, listener: getRequestListener(app.fetch) }), id: "http" })],
 * })
 * await node.call(ENDPOINT).address()     // { host: "127.0.0.1", port: 4000 }
 * ```
 *
 * Any request listener fits: Hono, Fastify, plain `node:http`. The process is up once the port is bound; when it stops it takes no new
 * connections, lets requests under way finish for as long as `drainMs` allows, and closes what is left. A port that is taken is a failed start, in
 * words.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { genServer } from "umbel"

export interface EndpointOptions {
  /** 0 for any free one. */
  readonly port: number
  /** The address to listen on; 127.0.0.1 unless told. */
  readonly host?: string | undefined
  readonly listener: RequestListener
  /** Takes requests to upgrade, such as WebSockets; without it they are refused. */
  readonly upgrade?: ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) | undefined
  /** Milliseconds for requests under way to finish; 5,000 unless told. */
  readonly drainMs?: number | undefined
}

export interface EndpointAddress {
  readonly host: string
  readonly port: number
}

/** The port cannot be bound. */
export class CannotListen extends Error {
  override readonly name = "CannotListen"
  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    const why = cause.code === "EADDRINUSE" ? "another program listens there; choose another port" : cause.message
    super(`cannot listen on http://${host}:${port}: ${why}`, { cause })
  }
}

export const endpoint = genServer("umbel.web.endpoint", {
  async init(options: EndpointOptions, self) {
    // So that `terminate` runs when the supervisor stops it.
    self.trapExit(true)
    const { host = "127.0.0.1", port, drainMs = 5_000 } = options
    const server = createServer(options.listener)
    if (options.upgrade !== undefined) server.on("upgrade", options.upgrade)
    await listen(server, host, port)
    // If it is killed nothing drains, but the port is free again for the next life.
    self.own({
      [Symbol.dispose]() {
        server.close()
        server.closeAllConnections()
      },
    })
    return { server, drainMs, host, requests: counted(server) }
  },
  calls: {
    address: ({ state }): EndpointAddress => ({ host: state.host, port: (state.server.address() as AddressInfo).port }),
  },
  terminate: ({ state }) => drain(state.server, state.drainMs),
  formatStatus: ({ host, server, requests }) => ({
    address: `http://${host}:${(server.address() as AddressInfo | null)?.port ?? "-"}`,
    requests: requests.count,
  }),
})

function counted(server: Server): { count: number } {
  const requests = { count: 0 }
  server.on("request", () => {
    requests.count++
  })
  return requests
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(new CannotListen(host, port, error)))
    server.listen(port, host, () => resolve())
  })
}

function drain(server: Server, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), drainMs)
    server.close(() => {
      clearTimeout(late)
      resolve()
    })
    server.closeIdleConnections()
  })
}
