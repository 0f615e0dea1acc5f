/** How results are shown: a table for people, an object a line for programs. Pure. */

/**
 * @typedef {object} Result
 * @property {string} row
 * @property {string} peer Who `other` is.
 * @property {number} umbel
 * @property {number} other
 * @property {import("./statistics.mjs").Unit} unit
 * @property {number} ratio Above 1 is in Umbel's favour.
 * @property {number} lowest The lowest ratio of a single round.
 * @property {number} highest
 * @property {number | null} goal The ratio that is to be reached; null where there is none.
 */

/** The columns: their widths, and whether they stand at the right. */
const COLUMNS = /** @type {const} */ ([
  ["row", 20, false],
  ["peer", 19, false],
  ["umbel", 11, true],
  ["other", 11, true],
  ["unit", 12, false],
  ["ratio", 7, true],
  ["rounds", 17, true],
  ["goal", 6, true],
  ["", 6, false],
])

/**
 * @param {Result} result
 * @returns {string} Without the end of the line.
 */
export function jsonLine({ row, peer, umbel, other, unit, ratio, goal }) {
  return JSON.stringify({
    row,
    peer,
    umbel: significant(umbel, 5),
    other: significant(other, 5),
    unit,
    ratio: significant(ratio, 4),
    goal,
  })
}

export const tableHead = () => line(COLUMNS.map(([title]) => title))

/** @param {Result} result */
export function tableLine({ row, peer, umbel, other, unit, ratio, lowest, highest, goal }) {
  const verdict = goal === null ? "" : ratio >= goal ? "ok" : "below"
  const spread = `${times(lowest)} to ${times(highest)}`
  return line([
    row,
    peer,
    amount(umbel),
    amount(other),
    unit,
    times(ratio),
    spread,
    goal === null ? "" : `${goal}×`,
    verdict,
  ])
}

/** @param {readonly string[]} cells */
function line(cells) {
  const padded = cells.map((cell, i) => {
    const [, width, right] = /** @type {typeof COLUMNS[number]} */ (COLUMNS[i])
    return right ? cell.padStart(width) : cell.padEnd(width)
  })
  return padded.join("  ").trimEnd()
}

/**
 * Three or more digits that mean something, with the thousands apart.
 * @param {number} value
 */
export function amount(value) {
  if (value < 100) return String(significant(value, 3))
  return Math.round(significant(value, 4))
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",")
}

/** @param {number} ratio */
export const times = (ratio) => `${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(1)}×`

/**
 * @param {number} value
 * @param {number} digits
 */
function significant(value, digits) {
  return Number(value.toPrecision(digits))
}
