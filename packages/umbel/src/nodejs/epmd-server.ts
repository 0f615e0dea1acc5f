/**
 * An EPMD of our own, for machines where none runs: the same protocol on the same port, so Erlang and Elixir nodes find it and us.
 *
 * It listens where its node does, takes registrations from this machine only, keeps no more than a bounded number of connections, and refuses to be killed from outside.
 */
import { randomBytes } from "node:crypto"
import { createServer, type Server, type Socket } from "node:net"
import { type EpmdRegistration, EpmdRequestReader, EpmdTable, encodeEpmdReply } from "../wire/index.ts"

/** Milliseconds in which a client must have asked its question. */
const QUESTION_MS = 10_000
const CONNECTIONS_MAX = 1_000

export class EpmdServer {
  readonly port: number
  readonly #servers: readonly Server[]
  readonly #sockets: ReadonlySet<Socket>

  private constructor(port: number, servers: readonly Server[], sockets: ReadonlySet<Socket>) {
    this.port = port
    this.#servers = servers
    this.#sockets = sockets
  }

  /**
   * Resolves to undefined when another process holds the port: then that is the EPMD. Rejects for any other reason.
   * @param host One address, or several.
   */
  static async listen(port: number, host: string | readonly string[]): Promise<EpmdServer | undefined> {
    const table = new EpmdTable()
    const sockets = new Set<Socket>()
    const servers: Server[] = []
    const close = (): void => {
      for (const server of servers) server.close()
    }
    for (const address of [host].flat() as readonly string[]) {
      const server = createServer({ allowHalfOpen: false }, (socket) => {
        sockets.add(socket)
        socket.on("close", () => sockets.delete(socket))
        serve(socket, table, port)
      })
      server.maxConnections = CONNECTIONS_MAX
      try {
        if (!(await listening(server, port, address))) {
          close()
          return undefined
        }
      } catch (error) {
        close()
        throw error
      }
      servers.push(server)
    }
    return new EpmdServer(port, servers, sockets)
  }

  /** Nodes that are registered find another EPMD, or bring one. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await Promise.all(this.#servers.map((server) => new Promise<void>((resolve) => void server.close(() => resolve()))))
  }
}

/** False when another process holds the port. */
function listening(server: Server, port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    )
    server.listen(port, host, () => {
      server.unref()
      resolve(true)
    })
  })
}

/** Whether the other end is on this machine. */
function isLocal({ remoteAddress, localAddress }: Socket): boolean {
  return remoteAddress === localAddress || /^(::ffff:)?127\.|^::1$/.test(remoteAddress ?? "")
}

function serve(socket: Socket, table: EpmdTable, port: number): void {
  const reader = new EpmdRequestReader()
  let registration: EpmdRegistration | undefined
  socket.unref()
  socket.setTimeout(QUESTION_MS, () => socket.destroy())
  // A client that resets its connection has left: `close` follows, and there is nobody to tell.
  socket.on("error", () => socket.destroy())
  socket.on("close", () => {
    if (registration !== undefined) table.unregister(registration)
  })
  socket.on("data", (chunk) => {
    try {
      const request = reader.receive(chunk)
      if (request === undefined) return
      if (request.request !== "alive") {
        socket.end(table.answer(request, port))
        return
      }
      // Whoever registers listens here; from elsewhere it would take a name away from this machine's nodes.
      if (!isLocal(socket)) return socket.destroy()
      const creation = (randomBytes(4).readUInt32LE() % 0xffff_fffe) + 1
      registration = table.register(request, creation)
      const reply = encodeEpmdReply({ reply: "alive", creation: registration?.creation, wide: request.highest >= 6 })
      if (registration === undefined) socket.end(reply)
      else {
        // It stays registered as long as it stays connected, silent.
        socket.setTimeout(0)
        socket.write(reply)
      }
    } catch {
      // Whoever speaks something else on this port gets what EPMD gives: a closed connection.
      socket.destroy()
    }
  })
}
