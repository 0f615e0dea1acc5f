/**
 * Strings and bytes are one thing to Erlang: a binary. UTF-8 joins them.
 *
 * ```ts
 * bytes("né")                 // Uint8Array [110, 195, 169]
 * bytes(Uint8Array.of(255))   // the same array
 * ```
 */
import { loneSurrogate } from "./not-a-term.ts"
import { isWellFormed } from "./well-formed.ts"

const encoder = new TextEncoder()
// Without `ignoreBOM` a binary that begins with EF BB BF would lose it. Not `fatal`: its error costs as much as a hundred messages.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** What Node.js has for ASCII. From this length on it puts texts outside of V8's heap, which takes a quarter of what the decoder does; below, no less. */
const LARGE_ASCII = 1024 * 1024
interface NodeBuffers {
  isAscii(bytes: Uint8Array): boolean
  readonly Buffer: { readonly prototype: { latin1Slice(this: Uint8Array, from: number, to: number): string } }
}
const node = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process
const buffers = node?.getBuiltinModule?.("node:buffer") as NodeBuffers | undefined

/** Bytes that are no text mostly show it in so many of their first ones. */
const PREFIX = 32

/**
 * The bytes of a binary: of a string its UTF-8, of a `Uint8Array` itself.
 * @throws NotATerm for a string with a lone surrogate.
 */
export function bytes(binary: string | Uint8Array): Uint8Array {
  if (typeof binary !== "string") return binary
  if (!isWellFormed(binary)) throw loneSurrogate()
  return encoder.encode(binary)
}

/** The text of these bytes, or undefined when they are no UTF-8, or longer than any string can be: they then stay bytes. */
export function textOf(utf8: Uint8Array): string | undefined {
  if (!isUtf8(utf8, PREFIX)) return undefined
  let text: string
  try {
    if (buffers !== undefined && utf8.length >= LARGE_ASCII && buffers.isAscii(utf8)) {
      return buffers.Buffer.prototype.latin1Slice.call(utf8, 0, utf8.length)
    }
    text = decoder.decode(utf8)
  } catch {
    // The one error that is left: no string can be so long.
    return undefined
  }
  // A U+FFFD may have been written, or stand for what is no UTF-8. Whoever writes none pays no second look.
  return text.includes("\ufffd") && !isUtf8(utf8, utf8.length) ? undefined : text
}

/** Whether the characters that begin in the first `limit` bytes are well formed: table 3-7 of the Unicode standard. */
function isUtf8(utf8: Uint8Array, limit: number): boolean {
  const end = Math.min(limit, utf8.length)
  let at = 0
  while (at < end) {
    const first = utf8[at++]!
    if (first < 0x80) continue
    if (first < 0xc2 || first > 0xf4) return false
    // The second byte bars longer forms than needed, surrogates, and what is beyond U+10FFFF.
    const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
    const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
    const second = utf8[at++]
    if (second === undefined || second < least || second > most) return false
    for (let more = first < 0xe0 ? 0 : first < 0xf0 ? 1 : 2; more > 0; more--) {
      const next = utf8[at++]
      if (next === undefined || next < 0x80 || next > 0xbf) return false
    }
  }
  return true
}
