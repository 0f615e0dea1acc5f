/**
 * Where one message of a byte stream ends and the next begins: the framings of Erlang's ports.
 *
 * ```ts
 * const reader = new PacketReader(4, 1 << 20)
 * reader.push(Uint8Array.of(0, 0, 0, 2, 111))
 * reader.next()                                  // undefined: a byte is missing
 * reader.push(Uint8Array.of(107))
 * reader.next()                                  // the bytes of "ok"
 * framed(2, bytes("ok"), 65_535)                 // 0, 2, 111, 107
 * ```
 *
 * Pure: bytes in, messages out, wherever the bytes were cut. The reader is asked for one message at a time, so that whoever cannot take more
 * leaves the rest where it is; it holds no more than one message and one chunk. Rules: the Erlang manual, `open_port/2`, `{packet, N}`.
 */

/** 1, 2 or 4: a length in so many bytes, big end first, before each message. `line`: each line is one. `raw`: bytes as they come. */
export type Packet = 1 | 2 | 4 | "line" | "raw"

/** The longest message that the header can announce; no bound of their own for lines and raw bytes. */
export const packetLimit = (packet: Packet): number =>
  typeof packet === "number" ? 2 ** (8 * packet) - 1 : Number.POSITIVE_INFINITY

/** A message is longer than its reader allows. */
export class PacketTooLarge extends Error {
  override readonly name = "PacketTooLarge"
  /** In bytes, as announced; for a line, how much of it there was. */
  readonly size: number
  readonly limit: number

  constructor(size: number, limit: number, what: string) {
    super(`${what}; at most ${limit} bytes are allowed (maxPacket)`)
    this.size = size
    this.limit = limit
  }
}

const NEWLINE = 10
const CAPACITY = 64 * 1024

export class PacketReader {
  readonly #packet: Packet
  readonly #limit: number
  #bytes = new Uint8Array(0)
  /** What was not given out yet lies between the two. */
  #from = 0
  #to = 0
  /** Up to here there is no line end. */
  #searched = 0

  /** `limit`: bytes of the longest message allowed. */
  constructor(packet: Packet, limit: number) {
    this.#packet = packet
    this.#limit = limit
  }

  /** How many bytes wait for the rest of their message. */
  get held(): number {
    return this.#to - this.#from
  }

  push(chunk: Uint8Array): void {
    this.#makeRoom(chunk.length)
    this.#bytes.set(chunk, this.#to)
    this.#to += chunk.length
  }

  /** The next message, in bytes that are the caller's own; undefined when it is not complete. @throws PacketTooLarge */
  next(): Uint8Array | undefined {
    const { held } = this
    if (this.#packet === "line") return this.#nextLine()
    if (this.#packet === "raw") return held === 0 ? undefined : this.#take(0, Math.min(held, this.#limit), 0)
    const header = this.#packet
    if (held < header) return undefined
    let size = 0
    for (let i = 0; i < header; i++) size = size * 256 + this.#bytes[this.#from + i]!
    if (size > this.#limit) {
      throw new PacketTooLarge(size, this.#limit, `a packet of ${size} bytes is announced${this.#asText()}`)
    }
    return held < header + size ? undefined : this.#take(header, size, 0)
  }

  /** No more bytes will come: the last line, where it has no line end. Half a packet is none; see {@link held}. */
  end(): Uint8Array | undefined {
    return this.#packet === "line" && this.held > 0 ? this.#take(0, this.held, 0) : undefined
  }

  #nextLine(): Uint8Array | undefined {
    const at = this.#bytes.subarray(0, this.#to).indexOf(NEWLINE, this.#searched)
    const length = (at < 0 ? this.#to : at) - this.#from
    if (length > this.#limit) throw new PacketTooLarge(length, this.#limit, `a line of ${length} bytes or more`)
    if (at >= 0) return this.#take(0, length, 1)
    this.#searched = this.#to
    return undefined
  }

  /** A program that prints where it should send packets is the common mistake: show what its "length" reads as. */
  #asText(): string {
    const first = this.#bytes.subarray(this.#from, Math.min(this.#to, this.#from + 40))
    if (first.length < 4 || !first.every((byte) => (byte >= 32 && byte < 127) || (byte >= 9 && byte <= 13))) return ""
    return ` by bytes that are text, ${JSON.stringify(String.fromCharCode(...first))}: does the program print to its standard output?`
  }

  #take(header: number, size: number, trailer: number): Uint8Array {
    const start = this.#from + header
    const taken = this.#bytes.slice(start, start + size)
    this.#from = start + size + trailer
    this.#searched = this.#from
    if (this.#from === this.#to) this.#clear()
    return taken
  }

  #clear(): void {
    this.#from = this.#to = this.#searched = 0
    // One large message does not hold its memory for ever.
    if (this.#bytes.length > 4 * CAPACITY) this.#bytes = new Uint8Array(0)
  }

  #makeRoom(more: number): void {
    if (this.#to + more <= this.#bytes.length) return
    const { held } = this
    const needed = held + more
    // At least twice what is held, so that a message of many chunks is moved a few times only.
    const room = needed * 2 <= this.#bytes.length ? this.#bytes : new Uint8Array(Math.max(CAPACITY, needed * 2))
    room.set(this.#bytes.subarray(this.#from, this.#to))
    this.#bytes = room
    this.#searched -= this.#from
    this.#from = 0
    this.#to = held
  }
}

/**
 * A message as it is written.
 * @throws PacketTooLarge; TypeError for a line with a line end in it, which would be two
 */
export function framed(packet: Packet, message: Uint8Array, limit: number): Uint8Array {
  const { length } = message
  if (length > limit && packet !== "raw") throw new PacketTooLarge(length, limit, `a message of ${length} bytes`)
  if (packet === "raw") return message
  if (packet === "line") {
    if (message.includes(NEWLINE)) throw new TypeError("a line has no line end in it: send each line by itself")
    const line = new Uint8Array(length + 1)
    line.set(message)
    line[length] = NEWLINE
    return line
  }
  const bytes = new Uint8Array(packet + length)
  for (let i = 0, rest = length; i < packet; i++, rest = Math.floor(rest / 256)) bytes[packet - 1 - i] = rest % 256
  bytes.set(message, packet)
  return bytes
}
