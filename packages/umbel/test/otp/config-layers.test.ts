/** Where a configuration comes from: the order of its layers, variables of every type, what does not fit, and who said what. */
import { describe, expect, test } from "vitest"
import { application, ConfigError, type ConfigSources, LoadedApplication, resolveConfig } from "../../src/otp/index.ts"

const shop = application({
  name: "shop",
  config: {
    limit: 100,
    maxSize: 5,
    verbose: false,
    total: 1n,
    title: "Shop",
    tags: ["a"],
    log: { level: "info", colour: undefined as string | undefined },
  },
})
const resolve = (given: unknown, sources: ConfigSources) => resolveConfig(given as LoadedApplication, sources)
const failure = (given: unknown, sources: ConfigSources): Promise<unknown> =>
  resolve(given, sources).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )

describe("the layers of a configuration", () => {
  test("lie over one another: defaults, with, the runtime configuration, variables", async () => {
    const { value } = await resolve(shop.with({ limit: 1, maxSize: 1, title: "with" }), {
      config: { shop: { limit: 2, maxSize: 2 }, other: { limit: 9 } },
      env: { UMBEL_SHOP_LIMIT: "3" },
    })
    expect(value).toMatchObject({ limit: 3, maxSize: 2, title: "with", verbose: false })
  })
  test("each say what they set, the topmost last", async () => {
    const given = shop.with({ log: { level: "warning" } }, "deploy/shop.ts").with({ limit: 7 })
    const resolved = await resolve(given, {
      config: { shop: { log: { level: "error" } } },
      configOrigin: "config/runtime.ts",
      env: { UMBEL_SHOP_LOG_LEVEL: "debug" },
    })
    expect(resolved.explain("shop.log.level")).toEqual({
      path: "shop.log.level",
      value: "debug",
      origin: "UMBEL_SHOP_LOG_LEVEL",
      layers: [
        { origin: "defaults", value: "info" },
        { origin: "deploy/shop.ts", value: "warning" },
        { origin: "config/runtime.ts", value: "error" },
        { origin: "UMBEL_SHOP_LOG_LEVEL", value: "debug" },
      ],
    })
    expect(resolved.explain("shop.limit")).toMatchObject({ value: 7, origin: "with" })
    expect(resolved.explain("shop.title")).toMatchObject({ value: "Shop", origin: "defaults" })
    expect(resolved.explain("shop.log")).toMatchObject({ value: { level: "debug" }, origin: "UMBEL_SHOP_LOG_LEVEL" })
    for (const none of ["shop.nothing", "shop.log.level.deeper", "other.limit", "shop.__proto__", "shop.toString"]) {
      expect(resolved.explain(none), none).toBeUndefined()
    }
  })
})

