/** The external form of an atom. */
import { ATOM_UTF8, SMALL_ATOM_UTF8 } from "./tags.ts"

const encoder = new TextEncoder()

/** Tag, length and UTF-8 of an atom's text, which must have been checked. */
export function utf8Atom(text: string): Uint8Array {
  const utf8 = encoder.encode(text)
  const head = utf8.length < 256 ? [SMALL_ATOM_UTF8, utf8.length] : [ATOM_UTF8, utf8.length >> 8, utf8.length]
  const external = new Uint8Array(head.length + utf8.length)
  external.set(head)
  external.set(utf8, head.length)
  return external
}
