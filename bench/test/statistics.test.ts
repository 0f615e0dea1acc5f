import { describe, expect, it } from "vitest"
import { inUnit, median, ratioOf, summarize } from "../harness/statistics.mjs"

describe("the median", () => {
  it("is the middle one of an odd number, whatever their order", () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([7])).toBe(7)
  })
  it("is the mean of the middle two of an even number", () => {
    expect(median([10, 1, 4, 2])).toBe(3)
  })
  it("sorts by value and not by text", () => {
    expect(median([100, 9, 20])).toBe(20)
  })
  it("leaves what it was given as it was", () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).toEqual([3, 1, 2])
  })
  it("refuses to be the median of nothing", () => {
    expect(() => median([])).toThrow(RangeError)
  })
})

describe("a ratio", () => {
  it("is above 1 when more happens in a second", () => {
    expect(ratioOf("call/s", 300, 100)).toBe(3)
    expect(ratioOf("cast/s", 50, 100)).toBe(0.5)
  })
  it("is above 1 when it takes fewer nanoseconds or bytes", () => {
    expect(ratioOf("ns", 100, 300)).toBe(3)
    expect(ratioOf("byte", 400, 2800)).toBe(7)
  })
})

describe("a run", () => {
  it("of 1,000 operations in a millisecond is a million a second, at a microsecond each", () => {
    expect(inUnit("call/s", 1000, 1e6)).toBe(1e6)
    expect(inUnit("ns", 1000, 1e6)).toBe(1000)
  })
  it("of memory is bytes of one", () => {
    expect(inUnit("byte", 100, 35_500)).toBe(355)
  })
})

describe("a row", () => {
  it("has the ratio of the medians, and says between which the single rounds lie", () => {
    expect(summarize("call/s", [100, 400, 300], [100, 100, 200])).toEqual({
      umbel: 300,
      other: 100,
      ratio: 3,
      lowest: 1,
      highest: 4,
    })
  })
  it("turns the ratios round where fewer is better", () => {
    expect(summarize("ns", [50, 100], [100, 400])).toEqual({
      umbel: 75,
      other: 250,
      ratio: 250 / 75,
      lowest: 2,
      highest: 4,
    })
  })
})
