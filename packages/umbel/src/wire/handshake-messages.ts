/**
 * The messages of the handshake, version 6: plain data from and to the bytes of one frame.
 *
 * ```
 * initiator                              acceptor
 *   name "N" flags, creation, name  ->
 *                                   <-   status "s" ok, ok_simultaneous, nok, alive, not_allowed, named:
 *   (alive answer "s" true, false   ->)
 *                                   <-   challenge "N" flags, challenge, creation, name
 *   reply "r" challenge, digest     ->
 *                                   <-   ack "a" digest
 * ```
 *
 * The decoders throw {@link Malformed}, which the two state machines turn into a failure. Bytes beyond the known fields are
 * ignored, so that later versions may add some.
 */
import { frame16 } from "./frame.ts"
import { latin1Bytes, latin1Text } from "./node-name.ts"

/** What the initiator says first. With NAME_ME among the flags, `name` is a host only. */
export interface NameMessage {
  readonly flags: bigint
  readonly creation: number
  readonly name: string
}

export type Status =
  | { readonly status: "ok" | "ok_simultaneous" | "nok" | "not_allowed" | "alive" }
  | { readonly status: "named"; readonly name: string; readonly creation: number }

export interface ChallengeMessage {
  readonly flags: bigint
  readonly challenge: number
  readonly creation: number
  readonly name: string
}

export interface ReplyMessage {
  readonly challenge: number
  readonly digest: Uint8Array
}

/** A frame is not the message that was awaited. `detail` says what it is instead. */
export class Malformed extends Error {
  override readonly name = "Malformed"
}

/** The peer began with the message of OTP 22 and older. */
export class OldHandshake extends Error {
  override readonly name = "OldHandshake"
}

const NAME = 78 // N
const OLD_NAME = 110 // n
const STATUS = 115 // s
const REPLY = 114 // r
const ACK = 97 // a

const DIGEST_BYTES = 16

/** The longest frame of a handshake that is worth reading, in bytes: its parts are small. */
export const HANDSHAKE_FRAME_BYTES_MAX = 4096

/** The frame, length included. */
export function encodeName(message: NameMessage): Uint8Array {
  const name = latin1Bytes(message.name, "a node name")
  const body = new Uint8Array(15 + name.length)
  const view = new DataView(body.buffer)
  body[0] = NAME
  view.setBigUint64(1, message.flags)
  view.setUint32(9, message.creation)
  view.setUint16(13, name.length)
  body.set(name, 15)
  return frame16(body)
}

/** @throws Malformed, OldHandshake */
export function decodeName(body: Uint8Array): NameMessage {
  if (body[0] === OLD_NAME) throw new OldHandshake()
  const view = fields(body, NAME, 15)
  return {
    flags: view.getBigUint64(1),
    creation: view.getUint32(9),
    name: latin1Field(body, 15, view.getUint16(13)),
  }
}

export function encodeStatus(status: Status): Uint8Array {
  if (status.status !== "named") return frame16(latin1Bytes(`s${status.status}`, "a status"))
  const name = new TextEncoder().encode(status.name)
  const head = latin1Bytes("snamed:", "a status")
  const body = new Uint8Array(head.length + 2 + name.length + 4)
  const view = new DataView(body.buffer)
  body.set(head)
  view.setUint16(head.length, name.length)
  body.set(name, head.length + 2)
  view.setUint32(head.length + 2 + name.length, status.creation)
  return frame16(body)
}

/** @throws Malformed */
export function decodeStatus(body: Uint8Array): Status {
  const view = fields(body, STATUS, 1)
  const text = latin1Text(body, 1)
  switch (text) {
    case "ok":
    case "ok_simultaneous":
    case "nok":
    case "not_allowed":
    case "alive":
      return { status: text }
  }
  if (!text.startsWith("named:")) throw new Malformed(`the status ${JSON.stringify(text.slice(0, 40))}`)
  if (body.length < 9) throw tooShort(body)
  const length = view.getUint16(7)
  if (body.length < 9 + length + 4) throw tooShort(body)
  let name: string
  try {
    name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body.subarray(9, 9 + length))
  } catch {
    throw new Malformed("a name that is no UTF-8")
  }
  return { status: "named", name, creation: view.getUint32(9 + length) }
}

