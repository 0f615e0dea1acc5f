/**
 * epmd: the little server, one a machine, that knows on which port each node of that machine listens.
 *
 * ```ts
 * write(encodeEpmdRequest({ request: "port", name: "back" }))
 * const reader = new EpmdReplyReader("port")
 * reader.receive(chunk)   // undefined, or { reply: "port", found: { port: 40001, … } }
 * ```
 *
 * A request is a frame of two bytes of length; a reply has none, and ends where its fields end, or where epmd closes. The
 * connection on which a node registered stays open: closing it is what unregisters the node. Both sides are here, as
 * Umbel brings an epmd of its own where none runs (`EpmdTable` is its memory).
 */
import { ProtocolError } from "./failures.ts"
import { Deframer, frame16 } from "./frame.ts"

/** What epmd knows of a node. */
export interface EpmdNode {
  /** The part of the node's name before the `@`. */
  readonly name: string
  readonly port: number
  /** What the node said of itself. Nobody relies on it: the flag PUBLISHED of the handshake decides. */
  readonly hidden: boolean
  /** Highest and lowest handshake version; 6 for OTP 25 and newer. */
  readonly highest: number
  readonly lowest: number
  readonly extra: Uint8Array
}

/** What may be asked of an epmd. `dump`, `kill` and `stop` are for debugging; ours refuses them. */
export type EpmdRequest =
  | ({ readonly request: "alive" } & EpmdNode)
  | { readonly request: "port"; readonly name: string }
  | { readonly request: "names" }
  | { readonly request: "dump" }
  | { readonly request: "kill" }
  | { readonly request: "stop"; readonly name: string }

/** What an epmd answers. */
export type EpmdReply =
  /** Registered under this creation; undefined when the name is taken. `wide` is false for the old reply with 16 bits. */
  | { readonly reply: "alive"; readonly creation: number | undefined; readonly wide: boolean }
  | { readonly reply: "port"; readonly found: EpmdNode | undefined }
  | { readonly reply: "names"; readonly port: number; readonly nodes: readonly { name: string; port: number }[] }

/** The handshake version that everybody since OTP 25 speaks. */
export const HANDSHAKE_VERSION = 6

/** The longest name epmd keeps, in bytes: 255 characters of UTF-8. */
const NAME_BYTES_MAX = 255 * 4
const REQUEST_BYTES_MAX = 8 * 1024
const REPLY_BYTES_MAX = 128 * 1024
const NAMES_BYTES_MAX = 4 * 1024 * 1024
/** What epmd says as creation when the name is taken. */
const CREATION_TAKEN = 99

const ALIVE = 120
const PORT = 122
const NAMES = 110
const DUMP = 100
const KILL = 107
const STOP = 115
const ALIVE_REPLY = 121
const ALIVE_REPLY_WIDE = 118
const PORT_REPLY = 119
const TYPE_NORMAL = 77
const TYPE_HIDDEN = 72
const PROTOCOL_TCP4 = 0

/** What a node asks when it registers. @throws RangeError for a name that epmd would not keep. */
export function aliveRequest(options: { name: string; port: number; hidden: boolean }): EpmdRequest {
  if (!isEpmdName(options.name)) throw new RangeError(`epmd keeps no name like ${JSON.stringify(options.name)}`)
  return {
    request: "alive",
    ...options,
    highest: HANDSHAKE_VERSION,
    lowest: HANDSHAKE_VERSION,
    extra: new Uint8Array(0),
  }
}

/** The bytes of a request. Write them in one go: an epmd may give up on one that dribbles. */
export function encodeEpmdRequest(request: EpmdRequest): Uint8Array {
  switch (request.request) {
    case "alive":
      return frame16(join([Uint8Array.of(ALIVE), nodeFields(request)]))
    case "port":
      return frame16(join([Uint8Array.of(PORT), utf8(request.name)]))
    case "stop":
      return frame16(join([Uint8Array.of(STOP), utf8(request.name)]))
    case "names":
      return frame16(Uint8Array.of(NAMES))
    case "dump":
      return frame16(Uint8Array.of(DUMP))
    case "kill":
      return frame16(Uint8Array.of(KILL))
  }
}

