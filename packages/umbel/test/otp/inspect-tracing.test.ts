/** Traces: who sent what to whom, across nodes, and that they end by themselves. */
import { child, genServer, name, supervisor } from "umbel"
import { INSPECTOR, type TracedEvent, type TraceOptions } from "umbel/otp"
import type { Pid } from "umbel/term"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { type Simulated, simulated } from "../support/simulated.ts"

const pantry = genServer("test.pantry", {
  init: () => ({ jars: 3 }),
  calls: {
    take: ({ state }, _token: { password: string }) => --state.jars,
    fail: () => {
      throw new Error("empty")
    },
  },
  casts: { fill: ({ state }, jars: number) => void (state.jars += jars) },
  info: () => {},
})
const PANTRY = name<typeof pantry>("pantry")
const cook = genServer("test.cook", {
  init: () => ({}),
  calls: {
    cook: async (self, where: string | undefined) => {
      const target = where === undefined ? PANTRY : PANTRY.at(where)
      self.cast(target).fill(2)
      self.send(target, "hello")
      return self.call(target).take({ password: "s3cret" })
    },
    hire: async (self) => {
      self.trapExit(true)
      return self.spawnLink(async (boy) => boy.exit("burnt"))
    },
  },
  info: () => {},
})
const COOK = name<typeof cook>("cook")
const kitchen = supervisor("test.kitchen", { children: [child(cook, { name: COOK }), child(pantry, { name: PANTRY })] })

let world: Simulated
beforeEach(async () => {
  world = await simulated()
  await world.node.start(kitchen)
})
afterEach(() => world.platform.stop())

const pidOf = (which: typeof COOK | typeof PANTRY): Pid => world.node.whereis(which as never)!
const line = ({ kind, fromTitle, toTitle, toName, text, seen }: TracedEvent): string =>
  `${kind} ${fromTitle || "-"} > ${toTitle || toName || "-"} ${text}${seen === "both" ? "" : ` (${seen})`}`

describe("a trace", () => {
  const traced = async (options: TraceOptions, work: () => Promise<unknown>): Promise<readonly TracedEvent[]> => {
    const { id } = await world.node.call(INSPECTOR).trace(options)
    await work()
    return (await world.node.call(INSPECTOR).traced(id, 0))!.events
  }

  test("shows messages, casts, calls and answers of a process in order, secrets covered", async () => {
    const events = await traced({ pids: [pidOf(COOK)] }, () => world.node.call(COOK).cook(undefined))
    expect(events.map(line)).toEqual([
      "call init > cook {:cook, :undefined}",
      "cast cook > pantry {:fill, 2}",
      'message cook > pantry "hello"',
      'call cook > pantry {:take, %{password: "[redacted]"}}',
      "answer pantry > cook 4",
      "answer cook > init 4",
    ])
    const [asked, , , inner, innerAnswer, answer] = events
    expect(answer!.call).toBe(asked!.call)
    expect(innerAnswer!.call).toBe(inner!.call)
    expect(innerAnswer!.ms).toBeGreaterThanOrEqual(0)
    expect(events.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5])
  })
  test("shows only what was asked for", async () => {
    const events = await traced({ pids: [pidOf(COOK)], what: ["messages"] }, () =>
      world.node.call(COOK).cook(undefined),
    )
    expect(events.map(({ kind }) => kind)).toEqual(["cast", "message"])
  })
  test("of a subtree includes what is started below it later, and how calls fail", async () => {
    const top = world.node.find(pidOf(COOK))!.parent!.pid
    const events = await traced({ subtrees: [top] }, async () => {
      await world.node.call(COOK).hire()
      await expect(world.node.call(PANTRY).fail()).rejects.toThrow()
      await world.world.run(1)
    })
    const lines = events.map(line)
    expect(lines.filter((text) => text.startsWith("exit")).sort()).toEqual([
      'exit pantry > - %RuntimeError{message: "empty"}',
      'exit spawn > - "burnt"',
    ])
    expect(lines.some((text) => text.startsWith("failure pantry > init"))).toBe(true)
    expect(lines.filter((text) => text.startsWith("spawn")).map((text) => text.split(" > ")[0])).toEqual([
      "spawn cook",
      "spawn test.kitchen",
    ])
    expect(lines.some((text) => text.startsWith("signal - > cook"))).toBe(true)
  })
  test("costs nothing afterwards, and is refused for what is not here", async () => {
    const { id } = await world.node.call(INSPECTOR).trace({ pids: [pidOf(COOK)] })
    expect(world.node.spy).toBeDefined()
    await world.node.call(INSPECTOR).untrace(id)
    expect(world.node.spy).toBeUndefined()
    expect((await world.node.call(INSPECTOR).traced(id, 0))!.stopped).toBe("asked")
    await expect(world.node.call(INSPECTOR).trace({ pids: [] })).rejects.toThrow(/none of these processes/)
    expect(await world.node.call(INSPECTOR).traced(99, 0)).toBeUndefined()
  })
})

