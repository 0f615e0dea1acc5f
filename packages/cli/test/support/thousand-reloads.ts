/** Reloads an application a thousand times in a node of its own, and prints how much heap that took. Run in an umbrella of two applications. */

import { queryObjects } from "node:v8"
import { name } from "umbel"
import { boot } from "umbel/nodejs"
import { readWorkspace } from "../../src/project/workspace.ts"
import { Reloader } from "../../src/reload/reloader.ts"
import { GREETER, put } from "./two-applications.ts"

const root = process.cwd()
const TIMES = 1_000
/** By then everything is warm. */
const WARM = 100

/** After a query V8 has let go of all that it can, compiled code included: a collection that is asked for leaves it what may come to use again. */
const heap = (): number => {
  queryObjects(Reloader, { format: "count" })
  return process.memoryUsage().heapUsed
}

const reloader = await Reloader.open(await readWorkspace(root), ["a", "b"])
const applications = reloader.names.map((one) => reloader.application(one))
const node = await boot({ name: "reloads@127.0.0.1", applications, report: () => {} })
let first = 0
for (let i = 1; i <= TIMES; i++) {
  await put(root, "apps/b/src/greeter.ts", GREETER(`hello ${i}`))
  const { changes } = await reloader.reload(node, "b")
  if (changes.some(({ outcome }) => outcome !== "changed")) throw new Error(`reload ${i} did not change everything`)
  if (i === WARM) first = heap()
}
const greeter = name<{ calls: { greet(who: string): string }; casts: {} }>("greeter")
const answer = await node.call(greeter).greet("Joe")
const last = heap()
console.log(JSON.stringify({ first, last, answer }))
await node.stop()
await reloader.close()
