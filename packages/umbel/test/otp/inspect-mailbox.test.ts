/** The study of a mailbox: who sends what, how long it waits, how long it takes; and that it ends by itself. */
import { genServer, name } from "umbel"
import { INSPECTOR } from "umbel/otp"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type Simulated, simulated } from "../support/simulated.ts"

const till = genServer("test.till", {
  init: () => ({ sum: 0 }),
  calls: {
    pay: async ({ state }, cents: number, ms: number) => {
      await new Promise<void>((resolve) => world.node.platform.clock.after(ms, resolve))
      return (state.sum += cents)
    },
  },
  casts: { ring: () => {} },
  info: () => {},
})
const TILL = name<typeof till>("till")
const clerk = genServer("test.clerk", {
  init: () => ({}),
  casts: {
    greet: (self) => {
      for (let i = 0; i < 3; i++) self.cast(TILL).ring()
      self.send(TILL, { kind: "hello" })
    },
  },
})

let world: Simulated
beforeEach(async () => {
  world = await simulated()
  await world.node.start(till, { name: TILL })
})
afterEach(() => world.platform.stop())
const look = () => world.node.call(INSPECTOR).mailbox(world.node.whereis(TILL)!)

describe("a mailbox that is studied", () => {
  test("tells senders and kinds of messages, most first", async () => {
    expect(await look()).toMatchObject({ came: 0, depth: 0, senders: [], kinds: [], waitP50: undefined })
    const sender = await world.node.start(clerk)
    world.node.cast(sender).greet()
    await world.node.call(TILL).pay(5, 0)
    const { came, senders, kinds, handleP99 } = (await look())!
    expect(came).toBe(5)
    expect(senders.map(({ title, count }) => [title, count])).toEqual([
      ["test.clerk", 4],
      ["init", 1],
    ])
    expect(kinds).toEqual([
      { kind: "ring", count: 3 },
      { kind: "pay", count: 1 },
      { kind: '%{kind: "hello"}', count: 1 },
    ])
    expect(handleP99).toBeGreaterThanOrEqual(0)
  })

  test("tells how long messages waited behind one that took its time, and how old the next one is", async () => {
    await look()
    const first = world.node.call(TILL).pay(1, 800)
    const second = world.node.call(TILL).pay(2, 0)
    await world.world.run(500)
    expect((await look())!.oldestMs).toBeGreaterThanOrEqual(500)
    await Promise.all([first, second])
    const { waitP50, waitP99, oldestMs } = (await look())!
    expect(oldestMs).toBeUndefined()
    expect(waitP50).toBeGreaterThanOrEqual(800)
    expect(waitP99).toBeLessThan(1_000)
  })

  test("costs the node nothing once nobody has looked for ten seconds", async () => {
    await look()
    expect(world.node.spy).toBeDefined()
    expect(world.node.scheduler.turnListeners.size).toBe(1)
    await world.world.run(11_000)
    expect(world.node.spy).toBeUndefined()
    expect(world.node.scheduler.turnListeners.size).toBe(0)
  })

  test("ends with its process", async () => {
    const pid = world.node.whereis(TILL)!
    await look()
    world.node.exit(pid, "kill")
    await world.until(() => world.node.find(pid) === undefined)
    expect(await world.node.call(INSPECTOR).mailbox(pid)).toBeUndefined()
  })
})
