/**
 * The eight bytes of a float, without a DataView: a third of its cost.
 *
 * Every use writes and reads them in one go, so nothing is kept between two calls.
 */
const value = new Float64Array(1)
const bytes = new Uint8Array(value.buffer)
const little = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** Writes `float` to `into`, the highest byte first. */
export function writeFloat64(into: Uint8Array, at: number, float: number): void {
  value[0] = float
  for (let i = 0; i < 8; i++) into[at + i] = bytes[little ? 7 - i : i]!
}

/** Reads a float from `from`, the highest byte first. */
export function readFloat64(from: Uint8Array, at: number): number {
  for (let i = 0; i < 8; i++) bytes[little ? 7 - i : i] = from[at + i]!
  return value[0]!
}