/** The bytes of a reply. */
export function encodeEpmdReply(reply: EpmdReply): Uint8Array {
  switch (reply.reply) {
    case "alive": {
      const result = reply.creation === undefined ? 1 : 0
      const creation = reply.creation ?? CREATION_TAKEN
      if (reply.wide) return Uint8Array.of(ALIVE_REPLY_WIDE, result, ...u32(creation))
      return Uint8Array.of(ALIVE_REPLY, result, ...u16(creation & 0xffff))
    }
    case "port":
      if (reply.found === undefined) return Uint8Array.of(PORT_REPLY, 1)
      return join([Uint8Array.of(PORT_REPLY, 0), nodeFields(reply.found)])
    case "names": {
      const lines = reply.nodes.map(({ name, port }) => `name ${name} at port ${port}\n`)
      return join([Uint8Array.from(u32(reply.port)), utf8(lines.join(""))])
    }
  }
}

/** Reads the one request that a connection to epmd carries. */
export class EpmdRequestReader {
  private readonly frames = new Deframer(2, REQUEST_BYTES_MAX)
  private done = false

  /**
   * @returns The request as soon as it is complete. What comes after it is ignored, as epmd does.
   * @throws ProtocolError
   */
  receive(chunk: Uint8Array): EpmdRequest | undefined {
    if (this.done) return undefined
    this.frames.feed(chunk)
    if (!this.frames.next()) return undefined
    this.done = true
    const { bytes, start, end } = this.frames
    return decodeRequest(bytes.subarray(start, end))
  }
}

/** Reads the reply to one request, which may come in pieces. */
export class EpmdReplyReader {
  private readonly kind: EpmdReply["reply"]
  private bytes: Uint8Array = new Uint8Array(256)
  private length = 0
  private done = false

  constructor(kind: EpmdReply["reply"]) {
    this.kind = kind
  }

  /**
   * @returns The reply as soon as it is complete, once; that of `names` only is so at the {@link end}.
   * @throws ProtocolError
   */
  receive(chunk: Uint8Array): EpmdReply | undefined {
    if (this.done) return undefined
    const limit = this.kind === "names" ? NAMES_BYTES_MAX : REPLY_BYTES_MAX
    const length = this.length + chunk.length
    if (length > limit) throw new ProtocolError({ reason: "epmd_too_large", what: this.what(), limit })
    if (length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.bytes.length))
      larger.set(this.bytes.subarray(0, this.length))
      this.bytes = larger
    }
    this.bytes.set(chunk, this.length)
    this.length = length
    if (this.kind === "names") return undefined
    const reply = this.kind === "alive" ? this.alive() : this.port()
    this.done = reply !== undefined
    return reply
  }

  /** epmd closed the connection. @returns The reply to `names`. @throws ProtocolError when it is not complete. */
  end(): EpmdReply {
    if (this.kind !== "names" || this.length < 4) throw new ProtocolError({ reason: "epmd_closed", what: this.what() })
    const cursor = new Cursor(this.bytes.subarray(0, this.length), this.what())
    const port = cursor.u32()
    const nodes: { name: string; port: number }[] = []
    for (const line of cursor.text(this.length - 4).split("\n")) {
      if (line === "") continue
      const parts = /^name (.+) at port (\d{1,5})$/.exec(line)
      if (parts === null) throw cursor.malformed(`the line ${JSON.stringify(line.slice(0, 80))}`)
      nodes.push({ name: parts[1]!, port: Number(parts[2]) })
    }
    return { reply: "names", port, nodes }
  }

  private alive(): EpmdReply | undefined {
    const { bytes, length } = this
    if (length === 0) return undefined
    const cursor = new Cursor(bytes.subarray(0, length), this.what())
    const tag = cursor.u8()
    if (tag !== ALIVE_REPLY && tag !== ALIVE_REPLY_WIDE) throw cursor.malformed(`it starts with ${tag}`)
    const wide = tag === ALIVE_REPLY_WIDE
    if (length < (wide ? 6 : 4)) return undefined
    const taken = cursor.u8() !== 0
    const creation = wide ? cursor.u32() : cursor.u16()
    return { reply: "alive", creation: taken ? undefined : creation, wide }
  }

  private port(): EpmdReply | undefined {
    const { bytes, length } = this
    if (length === 0) return undefined
    const cursor = new Cursor(bytes.subarray(0, length), this.what())
    const tag = cursor.u8()
    if (tag !== PORT_REPLY) throw cursor.malformed(`it starts with ${tag}`)
    if (length < 2) return undefined
    if (cursor.u8() !== 0) return { reply: "port", found: undefined }
    // Fixed fields of 8 bytes, then two texts, each with its length in front.
    if (length < 12) return undefined
    const nameLength = (bytes[10]! << 8) | bytes[11]!
    if (length < 12 + nameLength + 2) return undefined
    const extraLength = (bytes[12 + nameLength]! << 8) | bytes[13 + nameLength]!
    if (length < 14 + nameLength + extraLength) return undefined
    return { reply: "port", found: decodeNode(cursor) }
  }

  private what(): string {
    return `epmd's reply to "${this.kind}"`
  }
}

