/** The edges of GenServer's inference: optional and rest arguments, order of properties, generics, typos. Compiled, never run. */
import { type Api, type Caller, type From, type GenServer, genServer, name } from "../../src/umbel/index.ts"
import { check, type Equal } from "./equal.ts"

// Optional and rest arguments, order of properties reversed, self taken apart.
export const bag = genServer("edge", {
  calls: {
    get: (self, key: string, fallback?: string) => self.state.get(key) ?? fallback,
    many({ state }, ...keys: string[]) {
      return keys.map((k) => state.get(k))
    },
  },
  init: () => new Map<string, string>(),
})
export async function edges(node: Caller): Promise<void> {
  const pid = await node.start(bag)
  const a = await node.call(pid).get("x")
  check<Equal<typeof a, string | undefined>>()
  const b = await node.call(pid).get("x", "y")
  check<Equal<typeof b, string | undefined>>()
  const c = await node.call(pid).many("x", "y", "z")
  check<Equal<typeof c, (string | undefined)[]>>()
  // @ts-expect-error rest arguments are typed
  await node.call(pid).many("x", 1)
}

// API first, and a server that speaks to itself by name.
export interface CounterApi extends Api {
  calls: {
    /** Adds `by` and returns the new count. */
    increment(by: number): number
    get(): number
  }
  casts: { reset(): void; tick(): void }
}
export const COUNTER = name<CounterApi>("counter")
export const ticking: GenServer<number, CounterApi> = genServer("edge", {
  init: (start: number) => ({ count: start }),
  calls: {
    increment: ({ state }, by: number) => (state.count += by),
    get: ({ state }) => state.count,
  },
  casts: {
    reset: ({ state }) => {
      state.count = 0
    },
    tick: (self) => {
      self.cast(COUNTER).reset()
    },
  },
})

// Generic servers are factories.
export const cell = <V>() =>
  genServer("edge", {
    init: (value: V) => ({ value }),
    calls: { get: ({ state }) => state.value },
    casts: {
      set: ({ state }, value: V) => {
        state.value = value
      },
    },
  })
export async function generic(node: Caller): Promise<void> {
  const pid = await node.start(cell<Date>(), { arg: new Date(0) })
  const d = await node.call(pid).get()
  check<Equal<typeof d, Date>>()
  // @ts-expect-error a number is no Date
  node.cast(pid).set(1)
}

export const typo = genServer("edge", {
  init: () => ({}),
  // @ts-expect-error no such table
  call: { get: () => 1 },
})

// A union with a deferred reply.
export const half = genServer("edge", {
  init: () => [] as From<"late">[],
  calls: {
    ask: (self, now: boolean) => (now ? ("now" as const) : self.later<"late">((from) => self.state.push(from))),
  },
})
export async function deferred(node: Caller): Promise<void> {
  const r = await node.call(await node.start(half)).ask(true)
  check<Equal<typeof r, "now" | "late">>()
}

// @ts-expect-error a request cannot be called then: its client would be awaited by mistake
export const thenable = genServer("edge", { init: () => ({}), calls: { then: (self) => self.state } })

// init that needs itself: `self` comes second, unannotated, and the state is still inferred.
export const warm = genServer("edge", {
  init: async (limit: number, self) => {
    self.sendAfter(10, "tick")
    return { limit, ticks: 0, me: self.pid }
  },
  calls: { ticks: ({ state }) => state.ticks, me: ({ state }) => state.me.node },
  info(self, message) {
    if (message === "tick") self.state.ticks += 1
  },
})
export async function warmed(node: Caller): Promise<void> {
  const pid = await node.start(warm, { arg: 3 })
  const t = await node.call(pid).ticks()
  check<Equal<typeof t, number>>()
  const m = await node.call(pid).me()
  check<Equal<typeof m, string>>()
}
