/**
 * Terms to bytes.
 *
 * ```ts
 * encode(tuple(atom("ok"), 42))                          // 131, 104, 2, 119, 2, 111, 107, 97, 42
 * encodeTo(writer, message, { profile: "beam", atoms })   // no version byte: inside a distribution frame
 * ```
 *
 * A profile says who reads it:
 * - `umbel`: another Umbel node. A `Uint8Array` stays one, a `Name` stays a name.
 * - `beam`: Erlang and Elixir, C and Java nodes. A `Uint8Array` is a binary, a `Name` a tuple or an atom.
 * - `erlport`: ErlPort, which reads tags of the nineties only. Atoms are Latin-1; maps, and so objects, dates and errors, and all
 *   identifiers and functions are refused.
 *
 * What could harm a reader cannot be written: no NaN, no key twice, no empty bit string, no arity beyond 255, no nameless node.
 */
import { NotATerm, type Structs, tooDeep } from "../term/index.ts"
import { Encoder } from "./encoder.ts"
import type { AtomBudget } from "./limits.ts"
import { VERSION } from "./tags.ts"
import { Writer } from "./writer.ts"

/** Who reads it. */
export type Profile = "umbel" | "beam" | "erlport"

export interface EncodeOptions {
  readonly profile: Profile
  /** Bounds the distinct atoms sent to one BEAM peer. */
  readonly atoms?: AtomBudget | undefined
  /** Names atoms by their place in a list that the reader is told beside the term. */
  readonly atomReferences?: AtomReferences | undefined
  readonly structs?: Structs | undefined
  /** What the term is called in errors: "message" unless said otherwise. */
  readonly root?: string | undefined
  /** How many compound parts it may have. As in `copy`. */
  readonly parts?: number | undefined
}

/** The list of atoms in front of a distribution frame. */
export interface AtomReferences {
  /** The atom's place in the list, 0 to 254, where it is entered if it was not there; -1 for one that is to be written out. */
  refer(text: string): number
}

/**
 * Writes `term` without a version byte.
 * @throws NotATerm with the path to the culprit; the writer is then back at its former length.
 */
export function encodeTo(writer: Writer, term: unknown, options: EncodeOptions): void {
  const before = writer.length
  const encoder = new Encoder(writer, options)
  try {
    writer.length = encoder.put(term, before, 0)
  } catch (error) {
    writer.length = before
    encoder.takeBack()
    if (error instanceof NotATerm) throw error.complete(options.root)
    // The caller stood deep in the stack already; the depth limit leaves room for all others.
    if (error instanceof RangeError && error.message.includes("call stack")) throw tooDeep().complete(options.root)
    throw error
  }
}

/**
 * The writer of `encode`, which is empty whenever nobody uses it: so nothing is kept between two calls. A struct's own code that encodes in
 * the middle of another term finds it in use, and gets another.
 */
const scratch = new Writer(4096)

/** A larger scratch is not kept, so that a rare large term holds no memory for ever. In bytes. */
const SCRATCH_MAX = 64 * 1024

/** The bytes of `term` with a version byte in front, as `term_to_binary` gives them. @throws NotATerm */
export function encode(term: unknown, profile: Profile = "beam", options?: Omit<EncodeOptions, "profile">): Uint8Array {
  const writer = scratch.length === 0 ? scratch : new Writer()
  try {
    writer.u8(VERSION)
    encodeTo(writer, term, options === undefined ? { profile } : { ...options, profile })
    return writer.take()
  } finally {
    writer.reset()
    if (writer.bytes.length > SCRATCH_MAX) writer.bytes = new Uint8Array(4096)
  }
}
