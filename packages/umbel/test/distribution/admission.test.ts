import { describe, expect, test } from "vitest"
import { allowing, freshName } from "../../src/distribution/admission.ts"
import { SeededRandom } from "../../src/sim/index.ts"
import { parseNodeName } from "../../src/wire/index.ts"

describe("allow", () => {
  test("lets everybody in where nothing is said, and otherwise those that a name, a pattern or a function fits", () => {
    expect(allowing(undefined)("any@where")).toBe(true)
    const allows = allowing(["b@host", /^worker\d+@/g, (node) => node.endsWith("@trusted")])
    // Twice: a pattern with the flag g remembers nothing.
    for (let n = 0; n < 2; n++) {
      expect(["b@host", "worker12@x", "x@trusted"].map(allows)).toEqual([true, true, true])
      expect(["b@hosts", "aworker1@x", "x@trusted.example"].map(allows)).toEqual([false, false, false])
    }
    expect(allowing([])("any@where")).toBe(false)
    expect(allowing(/@host$/)("b@host")).toBe(true)
  })
  test("refuses rules that are none, in words", () => {
    expect(() => allowing("worker")).toThrow(/"worker", which is no node name/)
    expect(() => allowing([5 as never])).toThrow(/names, patterns and functions, not 5/)
  })
})

test("the names that nameless nodes are given are node names, each its own, with a creation", () => {
  const random = new SeededRandom(1, "names")
  const given = Array.from({ length: 1_000 }, () => freshName("h.example", random))
  expect(new Set(given.map(({ name }) => name)).size).toBe(1_000)
  for (const { name, creation } of given) {
    expect(parseNodeName(name)?.host).toBe("h.example")
    expect(creation).toBeGreaterThan(0)
  }
})
