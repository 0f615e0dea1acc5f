/**
 * A worker: a process of its own that runs one job, as often as it is told to on its standard input.
 *
 *     node bench/worker.mjs umbel/local-call '{}'
 *     > ready {}
 *     < run 100000
 *     > done 36523441
 *
 * `done` tells nanoseconds (bytes, for memory) that `run`'s count of operations took; `failed` a sentence. The end of the input is the end
 * of the worker, so that nothing outlives whoever asked. `beam/bench.erl` speaks the same.
 *
 * A job is a module with a `start` that answers a {@link Job}.
 *
 * @typedef {object} Job
 * @property {(count: number) => number | Promise<number>} run Nanoseconds (or bytes) for `count` operations, after it has verified that they
 *   happened.
 * @property {unknown} [info] What the other processes of its side need to know, as JSON.
 */
import { createInterface } from "node:readline"

const [job = "", args = "{}"] = process.argv.slice(2)
const { start } = await import(new URL(`./${job}.mjs`, import.meta.url).href)
/** @type {Job} */
const { run, info = {} } = await start(JSON.parse(args))
console.log(`ready ${JSON.stringify(info)}`)

for await (const line of createInterface({ input: process.stdin })) {
  const [word, count] = line.split(" ")
  if (word !== "run") throw new Error(`a worker is told "run COUNT", not ${JSON.stringify(line)}`)
  try {
    console.log(`done ${await run(Number(count))}`)
  } catch (error) {
    console.log(`failed ${String(error instanceof Error ? error.stack : error).replaceAll("\n", " | ")}`)
  }
}
// Whoever asked is gone or has what it wanted: sockets and servers need no farewell.
process.exit(0)
