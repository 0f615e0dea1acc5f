/** In which order applications start: after all they need, each once. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { bootOrder, DependencyCycle } from "../../src/otp/index.ts"

interface App {
  readonly name: string
  readonly needs: readonly App[]
}

/** Applications of which each may need earlier ones: no circle is possible. */
const anyApps = fc.array(fc.array(fc.nat(9), { maxLength: 4 }), { minLength: 1, maxLength: 10 }).map((wishes) => {
  const apps: App[] = []
  for (const [i, wish] of wishes.entries()) {
    apps.push({ name: `app${i}`, needs: wish.filter((n) => n < i).map((n) => apps[n]!) })
  }
  return apps
})

test("whatever is listed, each comes once and after all it needs", () => {
  fc.assert(
    fc.property(anyApps, fc.array(fc.nat(9), { minLength: 1, maxLength: 10 }), (apps, listed) => {
      const order = bootOrder(listed.map((n) => apps[n % apps.length]!))
      const names = order.map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
      for (const [i, app] of order.entries())
        for (const { name } of app.needs) expect(names.indexOf(name)).toBeLessThan(i)
    }),
  )
})

test("what does not need each other keeps the order in which it was listed", () => {
  const app = (name: string): App => ({ name, needs: [] })
  const [a, b, c] = [app("a"), app("b"), app("c")]
  expect(bootOrder([c, a, b]).map(({ name }) => name)).toEqual(["c", "a", "b"])
})

test("where an application is listed and needed, the listed one counts", () => {
  const plain = { name: "base", needs: [] }
  const configured = { name: "base", needs: [] }
  const order = bootOrder<App>([{ name: "top", needs: [plain] }, configured])
  expect(order[0]).toBe(configured)
})

test("a circle is told with its members, in order", () => {
  const needs: App[] = []
  const a: App = { name: "a", needs }
  needs.push({ name: "b", needs: [{ name: "c", needs: [a] }] })
  expect(() => bootOrder([{ name: "top", needs: [a] }])).toThrow(DependencyCycle)
  expect(() => bootOrder([{ name: "top", needs: [a] }])).toThrow("a needs b needs c needs a")
})
