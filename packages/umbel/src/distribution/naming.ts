/**
 * A node without a name asks the first one it connects to for one (NAME_ME), as `erl -sname undefined` does.
 *
 * Its name is known before there is a node: pids, references and registrations hold it from the first on.
 *
 * ```ts
 * const given = await askForName(transport, { host: "10.0.0.7", peer: "b@10.0.0.8", cookie, md5, random, clock })
 * const node = new Node(platform, given)                        // its name and creation
 * await distribution.start(given)                               // its first connection
 * ```
 */
import type { Clock, Random } from "../runtime/index.ts"
import { announced, type Connected, describe, Initiator, type Md5 } from "../wire/index.ts"
import { shakeHands } from "./handshaking.ts"
import type { Connection, ConnectionHandler, Transport } from "./transport.ts"

export interface NameRequest {
  /** Of the machine: what the name will have behind its `@`. */
  readonly host: string
  /** The node that is to give the name. */
  readonly peer: string
  readonly cookie: string
  readonly md5: Md5
  readonly random: Random
  readonly clock: Clock
}

export interface GivenName {
  readonly name: string
  readonly creation: number
  readonly connected: Connected
  readonly connection: Connection
  /** What arrives goes to this handler from now on, what came before first. */
  readonly adopt: (handler: ConnectionHandler) => void
}

/** @throws Error, in words for people, when the peer cannot be reached or gives no name; as rejections */
export async function askForName(transport: Transport, request: NameRequest): Promise<GivenName> {
  const { host, peer, cookie, md5, random, clock } = request
  const connection = await transport.dial(peer)
  const handshake = new Initiator({
    us: `undefined@${host}`,
    peer,
    cookie,
    flags: announced({ nameMe: true }),
    // What is ours until the peer tells another.
    creation: 1,
    challenge: random.uint32(),
    md5,
    header: transport.handshakeHeader,
  })
  return new Promise((resolve, reject) => {
    shakeHands(handshake, connection, clock, {
      connected: (connected, over, adopt) => {
        const waiting = new Waiting()
        adopt(waiting)
        resolve({
          name: connected.us,
          creation: connected.ourCreation,
          connected,
          connection: over,
          adopt: (handler) => waiting.handTo(handler),
        })
      },
      failed: (failure, trouble) =>
        reject(new Error(`${peer} gave this node no name: ${trouble ?? describe(failure)}`)),
      cancelOwnAttempt: () => {},
    })
  })
}

/** Holds what arrives until somebody takes it: the moment between the name and the node. */
class Waiting implements ConnectionHandler {
  #handler: ConnectionHandler | undefined
  readonly #chunks: Uint8Array[] = []
  #closed = false

  handTo(handler: ConnectionHandler): void {
    this.#handler = handler
    // A moment later: the new handler has first to read what came along with the handshake.
    queueMicrotask(() => {
      for (const chunk of this.#chunks) handler.data(chunk)
      if (this.#closed) handler.closed()
    })
  }
  data(bytes: Uint8Array): void {
    if (this.#handler === undefined) this.#chunks.push(bytes.slice())
    else this.#handler.data(bytes)
  }
  drained(): void {
    this.#handler?.drained()
  }
  closed(): void {
    this.#closed = true
    this.#handler?.closed()
  }
}
