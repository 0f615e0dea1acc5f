/**
 * The sending half of the atom cache: which atoms the peer has been told, and the header that names those of one frame.
 *
 * ```ts
 * cache.begin()
 * encodeTo(writer, message, { …, atomReferences: cache })    // tag 82 and a place instead of each atom
 * cache.insertHeader(writer, at)                             // N, flags, slots, and the texts of what is new
 * ```
 *
 * Atoms get the 2048 slots in the order in which they are first sent, and keep them; later ones are written out as they are. So a slot never
 * changes its atom, and there is nothing to evict.
 */
import type { AtomReferences, Writer } from "../etf/index.ts"
import { atomObjection } from "../term/index.ts"

const SLOTS = 8 * 256
/** A frame's list has this many at most. */
const PLACES_MAX = 255
const NEW_ENTRY = 0b1000
const LONG_ATOMS = 0b0001

interface Entry {
  readonly slot: number
  readonly utf8: Uint8Array
  /** Whether a frame that carried its text was completed. */
  told: boolean
  /** The frame that used it last, and its place in that frame's list. */
  frame: number
  place: number
}

export class SentAtomCache implements AtomReferences {
  private readonly entries = new Map<string, Entry>()
  /** The list of the present frame. */
  private readonly list: Entry[] = []
  private frame = 0

  /** A new frame: its list is empty. Entries of one that was given up stay untold, and keep their slots. */
  begin(): void {
    this.frame++
    this.list.length = 0
  }

  refer(text: string): number {
    const entry = this.entries.get(text) ?? this.enter(text)
    if (entry === undefined) return -1
    if (entry.frame === this.frame) return entry.place
    if (this.list.length === PLACES_MAX) return -1
    entry.frame = this.frame
    entry.place = this.list.length
    this.list.push(entry)
    return entry.place
  }

  /** Undefined where it cannot have a slot: all are taken, or it is no atom, which the encoder then says. */
  private enter(text: string): Entry | undefined {
    if (this.entries.size === SLOTS || atomObjection(text) !== undefined) return undefined
    const utf8 = new TextEncoder().encode(text)
    const entry: Entry = { slot: this.entries.size, utf8, told: false, frame: -1, place: 0 }
    this.entries.set(text, entry)
    return entry
  }

  /** Puts the frame's list at `at`, where a single 0 stands for an empty one, and moves what follows. What is new counts as told. */
  insertHeader(writer: Writer, at: number): void {
    const { list } = this
    const count = list.length
    if (count === 0) return
    const flagBytes = (count >> 1) + 1
    let long = false
    let more = flagBytes + count
    for (const { told, utf8 } of list) {
      if (told) continue
      more += 1 + utf8.length
      if (utf8.length > 255) long = true
    }
    if (long) for (const { told } of list) if (!told) more++
    writer.ensure(more)
    const { bytes } = writer
    bytes.copyWithin(at + 1 + more, at + 1, writer.length)
    writer.length += more
    bytes[at] = count
    bytes.fill(0, at + 1, at + 1 + flagBytes)
    let to = at + 1 + flagBytes
    for (let i = 0; i < count; i++) {
      const entry = list[i]!
      const bits = (entry.slot >> 8) | (entry.told ? 0 : NEW_ENTRY)
      bytes[at + 1 + (i >> 1)]! |= bits << ((i & 1) << 2)
      bytes[to++] = entry.slot & 0xff
      if (entry.told) continue
      entry.told = true
      if (long) bytes[to++] = entry.utf8.length >> 8
      bytes[to++] = entry.utf8.length & 0xff
      bytes.set(entry.utf8, to)
      to += entry.utf8.length
    }
    if (long) bytes[at + 1 + (count >> 1)]! |= LONG_ATOMS << ((count & 1) << 2)
  }
}
