import { describe, expect, it } from "vitest"
import { interleaved, warmUp } from "../harness/rounds.mjs"

describe("rounds", () => {
  it("alternate, ours first, each with its own count", async () => {
    const told: string[] = []
    const side = (name: string, count: number) => ({
      count,
      run: async (n: number) => {
        told.push(`${name} ${n}`)
        return n
      },
    })
    const values = await interleaved(2, side("umbel", 10), side("other", 20))
    expect(told).toEqual(["umbel 10", "other 20", "umbel 10", "other 20"])
    expect(values).toEqual({ umbel: [10, 10], other: [20, 20] })
  })
})

describe("warming up", () => {
  const costing = (nanoseconds: (run: number) => number) => {
    const counts: number[] = []
    const run = async (count: number) => {
      counts.push(count)
      return count * nanoseconds(counts.length)
    }
    return { counts, run }
  }

  it("ends with as many operations as make a round of 400 ms", async () => {
    expect(await warmUp(costing(() => 1000).run)).toBe(400_000)
  })
  it("goes by the last run, which is the warmest", async () => {
    expect(await warmUp(costing((run) => (run < 5 ? 4000 : 1000)).run)).toBe(400_000)
  })
  it("grows at most tenfold from run to run", async () => {
    const { counts, run } = costing(() => 1000)
    await warmUp(run)
    for (const [i, count] of counts.entries()) expect(count).toBeLessThanOrEqual((counts[i - 1] ?? count) * 10)
  })
  it("ends at once, with one operation, where one takes longer than all of it", async () => {
    const { counts, run } = costing(() => 2e9)
    expect(await warmUp(run)).toBe(1)
    expect(counts).toHaveLength(1)
  })
})
