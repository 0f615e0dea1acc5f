/** A node whose handler holds the thread for two seconds, run by `watchdog.test.ts`. */
import { boot } from "../../src/nodejs/index.ts"
import { genServer, INSPECTOR } from "../../src/otp/index.ts"

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
const answer = await node.call(await node.start(counter)).countForLong()
const held = async () => (await node.call(INSPECTOR).longHandlers())[0]?.stack?.frames[0]
let frame = await held()
while (frame === undefined) {
  await new Promise((resolve) => setTimeout(resolve, 20))
  frame = await held()
}
console.log(`${frame.name} ${frame.place.split("/").at(-1)}`)
console.log(answer)
await node.stop()
