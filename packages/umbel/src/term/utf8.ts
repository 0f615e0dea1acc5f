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
// Without `ignoreBOM` a binary that begins with EF BB BF would lose it.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * The bytes of a binary: of a string its UTF-8, of a `Uint8Array` itself.
 * @throws NotATerm for a string with a lone surrogate.
 */
export function bytes(binary: string | Uint8Array): Uint8Array {
  if (typeof binary !== "string") return binary
  if (!isWellFormed(binary)) throw loneSurrogate()
  return encoder.encode(binary)
}

/** The text of these bytes, or undefined when they are no UTF-8. */
export function textOf(utf8: Uint8Array): string | undefined {
  try {
    return decoder.decode(utf8)
  } catch {
    // The decoder has two errors, "not UTF-8" and "longer than any string can be"; both mean that bytes stay bytes.
    return undefined
  }
}
