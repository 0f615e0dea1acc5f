import { child, genServer, type Node, name, shutdown, supervisor } from "umbel"
import { boot } from "umbel/nodejs"
import { type AutoShutdown, decide, type Sibling } from "umbel/otp"
import { afterEach, beforeEach, describe, expect, test } from "vitest"

const job = genServer("test.job", {
  init: () => ({}),
  calls: { finish: (self) => self.stop(), fail: (self) => self.stop("failed") },
})
const [A, B] = [name<typeof job>("a"), name<typeof job>("b")]

describe("significant children", () => {
  let node: Node
  beforeEach(async () => {
    node = await boot({ name: "significant@127.0.0.1", report: () => {} })
  })
  afterEach(() => node.stop())

  const start = async (autoShutdown: AutoShutdown) => {
    const top = await node.start(
      supervisor("test.top", {
        autoShutdown,
        children: [A, B].map((called) => child(job, { name: called, restart: "transient", significant: true })),
      }),
    )
    return new Promise<unknown>((resolve) => node.monitor(top, ({ reason }) => resolve(reason)))
  }

  test("end their supervisor when one of them has done its work, if any is enough", async () => {
    const ended = start("any_significant")
    await expect.poll(() => node.whereis(B)).toBeDefined()
    await node.call(A).finish()
    expect(await ended).toBe(shutdown)
    expect(node.whereis(B)).toBeUndefined()
  })
  test("end it when all of them have, if all are needed", async () => {
    const ended = start("all_significant")
    await expect.poll(() => node.whereis(B)).toBeDefined()
    await node.call(A).finish()
    const b = node.whereis(B)
    await node.call(B).fail()
    // It failed, so it is restarted, and its work is still to be done.
    await expect.poll(() => node.whereis(B)).not.toBe(b)
    await expect.poll(() => node.whereis(B)).toBeDefined()
    await node.call(B).finish()
    expect(await ended).toBe(shutdown)
  })
  test("cannot be permanent", () => {
    expect(() => child(job, { significant: true })).toThrow("a permanent child cannot be significant")
  })
})

test.each<[AutoShutdown, boolean, boolean, string]>([
  ["never", true, false, "leave"],
  ["any_significant", true, true, "shut-down"],
  ["any_significant", false, true, "leave"],
  ["all_significant", true, true, "leave"],
  ["all_significant", true, false, "shut-down"],
])(
  "with %s, significant %s and the other running %s, an orderly end means %s",
  (autoShutdown, significant, running, kind) => {
    const child = (id: string, its: boolean): Sibling => ({ id, restart: "transient", running: its, significant: true })
    const siblings = {
      strategy: "one_for_one",
      autoShutdown,
      children: [{ ...child("a", false), significant }, child("b", running)],
    } as const
    expect(decide(siblings, { intensity: 3, periodMs: 5_000, restarts: [] }, "a", shutdown, 0).kind).toBe(kind)
  },
)
