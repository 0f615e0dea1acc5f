/** The wheel of call time-outs, in virtual time. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { CallTimeouts } from "../../src/runtime/call-timeouts.ts"
import { Call } from "../../src/runtime/index.ts"
import { VirtualTime } from "../../src/sim/index.ts"
import { makeName, makePid } from "../../src/term/index.ts"

const TICK_MS = 25
const nobody = makePid("a@sim", 1, 0, 1)
const target = makeName("x", undefined)

const wheel = () => {
  const time = new VirtualTime()
  const met: [Call, number][] = []
  const timeouts = new CallTimeouts(time, (call) => met.push([call, time.now()]))
  const call = (ms: number): Call =>
    new Call("x", [], target, ms, nobody, { refOf: () => undefined as never }, () => {})
  const runAll = (): void => {
    while (time.next !== undefined) time.advance()
  }
  return { time, met, timeouts, call, runAll }
}

describe("a time-out", () => {
  test("is met after its time, and within two ticks", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60_000), fc.nat(3_000)), { minLength: 1, maxLength: 60 }), (plan) => {
        const { time, met, timeouts, call, runAll } = wheel()
        const due = new Map<Call, number>()
        for (const [ms, at] of plan) {
          time.at(at, () => {
            const one = call(ms)
            due.set(one, at + ms)
            timeouts.add(one)
          })
        }
        runAll()
        expect(met).toHaveLength(plan.length)
        for (const [one, at] of met) {
          expect(at).toBeGreaterThanOrEqual(due.get(one)!)
          expect(at - due.get(one)!).toBeLessThanOrEqual(3 * TICK_MS)
        }
      }),
    )
  })

  test("of a call that was answered is never met, and an empty wheel asks the clock for nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5_000), fc.boolean()), { minLength: 1, maxLength: 60 }), (plan) => {
        const { time, met, timeouts, call, runAll } = wheel()
        const calls = plan.map(([ms]) => call(ms))
        for (const one of calls) timeouts.add(one)
        for (const [i, [, answered]] of plan.entries()) {
          if (!answered) continue
          timeouts.remove(calls[i]!)
          timeouts.remove(calls[i]!)
        }
        runAll()
        expect(new Set(met.map(([one]) => one))).toEqual(new Set(calls.filter((_, i) => !plan[i]![1])))
        expect(time.next).toBeUndefined()
      }),
    )
  })

  test("longer than the wheel comes round more than once", () => {
    const { met, timeouts, call, runAll } = wheel()
    timeouts.add(call(1024 * TICK_MS * 3 + 7))
    runAll()
    expect(met[0]![1]).toBeGreaterThanOrEqual(1024 * TICK_MS * 3 + 7)
    expect(met[0]![1]).toBeLessThan(1024 * TICK_MS * 3 + 7 + 3 * TICK_MS)
  })

  test("that came while the thread was held gets its whole time, not what the pause has left of it", () => {
    const { time, met, timeouts, call, runAll } = wheel()
    timeouts.add(call(100_000))
    time.at(10, () => {
      // The thread is held for two seconds: the wheel's own timer is late by that much.
      time.skipTo(10)
    })
    runAll()
    const late = wheel()
    const held = {
      now: () => now,
      wallTime: () => now,
      after: (ms: number, run: () => void) => late.time.after(ms, run),
    }
    let now = 0
    const wheelOfHeld = new CallTimeouts(held, (one) => late.met.push([one, now]))
    wheelOfHeld.add(late.call(100))
    now = 2_000
    const fresh = late.call(100)
    wheelOfHeld.add(fresh)
    late.time.advance()
    expect(late.met.some(([one]) => one === fresh)).toBe(false)
    expect(met).toHaveLength(1)
    wheelOfHeld.stop()
  })

  test("after stop none is met", () => {
    const { met, timeouts, call, runAll } = wheel()
    timeouts.add(call(10))
    timeouts.stop()
    runAll()
    expect(met).toEqual([])
  })
})
