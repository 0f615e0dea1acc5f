/** Reloads an application a thousand times in a node of its own, and prints how much heap that took. Run with --expose-gc in an umbrella of two applications. */

import { name } from "umbel"
import { boot } from "umbel/nodejs"
import { readWorkspace } from "../../src/project/workspace.ts"
import { Reloader } from "../../src/reload/reloader.ts"
import { GREETER, put } from "./two-applications.ts"

const root = process.cwd()
const TIMES = 1_000
/** By then everything is warm. */
const WARM = 100

declare const gc: () => void
/** V8 lets go of compiled code only when some collections have found it idle. */
const ROUNDS = 30
const heap = async (): Promise<number> => {
  for (let i = 0; i < ROUNDS; i++) {
    gc()
    await new Promise((resolve) => setTimeout(resolve))
  }
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
  if (i === WARM) first = await heap()
}
const greeter = name<{ calls: { greet(who: string): string }; casts: {} }>("greeter")
const answer = await node.call(greeter).greet("Joe")
const last = await heap()
console.log(JSON.stringify({ first, last, answer }))
await node.stop()
await reloader.close()
