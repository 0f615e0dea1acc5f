/** Worlds of a test: virtual time in expectations, and the seed before every failure. */
import { describe, expect, test } from "vitest"
import { isDown } from "../../src/runtime/index.ts"
import { SeedFailed } from "../../src/sim/index.ts"
import { tuple } from "../../src/term/index.ts"
import { anything, testWorld, withWorld } from "../../src/testing/index.ts"
import { COUNTER, counter } from "./parts.ts"

describe("time", () => {
  test("an hour of waiting for a message is over at once", async () => {
    await using world = await testWorld({ seed: 1 })
    const t = await world.node()
    const probe = t.probe()
    t.spawn(async (self) => {
      self.sendAfter(3_600_000, "wake")
      await self.receive()
      self.send(probe.pid, "late")
    })
    await probe.refuteReceive(anything, { within: 3_599_000 })
    expect(world.now).toBeLessThan(3_600_000)
    await probe.expectReceive("late", { within: 10_000 })
    expect(world.now).toBeGreaterThanOrEqual(3_600_000)
    expect(world.now).toBeLessThan(3_601_000)
  })
  test("nodes of a world talk, are cut off, and crash; their probes hear of it", async () => {
    await using world = await testWorld({ seed: 7 })
    const [a, b] = [await world.node(), await world.node({ name: "b@sim" })]
    await b.startSupervised(counter, { arg: 0, name: COUNTER })
    expect(await a.call(COUNTER.at("b@sim")).increment(1)).toBe(1)
    const probe = a.probe()
    probe.monitor(COUNTER.at("b@sim"))
    {
      using _cut = world.partition([a], [b])
      await probe.refuteReceive(anything, { within: 1_000 })
    }
    world.crash(b)
    const down = await probe.expectReceive(isDown, { within: 120_000 })
    expect(String(down.reason)).toBe("noconnection")
    expect(a.name).toBe("node1@sim")
  })
  test("settled lets everything of this moment happen, and no more", async () => {
    await using world = await testWorld({ seed: 3 })
    const t = await world.node()
    const probe = t.probe()
    await t.startSupervised(counter, { arg: 4, name: COUNTER })
    t.cast(COUNTER).tell(probe.pid)
    const before = world.now
    await t.settled()
    expect([probe.mailbox.length, world.now]).toEqual([1, before])
  })
})

describe("a failure begins with the seed", () => {
  test("of an expectation", async () => {
    await using world = await testWorld({ seed: 42 })
    const probe = (await world.node()).probe()
    const failed = probe.expectReceive(tuple(1), { within: 250 })
    await expect(failed).rejects.toThrow(
      /^seed 42 \(UMBEL_SEED=42 runs it again\), at [\d.]+ ms: no message matched \{1\} within 250 ms\n {2}the mailbox of probe <[\d.]+> is empty$/,
    )
  })
  test("of a crash at the end, on any node", async () => {
    const world = await testWorld({ seed: 43 })
    const [a, b] = [await world.node(), await world.node()]
    for (const t of [a, b]) {
      t.spawn(async () => {
        throw new Error(`crash on ${t.name}`)
      })
    }
    await world.run(1)
    await expect(world[Symbol.asyncDispose]()).rejects.toThrow(
      /seed 43 .*crash on node2@sim.*seed 43 .*crash on node1@sim/s,
    )
  })
  test("of anything, in withWorld, with what happened last", async () => {
    const failed = withWorld({ seed: 44 }, async (world) => {
      await world.node()
      expect(1).toBe(2)
    })
    const error = await failed.catch((thrown) => thrown)
    expect(error).toBeInstanceOf(SeedFailed)
    expect(error.message).toMatch(/^seed 44 failed after [\d.]+ ms: AssertionError: expected 1 to be 2/)
    expect(error.message).toMatch("boot node1@sim")
  })
  test("which is a fresh one, unless one is given", async () => {
    const seeds = new Set<number>()
    for (let i = 0; i < 5; i++) seeds.add(await withWorld({}, async (world) => world.seed))
    expect(seeds.size).toBe(process.env["UMBEL_SEED"] === undefined ? 5 : 1)
  })
})
