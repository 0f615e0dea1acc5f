/** The cases of Elixir's `agent_test.exs`, and of the documentation of `Agent`, that mean something here. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { boot } from "../../src/nodejs/index.ts"
import { Agent, type ApiFor, agent, child, genServer, name, registry, supervisor, via } from "../../src/otp/index.ts"
import { CallExit, type CrashReport, type Node, type Report, type Running } from "../../src/runtime/index.ts"
import {
  inspect,
  kill,
  killed,
  NotATerm,
  noproc,
  normal,
  type Pid,
  shutdown,
  type Tuple,
  timeout,
} from "../../src/term/index.ts"

const counter = agent("test.counter", (start: number) => start)
const COUNTER = name<typeof counter>("counter")
type CounterPid = Pid<ApiFor<typeof counter>>
const list = agent("test.list", () => [] as string[])

let node: Node
let reports: Report[]
beforeEach(async () => {
  reports = []
  node = await boot({ name: "agent@127.0.0.1", report: (report) => reports.push(report) })
})
afterEach(() => node.stop())

function inProcess<T>(run: (self: Running) => T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    node.spawn(async (self) => {
      try {
        resolve(await run(self))
      } catch (thrown) {
        reject(thrown)
      }
    })
  })
}
const downOf = (pid: Pid): Promise<unknown> =>
  new Promise((resolve) => void node.monitor(pid, ({ reason }) => resolve(reason)))
const failure = (work: Promise<unknown>): Promise<CallExit> =>
  work.then(
    (value) => Promise.reject(new Error(`expected a failure, got ${String(value)}`)),
    (error: CallExit) => error,
  )
const boom = (): never => {
  throw new Error("boom")
}

describe("an agent", () => {
  test("is updated, read, read and updated at once, and stopped", async () => {
    const pid = await node.start(list)
    expect(await Agent.update(node, pid, (state) => [...state, "hello"])).toBeUndefined()
    expect(await Agent.get(node, pid, (state) => state[0])).toBe("hello")
    expect(await Agent.getAndUpdate(node, pid, (state) => [state.length, []])).toBe(1)
    expect(await Agent.get(node, pid, (state) => state)).toEqual([])
    const down = downOf(pid)
    expect(await Agent.stop(node, pid)).toBeUndefined()
    expect(node.find(pid)).toBeUndefined()
    expect(await down).toBe(normal)
  })
  test("works under a name, and under a via name", async () => {
    await inProcess(async (self) => {
      await self.start(counter, { arg: 1, name: COUNTER })
      Agent.cast(self, COUNTER, (count) => count + 1)
      expect(await Agent.get(self, COUNTER, (count) => count)).toBe(2)
      const counters = registry<string, undefined, typeof counter>("test.counters", { keys: "unique" })
      await self.start(counters)
      await self.start(counter, { arg: 10, name: via(counters, "ten") })
      await Agent.update(self, via(counters, "ten"), (count) => count + 1)
      expect(await Agent.get(self, via(counters, "ten"), (count) => count)).toBe(11)
      await Agent.stop(self, COUNTER)
      expect(self.whereis(COUNTER)).toBeUndefined()
    })
  })
  test("is linked to who starts it so, and ends with it", async () => {
    const started = await new Promise<{ owner: Pid; pid: Pid }>((resolve) => {
      node.spawn(async (self) => {
        resolve({ owner: self.pid, pid: await self.startLink(counter, { arg: 0 }) })
        await self.receive()
      })
    })
    const down = downOf(started.pid)
    node.exit(started.owner, "gone")
    expect(await down).toBe("gone")
  })
  test("is supervised, and begins anew after a crash", async () => {
    const top = supervisor("test.top", { children: [child(counter, { arg: 5, name: COUNTER })] })
    await node.start(top)
    await Agent.update(node, COUNTER, (count) => count + 1)
    await failure(Agent.update(node, COUNTER, boom))
    await expect.poll(() => node.whereis(COUNTER)).toBeDefined()
    expect(await Agent.get(node, COUNTER, (count) => count)).toBe(5)
  })
  test("may begin with what comes later, and fails to start when that fails", async () => {
    const slow = agent("test.slow", async (value: string) => (value === "bad" ? boom() : { value }))
    expect(await Agent.get(node, await node.start(slow, { arg: "good" }), ({ value }) => value)).toBe("good")
    await expect(node.start(slow, { arg: "bad" })).rejects.toThrow("test.slow did not start: boom")
  })
  test("has any value for its state, and may put it in the place of another", async () => {
    const any = agent("test.any", (): unknown => undefined)
    const pid = await node.start(any)
    for (const value of [undefined, null, 0, "text", [1], { a: 1 }]) {
      await Agent.update(node, pid, () => value)
      expect(await Agent.get(node, pid, (state) => state)).toEqual(value)
    }
  })
})

describe("functions", () => {
  test("run in the agent, one after the other, those that await included", async () => {
    const pid = await node.start(list)
    let go = (): void => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const first = Agent.update(node, pid, async (state) => {
      await gate
      return [...state, "first"]
    })
    const second = Agent.getAndUpdate(node, pid, async (state) => [state, [...state, "second"]])
    Agent.cast(node, pid, async (state) => [...state, "third"])
    const read = Agent.get(node, pid, async (state) => state)
    go()
    await first
    expect(await second).toEqual(["first"])
    expect(await read).toEqual(["first", "second", "third"])
  })
  test("that throw crash the agent, and the caller hears of it", async () => {
    const asks = [
      (pid: CounterPid) => Agent.get(node, pid, boom),
      (pid: CounterPid) => Agent.update(node, pid, boom),
      (pid: CounterPid) => Agent.getAndUpdate(node, pid, boom),
    ]
    for (const ask of asks) {
      const pid = await node.start(counter, { arg: 0 })
      const error = await failure(ask(pid))
      expect(error).toBeInstanceOf(CallExit)
      expect(error.message).toContain("it crashed with Error: boom")
      expect(node.find(pid)).toBeUndefined()
    }
    const pid = await node.start(counter, { arg: 0 })
    const down = downOf(pid)
    Agent.cast(node, pid, boom)
    expect(inspect(((await down) as Tuple).elements[0])).toContain("boom")
  })
  test("of getAndUpdate return a reply and a state, or crash the agent", async () => {
    const pid = await node.start(counter, { arg: 0 })
    // @ts-expect-error a state alone
    const error = await failure(Agent.getAndUpdate(node, pid, (count) => count + 1))
    expect(error.message).toContain("the function of getAndUpdate returns [reply, state], not 1")
  })
  test("give a copy, so that the caller has nothing of the state; what is no term is refused", async () => {
    const pid = await node.start(list)
    await Agent.update(node, pid, () => ["one"])
    const got = await Agent.get(node, pid, (state) => state)
    got.push("two")
    const popped = await Agent.getAndUpdate(node, pid, (state) => [state, state])
    popped.push("two")
    expect(await Agent.get(node, pid, (state) => state)).toEqual(["one"])
    const error = await failure(Agent.get(node, pid, () => () => {}))
    expect(error.message).toContain("a function is no term")
    expect(error).not.toBeInstanceOf(NotATerm)
  })
  test("that are late leave the caller with a time-out, and take effect all the same", async () => {
    const pid = await node.start(counter, { arg: 0 })
    let go = (): void => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const late = Agent.update(node, pid, (count) => gate.then(() => count + 1), { timeout: 1 })
    expect((await failure(late)).reason).toBe(timeout)
    go()
    expect(await Agent.get(node, pid, (count) => count)).toBe(1)
  })
  test("do not go to agents on other nodes", async () => {
    const far = COUNTER.at("b@127.0.0.1")
    const sentence =
      "the agent counter at b@127.0.0.1 is on b@127.0.0.1: functions are no terms and do not go there; ask a GenServer instead"
    await expect(Agent.get(node, far, (count) => count)).rejects.toThrow(sentence)
    await expect(Agent.update(node, far, (count) => count)).rejects.toThrow(sentence)
    await expect(Agent.getAndUpdate(node, far, (count) => [count, count])).rejects.toThrow(sentence)
    expect(() => Agent.cast(node, far, (count) => count)).toThrow(sentence)
    await node.start(counter, { arg: 3, name: COUNTER })
    expect(await Agent.get(node, COUNTER.at("agent@127.0.0.1"), (count) => count)).toBe(3)
  })
})

describe("no agent, no answer", () => {
  test("is noproc to who asks or stops, and nothing to who casts", async () => {
    expect((await failure(Agent.get(node, COUNTER, (count) => count))).reason).toBe(noproc)
    expect((await failure(Agent.stop(node, COUNTER))).reason).toBe(noproc)
    Agent.cast(node, COUNTER, (count) => count)
  })
})

describe("stop", () => {
  test("ends the agent with the reason told", async () => {
    const pid = await node.start(counter, { arg: 0 })
    const down = downOf(pid)
    await Agent.stop(node, pid, shutdown)
    expect(await down).toBe(shutdown)
  })
  test("rejects when the agent ends otherwise, or is held up for too long", async () => {
    const pid = await node.start(counter, { arg: 0 })
    void failure(Agent.update(node, pid, () => new Promise<never>(() => {})))
    expect((await failure(Agent.stop(node, pid, normal, 1))).reason).toBe(timeout)
    const stopped = failure(Agent.stop(node, pid))
    node.exit(pid, kill)
    expect((await stopped).reason).toBe(killed)
  })
})

test("tools and crash reports show the state itself", async () => {
  const pid = await node.start(counter, { arg: 7 })
  expect(node.find(pid)!.describe()).toMatchObject({ module: "test.counter", state: 7 })
  await failure(Agent.get(node, pid, boom))
  const crash = reports.find((report): report is CrashReport => report.kind === "crash")
  expect(crash).toMatchObject({ title: "test.counter", state: 7 })
})

test("states and replies are typed", async () => {
  const pid = await node.start(counter, { arg: 1 })
  expect((await Agent.get(node, pid, (count) => String(count))) satisfies string).toBe("1")
  expect((await Agent.getAndUpdate(node, pid, (count) => ["was", count + 1])) satisfies string).toBe("was")
  const other = await node.start(genServer("test.other", { init: () => ({}), calls: { get: () => 1 } }))
  const wrong = async () => {
    // @ts-expect-error a state of another type
    await Agent.update(node, pid, () => "text")
    // @ts-expect-error a state of another type
    await Agent.getAndUpdate(node, pid, (count) => [count, "text"])
    // @ts-expect-error nothing is returned
    Agent.cast(node, COUNTER, () => {})
    // @ts-expect-error an argument is missing
    await node.start(counter)
    // @ts-expect-error no agent
    await Agent.get(node, other, (state) => state)
    // @ts-expect-error what an agent is asked goes through Agent
    await node.call(pid).get((count: number) => count)
  }
  expect(wrong).toBeDefined()
})
