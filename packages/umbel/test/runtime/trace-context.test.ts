/** Which request some work is done for travels with the messages, and by no other way. */
import { AsyncLocalStorage } from "node:async_hooks"
import { afterEach, expect, test } from "vitest"
import { boot } from "../../src/nodejs/index.ts"
import { genServer, name } from "../../src/otp/index.ts"
import type { Node } from "../../src/runtime/index.ts"

const requests = new AsyncLocalStorage<string>()
const traceContext = {
  capture: () => requests.getStore(),
  run: <T>(id: string, handle: () => T): T => requests.run(id, handle),
}

const current = (): string => requests.getStore() ?? "none"

/** Notes the request that each handler ran for. */
const notebook = genServer("test.notebook", {
  init: () => ({ seen: [] as string[] }),
  calls: {
    request: () => current(),
    afterAwhile: async ({ state }) => {
      await Promise.resolve()
      state.seen.push(current())
      return current()
    },
    continued: (self) => void self.continue("more"),
    delayed: (self) => void self.sendAfter(1, "a timer"),
    seen: ({ state }) => state.seen,
  },
  casts: { note: ({ state }) => void state.seen.push(current()) },
  info: ({ state }) => void state.seen.push(current()),
  continue: ({ state }) => void state.seen.push(current()),
})
const NOTEBOOK = name<typeof notebook>("notebook")
/** Asks the notebook, and so stands between. */
const between = genServer("test.between", {
  init: () => ({}),
  calls: { request: (self) => self.call(NOTEBOOK).request() },
})

const nodes: Node[] = []
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop()
})
async function booted(hook: typeof traceContext | undefined): Promise<Node> {
  const node = await boot({ name: "a@127.0.0.1", traceContext: hook, report: () => {} })
  nodes.push(node)
  await node.start(notebook, { name: NOTEBOOK })
  return node
}

test("a call, a cast, a message and a timer are handled for the request they were sent for", async () => {
  const node = await booted(traceContext)
  const answers = await requests.run("r1", async () => {
    node.cast(NOTEBOOK).note()
    node.send(NOTEBOOK, "hello")
    return [await node.call(NOTEBOOK).request(), await node.call(NOTEBOOK).afterAwhile()]
  })
  expect(answers).toEqual(["r1", "r1"])
  await requests.run("r2", async () => {
    await node.call(NOTEBOOK).continued()
    await node.call(NOTEBOOK).delayed()
  })
  await expect.poll(() => node.call(NOTEBOOK).seen()).toEqual(["r1", "r1", "r1", "r2", "r2"])
})

test("a request is passed on by a server that asks another", async () => {
  const node = await booted(traceContext)
  const pid = await node.start(between)
  const answers = await Promise.all(["r1", "r2", "r3"].map((id) => requests.run(id, () => node.call(pid).request())))
  expect(answers).toEqual(["r1", "r2", "r3"])
})

test("what is sent outside of a request is handled outside of one, whatever came before", async () => {
  const node = await booted(traceContext)
  await requests.run("r1", () => node.call(NOTEBOOK).afterAwhile())
  expect(await node.call(NOTEBOOK).request()).toBe("none")
})

test("without a hook nothing of the sender's async context is seen", async () => {
  const node = await booted(undefined)
  expect(await requests.run("r1", () => node.call(NOTEBOOK).request())).toBe("none")
})
