/** `umbel start` and `umbel run`: what becomes of a rejection that nobody handles. */
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { freePort } from "../../../interop/support/ports.ts"
import { tinyUmbrella } from "./support/tiny-umbrella.ts"
import { CHECKOUT, type Ended, run } from "./support/umbel.ts"

vi.setConfig({ testTimeout: 60_000 })

/** Its server forgets a promise when it is told to; its start forgets another, where it is configured so. */
const FORGETFUL = `import { application, child, genServer, supervisor } from "umbel"
const forgetful = genServer("shop.forgetful", {
  init: () => ({ lives: 1 }),
  casts: { forget: () => void Promise.reject(new RangeError("of a server")) },
})
export default application({
  name: "shop",
  config: { forget: false },
  modules: [forgetful],
  start: async (config, node) => {
    if (config.forget) setTimeout(() => void Promise.reject(new RangeError("of nobody")), 100)
    return supervisor("shop.supervisor", { children: [child(forgetful, { id: "forgetful" })] })
  },
})\n`

/** Has the server forget its promise, and waits for its end. */
const FORGET = `await new Promise((resolve) => {
  const [server] = [...node.all()].filter((process) => process.title === "shop.forgetful")
  node.monitor(server.pid, resolve)
  node.cast(server.pid).forget()
})`

let root = ""
let epmd = ""
beforeAll(async () => {
  root = await tinyUmbrella({
    "apps/shop/src/application.ts": FORGETFUL,
    "umbel.config.ts": `export default { releases: { shop: { applications: { shop: "permanent" } } } }\n`,
  })
  epmd = String(await freePort())
})
afterAll(() => rm(root, { recursive: true, force: true }))
const umbel = (...args: readonly string[]): Promise<Ended> => {
  const bin = join(CHECKOUT, "packages/cli/bin/umbel.mjs")
  return run(root, "env", `ERL_EPMD_PORT=${epmd}`, process.execPath, "--conditions=@umbel/source", bin, ...args)
}

test("umbel start reports one of no process, and ends with exit code 1", async () => {
  const { err, code } = await umbel("start", "shop", "--set", "shop.forget=true")
  expect(err).toContain("a rejection that nobody handled, of no process: RangeError: of nobody")
  expect(err).toContain("umbel: a rejection that nobody handled ends this node")
  expect(code).toBe(1)
})

test("umbel run makes one of a server its crash, and goes on", async () => {
  const { out, err, code } = await umbel("run", "--eval", FORGET, "--eval", `console.log("went on")`)
  expect(err).toMatch(/crash {2}shop\.forgetful.*\n +RangeError: of a server/)
  expect(out).toContain("went on")
  expect(code).toBe(0)
})
