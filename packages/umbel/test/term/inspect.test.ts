import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  atom,
  bitString,
  bytes,
  charlist,
  exported,
  float,
  improper,
  inspect,
  json,
  local,
  makeName,
  makePid,
  makeRef,
  mapOf,
  tuple,
} from "../../src/term/index.ts"
import { terms } from "./arbitraries.ts"

describe("inspect", () => {
  // What Elixir 1.14 prints for the same terms.
  it.each<[string, unknown]>([
    ['{:ok, "text", %{a: 1}}', tuple(atom("ok"), "text", { a: 1 })],
    ["#PID<0.12.0>", makePid("a@b", 12, 0, 1)],
    ["#Reference<0.3.2.1>", makeRef("a@b", 1, [1, 2, 3])],
    [
      '[[1 | 2], [a: 1, "b c": 2], [{:a, 1}, {:b, 2}, 3], [], {}, %{}, "", :""]',
      [
        improper([1], 2),
        [tuple(atom("a"), 1), tuple(atom("b c"), 2)],
        [tuple(atom("a"), 1), tuple(atom("b"), 2), 3],
        [],
        tuple(),
        {},
        "",
        atom(""),
      ],
    ],
    [
      '%{1 => 2, "b" => 2}',
      new Map<unknown, unknown>([
        [1, 2],
        ["b", 2],
      ]),
    ],
    ["%{Foo => 2}", { "Elixir.Foo": 2 }],
    [
      '[Foo, :"Elixir.foo", Elixir, nil, :a@b, :_x, :"1a", :a!, :"x y", :é, :+]',
      [
        ...["Foo", "foo"].map((m) => atom(`Elixir.${m}`)),
        atom("Elixir"),
        null,
        ...["a@b", "_x", "1a", "a!", "x y", "é", "+"].map((text) => atom(text)),
      ],
    ],
    [
      "[1.0e300, 1.0, 1.0e21, 1.0e-10, 1.2345678901234568e17, 0.1, 1.0e16, 1000000000000000.0, 100000.0, 0.0001, 1.0e-5, 5.0e-324, 12345678.9, -0.0]",
      [
        1e300,
        float(1),
        1e21,
        1e-10,
        float(1.2345678901234568e17),
        0.1,
        float(1e16),
        float(1e15),
        float(1e5),
        0.0001,
        1e-5,
        5e-324,
        12345678.9,
        float(-0),
      ],
    ],
    [
      "[<<1::size(3)>>, <<255, 1::size(7)>>, <<1, 2, 255>>]",
      [bitString(Uint8Array.of(32), 3), bitString(Uint8Array.of(255, 2), 7), Uint8Array.of(1, 2, 255)],
    ],
    ["&:lists.map/2", exported("lists", "map", 2)],
    ["&String.upcase/1", exported("Elixir.String", "upcase", 1)],
    ["~U[2020-01-01 00:00:00.123Z]", new Date("2020-01-01T00:00:00.123Z")],
    ["MapSet.new([1])", new Set([1])],
    ['%RuntimeError{message: "x"}', new Error("x")],
    ["[true, false, nil, :undefined]", [true, false, null, undefined]],
    ['"a\\n\\"\\#{x}\\e\\0é"', 'a\n"#{x}\x1b\0é'],
    ['{:counter, :"a@10.0.0.1"}', makeName("counter", "a@10.0.0.1")],
  ])("prints %s", (text, term) => expect(inspect(term)).toBe(text))

  it("shows charlists when told to", () => {
    expect(inspect(charlist("abc"), { charlists: true })).toBe("'abc'")
    expect(inspect(charlist("abc"))).toBe("[97, 98, 99]")
  })

  it("shows what is no term", () => {
    expect(inspect([local(new Map()), () => 1, Promise.resolve(), Number.NaN])).toBe(
      "[#Local<Map>, #Function<>, #Promise<>, #Number<NaN>]",
    )
  })

  it("ends for cycles and for what is huge, within its limits", () => {
    const cycle: unknown[] = []
    cycle.push(cycle, cycle, cycle)
    expect(inspect(cycle).length).toBeLessThan(70_000)
    expect(inspect(Array.from({ length: 1e6 }, () => "x".repeat(1e5))).length).toBeLessThan(70_000)
    expect(inspect([1, 2, 10], { limit: 2 })).toBe("[1, 2, ...]")
    fc.assert(fc.property(terms, (term) => inspect(term, { size: 100, text: 50 }).length < 2000))
  })

  it("lets no text steer a terminal", () => {
    expect(inspect("\x1b[31m\u202e\u0007\x01")).toBe('"\\e[31m\\u202E\\a\\x01"')
  })
})

describe("either form", () => {
  it("of a map is read by mapOf, of a binary by bytes", () => {
    expect(mapOf({ a: 1, nil: 2 })).toEqual(
      new Map<unknown, unknown>([
        [atom("a"), 1],
        [null, 2],
      ]),
    )
    expect(mapOf(json({ a: 1 }))).toEqual(new Map([["a", 1]]))
    expect(() => mapOf([])).toThrow("it is no map")
    expect(bytes("né")).toEqual(Uint8Array.of(110, 195, 169))
    expect(() => bytes("\ud800")).toThrow("lone surrogate")
  })

  it("json spends no atoms", () => {
    expect(json({ a: [{ b: null }] })).toEqual(new Map([["a", [new Map([["b", null]])]]]))
    expect(() => json({ a: undefined })).toThrow("undefined is no term")
  })
})

describe("makers", () => {
  it.each<[string, () => unknown]>([
    ["float(NaN)", () => float(Number.NaN)],
    ["an improper list without elements", () => improper([], 1)],
    ["an improper list that ends in a list", () => improper([1], [2])],
    ["an empty bit string", () => bitString(new Uint8Array(0), 1)],
    ["a bit string of whole bytes", () => bitString(Uint8Array.of(1), 8)],
    ["an arity beyond a byte", () => exported("m", "f", 256)],
  ])("refuse %s", (_, make) => expect(make).toThrow(RangeError))
})
