/**
 * The closures of BEAM nodes: opaque bytes that are sent back as they came.
 *
 * They are walked through nevertheless, to check them, and because an atom in them may be a reference to the connection's atom cache, which
 * means nothing elsewhere.
 */
import { type Fun, makeFun } from "../term/index.ts"
import type { Decoder } from "./decoder.ts"
import { MalformedTerm } from "./malformed-term.ts"
import * as tag from "./tags.ts"
import { Writer } from "./writer.ts"

/** Reads a closure from behind its tag, which is at `start`. */
export function closure(decoder: Decoder, start: number, depth: number): Fun {
  const inner = decoder.deeper(depth)
  const { bytes, cached: outer, at: from } = decoder
  const cached: Replacement[] = []
  decoder.cached = cached
  const size = decoder.u32()
  const arity = decoder.u8()
  decoder.need(16 + 4)
  const free = decoder.u32()
  const module = decoder.atomText()
  for (let i = 0; i < 2; i++) {
    const kind = bytes[decoder.at]
    if (kind !== tag.SMALL_INTEGER && kind !== tag.INTEGER) throw new MalformedTerm("bad_function", start)
    decoder.term(inner)
  }
  const kind = bytes[decoder.at]
  if (kind !== tag.NEW_PID && kind !== tag.PID) throw new MalformedTerm("bad_function", start)
  decoder.term(inner)
  for (let i = 0; i < free; i++) decoder.term(inner)
  if (decoder.at - from !== size) throw new MalformedTerm("bad_function", start)
  const external = spelledOut(bytes, from, decoder.at, cached)
  if (outer !== undefined && cached.length > 0) {
    outer.push({ at: from, end: from + 4, by: external.slice(0, 4) }, ...cached)
  }
  decoder.cached = outer
  return makeFun(module, arity, external)
}

/** Bytes of a closure that mean something on their connection only, and what to write in their place. */
export interface Replacement {
  readonly at: number
  readonly end: number
  readonly by: Uint8Array
}

/** The bytes of a closure, with each reference to the connection's atom cache replaced by the atom. */
export function spelledOut(bytes: Uint8Array, from: number, end: number, cached: readonly Replacement[]): Uint8Array {
  if (cached.length === 0) return new Uint8Array(bytes.subarray(from, end))
  const writer = new Writer(end - from + cached.length * 16)
  let copied = from
  for (const each of cached) {
    writer.raw(bytes.subarray(copied, each.at))
    writer.raw(each.by)
    copied = each.end
  }
  writer.raw(bytes.subarray(copied, end))
  writer.patch32(0, writer.length)
  return writer.take()
}
