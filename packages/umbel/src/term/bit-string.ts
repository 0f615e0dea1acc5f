/**
 * Bit strings: binaries whose last byte is not full.
 *
 * ```ts
 * bitString(Uint8Array.of(0b1010_0000), 3)   // <<5:3>>
 * ```
 */

/** A bit string that is no binary. Made by {@link bitString} only; opaque, compared by `equal`. */
export class BitString {
  declare readonly brand: "bit string"
  /** At least one byte; the bits beyond `bits` in the last one are zero. */
  readonly bytes: Uint8Array
  /** How many bits of the last byte count, from the highest: 1 to 7. */
  readonly bits: number

  private constructor(bytes: Uint8Array, bits: number) {
    this.bytes = bytes
    this.bits = bits
  }
}

const Class = BitString as unknown as new (bytes: Uint8Array, bits: number) => BitString

/**
 * The bit string of all of `bytes` but the last one, and of the `bits` highest bits of that.
 * @throws RangeError without bytes, and for `bits` outside 1 to 7: whole bytes are a `Uint8Array`.
 */
export function bitString(bytes: Uint8Array, bits: number): BitString {
  if (bytes.length === 0) throw new RangeError("a bit string has at least one byte")
  if (!Number.isInteger(bits) || bits < 1 || bits > 7) {
    throw new RangeError(`the last byte of a bit string has 1 to 7 bits, not ${bits}; whole bytes are a Uint8Array`)
  }
  const own = new Uint8Array(bytes)
  own[own.length - 1]! &= 0xff << (8 - bits)
  return new Class(own, bits)
}
