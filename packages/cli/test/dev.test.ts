/** `umbel dev` as a person uses it: a file is saved, and the answer is another one, while everything else goes on. */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Api, type Node, name } from "umbel"
import { boot } from "umbel/nodejs"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { freePort } from "../../../interop/support/ports.ts"
import { RunningUmbel } from "./support/running.ts"
import { GREETER as greeter, put, remove, twoApplications, WORD } from "./support/two-applications.ts"
import { CHECKOUT, run } from "./support/umbel.ts"

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

interface Counter extends Api {
  calls: { increment(): number; word(): string; twice(): number }
  casts: {}
}
interface Greeter extends Api {
  calls: { greet(who: string): string; greeted(): number }
  casts: {}
}
const AT = "all@127.0.0.1"
const COUNTER = name<Counter>("counter").at(AT)
const GREETER = name<Greeter>("greeter").at(AT)

describe("umbel dev, with two applications", () => {
  let root = ""
  let dev: RunningUmbel
  let node: Node
  let env: Record<string, string> = {}
  beforeAll(async () => {
    env = { ERL_EPMD_PORT: String(await freePort()), UMBEL_COOKIE: "dev-test" }
    root = await twoApplications()
    dev = new RunningUmbel(root, ["dev"], env)
    await dev.says("Ctrl-C stops")
    node = await boot({
      name: "tester@127.0.0.1",
      cookie: "dev-test",
      epmdPort: Number(env["ERL_EPMD_PORT"]),
      report: () => {},
    })
  })
  afterAll(async () => {
    await node?.stop()
    expect(await dev.stop(), dev.out).toBe(0)
    await remove(root)
  })

  test("a change of one application is there at once; the other keeps its state, and so does the server that changed", async () => {
    expect(await node.call(COUNTER).increment()).toBe(1)
    expect(await node.call(GREETER).greet("Joe")).toBe("hello, Joe")
    const before = dev.out.length
    await put(root, "apps/b/src/greeter.ts", greeter("good day"))
    await expect.poll(() => node.call(GREETER).greet("Joe"), { interval: 2, timeout: 20_000 }).toBe("good day, Joe")
    const line = await dev.says("reloaded b in", before)
    expect(line).toMatch(/reloaded b in \d+ ms: 2 servers changed\n/)
    expect(line).not.toContain("reloaded a")
    expect(await node.call(COUNTER).increment()).toBe(2)
    expect(await node.call(GREETER).greeted()).toBeGreaterThan(2)
  })

  test("what another application imports of it is the new one, without that application being reloaded", async () => {
    expect(await node.call(COUNTER).word()).toBe("yes")
    const before = dev.out.length
    await put(root, "apps/b/src/word.ts", WORD("indeed"))
    await expect.poll(() => node.call(COUNTER).word(), { timeout: 20_000 }).toBe("indeed")
    expect(await dev.says("reloaded b in", before)).not.toContain("reloaded a")
  })

  test("what does not compile is shown once with its line, and the old code runs on", async () => {
    const before = dev.out.length
    await put(root, "apps/b/src/greeter.ts", `${greeter("broken")}const x: string = 5\n`)
    const wrong = await dev.says("b runs on with the code it has", before)
    expect(wrong).toContain("apps/b/src/greeter.ts:13:7")
    expect(wrong).toContain("13 │ const x: string = 5")
    expect(await node.call(GREETER).greet("Joe")).toBe("good day, Joe")

    const typed = dev.out.length
    await put(root, "apps/b/src/greeter.ts", `${greeter("broken")}const x = (\n`)
    const syntax = await dev.says("b runs on with the code it has", typed)
    expect(syntax).toMatch(/greeter\.ts:1[34]:\d+ {2}\S/)

    const mended = dev.out.length
    await put(root, "apps/b/src/greeter.ts", greeter("mended"))
    await dev.says("reloaded b in", mended)
    expect(await node.call(GREETER).greet("Joe")).toBe("mended, Joe")
  })

  test("what throws while it loads is shown, and the old code runs on", async () => {
    const before = dev.out.length
    await put(root, "apps/b/src/word.ts", `${WORD("no")}throw new Error("not today")\n`)
    const shown = await dev.says("not today", before)
    expect(shown).toMatch(/at .*apps\/b\/src\/word\.ts:2:7/)
    expect(await node.call(COUNTER).word()).toBe("indeed")
    const mended = dev.out.length
    await put(root, "apps/b/src/word.ts", WORD("fine"))
    await dev.says("reloaded b in", mended)
  })

  test("a child that is new in the tree starts, one that is gone ends, and one with another argument starts anew", async () => {
    const tree = (children: string): string => `import { application, child, genServer, name, supervisor } from "umbel"
import { greeter } from "./greeter.ts"
import { GREETER } from "./index.ts"

export const plain = genServer("b.plain", { init: (at: number) => ({ at }), calls: { at: ({ state }) => state.at } })
const top = supervisor("b.supervisor", { children: [child(greeter, { name: GREETER }), ${children}] })
export default application({ name: "b", start: () => top })
`
    const plain = (which: string) => name<{ calls: { at(): number }; casts: {} }>(which).at(AT)
    const greeted = await node.call(GREETER).greeted()
    let before = dev.out.length
    await put(root, "apps/b/src/application.ts", tree('child(plain, { arg: 1, name: name("one") })'))
    await dev.says("reloaded b in", before)
    expect(await node.call(plain("one")).at()).toBe(1)

    before = dev.out.length
    await put(root, "apps/b/src/application.ts", tree('child(plain, { arg: 2, name: name("one") })'))
    expect(await dev.says("reloaded b in", before)).toContain("1 restarted")
    expect(await node.call(plain("one")).at()).toBe(2)

    before = dev.out.length
    await put(root, "apps/b/src/application.ts", tree('child(plain, { arg: 3, name: name("two") })'))
    expect(await dev.says("reloaded b in", before)).toContain("1 stopped")
    expect(await node.call(plain("two")).at()).toBe(3)
    await expect(node.call(plain("one")).at()).rejects.toThrow("noproc")
    expect(await node.call(GREETER).greeted()).toBe(greeted)
  })

  test("an application that no longer fits the changed one is told of", async () => {
    const before = dev.out.length
    await put(root, "apps/b/src/word.ts", "export const word = (): number => 5\n")
    const said = await dev.says("a does not fit the new b", before)
    expect(said).toContain("reloaded b in")
    expect(said).toContain("apps/a/src/counter.ts:8:")
    await put(root, "apps/b/src/word.ts", WORD("yes"))
  })

  test("settings want a new start, and it says so", async () => {
    const before = dev.out.length
    await put(
      root,
      "umbel.config.ts",
      `export default { releases: { all: { applications: { a: "permanent", b: "permanent" } } } }\n`,
    )
    await dev.says("umbel.config.ts has changed: start umbel dev again to use it", before)
  })
})

