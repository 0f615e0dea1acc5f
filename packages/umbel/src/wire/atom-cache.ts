/**
 * The header in front of the terms of a frame, and the cache of atoms that it keeps up to date.
 *
 * A sender may give an atom a slot in a cache of 8 times 256, and later name it by the slot. Each frame begins with the slots
 * it uses (at most 255), and for those that are new with the text; in the terms, tag 82 then counts into this list. One
 * cache for each direction of a link, empty at first. This is the reading half; `sent-atom-cache.ts` is the other.
 *
 * ```
 * N, then if N > 0: N / 2 + 1 bytes of flags, 4 bits for each atom and the last 4 for all, then for each atom
 *   its slot in the segment, and if it is new: length, UTF-8 text
 * ```
 */
import { type DecodeOptions, decodeFrom, MalformedTerm, Reader } from "../etf/index.ts"
import type { AtomValue } from "../term/index.ts"
import { ProtocolError } from "./failures.ts"

const SEGMENT_BITS = 0b0111
const NEW_ENTRY = 0b1000
/** In the last 4 bits: lengths have two bytes. */
const LONG_ATOMS = 0b0001

const ATOM_UTF8_EXT = 118

const SLOTS = 8 * 256
/** In a slot nobody has filled. `undefined` will not do: it is an atom's value. */
const UNSET = Symbol("unset")

const NO_ATOMS: readonly AtomValue[] = []

/** The atoms that one peer has told us, and those that the present frame uses. */
export class AtomCache {
  /** The atom of a frame's list, for `decodeFrom`, which makes a MalformedTerm of the error. One function for all frames. */
  readonly lookup: (index: number) => AtomValue
  /** The list of the present frame. A fragmented message keeps it until its end comes, and puts it back. */
  atoms: readonly AtomValue[] = NO_ATOMS
  private readonly enabled: boolean
  private readonly slots: (AtomValue | typeof UNSET)[]

  /** @param enabled Whether DIST_HDR_ATOM_CACHE is negotiated: else a header may hold no atoms. */
  constructor(enabled: boolean) {
    this.enabled = enabled
    this.slots = enabled ? new Array(SLOTS).fill(UNSET) : []
    this.lookup = (index) => {
      if (index >= this.atoms.length)
        throw new RangeError(`the header lists ${this.atoms.length} atoms, not ${index + 1}`)
      return this.atoms[index] as AtomValue
    }
  }

  /** Reads a header from the number of its atoms on, and makes them the present ones. @throws ProtocolError, MalformedTerm */
  readHeader(reader: Reader, options: DecodeOptions): void {
    const count = reader.u8()
    if (count === 0) {
      this.atoms = NO_ATOMS
      return
    }
    if (!this.enabled) throw bad(`${count} cached atoms, though no cache was agreed on`)
    const flags = reader.view((count >> 1) + 1)
    const long = (nibble(flags, count) & LONG_ATOMS) !== 0
    const atoms: AtomValue[] = []
    for (let i = 0; i < count; i++) {
      const bits = nibble(flags, i)
      const slot = (bits & SEGMENT_BITS) * 256 + reader.u8()
      if ((bits & NEW_ENTRY) !== 0) this.slots[slot] = readAtom(reader, long, options)
      const atom = this.slots[slot]
      if (atom === UNSET) throw bad(`slot ${slot} of the atom cache is used before it is set`)
      atoms.push(atom)
    }
    this.atoms = atoms
  }
}

/** The text lacks its tag. As a new entry is rare, it is given one in a copy, and read like any other atom. */
function readAtom(reader: Reader, long: boolean, options: DecodeOptions): AtomValue {
  const at = reader.offset
  const length = long ? reader.u16() : reader.u8()
  const tagged = new Uint8Array(3 + length)
  tagged.set([ATOM_UTF8_EXT, length >> 8, length & 0xff])
  tagged.set(reader.view(length), 3)
  try {
    // The tag admits of nothing else.
    return decodeFrom(new Reader(tagged), options) as AtomValue
  } catch (error) {
    if (error instanceof MalformedTerm) throw new MalformedTerm(error.reason, at, { cause: error })
    throw error
  }
}

const nibble = (flags: Uint8Array, index: number): number => (flags[index >> 1]! >> ((index & 1) << 2)) & 0x0f

const bad = (detail: string): ProtocolError => new ProtocolError({ reason: "bad_header", detail })
