/**
 * A flood: messages to one process, as many outstanding as allowed, beside a timer of 10 ms that notes how late it is.
 *
 * What is answered is the worst lateness, in nanoseconds.
 */
import { genServer, name } from "umbel"
import { bootBench } from "./counter.mjs"
import { inProcess, verify } from "./process.mjs"

const OUTSTANDING = 100_000
const TIMER_MS = 10

const sink = genServer("bench.sink", {
  init: () => ({ taken: 0 }),
  calls: { taken: ({ state }) => state.taken },
  info: ({ state }) => {
    state.taken++
  },
})
/** @type {import("umbel").Name<import("umbel").ApiFor<typeof sink>>} */
const SINK = name("sink")

/** @returns {Promise<import("../worker.mjs").Job>} */
export async function start() {
  const node = await bootBench({ name: "bench@127.0.0.1" })
  await node.start(sink, { name: SINK })
  return {
    run: async (count) => {
      const before = await node.call(SINK).taken()
      const lateness = watchTimer()
      await inProcess(node, async (self) => {
        for (let sent = 0; sent < count; ) {
          for (const end = Math.min(count, sent + OUTSTANDING); sent < end; sent++) self.send(SINK, sent)
          // Answered once all before it have been taken.
          await self.call(SINK, { timeout: "infinity" }).taken()
        }
      })
      verify((await node.call(SINK).taken()) - before, count, "messages taken")
      return lateness()
    },
  }
}

/** @returns {() => number} Ends it, and tells the worst lateness in nanoseconds. */
function watchTimer() {
  let worst = 0
  let due = performance.now() + TIMER_MS
  const tick = () => {
    worst = Math.max(worst, performance.now() - due)
    due = performance.now() + TIMER_MS
    timer = setTimeout(tick, TIMER_MS)
  }
  let timer = setTimeout(tick, TIMER_MS)
  return () => {
    clearTimeout(timer)
    return Math.max(worst, performance.now() - due) * 1e6
  }
}
