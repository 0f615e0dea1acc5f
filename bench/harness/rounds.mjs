/**
 * Rounds: ours, theirs, ours, theirs, so that what else the machine does meets both alike.
 *
 * Both sides are warmed up first, which also finds how many operations make a round of {@link ROUND_MS}.
 *
 * @typedef {(count: number) => Promise<number>} Run Nanoseconds (or bytes) of `count` operations.
 */

/** Milliseconds of a round. */
const ROUND_MS = 400
/** Milliseconds that a side is warmed up, at the least: optimizing compilers want to see some thousands of calls first. */
const WARM_UP_MS = 1_200
const FIRST_COUNT = 200

/**
 * How many operations make a round, found while warming up. What `run` answers must be nanoseconds.
 * @param {Run} run
 */
export async function warmUp(run) {
  let count = FIRST_COUNT
  for (let spent = 0; ; ) {
    const ms = (await run(count)) / 1e6
    spent += ms
    const wanted = Math.max(1, Math.round((count * ROUND_MS) / ms))
    if (spent >= WARM_UP_MS) return wanted
    // At most tenfold: the first runs are the slowest.
    count = Math.min(wanted, count * 10)
  }
}

/**
 * What both sides measured in each round.
 * @param {number} rounds
 * @param {{ run: Run, count: number }} umbel
 * @param {{ run: Run, count: number }} other
 */
export async function interleaved(rounds, umbel, other) {
  const values = { umbel: /** @type {number[]} */ ([]), other: /** @type {number[]} */ ([]) }
  for (let round = 0; round < rounds; round++) {
    values.umbel.push(await umbel.run(umbel.count))
    values.other.push(await other.run(other.count))
  }
  return values
}
