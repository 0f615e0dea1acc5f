/** Virtual time: events in the order of their moments, and of their planning within one. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { VirtualTime } from "../../src/sim/index.ts"

test("any events happen in the order of their moments, those of one moment as they were planned, and cancelled ones never", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.boolean()), { maxLength: 200 }), (plan) => {
      const time = new VirtualTime()
      const got: [number, number][] = []
      const timers = plan.map(([at], i) => time.after(at, () => got.push([time.now(), i])))
      plan.forEach(([, cancelled], i) => {
        if (cancelled) timers[i]!.cancel()
      })
      while (time.next !== undefined) time.advance()
      const expected = plan
        .map(([at, cancelled], i) => ({ at, cancelled, i }))
        .filter(({ cancelled }) => !cancelled)
        .sort((a, b) => a.at - b.at || a.i - b.i)
        .map(({ at, i }) => [at, i])
      expect(got).toEqual(expected)
    }),
  )
})

test("many cancelled timers are not kept until they would be due", () => {
  const time = new VirtualTime()
  let happened = 0
  time.after(1_000_000, () => happened++)
  for (let i = 0; i < 100_000; i++) time.after(1_000_000 + i, () => happened++).cancel()
  time.advance()
  expect([happened, time.now(), time.next]).toEqual([1, 1_000_000, undefined])
})

test("an event may plan further ones, and time never goes back", () => {
  const time = new VirtualTime()
  const at: number[] = []
  const again = (left: number): void => {
    at.push(time.now())
    if (left > 0) time.after(left % 2, () => again(left - 1))
  }
  time.at(5, () => again(4))
  time.at(-3, () => at.push(time.now()))
  while (time.next !== undefined) time.advance()
  expect(at).toEqual([0, 5, 5, 6, 6, 7])
  time.skipTo(3)
  expect(time.now()).toBe(7)
})
