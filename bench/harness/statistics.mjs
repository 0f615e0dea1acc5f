/** The few numbers that a row is made of. Pure. */

/**
 * @typedef {"call/s" | "round trip/s" | "start/s" | "server/s" | "cast/s" | "message/s" | "ns" | "byte" | "ms late"} Unit What is
 *   counted a second is better when it is more; nanoseconds and bytes of one are better when they are fewer, and so is the worst lateness of a run.
 */

/**
 * The middle one; of an even number the mean of the middle two.
 * @param {readonly number[]} values
 */
export function median(values) {
  if (values.length === 0) throw new RangeError("nothing has no median")
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = /** @type {number} */ (sorted[middle])
  return sorted.length % 2 === 1 ? upper : (upper + /** @type {number} */ (sorted[middle - 1])) / 2
}

/** @param {Unit} unit */
export const moreIsBetter = (unit) => unit.endsWith("/s")

/**
 * How many times as good `umbel` is as `other`: above 1 is in Umbel's favour, whatever the unit.
 * @param {Unit} unit
 * @param {number} umbel
 * @param {number} other
 */
export function ratioOf(unit, umbel, other) {
  return moreIsBetter(unit) ? umbel / other : other / umbel
}

/**
 * What a run of `count` operations says in `unit`.
 * @param {Unit} unit
 * @param {number} count
 * @param {number} value Nanoseconds, or bytes, of all of them together.
 */
export function inUnit(unit, count, value) {
  if (unit === "ms late") return value / 1e6
  return moreIsBetter(unit) ? (count * 1e9) / value : value / count
}

/**
 * A row from what was measured round by round.
 * @param {Unit} unit
 * @param {readonly number[]} umbel
 * @param {readonly number[]} other Of the same rounds.
 */
export function summarize(unit, umbel, other) {
  const ratios = umbel.map((value, round) => ratioOf(unit, value, /** @type {number} */ (other[round])))
  const medians = { umbel: median(umbel), other: median(other) }
  return {
    ...medians,
    ratio: ratioOf(unit, medians.umbel, medians.other),
    /** Of the single rounds: how far the ratio can be trusted. */
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
  }
}
