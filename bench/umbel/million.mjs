/** As many counters as asked: each is started, answers once, and ends. */
import { bootBench } from "./counter.mjs"
import { FAMILY, family } from "./growth.mjs"
import { inProcess, timed, verify } from "./process.mjs"

/** @returns {Promise<import("../worker.mjs").Job>} */
export async function start() {
  const node = await bootBench({ name: "bench@127.0.0.1" })
  return {
    run: async (count) => {
      const alive = node.count
      return timed(async () => {
        const pids = await family(node, count)
        verify(node.count, alive + 1 + count, "live processes")
        const answers = await inProcess(node, async (self) => {
          let sum = 0
          for (const pid of pids) sum += await self.call(pid).increment(1)
          return sum
        })
        verify(answers, count, "answers")
        node.send(FAMILY, "end")
        while (node.count > alive) await new Promise((resolve) => setImmediate(resolve))
      })
    },
  }
}
