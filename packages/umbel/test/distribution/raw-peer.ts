/**
 * A peer that shakes hands as it should and then says whatever bytes it is told to.
 *
 * ```ts
 * await using peer = await RawPeer.connect(node.name, epmdPort, "cookie")
 * peer.frame("70 83 …")                       // as hexadecimal digits, or as terms by `peer.say`
 * await peer.closed
 * ```
 */
import { createConnection, type Socket } from "node:net"
import { encode } from "../../src/etf/index.ts"
import { lookUp } from "../../src/nodejs/epmd-client.ts"
import { makePid, type Pid } from "../../src/term/index.ts"
import { announced, Channel, type Connected, type FlagName, Initiator } from "../../src/wire/index.ts"
import { hex, join, md5 } from "../wire/support.ts"

let names = 0

export interface RawPeerOptions {
  readonly name?: string | undefined
  /** Flags it does not announce. The atom cache and fragments decide how frames begin. */
  readonly without?: readonly FlagName[] | undefined
  readonly flags?: bigint | undefined
}

export class RawPeer implements AsyncDisposable {
  readonly name: string
  /** Whatever of its own. */
  readonly pid: Pid
  /** What the node said, by its operation. */
  readonly heard: { readonly op: string; readonly payload: unknown }[] = []
  readonly closed: Promise<void>
  readonly #socket: Socket

  private constructor(name: string, socket: Socket, connected: Connected) {
    this.name = name
    this.pid = makePid(name, 1, 0, 7)
    this.#socket = socket
    const channel = new Channel({ flags: connected.flags, profile: connected.profile })
    const read = (bytes: Uint8Array): void =>
      channel.receive(bytes, (control, payload) => void this.heard.push({ op: control.op, payload }))
    this.closed = new Promise((resolve) => socket.on("close", () => resolve()))
    socket.on("data", read)
    read(connected.leftover)
  }

  /** Rejects with the failure when the handshake comes to nothing. */
  static async connect(node: string, epmdPort: number, cookie: string, options: RawPeerOptions = {}): Promise<RawPeer> {
    const {
      name = `evil${++names}@127.0.0.1`,
      without = [],
      flags = announced({ without: [...without, "UMBEL"] }),
    } = options
    const port = await lookUp({ host: "127.0.0.1", port: epmdPort }, node.split("@")[0]!)
    const socket = createConnection({ host: "127.0.0.1", port: port! })
    socket.on("error", () => {})
    const handshake = new Initiator({ us: name, peer: node, cookie, flags, creation: 7, challenge: 1, md5 })
    return new Promise((resolve, reject) => {
      const perform = (effects: ReturnType<Initiator["start"]>): void => {
        for (const effect of effects) {
          if ("send" in effect) socket.write(effect.send)
          else if ("failed" in effect) {
            socket.destroy()
            reject(effect.failed)
          } else if ("done" in effect) {
            socket.removeAllListeners("data").removeAllListeners("close")
            resolve(new RawPeer(name, socket, effect.done))
          }
        }
      }
      socket.on("connect", () => perform(handshake.start()))
      socket.on("data", (bytes) => perform(handshake.receive(bytes)))
      socket.on("close", () => perform(handshake.closed()))
    })
  }

  /** One frame of these parts: hexadecimal digits, or bytes. */
  frame(...parts: readonly (string | Uint8Array)[]): void {
    const body = join(...parts.map((part) => (typeof part === "string" ? hex(part) : part)))
    const length = new Uint8Array(4)
    new DataView(length.buffer).setUint32(0, body.length)
    this.#socket.write(join(length, body))
  }
  /** Bytes as they are, without a length. */
  raw(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }
  /** A frame with an empty header, and behind it these terms. */
  say(...terms: readonly unknown[]): void {
    this.frame("83 44 00", ...terms.map((term) => encode(term).subarray(1)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy()
    await this.closed
  }
}
