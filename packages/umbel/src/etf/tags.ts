/**
 * The tags of the External Term Format: the byte that says what follows.
 *
 * What is sent is marked with the profiles it is sent in. Everything else is only read: it comes from old C and Java nodes, or from
 * `term_to_binary` with options. A tag that is missing here is refused.
 *
 * Source: "External Term Format" of the ERTS reference, and `binary_to_term` of OTP 25 and 27.
 */

/** In front of a term that stands by itself: `term_to_binary`. */
export const VERSION = 131

/** u8. Sent. */
export const SMALL_INTEGER = 97
/** i32. Sent. */
export const INTEGER = 98
/** n: u8, sign: u8, n bytes, the lowest first. Sent. */
export const SMALL_BIG = 110
/** n: u32, sign: u8, n bytes. Sent. */
export const LARGE_BIG = 111
/** An IEEE double. Sent. */
export const NEW_FLOAT = 70
/** 31 bytes of text. Read. */
export const FLOAT = 99

/** n: u8, UTF-8. Sent. */
export const SMALL_ATOM_UTF8 = 119
/** n: u16, UTF-8. Sent. */
export const ATOM_UTF8 = 118
/** n: u16, Latin-1. Sent to ErlPort, which knows no other. */
export const ATOM = 100
/** n: u8, Latin-1. Read. */
export const SMALL_ATOM = 115
/** Index into the atom references of a distribution header: u8. Read. */
export const ATOM_CACHE_REF = 82

/** n: u8, terms. Sent. */
export const SMALL_TUPLE = 104
/** n: u32, terms. Sent. */
export const LARGE_TUPLE = 105
/** The empty list. Sent. */
export const NIL = 106
/** n: u16, bytes that are a list of integers. Read. */
export const STRING = 107
/** n: u32, terms, tail. Sent. */
export const LIST = 108
/** n: u32, pairs. Sent to all but ErlPort. */
export const MAP = 116

/** n: u32, bytes. Sent. */
export const BINARY = 109
/** n: u32, bits of the last byte: u8, bytes. Sent; with 8 bits, for a `Uint8Array`, only to Umbel nodes. */
export const BIT_BINARY = 77

/** node, id: u32, serial: u32, creation: u32. Sent. */
export const NEW_PID = 88
/** node, id: u32, serial: u32, creation: u8. Read. */
export const PID = 103
/** n: u16, node, creation: u32, n words. Sent. */
export const NEWER_REFERENCE = 90
/** n: u16, node, creation: u8, n words. Read. */
export const NEW_REFERENCE = 114
/** node, word, creation: u8. Read. */
export const REFERENCE = 101
/** node, id: u32, creation: u32. Sent when 28 bits are enough. */
export const NEW_PORT = 89
/** node, id: u64, creation: u32. Sent for larger ones. */
export const V4_PORT = 120
/** node, id: u32, creation: u8. Read. */
export const PORT = 102

/** module, name, arity: as SMALL_INTEGER only. Sent. */
export const EXPORT = 113
/** size: u32, and what makes a closure. Sent as it came. */
export const NEW_FUN = 112

/** size: u32, a term without its version, deflated. Read, in terms that stand by themselves. */
export const COMPRESSED = 80
