/** Calls to the counter on the same node, by name, from one process at a time. */
import { echoes, increments } from "./calls.mjs"
import { bootBench, COUNTER } from "./counter.mjs"

/**
 * @param {{ object: boolean }} args
 * @returns {Promise<import("../worker.mjs").Job>}
 */
export async function start({ object }) {
  const node = await bootBench({ name: "bench@127.0.0.1" })
  return { run: (count) => (object ? echoes(node, COUNTER, count) : increments(node, COUNTER, 1, count)) }
}
