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
import { Scratch } from "./scratch.ts"
import { VERSION } from "./tags.ts"
import type { Writer } from "./writer.ts"

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
 * @param options Best the same object each time: what was made of it is kept with the writer.
 * @param root What the term is called in errors, if not as in the options.
 * @throws NotATerm with the path to the culprit; the writer is then back at its former length.
 */
export function encodeTo(writer: Writer, term: unknown, options: EncodeOptions, root = options.root): void {
  try {
    encoderOf(writer, options).write(term)
  } catch (error) {
    if (error instanceof NotATerm) throw error.complete(root)
    // The caller stood deep in the stack already; the depth limit leaves room for all others.
    if (error instanceof RangeError && error.message.includes("call stack")) throw tooDeep().complete(root)
    throw error
  }
}

function encoderOf(writer: Writer, options: EncodeOptions): Encoder {
  const { encoder } = writer
  if (encoder?.options === options && !encoder.busy) return encoder
  return (writer.encoder = new Encoder(writer, options))
}

/** For those who ask for no more than a profile. */
const PROFILES: Readonly<Record<Profile, EncodeOptions>> = {
  umbel: { profile: "umbel" },
  beam: { profile: "beam" },
  erlport: { profile: "erlport" },
}

/** What `encode` writes with. */
const scratch = new Scratch()

/** The bytes of `term` with a version byte in front, as `term_to_binary` gives them. @throws NotATerm */
export function encode(term: unknown, profile: Profile = "beam", options?: Omit<EncodeOptions, "profile">): Uint8Array {
  const writer = scratch.borrow()
  try {
    writer.u8(VERSION)
    encodeTo(writer, term, options === undefined ? PROFILES[profile] : { ...options, profile })
    return scratch.cut(writer)
  } finally {
    scratch.giveBack(writer)
  }
}
