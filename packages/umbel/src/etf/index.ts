/** The External Term Format: terms to bytes and back. No I/O, no processes. */
export { type DecodeOptions, decode, decodeFrom, type Inflate } from "./decode.ts"
export { type AtomReferences, type EncodeOptions, encode, encodeTo, type Profile } from "./encode.ts"
export { ATOMS_TO_PEER, AtomBudget, LIMITS, type Limits } from "./limits.ts"
export { describe, type MalformedReason, MalformedTerm } from "./malformed-term.ts"
export { roomFor } from "./memory.ts"
export { Reader } from "./reader.ts"
export * as tags from "./tags.ts"
export { WRITER_MAX, Writer } from "./writer.ts"
