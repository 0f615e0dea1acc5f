/**
 * Idle counters, each linked to the process that started it: how long they take to start, and what they hold.
 */
import { shutdown } from "umbel"
import { bootBench, counter } from "./counter.mjs"
import { timed, verify } from "./process.mjs"

/** As many as are alive at a time while starting is timed. */
const BATCH = 10_000

/**
 * @param {{ memory: boolean }} args
 * @returns {Promise<import("../worker.mjs").Job>}
 */
export async function start({ memory }) {
  const node = await bootBench({ name: "bench@127.0.0.1" })
  return { run: async (count) => (memory ? (await batch(node, count, heapBytes)).grown : time(node, count)) }
}

/**
 * Nanoseconds for `count` starts. Ending them is not timed.
 * @param {import("umbel").Node} node
 * @param {number} count
 */
async function time(node, count) {
  let took = 0
  for (let left = count; left > 0; left -= BATCH) took += (await batch(node, Math.min(left, BATCH), () => 0)).took
  return took
}

/** What is alive, in bytes: of the heap and of the buffers beside it. */
function heapBytes() {
  const { gc } = globalThis
  if (gc === undefined) throw new Error("memory is measured under node --expose-gc")
  // A second one takes what the finalizers of the first let go.
  gc()
  gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/**
 * Starts them from a process of their own, and ends them with it.
 * @param {import("umbel").Node} node
 * @param {number} count
 * @param {() => number} measure
 */
async function batch(node, count, measure) {
  const alive = node.count
  const outcome = await new Promise((resolve, reject) => {
    node.spawn(async (self) => {
      try {
        const before = measure()
        const took = await timed(async () => {
          for (let i = 0; i < count; i++) await self.startLink(counter, { arg: 0 })
        })
        const grown = measure() - before
        verify(node.count, alive + 1 + count, "live processes")
        resolve({ took, grown })
      } catch (error) {
        reject(error)
      }
      // Those linked to it end with it.
      self.exit(shutdown)
    })
  })
  while (node.count > alive) await new Promise((resolve) => setImmediate(resolve))
  return /** @type {{ took: number, grown: number }} */ (outcome)
}
