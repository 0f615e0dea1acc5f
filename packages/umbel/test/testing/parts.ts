/** What the tests of `umbel/testing` test with: a counter that can be made to crash, and one that notifies. */
import { genServer, name } from "../../src/otp/index.ts"
import { atom, type Pid, tuple } from "../../src/term/index.ts"

export const counter = genServer("shop.counter", {
  init: (start: number) => {
    if (start < 0) throw new RangeError("a counter starts at 0 or more")
    return { count: start }
  },
  calls: {
    increment: ({ state }, by: number) => (state.count += by),
    get: ({ state }) => state.count,
  },
  casts: {
    spoil() {
      throw new Error("out of ink")
    },
    tell: (self, to: Pid) => self.send(to, tuple(atom("count"), self.state.count)),
  },
})
export const COUNTER = name<typeof counter>("counter")
