/** What carries bytes between nodes: TCP here, TLS over it in `tls.ts`. */
import { createConnection, createServer, type Server, type Socket } from "node:net"

export type Tell = (level: "info" | "warning", text: string) => void

export interface Carrier {
  /** How many bytes the length of a handshake message has. */
  readonly handshakeHeader: 2 | 4
  /** A server that is not listening yet. */
  server(onSocket: (socket: Socket) => void): Server
  /** @param host as the node's name has it; `address` is what it resolved to. Rejects in words for people. */
  connect(host: string, address: string, port: number): Promise<Socket>
}

/** Milliseconds to connect. */
export const CONNECT_MS = 7_000

/** Bytes as they are. */
export const tcpCarrier: Carrier = {
  handshakeHeader: 2,
  server: (onSocket) => createServer({ noDelay: true }, onSocket),
  connect: (_host, address, port) =>
    new Promise((resolve, reject) => {
      const socket = createConnection({ host: address, port, noDelay: true })
      socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error(`no connection within ${CONNECT_MS} ms`)))
      socket.once("error", reject)
      socket.once("connect", () => {
        socket.setTimeout(0)
        socket.off("error", reject)
        resolve(socket)
      })
    }),
}
