/** Reads the terms that few messages hold, and the tags that only old nodes write. */
import {
  bitString,
  type Export,
  exported,
  type Fields,
  float,
  hasEqualKeys,
  INTEGER_BYTES_MAX,
  makePort,
  makeRef,
  type Port,
  type Ref,
} from "../term/index.ts"
import { closure } from "./closure.ts"
import { nodeOf } from "./decode-identifiers.ts"
import type { Decoder } from "./decoder.ts"
import { bigAt } from "./integers.ts"
import { MalformedTerm } from "./malformed-term.ts"
import * as tag from "./tags.ts"

/** The term with the tag `kind`, which was read at `start`. */
export function rareTerm(decoder: Decoder, kind: number, start: number, depth: number): unknown {
  switch (kind) {
    case tag.ATOM:
    case tag.SMALL_ATOM:
      return decoder.internText(decoder.latin1Atom(kind, start), start)
    case tag.ATOM_CACHE_REF:
      return decoder.cachedAtom(start)
    case tag.SMALL_BIG:
      return big(decoder, decoder.u8(), start)
    case tag.LARGE_BIG:
      return big(decoder, decoder.u32(), start)
    case tag.LARGE_TUPLE:
      return decoder.tuple(decoder.u32(), depth)
    case tag.BIT_BINARY:
      return bits(decoder, start)
    case tag.NEW_REFERENCE:
    case tag.REFERENCE:
      return oldReference(decoder, kind, start)
    case tag.NEW_PORT:
    case tag.V4_PORT:
    case tag.PORT:
      return port(decoder, kind)
    case tag.EXPORT:
      return exportedFunction(decoder, start)
    case tag.NEW_FUN:
      return closure(decoder, start, depth)
    case tag.FLOAT:
      return oldFloat(decoder, start)
    default:
      throw new MalformedTerm("unknown_tag", start)
  }
}

function big(decoder: Decoder, n: number, start: number): number | bigint {
  const negative = decoder.u8() !== 0
  if (n > INTEGER_BYTES_MAX) throw new MalformedTerm("too_large", start)
  const from = decoder.need(n)
  return bigAt(decoder.bytes, from, n, negative)
}

function oldFloat(decoder: Decoder, start: number): number {
  const at = decoder.need(31)
  const { bytes } = decoder
  let text = ""
  for (let i = at; i < at + 31 && bytes[i] !== 0; i++) text += String.fromCharCode(bytes[i]!)
  const value = /^ *[-+]?\d+\.\d+([eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(value)) throw new MalformedTerm("bad_float", start)
  return value
}

function bits(decoder: Decoder, start: number): unknown {
  const n = decoder.u32()
  const last = decoder.u8()
  if (n === 0 || last < 1 || last > 8) throw new MalformedTerm("bad_bits", start)
  const from = decoder.need(n)
  const view = decoder.bytes.subarray(from, from + n)
  return last === 8 ? decoder.kept(view) : bitString(view, last)
}

function oldReference(decoder: Decoder, kind: number, start: number): Ref {
  const n = kind === tag.REFERENCE ? 1 : decoder.u16()
  if (n > 5) throw new MalformedTerm("bad_reference", start)
  const node = nodeOf(decoder)
  if (kind === tag.REFERENCE) {
    const word = decoder.u32()
    return makeRef(node, decoder.u8() & 3, [word])
  }
  const creation = decoder.u8() & 3
  const words: number[] = []
  for (let i = 0; i < n; i++) words.push(decoder.u32())
  return makeRef(node, creation, words)
}

function port(decoder: Decoder, kind: number): Port {
  const node = nodeOf(decoder)
  const high = kind === tag.V4_PORT ? BigInt(decoder.u32()) << 32n : 0n
  const id = high | BigInt(decoder.u32())
  return makePort(node, kind === tag.PORT ? decoder.u8() & 3 : decoder.u32(), id)
}

function exportedFunction(decoder: Decoder, start: number): Export {
  const module = decoder.atomText()
  const name = decoder.atomText()
  if (decoder.u8() !== tag.SMALL_INTEGER) throw new MalformedTerm("bad_function", start)
  return exported(module, name, decoder.u8())
}

/** A map with a key that is no atom: goes on where `object` stopped, with `read` of `n` pairs, whose keys are `order`. */
export function openMap(
  decoder: Decoder,
  start: number,
  object: Fields,
  order: readonly string[],
  read: number,
  n: number,
  inner: number,
): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>()
  for (const key of order) map.set(decoder.internText(key, start), object[key])
  if (map.size !== read) throw new MalformedTerm("duplicate_key", start)
  for (let i = read; i < n; i++) {
    const kind = decoder.bytes[decoder.at]
    const key = decoder.term(inner)
    // 1 and 1.0 are two keys, and a number cannot say which it is.
    const float_ = (kind === tag.NEW_FLOAT || kind === tag.FLOAT) && Number.isSafeInteger(key)
    map.set(float_ ? float(key as number) : key, decoder.term(inner))
  }
  if (map.size !== n || hasEqualKeys(map, decoder.structs)) throw new MalformedTerm("duplicate_key", start)
  return map
}
