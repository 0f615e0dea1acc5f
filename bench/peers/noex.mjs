/**
 * The same counter as a GenServer of noex: called by its name, as ours is. noex is in no registry: `UMBEL_NOEX` names a folder that holds it, built
 * (`dist/index.js`), and without it its rows are left out.
 */
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { timed, verify } from "../umbel/process.mjs"

/** As many as are alive at a time while starting is timed: as in `umbel/starts.mjs`. */
const BATCH = 10_000

const counter = {
  init: () => 0,
  /** @type {(by: number, state: number) => [reply: number, state: number]} */
  handleCall: (by, state) => [state + by, state + by],
  /** @type {(message: unknown, state: number) => number} */
  handleCast: (_message, state) => state,
}

/**
 * @param {{ what: "call" | "start" }} args
 * @returns {Promise<import("../worker.mjs").Job>}
 */
export async function start({ what }) {
  const folder = process.env.UMBEL_NOEX
  if (folder === undefined) throw new Error("UMBEL_NOEX is not set: it names the folder of a built noex.")
  const { GenServer, Registry } = await import(pathToFileURL(join(folder, "dist", "index.js")).href)
  if (what === "start") return { run: (count) => starts(GenServer, count) }
  Registry.register("counter", await GenServer.start(counter))
  return { run: (count) => calls(GenServer, Registry, count) }
}

/**
 * @param {any} GenServer
 * @param {any} Registry
 * @param {number} count
 */
async function calls(GenServer, Registry, count) {
  const ask = (/** @type {number} */ by) => GenServer.call(Registry.lookup("counter"), by)
  const before = await ask(0)
  const took = await timed(async () => {
    for (let i = 0; i < count; i++) await ask(1)
  })
  verify(await ask(0), before + count, "the counter")
  return took
}

/**
 * Nanoseconds for `count` starts. Ending them is not timed.
 * @param {any} GenServer
 * @param {number} count
 */
async function starts(GenServer, count) {
  let took = 0
  for (let left = count; left > 0; left -= BATCH) {
    /** @type {any[]} */
    const started = []
    took += await timed(async () => {
      for (let i = Math.min(left, BATCH); i > 0; i--) started.push(await GenServer.start(counter))
    })
    verify(await GenServer.call(started.at(-1), 1), 1, "the last counter")
    await Promise.all(started.map((server) => GenServer.stop(server)))
  }
  return took
}
