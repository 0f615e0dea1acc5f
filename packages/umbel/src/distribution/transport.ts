/**
 * Transports: how bytes reach another node. `nodejs` has one over TCP and EPMD, `sim` one over a simulated network.
 */

export interface Transport {
  /** How many bytes the length of a handshake message has; 2 unless told. */
  readonly handshakeHeader?: 2 | 4 | undefined
  /** Takes connections from now on. Resolves once others can find this node; rejects, in words for people, when they cannot. */
  listen(onConnection: (connection: Connection) => void): Promise<void>
  /** A connection to the node of that name. Rejects, in words for people, when there is none to be had. */
  dial(node: string): Promise<Connection>
  /** Takes no more connections, and is found no more. */
  close(): Promise<void>
}

/** A stream of bytes in both directions. */
export interface Connection {
  /** Where it comes from, for people. */
  readonly from: string
  /** Why it broke, for people, where that is known. */
  readonly trouble?: string | undefined
  /** Called once, before any byte or the end can arrive. */
  handle(handler: ConnectionHandler): void
  /** Several pieces are written together, one behind the other. Nobody may write to them any more (see `returnsSent`). */
  write(bytes: Uint8Array | readonly Uint8Array[]): void
  /** Bytes written that have not left this process. */
  readonly unsent: number
  /** Whether pieces belong to whoever wrote them again once nothing is unsent. */
  readonly returnsSent?: boolean | undefined
  /** What was written is still sent if the other side takes it; nothing more arrives. */
  close(): void
}

export interface ConnectionHandler {
  data(bytes: Uint8Array): void
  /** All that was unsent has been taken. */
  drained(): void
  /** The connection is over, for whatever reason; called once, also after `close`. */
  closed(): void
}
