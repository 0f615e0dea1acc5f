/** Exit reasons in a few words. */
import { inspect } from "node:util"
import { expect, test } from "vitest"
import { reasonText } from "../../src/runtime/reason-text.ts"
import { atom, killed, makeName, tuple } from "../../src/term/index.ts"

const frame = tuple(atom("shop.ts"), atom("add"), 0, [])

test("a throw is told by what was thrown, without its stack", () => {
  expect(reasonText(tuple(new RangeError("no bombs"), [frame]))).toBe("RangeError: no bombs")
  expect(reasonText(new TypeError("bare"))).toBe("TypeError: bare")
  expect(reasonText(tuple(new Error("no stack"), []))).toBe("Error: no stack")
})

test("Erlang's errors lose their stacks too", () => {
  expect(reasonText(tuple(atom("badarith"), [frame]))).toBe(":badarith")
  expect(reasonText(tuple(tuple(atom("badmatch"), 1), [frame, frame]))).toBe("{:badmatch, 1}")
})

test("other reasons are printed, and long ones cut", () => {
  expect(reasonText(killed)).toBe(":killed")
  expect(reasonText(tuple(atom("bad"), [1, 2]))).toBe("{:bad, [1, 2]}")
  expect(reasonText(tuple(atom("bad"), []))).toBe("{:bad, []}")
  expect(reasonText("x".repeat(10_000)).length).toBeLessThan(400)
})

test("console.log prints atoms, tuples and names as terms are printed", () => {
  expect(inspect(tuple(atom("ok"), atom("a b"), { count: 1 }, makeName("counter", "a@h")))).toBe(
    '{:ok, :"a b", { count: 1 }, #Name<counter at a@h>}',
  )
})
