/**
 * A number goes to the other process and comes back, as often as asked.
 *
 * The two processes are servers under a supervisor, registered by name, and what bounces is a plain message (`self.send(pid, n)`) that
 * arrives in their `info` handlers. With `coroutine` they are two functions that `receive` by hand.
 */
import { application, child, genServer, name, supervisor } from "umbel"
import { boot } from "umbel/nodejs"
import { timed, verify } from "./process.mjs"

/**
 * @typedef {import("umbel").Pid} Pid
 * @typedef {{ pong: Pid, done: () => void, left: number }} PingState
 */

const pong = genServer("bench.pong", {
  init: () => ({ ping: /** @type {Pid | undefined} */ (undefined), returned: 0 }),
  calls: {
    from: ({ state }, /** @type {Pid} */ ping) => {
      state.ping = ping
      state.returned = 0
    },
    returned: ({ state }) => state.returned,
  },
  info: (self, n) => {
    self.state.returned++
    self.send(/** @type {Pid} */ (self.state.ping), n)
  },
})
const ping = genServer("bench.ping", {
  init: () => ({ pong: /** @type {Pid | undefined} */ (undefined), from: /** @type {unknown} */ (undefined) }),
  calls: {
    // Answered once all have come back.
    play: (self, /** @type {Pid} */ pong, /** @type {number} */ count) => {
      self.state.pong = pong
      self.send(pong, count)
      return self.later((from) => {
        self.state.from = from
      })
    },
  },
  info: (self, n) => {
    const left = /** @type {number} */ (n) - 1
    if (left > 0) self.send(/** @type {Pid} */ (self.state.pong), left)
    else self.reply(/** @type {import("umbel").From<number>} */ (self.state.from), left)
  },
})
/** @type {import("umbel").Name<import("umbel").ApiFor<typeof ping>>} */
const PING = name("ping")
/** @type {import("umbel").Name<import("umbel").ApiFor<typeof pong>>} */
const PONG = name("pong")

const game = application({
  name: "game",
  start: () => supervisor("bench.game", { children: [child(ping, { name: PING }), child(pong, { name: PONG })] }),
})

/**
 * @param {{ coroutine: boolean }} args
 * @returns {Promise<import("../worker.mjs").Job>}
 */
export async function start({ coroutine }) {
  const node = await boot({ name: "bench@127.0.0.1", applications: coroutine ? [] : [game] })
  return { run: (count) => (coroutine ? coroutines(node, count) : servers(node, count)) }
}

/**
 * @param {import("umbel").Node} node
 * @param {number} count
 */
async function servers(node, count) {
  const [pingPid, pongPid] = [node.whereis(PING), node.whereis(PONG)]
  if (pingPid === undefined || pongPid === undefined) throw new Error("ping and pong are not both there")
  await node.call(PONG).from(pingPid)
  const took = await timed(() => node.call(PING, { timeout: "infinity" }).play(pongPid, count))
  verify(await node.call(PONG).returned(), count, "numbers returned")
  return took
}

/** @type {(message: unknown) => message is number} */
const isNumber = (message) => typeof message === "number"

/**
 * @param {import("umbel").Node} node
 * @param {number} count
 * @returns {Promise<number>}
 */
function coroutines(node, count) {
  let returned = 0
  return new Promise((resolve, reject) => {
    node.spawn(async (self) => {
      const other = self.spawnLink(async (it) => {
        for (;;) {
          const n = await it.receive(isNumber)
          returned++
          it.send(self.pid, n)
          if (n === 1) return
        }
      })
      try {
        const took = await timed(async () => {
          for (let left = count; left > 0; left--) {
            self.send(other, left)
            await self.receive(isNumber)
          }
        })
        verify(returned, count, "numbers returned")
        resolve(took)
      } catch (error) {
        reject(error)
      }
    })
  })
}
