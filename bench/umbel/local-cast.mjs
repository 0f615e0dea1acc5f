/** Casts to the counter on the same node, by name, from one process; drained by a call. */
import { atom } from "umbel"
import { casts } from "./calls.mjs"
import { bootBench, COUNTER } from "./counter.mjs"

/** @returns {Promise<import("../worker.mjs").Job>} */
export async function start() {
  const node = await bootBench({ name: "bench@127.0.0.1" })
  atom("abc")
  return { run: (count) => casts(node, COUNTER, count) }
}
