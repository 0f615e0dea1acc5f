/** What the scheduler guarantees on Node.js: async contexts stay apart, a flood starves nobody, and stacks show the caller. */
import { AsyncLocalStorage } from "node:async_hooks"
import { afterEach, describe, expect, test } from "vitest"
import { boot } from "../../src/nodejs/index.ts"
import { genServer } from "../../src/otp/index.ts"
import type { CallExit, Node, Report, Running } from "../../src/runtime/index.ts"
import { atom, makeName, tuple } from "../../src/term/index.ts"

let nodes: Node[] = []
afterEach(async () => {
  for (const node of nodes) await node.stop()
  nodes = []
})
const started = async (report: (report: Report) => void = () => {}): Promise<Node> => {
  const node = await boot({ name: "fairness@127.0.0.1", report })
  nodes.push(node)
  return node
}

describe("AsyncLocalStorage", () => {
  test("of a sender is never seen by handlers, and the sender keeps its own", async () => {
    const tenant = new AsyncLocalStorage<string>()
    const node = await started()
    const seen: unknown[] = []
    const look = (where: string): void => void seen.push([where, tenant.getStore()])
    const server = genServer("fairness.server", {
      init: (_: void, self) => {
        look("init")
        self.sendAfter(1, "timer")
        return {}
      },
      calls: {
        call: () => look("call"),
        async waiting() {
          await Promise.resolve()
          look("after an await")
        },
      },
      casts: { cast: () => look("cast") },
      info: () => look("info"),
    })
    await tenant.run("ann", async () => {
      const pid = await node.start(server)
      await node.call(pid).call()
      await node.call(pid).waiting()
      node.cast(pid).cast()
      node.send(pid, "message")
      node.spawn(async (self) => {
        look("spawn")
        self.send(self.pid, "x")
        await self.receive()
        look("receive")
      })
      await node.call(pid).call()
      expect(tenant.getStore()).toBe("ann")
      await tenant.run("bob", async () => {
        await node.call(pid).call()
        expect(tenant.getStore()).toBe("bob")
      })
    })
    while (!seen.some((one) => (one as string[])[0] === "receive") || seen.length < 10)
      await new Promise((resolve) => setImmediate(resolve))
    expect(seen.filter((one) => (one as unknown[])[1] !== undefined)).toEqual([])
    expect(new Set(seen.map((one) => (one as string[])[0]))).toEqual(
      new Set(["init", "call", "after an await", "cast", "info", "spawn", "receive"]),
    )
  })
})

describe("a flood of messages", () => {
  test("lets timers of the event loop fire, and other processes take their turns, while it lasts", async () => {
    const node = await started()
    const PING = atom("ping")
    let handled = 0
    let flooding = true
    const flood = async (self: Running): Promise<void> => {
      self.send(self.pid, PING)
      while (flooding) {
        await self.receive()
        handled++
        self.send(self.pid, PING)
      }
    }
    for (let n = 0; n < 4; n++) node.spawn(flood)
    const counting = await node.start(
      genServer("fairness.counting", { init: () => ({ n: 0 }), calls: { next: ({ state }) => ++state.n } }),
    )
    // Both need the flood to let them through; were they starved this test would never end.
    const before = handled
    await new Promise((resolve) => setTimeout(resolve, 1))
    await new Promise((resolve) => setImmediate(resolve))
    expect(handled).toBeGreaterThan(before)
    expect(await node.call(counting).next()).toBe(1)
    flooding = false
  })

  test("to a server is handled in turns: another server answers before it is over", async () => {
    const node = await started()
    const order: string[] = []
    const sink = await node.start(
      genServer("fairness.sink", {
        init: () => ({ n: 0 }),
        casts: { add: ({ state }) => void (++state.n === 10_000 && order.push("flood over")) },
        calls: { n: ({ state }) => state.n },
      }),
    )
    const other = await node.start(
      genServer("fairness.other", { init: () => ({}), calls: { hello: () => void order.push("answered") } }),
    )
    for (let n = 0; n < 10_000; n++) node.cast(sink).add()
    await node.call(other).hello()
    expect(await node.call(sink).n()).toBe(10_000)
    expect(order).toEqual(["answered", "flood over"])
  })
})

describe("a handler that holds the thread", () => {
  test("is reported with its name and how long", async () => {
    const all: Report[] = []
    const node = await started((report) => void all.push(report))
    const pid = await node.start(
      genServer("fairness.holding", {
        init: () => ({}),
        calls: {
          hold() {
            const end = performance.now() + 60
            while (performance.now() < end);
          },
        },
      }),
    )
    await node.call(pid).hold()
    await node.ask(pid, tuple(atom("hold"))).catch(() => {})
    expect(all.filter(({ kind }) => kind === "long-handler")).toMatchObject([
      { title: "fairness.holding" },
      { title: "fairness.holding" },
    ])
  })
})

describe("the stack of a failed call", () => {
  test("shows the line of whoever made it", async () => {
    const node = await started()
    async function theCaller(): Promise<unknown> {
      return await node.ask(makeName("nobody", undefined), 1)
    }
    const error = (await theCaller().catch((thrown: unknown) => thrown)) as CallExit
    expect(error.stack).toMatch(/theCaller.*fairness\.test\.ts/)
  })
  test("also of a call that a handler made", async () => {
    const node = await started()
    let stack = ""
    const pid = await node.start(
      genServer("fairness.asking", {
        init: () => ({}),
        calls: {
          async theHandler(self) {
            try {
              await self.ask(makeName("nobody", undefined), 1)
            } catch (thrown) {
              stack = (thrown as Error).stack ?? ""
            }
          },
        },
      }),
    )
    await node.call(pid).theHandler()
    expect(stack).toMatch(/theHandler.*fairness\.test\.ts/)
  })
})
