/**
 * What a port's messages are, and the bytes they travel as: text lines, bytes, or terms.
 *
 * ```ts
 * const coding = codingOf({ packet: 4, etf: "beam", … })
 * coding.encode(tuple(atom("resize"), 640))   // length, 131, 104, …
 * ```
 */
import { inflateSync } from "node:zlib"
import { AtomBudget, decode, encode, MalformedTerm, type Profile } from "../etf/index.ts"
import { bytes, inspect, NotATerm } from "../term/index.ts"
import { framed, type Packet, PacketTooLarge } from "./port-framing.ts"

export interface Coding {
  /** A message with its frame. @throws PacketTooLarge, NotATerm, TypeError: what cannot be sent, in words */
  encode(message: unknown): Uint8Array
  /** @throws MalformedTerm */
  decode(message: Uint8Array): unknown
}

/** Whether this is the sender's fault, and not the port's. */
export const isUnsendable = (thrown: unknown): thrown is Error =>
  thrown instanceof PacketTooLarge || thrown instanceof NotATerm || thrown instanceof TypeError

const text = new TextDecoder()

/** Atoms a program may bring in one life: whoever sends new ones for ever is no friend of this node's memory. */
const NEW_ATOMS_MAX = 10_000

export function codingOf(packet: Packet, etf: Exclude<Profile, "umbel"> | undefined, limit: number): Coding {
  if (etf !== undefined) {
    const newAtoms = new AtomBudget(NEW_ATOMS_MAX)
    const options = {
      newAtoms,
      inflate: (deflated: Uint8Array, size: number) => inflateSync(deflated, { maxOutputLength: size }),
    }
    return {
      encode: (message) => framed(packet, encode(message, etf), limit),
      decode: (message) => {
        try {
          return decode(message, options)
        } catch (cause) {
          if (!(cause instanceof MalformedTerm)) throw cause
          throw new TypeError(`the program sent what is no term: ${cause.message}; it begins ${beginning(message)}`, {
            cause,
          })
        }
      },
    }
  }
  const raw = (message: unknown): Uint8Array => {
    if (typeof message === "string" || message instanceof Uint8Array) return framed(packet, bytes(message), limit)
    throw new TypeError(
      `this port takes text or bytes, not ${inspect(message, { limit: 5, size: 100 })}; for terms define it with \`etf\``,
    )
  }
  return { encode: raw, decode: packet === "line" ? (message) => text.decode(message) : (message) => message }
}

const beginning = (message: Uint8Array): string => inspect(message.slice(0, 20))
