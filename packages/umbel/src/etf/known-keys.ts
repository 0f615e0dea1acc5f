/**
 * The keys of objects of one kind, as they were read the last time.
 *
 * Messages of one kind hold objects with the same keys in one order. They are kept with the first of them ({@link AtomEntry}), and then found by one
 * comparison each; and an object that holds them all need not be asked whether it holds one twice.
 */
import type { AtomEntry } from "./atom-lookup.ts"
import { PLAIN } from "./key-kind.ts"
import { type ObjectReader, objectReader } from "./object-reader.ts"

/** A key by itself: it holds no other, so that what is overwritten in the table of atoms is not held for long. */
export interface KnownKey {
  readonly text: string
  readonly packed: readonly number[]
}

/** All different, and nothing is to be minded of any. */
export class KnownKeys {
  readonly keys: readonly KnownKey[]
  /** Made for them, once they have come often. */
  reader: ObjectReader | undefined
  private met: number

  constructor(keys: readonly KnownKey[]) {
    this.keys = keys
    this.reader = undefined
    this.met = 0
  }

  /** An object with these keys is about to be read without a reader. */
  meet(): void {
    if (++this.met === OFTEN) this.reader = objectReader(this.keys)
  }
}

/** To make a reader costs as much as reading so many objects. */
const OFTEN = 200

/** More keys, or longer ones together, are not kept: the table of atoms then has an upper bound in memory, of some 20 MB. In keys, and bytes. */
const KEYS_MAX = 16
const BYTES_MAX = 192

/** Keeps the keys of an object with the first of them, if they are plain. They must be all different. */
export function keep(keys: readonly AtomEntry[]): void {
  if (keys.length > KEYS_MAX) return
  let bytes = 0
  for (const { kind, packed } of keys) {
    bytes += packed[0]!
    if (kind !== PLAIN || bytes > BYTES_MAX) return
  }
  keys[0]!.keys = new KnownKeys(keys.map(({ text, packed }) => ({ text, packed })))
}
