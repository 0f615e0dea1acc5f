import { describe, expect, it } from "vitest"
import { Ticks } from "../../src/wire/ticks.ts"

describe("ticks", () => {
  it("are due when nothing was written for an interval, and not before", () => {
    const ticks = new Ticks({ ms: 60_000 })
    expect(ticks.intervalMs).toBe(15_000)
    expect(ticks.check(1000, 0, 0)).toBeUndefined()
    expect(ticks.check(15_999, 10, 0)).toBeUndefined()
    expect(ticks.check(16_000, 20, 0)).toBe("tick")
    expect(ticks.check(16_001, 30, 0)).toBeUndefined()
    expect(ticks.check(31_000, 40, 4)).toBeUndefined()
    expect(ticks.check(46_000, 50, 4)).toBe("tick")
  })

  it("are due too when nothing was read: a hidden peer wants them", () => {
    const ticks = new Ticks({ ms: 4 })
    ticks.check(0, 0, 0)
    expect(ticks.check(1, 0, 100)).toBe("tick")
    expect(ticks.check(2, 1, 200)).toBeUndefined()
  })

  it("find the peer silent after as many intervals without a byte, and a single byte saves it", () => {
    const ticks = new Ticks({ ms: 400, intensity: 4 })
    ticks.check(0, 5, 0)
    expect([100, 200, 300].map((now) => ticks.check(now, 5, now))).toEqual(["tick", "tick", "tick"])
    expect(ticks.check(400, 6, 400)).toBeUndefined()
    expect([500, 600, 700, 800].map((now) => ticks.check(now, 6, now))).toEqual(["tick", "tick", "tick", "silent"])
  })

  it("count a long absence of our own as one interval", () => {
    const ticks = new Ticks({ ms: 60_000 })
    ticks.check(0, 0, 0)
    expect(ticks.check(600_000, 0, 0)).toBe("tick")
    expect(ticks.check(600_001, 0, 0)).toBeUndefined()
  })

  it("refuse settings that make no sense", () => {
    expect(() => new Ticks({ intensity: 3 })).toThrow("expected a tick intensity of 4 to 1000, got 3")
    expect(() => new Ticks({ ms: Number.NaN })).toThrow("expected a tick time of at least 4 ms, got NaN")
  })
})
