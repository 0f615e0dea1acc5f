/**
 * From the bytes of an atom to its text, without decoding them again.
 *
 * Slots by hash: the bytes are compared after the hash has led to a slot, since two atoms may share one. The slots are part of the one table of
 * atoms that all nodes of a thread share; a slot is overwritten by the next atom that falls into it, so they never grow.
 */
import { ATOM_CHARACTERS_MAX, type AtomValue, atomSlots, atomValue, textOf } from "../term/index.ts"
import { type KeyKind, kindOf } from "./key-kind.ts"
import type { KnownKeys } from "./known-keys.ts"

/** An atom as it was read. */
export interface AtomEntry {
  readonly text: string
  /** How many bytes, and the bytes in words of four: see {@link pack}. A plain array: for a few words it is read faster than a typed one, and smaller. */
  readonly packed: readonly number[]
  /** The atom itself, once one was asked for; object keys and node names are needed as text only. */
  value: AtomValue
  interned: boolean
  /** As the key of an object. */
  readonly kind: KeyKind
  /** The slot of the atom that was read after it the last time. A number, so that an entry that was overwritten is not held. */
  next: number
  /** The keys of the object that began with it the last time. */
  keys: KnownKeys | undefined
}

const SLOTS = atomSlots.length
const slots = atomSlots as (AtomEntry | undefined)[]

/**
 * The atom of the UTF-8 bytes from `at` to `end`, or undefined when they are none.
 * @param last The atom before it. Terms of one kind hold the same atoms in one order, so what followed the last time is tried first.
 */
export function lookup(bytes: Uint8Array, at: number, end: number, last: AtomEntry | undefined): AtomEntry | undefined {
  if (last !== undefined) {
    const guess = slots[last.next]
    if (guess !== undefined && same(guess.packed, bytes, at, end)) return guess
  }
  let hash = end - at
  for (let i = at; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0
  const slot = (hash ^ (hash >>> 12)) & (SLOTS - 1)
  if (last !== undefined) last.next = slot
  const known = slots[slot]
  if (known !== undefined && same(known.packed, bytes, at, end)) return known
  const view = bytes.subarray(at, end)
  const text = textOf(view)
  if (text === undefined || (text.length > ATOM_CHARACTERS_MAX && [...text].length > ATOM_CHARACTERS_MAX))
    return undefined
  return (slots[slot] = {
    text,
    packed: pack(view),
    value: undefined,
    interned: false,
    kind: kindOf(text),
    next: 0,
    keys: undefined,
  })
}

/** The atom itself. */
export function valueOf(entry: AtomEntry): AtomValue {
  if (!entry.interned) {
    entry.value = atomValue(entry.text)
    entry.interned = true
  }
  return entry.value
}

/** Bytes to be compared with by {@link same}: the last word is filled up with zeros. */
function pack(utf8: Uint8Array): number[] {
  const packed = [utf8.length]
  for (let i = 0; i < utf8.length; i++) {
    const word = 1 + (i >> 2)
    packed[word] = (packed[word] ?? 0) | (utf8[i]! << (24 - ((i & 3) << 3)))
  }
  return packed
}

/** Whether the bytes from `at` to `end` are those that were packed: four at a time, which takes half as long as one by one. */
export function same(packed: readonly number[], bytes: Uint8Array, at: number, end: number): boolean {
  if (packed[0] !== end - at) return false
  let word = 1
  let from = at
  for (; from + 3 < end; from += 4) {
    const four = (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!
    if (packed[word++] !== four) return false
  }
  if (from === end) return true
  let rest = bytes[from]! << 24
  if (from + 1 < end) rest |= bytes[from + 1]! << 16
  if (from + 2 < end) rest |= bytes[from + 2]! << 8
  return packed[word] === rest
}
