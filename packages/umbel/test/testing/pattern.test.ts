/** Patterns: what fits, and in which words it is told where something does not. */
import { describe, expect, test } from "vitest"
import { atom, tuple } from "../../src/term/index.ts"
import { anything, difference, like } from "../../src/testing/index.ts"
import { printedPattern } from "../../src/testing/pattern.ts"

const ok = atom("ok")
const isNumber = (message: unknown): message is number => typeof message === "number"

describe("what fits", () => {
  test.each([
    [1, 1n],
    [tuple(ok, [1, { a: "x" }]), tuple(ok, [1, { a: "x" }])],
    [tuple(ok, isNumber), tuple(ok, 2)],
    [
      { kind: "down", reason: anything },
      { kind: "down", reason: ok },
    ],
    [like({ kind: "down", inner: { a: 1 } }), { kind: "down", ref: 7, inner: { a: 1, b: 2 } }],
    [
      [like({ a: 1 }), anything],
      [{ a: 1, b: 2 }, 5],
    ],
    [expect.any(Number), 3],
    [tuple(ok, expect.objectContaining({ a: 1 })), tuple(ok, { a: 1, b: 2 })],
    [new Map([[1, "x"]]), new Map([[1, "x"]])],
    [undefined, undefined],
  ])("%# does", (pattern, message) => {
    expect(difference(pattern, message)).toBeUndefined()
  })
})

describe("what does not is told by place", () => {
  test.each([
    [2, 3, "message is 3, expected 2"],
    [tuple(ok, 2), tuple(ok, 3), "message[1] is 3, expected 2"],
    [tuple(ok, 2), tuple(ok), "message has 1 elements, expected 2"],
    [tuple(ok, 2), [ok, 2], "message is [:ok, 2], expected {:ok, 2}"],
    [tuple(ok, isNumber), tuple(ok, "two"), 'message[1] is "two", which isNumber refuses'],
    [{ a: { b: 1 } }, { a: { b: 2 } }, "message.a.b is 2, expected 1"],
    [{ a: 1 }, {}, "message.a is missing, expected 1"],
    [{ a: 1 }, { a: 1, b: 2 }, "message.b is 2, expected no such key"],
    [{ a: undefined }, {}, "message.a is missing, expected :undefined"],
    [like({ a: { b: 1 } }), { a: { c: 1 } }, "message.a.b is missing, expected 1"],
    [expect.any(Number), "x", 'message is "x", which Any<Number> refuses'],
    [1, () => {}, "message is #Function<>, expected 1"],
  ])("%#", (pattern, message, words) => {
    expect(difference(pattern, message)).toBe(words)
  })
})

test("a pattern is shown by its name, its value, or what it does", () => {
  expect(printedPattern(isNumber)).toBe("isNumber")
  expect(printedPattern((m: unknown) => m === 3)).toBe("(m) => m === 3")
  expect(printedPattern(tuple(ok, 1))).toBe("{:ok, 1}")
  expect(printedPattern(like({ a: 1 }))).toBe("like %{a: 1}")
})