function decodeRequest(bytes: Uint8Array): EpmdRequest {
  const cursor = new Cursor(bytes, "a request to epmd")
  const tag = cursor.u8()
  switch (tag) {
    case ALIVE:
      return { request: "alive", ...decodeNode(cursor) }
    case PORT:
      return { request: "port", name: cursor.text(bytes.length - 1) }
    case STOP:
      return { request: "stop", name: cursor.text(bytes.length - 1) }
    case NAMES:
      return { request: "names" }
    case DUMP:
      return { request: "dump" }
    case KILL:
      return { request: "kill" }
    default:
      throw cursor.malformed(`it starts with ${tag}`)
  }
}

/** The fields that a registration and the reply to `port` have in common. */
function decodeNode(cursor: Cursor): EpmdNode {
  const port = cursor.u16()
  const hidden = cursor.u8() === TYPE_HIDDEN
  cursor.u8() // The protocol: 0, TCP over IPv4, is the only one.
  const highest = cursor.u16()
  const lowest = cursor.u16()
  const name = cursor.text(cursor.u16())
  if (!isEpmdName(name)) throw cursor.malformed(`the name ${JSON.stringify(name.slice(0, 80))}`)
  const extra = cursor.raw(cursor.u16())
  return { name, port, hidden, highest, lowest, extra }
}

function nodeFields(node: EpmdNode): Uint8Array {
  const name = utf8(node.name)
  return join([
    Uint8Array.of(...u16(node.port), node.hidden ? TYPE_HIDDEN : TYPE_NORMAL, PROTOCOL_TCP4),
    Uint8Array.of(...u16(node.highest), ...u16(node.lowest)),
    Uint8Array.from(u16(name.length)),
    name,
    Uint8Array.from(u16(node.extra.length)),
    node.extra,
  ])
}

/** Names stand in lines of text, in the reply to `names`, so no control character may be in one. */
function isEpmdName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return name !== "" && !/[\u0000-\u001f\u007f]/.test(name) && utf8(name).length <= NAME_BYTES_MAX
}

/** Reads fields one after the other; one that is not there is a ProtocolError. */
class Cursor {
  private readonly bytes: Uint8Array
  private readonly what: string
  private offset = 0

  constructor(bytes: Uint8Array, what: string) {
    this.bytes = bytes
    this.what = what
  }

  malformed(detail: string): ProtocolError {
    return new ProtocolError({ reason: "epmd_malformed", what: this.what, detail })
  }

  raw(length: number): Uint8Array {
    const end = this.offset + length
    if (end > this.bytes.length) throw this.malformed(`it ends after ${this.bytes.length} bytes`)
    const raw = this.bytes.slice(this.offset, end)
    this.offset = end
    return raw
  }

  u8(): number {
    return this.raw(1)[0]!
  }

  u16(): number {
    return this.u8() * 0x100 + this.u8()
  }

  u32(): number {
    return this.u16() * 0x10000 + this.u16()
  }

  text(length: number): string {
    const raw = this.raw(length)
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw)
    } catch {
      // The decoder has one error only, and this is what it means.
      throw this.malformed("a text that is no UTF-8")
    }
  }
}

const u16 = (n: number): number[] => [(n >>> 8) & 0xff, n & 0xff]
const u32 = (n: number): number[] => [...u16(n >>> 16), ...u16(n & 0xffff)]

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
