/** Terms as people type them: what is printed can be typed. */
import { atom, inspect, tuple } from "umbel"
import { describe, expect, test } from "vitest"
import { NotATermText, parseTerm } from "../src/term-text.ts"

describe("parseTerm", () => {
  test.each([
    [":ok", atom("ok")],
    [':"two words"', atom("two words")],
    ["Bakery.Oven", atom("Elixir.Bakery.Oven")],
    ["-12", -12],
    ["1_000", 1_000],
    ["2.5e3", 2_500],
    ["99999999999999999999", 99_999_999_999_999_999_999n],
    ['"a \\"quoted\\" text"', 'a "quoted" text'],
    ["true", true],
    ["nil", null],
    ["{}", tuple()],
    ['{:letter, 5, "to ann"}', tuple(atom("letter"), 5, "to ann")],
    [" [ 1 , :a, [ ] ] ", [1, atom("a"), []]],
    ["[by: 1, at: :home]", [tuple(atom("by"), 1), tuple(atom("at"), atom("home"))]],
    ['%{count: 5, name: "ann", deep: %{a: {1}}}', { count: 5, name: "ann", deep: { a: tuple(1) } }],
  ])("reads %s", (text, term) => {
    expect(parseTerm(text)).toEqual(term)
  })

  test.each(["{:letter, 5}", '%{a: [1, 2.5, "x"], b: :c}', '%{"text" => 1, 2 => :b}'])(
    "reads %s as it is printed",
    (text) => {
      expect(inspect(parseTerm(text))).toBe(text)
    },
  )

  test.each(["", "{1", "[1 2]", "%{a 1}", "#PID<0.1.0>", ":", '"open', "1 2", "[".repeat(100)])(
    "refuses %j, and says where",
    (text) => {
      expect(() => parseTerm(text)).toThrow(NotATermText)
      expect(() => parseTerm(text)).toThrow(/at character \d+: expected/)
    },
  )
})
