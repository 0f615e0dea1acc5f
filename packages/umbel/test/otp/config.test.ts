/** Configuration: defaults replaced in part, and every way it may not fit. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { merge, validate } from "../../src/otp/config.ts"
import { ConfigError } from "../../src/otp/index.ts"

const defaults = {
  limit: 100,
  tags: ["a"],
  log: { level: "info", colour: undefined as string | undefined },
  when: null,
}

describe("merge", () => {
  test("replaces in part, at any depth, and changes neither side", () => {
    const over = { log: { level: "debug", colour: "red" }, tags: ["b", "c"], when: 5, limit: undefined }
    const before = structuredClone([defaults, over])
    expect(merge(defaults, over, "shop")).toEqual({
      limit: 100,
      tags: ["b", "c"],
      log: { level: "debug", colour: "red" },
      when: 5,
    })
    expect([defaults, over]).toEqual(before)
  })
  const wrong: [object, string][] = [
    [{ limti: 1 }, "configuration shop.limti: there is no such key; shop has limit, tags, log, when"],
    [{ limit: "many" }, "configuration shop.limit: expected a number, got a string"],
    [{ tags: "a" }, "configuration shop.tags: expected a list, got a string"],
    [{ tags: { 0: "a" } }, "configuration shop.tags: expected a list, got an object"],
    [{ log: { loud: true } }, "configuration shop.log.loud: there is no such key; shop.log has level, colour"],
    [{ log: null }, "configuration shop.log: expected an object, got null"],
    [JSON.parse('{"__proto__": 1}') as object, "configuration shop.__proto__: there is no such key"],
    [{ toString: 1 }, "configuration shop.toString: there is no such key"],
  ]
  for (const [over, message] of wrong) {
    test(`of ${JSON.stringify(over)}: ${message}`, () => {
      const go = (): unknown => merge(defaults, over as Record<string, unknown>, "shop")
      expect(go).toThrow(ConfigError)
      expect(go).toThrow(message)
    })
  }
  test("of anything with nothing is itself, and with itself is itself", () => {
    const value = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer()))
    const plain = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,5}$/),
      fc.oneof(value, fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), value)),
    )
    fc.assert(
      fc.property(plain, (one) => {
        expect(merge(one, {}, "x")).toEqual(one)
        expect(merge(one, one, "x")).toEqual(one)
      }),
    )
  })
})

describe("a Standard Schema", () => {
  const schema = (result: unknown) => ({ "~standard": { version: 1, vendor: "test", validate: () => result } }) as const
  test("gives what it makes of the value, also when it is async", async () => {
    expect(await validate(schema({ value: 1 }), 0, "shop")).toBe(1)
    expect(await validate(schema(Promise.resolve({ value: 2 })), 0, "shop")).toBe(2)
  })
  test("is told with the path of its first issue, keys in either form", async () => {
    const issues = [{ message: "too many", path: ["limits", { key: "port" }, 0] }, { message: "second" }]
    await expect(validate(schema({ issues }), 0, "shop")).rejects.toThrow("configuration shop.limits.port.0: too many")
    await expect(validate(schema({ issues: [{ message: "no path" }] }), 0, "shop")).rejects.toThrow(
      "configuration shop: no path",
    )
  })
})
