/** GenStatem as a user writes it: what is inferred, and what must not compile. Compiled, never run. */
import {
  type Api,
  type Caller,
  child,
  type From,
  type GenStatem,
  genStatem,
  name,
  refuse,
} from "../../src/umbel/index.ts"
import { check, type Equal } from "./equal.ts"

export interface DoorApi extends Api {
  calls: {
    unlock(code: string): "ok"
    open(): "ok"
    count(): number
    find(key: string, fallback?: number): number | undefined
  }
  casts: { lock(): void; ring(times: number): void }
}

// States are the keys of `states`, data is what `init` makes.
export const door = genStatem<DoorApi>()("shop.door", {
  init: (code: string, self) => {
    self.timer("patrol", 1_000)
    self.nextEvent("begin")
    return { state: "locked", data: { code, tries: 0, waiting: [] as From<"ok">[] } }
  },
  states: {
    locked: {
      enter: (self, from) => {
        check<Equal<typeof from, "locked" | "closed" | "open">>()
        check<Equal<typeof self.state, "locked">>()
        self.data.tries = 0
      },
      calls: {
        unlock(self, code) {
          check<Equal<typeof code, string>>()
          check<Equal<typeof self.data.tries, number>>()
          if (code !== self.data.code) return refuse("wrong")
          self.next("closed")
          return "ok"
        },
        open: "postpone",
        find(self, key, fallback) {
          check<Equal<typeof key, string>>()
          check<Equal<typeof fallback, number | undefined>>()
          return self.data.code === key ? 1 : fallback
        },
      },
      casts: {
        ring: (_self, times) => check<Equal<typeof times, number>>(),
        lock: "postpone",
      },
      info: "postpone",
    },
    closed: {
      enter: (self) => self.stateTimeout(5_000, "relock"),
      timeout: (self, what, which) => {
        check<Equal<typeof what, unknown>>()
        check<Equal<typeof which.kind, "state" | "event" | "timer">>()
        if (which.kind === "timer") check<Equal<typeof which.name, string>>()
        self.next("locked", { code: "0", tries: 1, waiting: [] })
      },
      calls: {
        async open(self) {
          self.next("open")
          // TypeScript widens the only literal of an async function, unless told.
          return "ok" as const
        },
        unlock: (self) => self.later<"ok">((from) => self.data.waiting.push(from)),
      },
    },
    open: {
      calls: { open: (self) => self.postpone(), unlock: async (self) => self.postpone() },
    },
  },
  any: {
    calls: { count: (self) => (self.state === "locked" ? self.data.tries : 0) },
    casts: { lock: (self) => self.next("locked") },
    info: (_self, message) => check<Equal<typeof message, unknown>>(),
  },
  terminate: (self, _reason) => check<Equal<typeof self.state, "locked" | "closed" | "open">>(),
  formatStatus: (data, state) => ({ tries: data.tries, state }),
})
export const DOOR = name<typeof door>("door")
check<Equal<typeof door, GenStatem<string, DoorApi>>>()
export const supervised = child(door, { arg: "1234", name: DOOR })

export async function use(node: Caller): Promise<void> {
  const pid = await node.start(door, { arg: "1234" })
  const answer = await node.call(pid).unlock("1234")
  check<Equal<typeof answer, "ok">>()
  const count = await node.call(DOOR).count()
  check<Equal<typeof count, number>>()
  node.cast(pid).ring(3)
  // @ts-expect-error a code is a string
  await node.call(pid).unlock(1234)
  // @ts-expect-error it needs its code
  await node.start(door)
  // @ts-expect-error no such request
  await node.call(pid).close()
}

interface OneApi extends Api {
  calls: { go(n: number): "ok" }
  casts: {}
}

export const nowhere = genStatem<OneApi>()("edge", {
  // @ts-expect-error there is no such state to begin in
  init: () => ({ state: "c", data: { n: 0 } }),
  states: { a: {}, b: {} },
})
export const mistakes = genStatem<OneApi>()("edge", {
  init: () => ({ state: "a", data: { n: 0 } }),
  states: {
    a: {
      calls: {
        go(self, n) {
          // @ts-expect-error there is no such state
          self.next("c")
          // @ts-expect-error the data are of another kind
          self.next("b", { n: "0" })
          // @ts-expect-error data has no m
          self.data.m = n
          // @ts-expect-error states change by next
          self.state = "a"
          return "ok"
        },
      },
    },
    b: {
      calls: {
        // @ts-expect-error the api promises "ok"
        go: () => "no",
      },
    },
  },
})
export const strangeRequest = genStatem<OneApi>()("edge", {
  init: () => ({ state: "a", data: {} }),
  // @ts-expect-error the api has no such request
  states: { a: { calls: { stop: () => "ok" } } },
})
export const strangeTable = genStatem<OneApi>()("edge", {
  init: () => ({ state: "a", data: {} }),
  // @ts-expect-error a state has no such table
  states: { a: { call: {} } },
})
export const strangeAny = genStatem<OneApi>()("edge", {
  init: () => ({ state: "a", data: {} }),
  states: { a: {} },
  // @ts-expect-error what holds for any state has no enter
  any: { enter: () => {} },
})
export const strangeKey = genStatem<OneApi>()("edge", {
  init: () => ({ state: "a", data: {} }),
  states: { a: {} },
  // @ts-expect-error a machine has none; its states do
  calls: {},
})
export const wrongArgument = genStatem<OneApi>()("edge", {
  init: () => ({ state: "a", data: {} }),
  // @ts-expect-error the api says number
  states: { a: { calls: { go: (_self, _n: string) => "ok" } } },
})

// Each state has data of its own.
interface LampStates {
  off: {}
  on: { since: number; brightness: number }
  broken: { why: string }
}
export const lamp = genStatem<OneApi, LampStates>()("edge", {
  async init(arg: { lit: boolean }) {
    return arg.lit ? { state: "on", data: { since: 0, brightness: arg.lit ? 1 : 0 } } : { state: "off", data: {} }
  },
  states: {
    off: {
      calls: {
        go(self, n) {
          self.next("on", { since: n, brightness: 1 })
          return "ok"
        },
      },
      casts: {},
    },
    on: {
      enter: (self) => check<Equal<typeof self.data, LampStates["on"]>>(),
      calls: {
        go(self) {
          // What it has is all that `off` needs.
          self.next("off")
          // @ts-expect-error what `broken` needs it has not
          self.next("broken")
          self.next("broken", { why: "old" })
          return "ok"
        },
      },
    },
    broken: {
      calls: {
        go(self) {
          // @ts-expect-error brightness is missing
          self.next("on", { since: 0 })
          return "ok"
        },
      },
    },
  },
  any: { info: (self) => check<Equal<typeof self.data, LampStates[keyof LampStates]>>() },
})
check<Equal<typeof lamp, GenStatem<{ lit: boolean }, OneApi>>>()

const begin = () => ({ state: "off" as const, data: {} })
// On one line, as compilers differ in where they report it.
// @ts-expect-error a state is missing
export const incomplete = genStatem<OneApi, LampStates>()("edge", { init: begin, states: { off: {}, on: {} } })
export const misbegun = genStatem<OneApi, LampStates>()("edge", {
  // @ts-expect-error the data of another state
  init: () => ({ state: "on", data: { why: "?" } }),
  states: { off: {}, on: {}, broken: {} },
})
