/** What is wrong with bytes that are no term. */

/** All the reasons there are; {@link describe} has a sentence for each. */
export type MalformedReason =
  | "truncated"
  | "trailing_bytes"
  | "bad_version"
  | "unknown_tag"
  | "compressed"
  | "too_deep"
  | "too_large"
  | "too_many_atoms"
  | "bad_atom"
  | "atom_cache"
  | "bad_node"
  | "bad_float"
  | "bad_bits"
  | "bad_reference"
  | "bad_function"
  | "duplicate_key"
  | "bad_struct"

const SENTENCES: Readonly<Record<MalformedReason, string>> = {
  truncated: "the bytes end in the middle of a term",
  trailing_bytes: "there are bytes behind the term",
  bad_version: "a term that stands by itself begins with the byte 131",
  unknown_tag: "no term has this tag",
  compressed: "the compressed term cannot be inflated here, or not to the size it claims",
  too_deep: "the term is nested deeper than the limit",
  too_large: "the term is larger than the limit",
  too_many_atoms: "the term brings more new atoms than the limit",
  bad_atom: "an atom is at most 255 characters of valid UTF-8, and stands where one is due",
  atom_cache: "the atom cache has no such entry",
  bad_node: "no identifier comes from a node without a name",
  bad_float: "a float is a finite number",
  bad_bits: "a bit string has at least one byte, and 1 to 8 bits in the last",
  bad_reference: "a reference has at most 5 words",
  bad_function: "a function's arity is 0 to 255, and its size that of its parts",
  duplicate_key: "a map holds a key once",
  bad_struct: "the class registered for a struct refused its fields with an error",
}

/** The sentence for a reason. */
export const describe = (reason: MalformedReason): string => SENTENCES[reason]

/** Thrown for bytes that are no term, or one beyond the limits. */
export class MalformedTerm extends Error {
  override readonly name = "MalformedTerm"
  readonly reason: MalformedReason
  /** Where in the reader's bytes the culprit begins. */
  readonly offset: number

  constructor(reason: MalformedReason, offset: number, options?: { cause?: unknown }) {
    super(`malformed term at byte ${offset}: ${describe(reason)} (${reason})`, options)
    this.reason = reason
    this.offset = offset
  }
}
