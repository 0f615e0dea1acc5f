/**
 * The servers of the suite: a counter, and one that keeps its callers waiting.
 */
import { type From, genServer, name, refuse } from "../../src/otp/index.ts"
import type { Node } from "../../src/runtime/index.ts"

export const counter = genServer("conformance.counter", {
  init: (start: number) => ({ count: start }),
  calls: {
    increment: ({ state }, by: number) => (state.count += by),
    get: ({ state }) => state.count,
    async slowly({ state }, by: Promise<number> | number) {
      const before = state.count
      state.count = before + (await by)
      return state.count
    },
    full: () => refuse("full"),
    crash: (): number => {
      throw new TypeError("cannot add")
    },
    end(self, reason: unknown) {
      self.stop(reason)
      return "ending"
    },
  },
  casts: {
    reset: ({ state }) => {
      state.count = 0
    },
    crash: () => {
      throw new TypeError("cannot reset")
    },
  },
})
export const COUNTER = name<typeof counter>("counter")

/** Keeps every From it gets, and answers when told. */
export const keeper = genServer("conformance.keeper", {
  init: () => ({ waiting: [] as From<string>[] }),
  calls: {
    take: (self) => self.later<string>((from) => self.state.waiting.push(from)),
    waiting: (self) => self.state.waiting.length,
    piped: (self, text: string) => self.later(Promise.resolve(text)),
    pipedFailure: (self) => self.later(Promise.reject<string>(new Error("lost"))),
    pipedRefusal: (self) => self.later(Promise.resolve(refuse("no"))),
  },
  casts: {
    give(self, text: string) {
      for (const from of self.state.waiting.splice(0)) {
        self.reply(from, text)
        self.reply(from, "a second answer")
      }
    },
    forget: (self) => void self.state.waiting.splice(0),
  },
})

export const startCounter = (node: Node) => node.start(counter, { arg: 5, name: COUNTER })

/** A child that writes down its starts and orderly ends, and ends as it is told. */
export const worker = (
  log: string[],
  options: { stubborn?: Promise<void>; failAt?: (starts: number) => boolean } = {},
) => {
  let starts = 0
  return genServer("conformance.worker", {
    init: (id: string, self) => {
      if (options.failAt?.(++starts) === true) throw new Error(`no start of ${id}`)
      log.push(`+${id}`)
      self.trapExit(true)
      return { id }
    },
    calls: {
      end(self, reason: unknown) {
        self.stop(reason)
      },
      hold: async () => options.stubborn,
    },
    terminate: ({ state }) => void log.push(`-${state.id}`),
  })
}
