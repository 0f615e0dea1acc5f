/**
 * An EPMD of our own, for machines where none runs: the same protocol on the same port, so Erlang and Elixir nodes find it and us.
 *
 * It serves this machine's loopback addresses only, keeps no more than a bounded number of connections, and refuses to be killed from outside.
 */
import { randomBytes } from "node:crypto"
import { createServer, type Server, type Socket } from "node:net"
import { type EpmdRegistration, EpmdRequestReader, EpmdTable, encodeEpmdReply } from "../wire/index.ts"

/** Milliseconds in which a client must have asked its question. */
const QUESTION_MS = 10_000
const CONNECTIONS_MAX = 1_000

export class EpmdServer {
  readonly port: number
  readonly #server: Server
  readonly #sockets: ReadonlySet<Socket>

  private constructor(port: number, server: Server, sockets: ReadonlySet<Socket>) {
    this.port = port
    this.#server = server
    this.#sockets = sockets
  }

  /** Resolves to undefined when another process holds the port: then that is the EPMD. Rejects for any other reason. */
  static listen(port: number, host: string): Promise<EpmdServer | undefined> {
    const table = new EpmdTable()
    const sockets = new Set<Socket>()
    const server = createServer({ allowHalfOpen: false }, (socket) => {
      sockets.add(socket)
      socket.on("close", () => sockets.delete(socket))
      serve(socket, table, port)
    })
    server.maxConnections = CONNECTIONS_MAX
    return new Promise((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) =>
        error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
      )
      server.listen(port, host, () => {
        server.unref()
        resolve(new EpmdServer(port, server, sockets))
      })
    })
  }

  /** Nodes that are registered find another EPMD, or bring one. */
  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }
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
