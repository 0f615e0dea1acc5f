/**
 * Bytes to terms.
 *
 * ```ts
 * decode(Uint8Array.of(131, 104, 2, 119, 2, 111, 107, 97, 42))   // {ok, 42}
 * decodeFrom(reader, { atomCache, pid })                         // no version byte: inside a distribution frame
 * ```
 *
 * Whatever the bytes are, the answer is a term or one `MalformedTerm`: a claimed length is held against the bytes that are
 * left before anything is made of that size, and nesting is bounded.
 */
import type { Atom, AtomValue, Pid, Structs } from "../term/index.ts"
import { Decoder } from "./decoder.ts"
import { type AtomBudget, LIMITS, type Limits } from "./limits.ts"
import { MalformedTerm } from "./malformed-term.ts"
import { Reader } from "./reader.ts"
import * as tag from "./tags.ts"

/** Inflates zlib data that claims to be of `size` bytes, and must give no more: `node:zlib` belongs to the platform. */
export type Inflate = (deflated: Uint8Array, size: number) => Uint8Array

export interface DecodeOptions {
  readonly limits?: Limits | undefined
  /** The atom references of a distribution header. Undefined is the atom `undefined`; throw for an index that is not set. */
  readonly atomCache?: ((index: number) => Atom | AtomValue) | undefined
  /** Bounds the atoms that one peer may bring over time; `limits.newAtoms` bounds those of one term. */
  readonly newAtoms?: AtomBudget | undefined
  /** Exchanges a pid for the one that this node holds already. */
  readonly pid?: ((pid: Pid) => Pid) | undefined
  readonly structs?: Structs | undefined
  /** The bytes are this term's alone, and nobody writes to them any more: one large binary may stay where it lies, uncopied. */
  readonly owned?: boolean | undefined
  /** For `decode`; without it compressed terms are refused. */
  readonly inflate?: Inflate | undefined
}

/** Reads one term that has no version byte. @throws MalformedTerm; the reader is then back where it was. */
export function decodeFrom(reader: Reader, options: DecodeOptions): unknown {
  const before = reader.offset
  const decoder = decoderOf(reader, options)
  try {
    const term = decoder.term(0)
    reader.offset = decoder.at
    return term
  } catch (error) {
    reader.offset = before
    // The caller stood deep in the stack already; the depth limit leaves room for all others.
    if (error instanceof RangeError && error.message.includes("call stack")) {
      throw new MalformedTerm("too_deep", decoder.at, { cause: error })
    }
    throw error
  }
}

function decoderOf(reader: Reader, options: DecodeOptions): Decoder {
  const { decoder } = reader
  if (decoder?.options !== options) return (reader.decoder = new Decoder(reader, options))
  decoder.goOn(reader)
  return decoder
}

/** Reads a term that stands by itself, as `term_to_binary` gives it. @throws MalformedTerm, for bytes behind it too. */
export function decode(bytes: Uint8Array, options: DecodeOptions = {}): unknown {
  const reader = new Reader(bytes)
  if (reader.u8() !== tag.VERSION) throw new MalformedTerm("bad_version", 0)
  const inner = reader.remaining > 0 && bytes[1] === tag.COMPRESSED ? inflated(bytes, options) : reader
  const term = decodeFrom(inner, options)
  if (inner.remaining > 0) throw new MalformedTerm("trailing_bytes", inner.offset)
  return term
}

function inflated(bytes: Uint8Array, { inflate, limits = LIMITS }: DecodeOptions): Reader {
  const header = new Reader(bytes, 2)
  const size = header.u32()
  if (inflate === undefined) throw new MalformedTerm("compressed", 1)
  if (size > limits.bytes) throw new MalformedTerm("too_large", 1)
  let plain: Uint8Array
  try {
    plain = inflate(header.view(header.remaining), size)
  } catch (cause) {
    throw new MalformedTerm("compressed", 6, { cause })
  }
  if (plain.length !== size) throw new MalformedTerm("compressed", 1)
  return new Reader(plain)
}
