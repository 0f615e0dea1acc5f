/** Changes between two values: whatever they are, the change done to the first gives the second. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { decode, encode } from "../src/codec.ts"
import { apply, type Delta, diff } from "../src/delta.ts"

const rows = fc.uniqueArray(
  fc.record(
    { key: fc.string({ maxLength: 3 }), n: fc.integer(), more: fc.jsonValue({ maxDepth: 1 }) },
    { noNullPrototype: true },
  ),
  { selector: ({ key }) => key, maxLength: 12 },
)
/** Few names and values, so that the two have something in common. */
const similar = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(null, true, 0, 1, -0, "a", ""),
    rows,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom("key", "a", "b", "__proto__", "constructor"), tie("value"), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).value

describe("a change", () => {
  test("done to what was before gives what came after", () => {
    fc.assert(
      fc.property(similar, similar, (before, after) => {
        expect(apply(before, diff(before, after))).toEqual(after)
      }),
      { numRuns: 2_000 },
    )
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        expect(apply(before, diff(before, after))).toEqual(after)
      }),
    )
  })

  test("survives its way through a frame", () => {
    // The library renames a field called __proto__, which no view has.
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
    const framed = (value: unknown): boolean => !JSON.stringify(value).includes("__proto__")
    fc.assert(
      fc.property(rows.filter(framed), rows.filter(framed), (before, after) => {
        expect(apply(before, decode(encode(diff(before, after))) as Delta)).toEqual(plain(after))
      }),
    )
  })

  test("is nothing between equals, however deep", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(diff(value, structuredClone(value))).toBeNull()
      }),
    )
  })

  test("leaves what has not changed the very same object", () => {
    const before = {
      a: { x: 1 },
      rows: [
        { key: "1", n: 1 },
        { key: "2", n: 2 },
      ],
    }
    const after = apply(
      before,
      diff(before, {
        a: { x: 1 },
        rows: [
          { key: "2", n: 3 },
          { key: "1", n: 1 },
        ],
      }),
    ) as typeof before
    expect(after.a).toBe(before.a)
    expect(after.rows[1]).toBe(before.rows[0])
    expect(after.rows[0]).toEqual({ key: "2", n: 3 })
  })

  test("of a row that moves among thousands does not send the others", () => {
    const before = Array.from({ length: 2_000 }, (_, index) => ({ key: `p${index}`, text: "x".repeat(50), n: index }))
    const after = before.map((row) => (row.key === "p7" ? { ...row, n: -1 } : row))
    expect(encode(diff(before, after)).length).toBeLessThan(40)
  })

  test("of something that is not there is refused, and never half done", () => {
    expect(() => apply([1], [1, {}, []])).toThrow(TypeError)
    expect(() => apply({}, [2, [0], []])).toThrow(TypeError)
    expect(() => apply([], [2, [3], []])).toThrow(TypeError)
    expect(() => apply([1], [3, 1, [[5, [0, 1]]], []])).toThrow(TypeError)
  })
})
