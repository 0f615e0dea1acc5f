/** The same counter as an actor of nact: asked with `query`, as its users do, which has a time-out as our calls have. */
import { dispatch, query, spawn, start as startSystem, stop } from "nact"
import { timed, verify } from "../umbel/process.mjs"

const TIMEOUT_MS = 5_000
/** As many as are alive at a time while starting is timed: as in `umbel/starts.mjs`. */
const BATCH = 10_000

/**
 * @param {{ what: "call" | "start" }} args
 * @returns {import("../worker.mjs").Job}
 */
export function start({ what }) {
  const system = startSystem()
  if (what === "start") return { run: (count) => starts(system, count) }
  const counter = spawnCounter(system, "counter")
  return { run: (count) => calls(counter, count) }
}

/**
 * @param {any} parent
 * @param {string} name
 */
function spawnCounter(parent, name) {
  return spawn(
    parent,
    /** @type {any} */ (
      (/** @type {number} */ count = 0, /** @type {any} */ { by, sender }, /** @type {any} */ ctx) => {
        const next = count + by
        dispatch(sender ?? ctx.sender, next)
        return next
      }
    ),
    name,
  )
}

/**
 * @param {any} counter
 * @param {number} count
 */
async function calls(counter, count) {
  const ask = (/** @type {number} */ by) => query(counter, (sender) => ({ by, sender }), TIMEOUT_MS)
  const before = await ask(0)
  const took = await timed(async () => {
    for (let i = 0; i < count; i++) await ask(1)
  })
  verify(await ask(0), before + count, "the counter")
  return took
}

/**
 * Nanoseconds for `count` starts, each seen by a first answer of the last one. Ending them is not timed.
 * @param {any} system
 * @param {number} count
 */
async function starts(system, count) {
  let took = 0
  for (let left = count; left > 0; left -= BATCH) {
    const parent = spawn(system, /** @type {any} */ (() => null))
    /** @type {any[]} */
    const started = []
    took += await timed(() => {
      // Names of its own making are random, and now and then two of them are alike.
      for (let i = Math.min(left, BATCH); i > 0; i--) started.push(spawnCounter(parent, `counter-${i}`))
    })
    verify(await query(started.at(-1), (sender) => ({ by: 1, sender }), TIMEOUT_MS), 1, "the last counter")
    stop(parent)
  }
  return took
}
