/**
 * The keys of objects in their packed form, kept from term to term.
 *
 * Objects of one kind have their keys in one order. So each key remembers which one was written after it, and the next one is mostly found
 * by a single comparison.
 */
import { atomObjection } from "../term/index.ts"
import type { ObjectWriter } from "./object-writer.ts"
import { type PackedAtom, packedAtom } from "./packed-atom.ts"

/** A key, and the one that was written after it the last time. */
export interface PackedKey {
  readonly text: string
  readonly packed: PackedAtom
  next: PackedKey | undefined
  /** Writes the object that began after it the last times, once objects with the same keys have come often. */
  writer: ObjectWriter | undefined
  /** How many objects have begun after it without that. */
  met: number
}

/** When there are more, all are forgotten. */
const KEYS_MAX = 1000

/** The keys that were written. */
export class PackedKeys {
  /** Stands before the first key of each term. */
  readonly first: PackedKey = { text: "", packed: packedAtom(""), next: undefined, writer: undefined, met: 0 }
  private readonly byText = new Map<string, PackedKey>()

  /** The key of that text. @throws NotATerm when it can be no atom. */
  find(text: string): PackedKey {
    return this.byText.get(text) ?? this.add(text)
  }

  private add(text: string): PackedKey {
    const objection = atomObjection(text)
    if (objection !== undefined) throw objection
    if (this.byText.size >= KEYS_MAX) {
      this.byText.clear()
      this.first.next = undefined
      this.first.writer = undefined
    }
    const key: PackedKey = { text, packed: packedAtom(text), next: undefined, writer: undefined, met: 0 }
    this.byText.set(text, key)
    return key
  }
}
