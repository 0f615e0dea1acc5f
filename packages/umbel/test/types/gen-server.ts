/** GenServer as a user writes it: what is inferred, and what must not compile. Compiled, never run. */
import {
  type Api,
  type Caller,
  type From,
  type GenServer,
  genServer,
  name,
  type Pid,
  refuse,
  shutdown,
} from "../../src/umbel/index.ts"
import { check, type Equal } from "./equal.ts"

export const counter = genServer("shop.counter", {
  init: (start: number) => ({ count: start }),
  calls: {
    increment: ({ state }, by: number) => (state.count += by),
    get: ({ state }) => state.count,
  },
  casts: {
    reset: ({ state }) => {
      state.count = 0
    },
  },
})
export const COUNTER = name<typeof counter>("counter")

// Method shorthand, async init, mutable state, an expected error.
export const keyValue = genServer("shop.key_value", {
  async init(options: { limit: number }) {
    return { limit: options.limit, entries: new Map<string, string>() }
  },
  calls: {
    put({ state }, key: string, value: string) {
      if (state.entries.size >= state.limit && !state.entries.has(key)) return refuse("full")
      state.entries.set(key, value)
      return "ok"
    },
    get: ({ state }, key: string) => state.entries.get(key),
  },
  casts: { delete: ({ state }, key: string) => state.entries.delete(key) },
})

// Deferred replies, stop, info, terminate.
interface Job {
  id: number
}
export const queue = genServer("shop.queue", {
  init: () => ({ jobs: [] as Job[], waiting: [] as From<Job>[] }),
  calls: {
    take(self) {
      return self.state.jobs.shift() ?? self.later<Job>((from) => self.state.waiting.push(from))
    },
    async drain(self) {
      self.stop()
      return self.state.jobs.length
    },
  },
  casts: {
    add(self, job: Job) {
      const from = self.state.waiting.shift()
      if (from) self.reply(from, job)
      else self.state.jobs.push(job)
    },
  },
  info(self, message) {
    if (message === "stop") self.stop(shutdown)
  },
  terminate(self, _reason) {
    self.state.jobs.length = 0
  },
})

// Slow work does not hold the server.
declare const database: { find(id: number, signal: unknown): Promise<{ title: string }> }
export const books = genServer("shop.books", {
  init: () => ({ asked: 0 }),
  calls: {
    find(self, id: number) {
      self.state.asked += 1
      return self.later(database.find(id, self.signal))
    },
  },
})

export async function use(node: Caller): Promise<unknown> {
  const pid = await node.start(counter, { arg: 5, name: COUNTER })
  const n = await node.call(pid).increment(2)
  check<Equal<typeof n, number>>()
  const g = await node.call(COUNTER).get()
  check<Equal<typeof g, number>>()
  const far = await node.call(COUNTER.at("b@host"), { timeout: 100 }).get()
  check<Equal<typeof far, number>>()
  node.cast(pid).reset()
  const kv = await node.start(keyValue, { arg: { limit: 10 } })
  const r = await node.call(kv).put("a", "b")
  check<Equal<typeof r, "ok">>()
  const v = await node.call(kv).get("a")
  check<Equal<typeof v, string | undefined>>()
  const q = await node.start(queue)
  const job = await node.call(q).take()
  check<Equal<typeof job, Job>>()
  const left = await node.call(q).drain()
  check<Equal<typeof left, number>>()
  const b = await node.call(await node.start(books)).find(1)
  check<Equal<typeof b, { title: string }>>()
  // Options may be undefined, in spite of exactOptionalPropertyTypes.
  const maybe = undefined as number | undefined
  await node.call(pid, { timeout: maybe, signal: undefined }).get()

  // @ts-expect-error wrong argument type
  await node.call(pid).increment("2")
  // @ts-expect-error missing argument
  await node.call(pid).increment()
  // @ts-expect-error one argument too many
  await node.call(pid).increment(1, 2)
  // @ts-expect-error no such call
  await node.call(pid).decrement(1)
  // @ts-expect-error a cast is not a call
  await node.call(pid).reset()
  // @ts-expect-error a call is not a cast
  node.cast(pid).increment(1)
  // @ts-expect-error a pid of another server
  const other: Pid<QueueApi> = pid
  // @ts-expect-error an object literal is no pid
  const forged: Pid = { node: "a@host", id: 1, serial: 0, creation: 1, key: "" }
  // @ts-expect-error arg is required
  await node.start(counter)
  // @ts-expect-error arg of the wrong type
  await node.start(counter, { arg: "5" })
  // @ts-expect-error a name of another server
  await node.start(queue, { name: COUNTER })
  return [other, forged]
}

// API first: the interface is the contract, carries the docs, and breaks self-reference.
export interface QueueApi extends Api {
  calls: {
    /** Waits for the next job. */
    take(): Job
    drain(): number
  }
  casts: { add(job: Job): void }
}
export const QUEUE = name<QueueApi>("queue")
export const typedQueue: GenServer<void, QueueApi> = queue

// @ts-expect-error the contract has a call that the server lacks
export const shortQueue: GenServer<void, QueueApi> = counter

// @ts-expect-error state is an object, so that `({ state }) => (state += 1)` cannot lose an update
export const bare = genServer("bare", { init: () => 0, calls: { get: ({ state }) => state } })
