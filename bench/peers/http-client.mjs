/** Callers over HTTP and JSON: undici, with a kept-alive connection for each caller. */
import { Pool } from "undici"
import { timed, verify } from "../umbel/process.mjs"

/**
 * @param {{ server: { origin: string }, callers: number }} args
 * @returns {import("../worker.mjs").Job}
 */
export function start({ server, callers }) {
  const pool = new Pool(server.origin, { connections: callers })
  const headers = { "content-type": "application/json" }

  const get = async () => (await json(await pool.request({ method: "GET", path: "/count" }))).count
  const increment = async () =>
    json(await pool.request({ method: "POST", path: "/increment", headers, body: JSON.stringify({ by: 1 }) }))

  /** @param {number} share */
  const caller = async (share) => {
    for (let i = 0; i < share; i++) await increment()
  }
  return {
    async run(count) {
      const before = await get()
      const took = await timed(() =>
        Promise.all(
          Array.from({ length: callers }, (_, i) =>
            caller(Math.floor(count / callers) + (i < count % callers ? 1 : 0)),
          ),
        ),
      )
      verify(await get(), before + count, "the counter")
      return took
    },
  }
}

/**
 * @param {import("undici").Dispatcher.ResponseData} response
 * @returns {Promise<{ count: number }>}
 */
async function json({ statusCode, body }) {
  if (statusCode !== 200) throw new Error(`HTTP ${statusCode}: ${await body.text()}`)
  return /** @type {Promise<{ count: number }>} */ (body.json())
}
