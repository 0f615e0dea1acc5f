/**
 * The same counter as a machine of XState: sent events, and looked at. XState is no server (an event is handled inside `send`, and there are no
 * replies), so what is beside it are casts.
 */
import { assign, createActor, createMachine } from "xstate"
import { timed, verify } from "../umbel/process.mjs"

const BATCH = 10_000

const counter = createMachine({
  types: /** @type {{ context: { count: number }, events: { type: "msg", by: number } }} */ ({}),
  context: { count: 0 },
  on: { msg: { actions: assign({ count: ({ context, event }) => context.count + event.by }) } },
})

/**
 * @param {{ what: "send" | "start" }} args
 * @returns {import("../worker.mjs").Job}
 */
export function start({ what }) {
  return { run: what === "send" ? sends : starts }
}

/** @param {number} count */
async function sends(count) {
  const actor = createActor(counter).start()
  const took = await timed(() => {
    for (let i = 0; i < count; i++) actor.send({ type: "msg", by: 1 })
  })
  verify(actor.getSnapshot().context.count, count, "the counter")
  actor.stop()
  return took
}

/** @param {number} count */
async function starts(count) {
  let took = 0
  for (let left = count; left > 0; left -= BATCH) {
    /** @type {ReturnType<typeof createActor<typeof counter>>[]} */
    const started = []
    took += await timed(() => {
      for (let i = Math.min(left, BATCH); i > 0; i--) started.push(createActor(counter).start())
    })
    verify(started.filter((actor) => actor.getSnapshot().status === "active").length, started.length, "live actors")
    for (const actor of started) actor.stop()
  }
  return took
}