describe("a variable", () => {
  test("is read as the type of its default, at any depth", async () => {
    const { value, unknownVariables } = await resolve(shop, {
      env: {
        UMBEL_SHOP_LIMIT: "2.5",
        UMBEL_SHOP_MAX_SIZE: "7",
        UMBEL_SHOP_VERBOSE: "true",
        UMBEL_SHOP_TOTAL: "123456789012345678901",
        UMBEL_SHOP_TITLE: "12",
        UMBEL_SHOP_TAGS: '["b","c"]',
        UMBEL_SHOP_LOG_COLOUR: "red",
        UMBEL_SHOP_LOG_LEVEL: undefined,
        UMBEL_COOKIE: "secret",
        PATH: "/bin",
      },
    })
    expect(value).toEqual({
      limit: 2.5,
      maxSize: 7,
      verbose: true,
      total: 123456789012345678901n,
      title: "12",
      tags: ["b", "c"],
      log: { level: "info", colour: "red" },
    })
    expect(unknownVariables).toEqual([])
  })
  const wrong: readonly [variable: string, text: string, message: string][] = [
    ["UMBEL_SHOP_LIMIT", "many", 'configuration shop.limit: expected a number, got "many" (UMBEL_SHOP_LIMIT)'],
    ["UMBEL_SHOP_LIMIT", " ", 'configuration shop.limit: expected a number, got " " (UMBEL_SHOP_LIMIT)'],
    ["UMBEL_SHOP_VERBOSE", "yes", 'configuration shop.verbose: expected true or false, got "yes" (UMBEL_SHOP_VERBOSE)'],
    ["UMBEL_SHOP_TOTAL", "1.5", 'configuration shop.total: expected a whole number, got "1.5" (UMBEL_SHOP_TOTAL)'],
    ["UMBEL_SHOP_TAGS", "b", 'configuration shop.tags: expected JSON, got "b" (UMBEL_SHOP_TAGS)'],
    ["UMBEL_SHOP_TAGS", '"b"', "configuration shop.tags: expected a list, got a string (UMBEL_SHOP_TAGS)"],
  ]
  for (const [variable, text, message] of wrong) {
    test(`that does not fit is refused: ${message}`, async () => {
      const thrown = await failure(shop, { env: { [variable]: text } })
      expect(thrown).toBeInstanceOf(ConfigError)
      expect(thrown).toMatchObject({ message, origin: variable })
    })
  }
  test("that no key has is told, and belongs to an application with a longer name where there is one", async () => {
    const env = { UMBEL_SHOP_LIMTI: "1", UMBEL_SHOP_ADMIN_PORT: "2" }
    expect((await resolve(shop, { env })).unknownVariables).toEqual(["UMBEL_SHOP_ADMIN_PORT", "UMBEL_SHOP_LIMTI"])
    const { unknownVariables } = await resolve(shop, { env, applications: ["shop", "shop_admin"] })
    expect(unknownVariables).toEqual(["UMBEL_SHOP_LIMTI"])
  })
  test("that may be one of two keys is refused", async () => {
    const twice = application({ name: "twice", config: { logLevel: "a", log: { level: "b" } } })
    expect(String(await failure(twice, { env: { UMBEL_TWICE_LOG_LEVEL: "c" } }))).toMatch(
      /configuration twice: it may be logLevel or log\.level; set that in the runtime configuration \(UMBEL_TWICE_LOG_LEVEL\)/,
    )
  })
})

describe("with a schema", () => {
  /** `port` is a number, `password` a text; `level` has a default. */
  const schema = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value: unknown) => {
        const { port, password, log } = value as { port?: unknown; password?: unknown; log?: { level?: unknown } }
        if (typeof port !== "number") return { issues: [{ message: "a number", path: ["port"] }] }
        if (typeof password !== "string") return { issues: [{ message: "a text", path: ["password"] }] }
        return { value: { port, password, log: { level: log?.level ?? "info" } } }
      },
    },
  } as const
  const strict = application<{ port: number; password: string; log: { level: string } }>({
    name: "strict",
    config: schema,
  })

  test("variables are JSON where they are and text elsewhere, and text where the schema wants that", async () => {
    const { value, explain } = await resolve(strict, {
      env: { UMBEL_STRICT_PORT: "80", UMBEL_STRICT_PASSWORD: "1234", UMBEL_STRICT_LOG__LEVEL: "debug" },
    })
    expect(value).toEqual({ port: 80, password: "1234", log: { level: "debug" } })
    expect(explain("strict.log.level")?.origin).toBe("UMBEL_STRICT_LOG__LEVEL")
  })
  test("what a layer says wrongly is refused with its name, and what the schema fills in is nobody's", async () => {
    expect(await failure(strict.with({ port: "x" } as never, "prod.ts"), {})).toMatchObject({
      path: "strict.port",
      origin: "prod.ts",
    })
    expect(await failure(strict, { env: { UMBEL_STRICT_PORT: "x" } })).toMatchObject({ origin: "UMBEL_STRICT_PORT" })
    expect(await failure(strict, {})).toMatchObject({ path: "strict.port", origin: undefined })
    const { explain } = await resolve(strict.with({ port: 1, password: "p" }), {})
    expect(explain("strict.log.level")).toEqual({
      path: "strict.log.level",
      value: "info",
      origin: undefined,
      layers: [],
    })
  })
  test("parts are put together at any depth before it looks", async () => {
    const given = strict.with({ port: 1, log: { level: "a" } }).with({ password: "p" })
    const { value } = await resolve(given, { config: { strict: { log: {} } } })
    expect(value).toEqual({ port: 1, password: "p", log: { level: "a" } })
  })
})

test("a part that is no object is refused", async () => {
  expect(await failure(shop, { config: { shop: 5 as never } })).toMatchObject({
    path: "shop",
    problem: "expected an object",
  })
  expect(shop).toBeInstanceOf(LoadedApplication)
})
