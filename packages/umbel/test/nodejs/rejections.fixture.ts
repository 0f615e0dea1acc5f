/**
 * A program with rejections that nobody handles: run by `rejections.test.ts`, as a test runner has its own way with them.
 *
 *     node rejections.fixture.ts attribute server     // who rejects: a server, a coroutine, one of two nodes, nobody
 */

import { boot } from "../../src/nodejs/index.ts"
import { child, genServer, name, supervisor } from "../../src/otp/index.ts"
import type { Report } from "../../src/runtime/index.ts"

const [how = "", who = ""] = process.argv.slice(2)
let thrown = (): void => {}
const happened = new Promise<void>((resolve) => {
  thrown = resolve
})
const later = async (why: string): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 1))
  thrown()
  throw new RangeError(why)
}
const charger = genServer("fixture.charger", {
  init: () => ({ charged: 0 }),
  calls: { charged: ({ state }) => state.charged },
  casts: {
    charge({ state }) {
      state.charged++
      void later("no card")
    },
  },
})
const CHARGER = name<typeof charger>("charger")
const top = supervisor("fixture.top", { children: [child(charger, { name: CHARGER })] })

const say = (report: Report): void => {
  if (report.kind === "crash") console.log(`crash of ${report.title}: ${report.error}`)
  if (report.kind === "note" && report.level !== "debug") console.log(`${report.level}: ${report.text.split("\n")[0]}`)
}
const options = {
  report: say,
  attributeRejections: how === "attribute",
  onRejection: how === "end" ? (reason: unknown) => console.log(`told of ${reason}`) : undefined,
}
const node = await boot({ ...options, name: "a@127.0.0.1" })
const other = who === "other" ? await boot({ ...options, name: "b@127.0.0.1" }) : undefined
await (other ?? node).start(top)
if (who === "server" || who === "other") (other ?? node).cast(CHARGER).charge()
if (who === "coroutine")
  node.spawn(async (self) => {
    self.label("sloppy")
    void later("in passing")
    await self.receive()
  })
if (who === "late") {
  const pid = node.spawn(async () => void later("after the end"))
  await new Promise((resolve) => node.monitor(pid, resolve))
}
if (who === "nobody") void later("nobody's")
await happened
// What nobody has handled when the microtasks are through is told of before the next turn of the event loop.
await new Promise((resolve) => setImmediate(resolve))
console.log(`charged: ${await (other ?? node).call(CHARGER).charged()}`)
await node.stop()
await other?.stop()
console.log(`${process.listenerCount("unhandledRejection")} listeners left`)
