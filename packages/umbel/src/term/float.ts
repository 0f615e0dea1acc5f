/**
 * Floats that are whole numbers.
 *
 * ```ts
 * encode(1)          // the integer 1
 * encode(float(1))   // the float 1.0
 * ```
 *
 * JavaScript has one kind of number; a whole one is sent as an integer, `-0` as the integer 0. `float` says otherwise. It comes back as a
 * plain number, except as the key of a `Map`, where `1` and `1.0` are two keys.
 */

/** A number that is sent as a float, whatever its value. Made by {@link float} only. */
export class Float {
  declare readonly brand: "float"
  readonly value: number

  private constructor(value: number) {
    this.value = value
  }

  valueOf(): number {
    return this.value
  }
}

const Class = Float as unknown as new (value: number) => Float

/**
 * `value` as a float.
 * @throws RangeError for NaN and the infinities, which Erlang has not.
 */
export function float(value: number): Float {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no Erlang float`)
  return new Class(value)
}
