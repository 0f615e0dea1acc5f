/** What is covered before a state is shown. */
import fc from "fast-check"
import { expect, test } from "vitest"
import { atom, inspect, redact, tuple } from "../../src/term/index.ts"

test("values under keys that sound like secrets are covered, at any depth, and others are not", () => {
  const state = {
    user: "ann",
    password: "x",
    userPassword: "x",
    apiKey: "x",
    api_key: "x",
    authorization: "x",
    sessionToken: "x",
    nested: [{ cookie: "x", monkey: "kept", passenger: "kept" }],
    map: new Map<unknown, unknown>([
      ["client_secret", "x"],
      ["other", { credentials: "x" }],
    ]),
  }
  const shown = inspect(redact(state))
  expect(shown).not.toContain('"x"')
  expect(shown.match(/\[redacted\]/g)).toHaveLength(9)
  expect(shown).toContain('user: "ann"')
  expect(shown.match(/"kept"/g)).toHaveLength(2)
})

test("secrets inside tuples and instances of terms are not shown either", () => {
  expect(inspect(redact(tuple(atom("ok"), { password: "hunter2" })))).not.toContain("hunter2")
})

test("in pairs, as in property lists and tables of Erlang, what stands under such a key is covered", () => {
  const pairs = [tuple(atom("password"), "hunter2"), tuple("api_key", [1, 2]), tuple(atom("limit"), 3)]
  expect(inspect(redact(pairs))).toBe('[{:password, "[redacted]"}, {"api_key", "[redacted]"}, {:limit, 3}]')
})

test("the state itself is not changed, and the result of anything can be inspected", () => {
  fc.assert(
    fc.property(fc.object({ withMap: true, withNullPrototype: true }), (state) => {
      const before = inspect(state)
      inspect(redact(state))
      expect(inspect(state)).toBe(before)
    }),
  )
})

test("cyclic, deep and long states are cut", () => {
  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic
  expect(inspect(redact(cyclic)).length).toBeLessThan(1_000)
  expect((redact(Array.from({ length: 10_000 }, (_, i) => i)) as unknown[]).length).toBe(200)
})