describe("umbel dev says what is wrong in a sentence", () => {
  let root = ""
  beforeEach(async () => {
    root = await twoApplications()
  })
  afterEach(() => remove(root))

  test.each([
    ["a release that is not there", ["dev", "nope"], undefined, "there is no release or deployment nope"],
    ["a port that is none", ["dev", "--observer", "x"], undefined, "--observer x is no port"],
    ["what does not compile", ["dev"], ["apps/b/src/word.ts", "export const word = ("], "this does not compile"],
    [
      "an import that is not there",
      ["dev"],
      ["apps/b/src/word.ts", 'export { word } from "no-such-package"'],
      'Could not resolve "no-such-package"',
    ],
  ] as const)("%s", async (_, args, file, words) => {
    if (file !== undefined) await put(root, file[0], file[1])
    const dev = new RunningUmbel(root, args, { ERL_EPMD_PORT: String(await freePort()) })
    expect(await dev.ended).toBe(1)
    expect(dev.out).toContain(words)
    expect(dev.out).not.toMatch(/^\s+at /m)
  })
})

test("a thousand reloads leave nothing behind", async () => {
  const root = await twoApplications()
  const script = fileURLToPath(new URL("support/thousand-reloads.ts", import.meta.url))
  const args = [
    "--disable-warning=ExperimentalWarning",
    "--conditions=@umbel/source",
    "--import",
    join(CHECKOUT, "node_modules/tsx/dist/esm/index.mjs"),
    script,
  ]
  const { code, out, err } = await run(root, process.execPath, ...args)
  expect(err).toBe("")
  expect(code).toBe(0)
  const { first, last, answer } = JSON.parse(out) as { first: number; last: number; answer: string }
  expect(answer).toBe("hello 1000, Joe")
  // The bundle of `b` with its functions is some 30 KB: a leak of every generation would be tens of megabytes.
  expect((last - first) / 1_000_000, "megabytes more after 900 reloads").toBeLessThan(2)
  await remove(root)
}, 170_000)
