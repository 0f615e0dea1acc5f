/**
 * Calls to many counters, one after the other: what a call costs among how many processes.
 *
 * In ring order each is called in its turn, as a program does that goes through its sessions. In random order most calls find neither the process nor its
 * state in the cache, which costs a multiple and is no fault of any data structure.
 */
import { name, shutdown } from "umbel"
import { bootBench, counter } from "./counter.mjs"
import { inProcess, timed, verify } from "./process.mjs"

/** @typedef {import("umbel").ApiFor<typeof counter>} Counter */

/** Who holds them. */
export const FAMILY = name("family")

/**
 * @param {{ processes: number, order: "ring" | "random" }} args
 * @returns {Promise<import("../worker.mjs").Job>}
 */
export async function start({ processes, order }) {
  const node = await bootBench({ name: "bench@127.0.0.1" })
  const pids = await family(node, processes)
  if (order === "random") shuffle(pids)
  let next = 0
  return {
    run: (count) =>
      inProcess(node, async (self) => {
        let answered = 0
        const took = await timed(async () => {
          for (let i = 0; i < count; i++) {
            if ((await self.call(/** @type {import("umbel").Pid<Counter>} */ (pids[next])).increment(1)) > 0) answered++
            next = next + 1 === pids.length ? 0 : next + 1
          }
        })
        verify(answered, count, "answers")
        return took
      }),
  }
}

/**
 * Counters, linked to a process that holds them.
 * @param {import("umbel").Node} node
 * @param {number} count
 * @returns {Promise<import("umbel").Pid<Counter>[]>}
 */
export function family(node, count) {
  return new Promise((resolve, reject) => {
    node.spawn(async (self) => {
      try {
        const pids = []
        for (let i = 0; i < count; i++) pids.push(await self.startLink(counter, { arg: 0 }))
        self.register(FAMILY)
        resolve(pids)
      } catch (error) {
        reject(error)
        return
      }
      await self.receive()
      self.exit(shutdown)
    })
  })
}

/**
 * The same order in each run (a linear congruential generator).
 * @param {unknown[]} list
 */
function shuffle(list) {
  let seed = 25
  for (let i = list.length - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    const j = seed % (i + 1)
    ;[list[i], list[j]] = [list[j], list[i]]
  }
}
