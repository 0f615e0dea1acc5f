/**
 * The two ends of the remote rows: without `server` a node that waits to be asked, with it one that asks.
 */
import { casts, increments } from "./calls.mjs"
import { bootBench, COUNTER } from "./counter.mjs"

/**
 * @param {{ name: string, cookie: string, epmdPort: number, server?: string, callers?: number }} args `callers`: how many call at a time;
 *   without it one process casts.
 * @returns {Promise<import("../worker.mjs").Job>}
 */
export async function start({ name, cookie, epmdPort, server, callers }) {
  const node = await bootBench({ name, cookie, epmdPort })
  if (server === undefined) return { run: () => Promise.reject(new Error("a server runs nothing")) }
  if (!(await node.connect(server))) throw new Error(`no connection from ${name} to ${server}`)
  const target = COUNTER.at(server)
  return {
    run: (count) => (callers === undefined ? casts(node, target, count) : increments(node, target, callers, count)),
  }
}
