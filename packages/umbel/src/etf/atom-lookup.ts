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
  /** A plain array: for a few bytes it is compared faster than a typed one, and smaller. */
  readonly utf8: readonly number[]
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
    if (guess !== undefined && same(guess.utf8, bytes, at, end)) return guess
  }
  let hash = end - at
  for (let i = at; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0
  const slot = (hash ^ (hash >>> 12)) & (SLOTS - 1)
  if (last !== undefined) last.next = slot
  const known = slots[slot]
  if (known !== undefined && same(known.utf8, bytes, at, end)) return known
  const view = bytes.subarray(at, end)
  const text = textOf(view)
  if (text === undefined || (text.length > ATOM_CHARACTERS_MAX && [...text].length > ATOM_CHARACTERS_MAX))
    return undefined
  return (slots[slot] = {
    text,
    utf8: Array.from(view),
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

/** Whether the bytes from `at` to `end` are this atom's. */
export function same(utf8: readonly number[], bytes: Uint8Array, at: number, end: number): boolean {
  const n = end - at
  if (utf8.length !== n) return false
  for (let i = 0; i < n; i++) if (utf8[i] !== bytes[at + i]) return false
  return true
}