/** The initiator's answer to the status `alive`: whether it goes on. */
export function encodeAliveAnswer(goOn: boolean): Uint8Array {
  return frame16(latin1Bytes(`s${goOn}`, "an answer"))
}

/** @throws Malformed */
export function decodeAliveAnswer(body: Uint8Array): boolean {
  fields(body, STATUS, 1)
  const text = latin1Text(body, 1)
  if (text !== "true" && text !== "false") throw new Malformed(`the answer ${JSON.stringify(text.slice(0, 40))}`)
  return text === "true"
}

export function encodeChallenge(message: ChallengeMessage): Uint8Array {
  const name = latin1Bytes(message.name, "a node name")
  const body = new Uint8Array(19 + name.length)
  const view = new DataView(body.buffer)
  body[0] = NAME
  view.setBigUint64(1, message.flags)
  view.setUint32(9, message.challenge)
  view.setUint32(13, message.creation)
  view.setUint16(17, name.length)
  body.set(name, 19)
  return frame16(body)
}

/** @throws Malformed, OldHandshake */
export function decodeChallenge(body: Uint8Array): ChallengeMessage {
  if (body[0] === OLD_NAME) throw new OldHandshake()
  const view = fields(body, NAME, 19)
  return {
    flags: view.getBigUint64(1),
    challenge: view.getUint32(9),
    creation: view.getUint32(13),
    name: latin1Field(body, 19, view.getUint16(17)),
  }
}

export function encodeReply(message: ReplyMessage): Uint8Array {
  const body = new Uint8Array(5 + DIGEST_BYTES)
  body[0] = REPLY
  new DataView(body.buffer).setUint32(1, message.challenge)
  body.set(message.digest, 5)
  return frame16(body)
}

/** @throws Malformed */
export function decodeReply(body: Uint8Array): ReplyMessage {
  const view = fields(body, REPLY, 5 + DIGEST_BYTES)
  return { challenge: view.getUint32(1), digest: body.slice(5, 5 + DIGEST_BYTES) }
}

export function encodeAck(digest: Uint8Array): Uint8Array {
  const body = new Uint8Array(1 + DIGEST_BYTES)
  body[0] = ACK
  body.set(digest, 1)
  return frame16(body)
}

/** @throws Malformed */
export function decodeAck(body: Uint8Array): Uint8Array {
  fields(body, ACK, 1 + DIGEST_BYTES)
  return body.slice(1, 1 + DIGEST_BYTES)
}

/** MD5, which comes from the platform: 16 bytes for any. */
export type Md5 = (bytes: Uint8Array) => Uint8Array

/**
 * What proves that one knows the cookie: the MD5 of the cookie followed by the challenge in decimal digits.
 * @throws RangeError when the cookie holds characters beyond Latin-1.
 */
export function digestOf(cookie: string, challenge: number, md5: Md5): Uint8Array {
  return md5(latin1Bytes(`${cookie}${challenge}`, "a cookie"))
}

/** Whether two digests are equal, in a time that does not tell where they differ. */
export function sameDigest(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (let i = 0; i < DIGEST_BYTES; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

function fields(body: Uint8Array, tag: number, length: number): DataView {
  if (body.length === 0) throw new Malformed("an empty frame")
  if (body[0] !== tag) throw new Malformed(`a frame that starts with ${body[0]}`)
  if (body.length < length) throw tooShort(body)
  return new DataView(body.buffer, body.byteOffset, body.length)
}

function latin1Field(body: Uint8Array, start: number, length: number): string {
  if (body.length < start + length) throw tooShort(body)
  return latin1Text(body, start, start + length)
}

const tooShort = (body: Uint8Array): Malformed => new Malformed(`only ${body.length} bytes`)