describe("a trace ends by itself", () => {
  const start = (limits: TraceOptions["limits"]) => world.node.call(INSPECTOR).trace({ pids: [pidOf(PANTRY)], limits })

  test("at so many events", async () => {
    const { id } = await start({ events: 3 })
    for (let i = 0; i < 10; i++) world.node.cast(PANTRY).fill(1)
    const page = await world.node.call(INSPECTOR).traced(id, 0)
    expect(page).toMatchObject({ stopped: "events", next: 3 })
    await world.until(() => world.node.spy === undefined)
  })
  test("after its time", async () => {
    const { id } = await start({ ms: 1_000 })
    await world.world.run(1_500)
    expect(await world.node.call(INSPECTOR).traced(id, 0)).toMatchObject({ stopped: "time", events: [] })
    expect(world.node.spy).toBeUndefined()
  })
  test("when nobody reads it, and is forgotten a minute later", async () => {
    const { id } = await start({ ms: 600_000 })
    await world.until(() => world.node.spy === undefined)
    await world.world.run(59_000)
    expect(await world.node.call(INSPECTOR).traced(id, 0)).toMatchObject({ stopped: "unread" })
    await world.world.run(62_000)
    expect(await world.node.call(INSPECTOR).traced(id, 0)).toBeUndefined()
  })
  test("when its watcher ends", async () => {
    let id = 0
    world.node.spawn(async (self) => {
      id = (await self.call(INSPECTOR).trace({ pids: [pidOf(PANTRY)] })).id
    })
    await world.until(() => id !== 0 && world.node.spy === undefined)
    expect(await world.node.call(INSPECTOR).traced(id, 0)).toMatchObject({ stopped: "watcher" })
  })
  test("ten run at a time", async () => {
    for (let i = 0; i < 10; i++) await start({})
    await expect(start({})).rejects.toThrow(/10 traces run already/)
  })
})

describe("across two nodes", () => {
  test("each sees its half of a message, and both know the call by one id", async () => {
    const [front, back] = await world.platform.bootTwo({ cookie: "c" }, { cookie: "c" })
    await front.start(kitchen)
    await back.start(kitchen)
    expect(await front.connect(back.name)).toBe(true)
    const a = await front.call(INSPECTOR).trace({ pids: [front.whereis(COOK)!] })
    const b = await front.call(INSPECTOR.at(back.name)).trace({ pids: [back.whereis(PANTRY)!] })
    await front.call(COOK).cook(back.name)
    const sent = (await front.call(INSPECTOR).traced(a.id, 0))!.events
    const received = (await front.call(INSPECTOR.at(back.name)).traced(b.id, 0))!.events
    expect(sent.map(line)).toEqual([
      `call init > cook {:cook, "${back.name}"}`,
      expect.stringMatching(/^cast cook > .*pantry.* \{:fill, 2\} \(sent\)$/),
      expect.stringMatching(/^message cook > .*pantry.* "hello" \(sent\)$/),
      expect.stringMatching(/^call cook > .*pantry.* \{:take, .*\[redacted\].*\} \(sent\)$/),
      expect.stringMatching(/^answer .* > cook 4 \(received\)$/),
      "answer cook > init 4",
    ])
    expect(received.map(line)).toEqual([
      "message - > pantry {:fill, 2} (received)",
      'message - > pantry "hello" (received)',
      'call - > pantry {:take, %{password: "[redacted]"}} (received)',
      "answer pantry > - 4 (sent)",
    ])
    expect(received[2]!.call).toBe(sent[3]!.call)
    expect(received[3]!.call).toBe(sent[3]!.call)
    expect(received[0]!.from?.key).toBe(sent[1]!.from?.key)
  })
})
