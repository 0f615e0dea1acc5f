/**
 * The two ends of the remote rows: without `server` a node that waits to be asked, with it one that asks.
 */
import { blobs, casts, cpuOf, increments } from "./calls.mjs"
import { bootBench, COUNTER } from "./counter.mjs"

/**
 * @param {{ name: string, cookie: string, epmdPort: number, server?: string, callers?: number, size?: number, cpu?: boolean }} args
 *   `callers`: how many call at a time; without it one process casts, `size` bytes if that is said. `cpu`: CPU is told and not time.
 * @returns {Promise<import("../worker.mjs").Job>}
 */
export async function start({ name, cookie, epmdPort, server, callers, size, cpu }) {
  const node = await bootBench({ name, cookie, epmdPort })
  if (server === undefined) return { run: () => Promise.reject(new Error("a server runs nothing")) }
  if (!(await node.connect(server))) throw new Error(`no connection from ${name} to ${server}`)
  const target = COUNTER.at(server)
  /** @param {number} count */
  const run = (count) => {
    if (callers !== undefined) return increments(node, target, callers, count)
    return size === undefined ? casts(node, target, count) : blobs(node, target, count, size)
  }
  return { run: cpu === true ? (count) => cpuOf(node, target, () => run(count)) : run }
}
