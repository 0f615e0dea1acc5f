/** A node whose handler holds the thread for two seconds, run by `watchdog.test.ts`. */
import { boot } from "../../src/nodejs/index.ts"
import { genServer } from "../../src/otp/index.ts"

const counter = genServer("fixture.counter", {
  init: () => ({ count: 0 }),
  calls: {
    countForLong({ state }) {
      const until = performance.now() + 2_000
      while (performance.now() < until) state.count++
      return "done"
    },
  },
})

const node = await boot({ name: "held@127.0.0.1", watchdogMs: 400, report: () => {} })
console.log(await node.call(await node.start(counter)).countForLong())
await node.stop()
