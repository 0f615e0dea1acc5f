/** The pages of what went wrong and what happens, in a real browser: crashes, log, groups, trace, recorder, profile. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { genServer, Logger, name, registry, via } from "umbel"
import { readRecordingFile } from "umbel/otp"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { peers } from "../../../interop/peers.ts"
import { flameBoxes } from "../page/model/flame.ts"
import { sequence } from "../page/model/sequence.ts"
import { buildPage } from "../scripts/build-page.mjs"
import { openBrowser, visit as visitIn } from "./support/browser.ts"
import { FRONT, inTrace, type TestCluster, testCluster } from "./support/cluster.ts"
import { HOSTILE } from "./support/system.ts"

const NODE = encodeURIComponent(FRONT)

const oven = genServer("test.oven", {
  init: () => ({ heat: 0, password: "hidden" }),
  calls: {
    bake: ({ state }, bread: string, degrees: number) => {
      if (degrees > 400) throw new RangeError(`too hot for ${bread}`)
      return (state.heat = degrees)
    },
  },
  casts: {
    burn: (_self, ms: number) => {
      const end = performance.now() + ms
      while (performance.now() < end);
    },
  },
})
const OVEN = name<typeof oven>("oven")

describe("the models", () => {
  test("a sequence gives each who takes part a lane, and the many one together", () => {
    const party = (title: string) => ({ process: title, title, node: "a@h" })
    const event = (from: string, to: string | null) =>
      ({ from: party(from), to: to === null ? null : party(to) }) as never
    const { lanes, rows } = sequence([event("a", "b"), event("b", "a"), event("c", null)])
    expect(lanes.map(({ title }) => title)).toEqual(["a", "b", "c"])
    expect(rows.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 0],
      [2, -1],
    ])
    const many = sequence(Array.from({ length: 40 }, (_, i) => event(`p${i}`, null)))
    expect(many.lanes).toHaveLength(13)
    expect(many.lanes.at(-1)!.title).toBe("others")
    expect(many.rows.at(-1)!.from).toBe(12)
  })
  test("a flame graph is as wide as the time, and leaves out what is too narrow", () => {
    const leaf = (name: string, ms: number) => ({ name, place: "", selfMs: ms, totalMs: ms, children: [] })
    const root = {
      ...leaf("(all)", 100),
      children: [{ ...leaf("a", 75), children: [leaf("b", 50)] }, leaf("c", 25), leaf("d", 0.01)],
    }
    expect(flameBoxes(root, 0.01).map(({ name, depth, left, width }) => [name, depth, left, width])).toEqual([
      ["(all)", 0, 0, 1],
      ["a", 1, 0, 0.75],
      ["b", 2, 0, 0.5],
      ["c", 1, 0.75, 0.25],
    ])
  })
})

describe.skipIf(peers.chromium === undefined)("in the browser", { timeout: 120_000 }, () => {
  let cluster: TestCluster
  let browser: Browser
  const folder = mkdtempSync(join(tmpdir(), "umbel-observer-"))
  beforeAll(async () => {
    await buildPage()
    cluster = await testCluster({ sourceLink: "editor://open/{path}:{line}" })
    await cluster.front.start(oven, { name: OVEN })
    browser = await openBrowser()
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await cluster?.[Symbol.asyncDispose]()
  })

  const visit = (hash: string, see: (page: Page) => Promise<void>) => visitIn(browser, cluster.address, hash, see)
  const crash = async (): Promise<void> => {
    await expect(cluster.front.call(OVEN).bake(HOSTILE, 500)).rejects.toThrow()
    await cluster.front.start(oven, { name: OVEN })
  }

  test("crashes stand by cause, with stack, message and redacted state, and nothing hostile runs", async () => {
    await cluster.front.call(OVEN).bake("rye", 200)
    await crash()
    const { front } = cluster
    await front.call(OVEN).bake(HOSTILE, 210)
    Logger.info(front, "the door was opened")
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    await inTrace(`00-${trace}-00f067aa0ba902b7-01`, crash)
    await visit("#/crashes", async (page) => {
      const cause = page.locator(".cause", { hasText: "test.oven RangeError" })
      await cause.getByText("2 ×").waitFor()
      await cause.locator("summary").click()
      await cause.getByText("deep.test.ts").first().waitFor()
      await cause.getByText("[redacted]").waitFor()
      expect(await cause.textContent()).toContain("call {:bake")
      expect(await cause.textContent()).not.toContain("hidden")
      await cause.getByText(trace).waitFor()
      const before = cause.getByRole("region", { name: "Before it" })
      expect(await before.textContent()).toMatch(/call \{:bake, "<img src=x.*210\}$/)
      await cause.getByRole("button", { name: "The log around it" }).click()
      await cause.getByLabel("The log around it").getByText("the door was opened").waitFor()
    })
  })
  test("a long handler has the line it is written in, and the stack it held the thread with", async () => {
    await visit("#/crashes", async (page) => {
      const long = page.getByLabel("Long handlers").locator("li.cause", { hasText: "test.oven burn" })
      const stack = long.getByLabel("Stack")
      while ((await stack.count()) === 0) {
        cluster.front.cast(OVEN).burn(300)
        await page.waitForTimeout(100)
      }
      await long.locator("summary").click()
      await stack.getByText(/at burn/).waitFor()
      const link = stack.getByRole("link", { name: /deep\.test\.ts:\d+$/ }).first()
      expect(await link.getAttribute("href")).toMatch(
        /^editor:\/\/open\/.*packages\/observer\/test\/deep\.test\.ts:\d+$/,
      )
      await long
        .locator("summary")
        .getByRole("link", { name: /deep\.test\.ts/ })
        .waitFor()
    })
  })
  test("the log is filtered by level and text where the lines are", async () => {
    Logger.warning(cluster.front, "the flour is low")
    Logger.info(cluster.front, `a guest says ${HOSTILE}`)
    await visit("#/logs", async (page) => {
      await page.getByText("the flour is low").waitFor()
      await page.getByText("a guest says <img").waitFor()
      await page.getByRole("button", { name: "warning", exact: true }).click()
      await page.getByText("a guest says <img").waitFor({ state: "detached" })
      await page.getByLabel("Text in lines").fill("FLOUR")
      await expect.poll(() => page.locator(".log-line").count()).toBe(1)
      expect(page.url()).toContain("level=warning")
    })
  })
  test("groups and names lead to their processes", async () => {
    await visit(`#/node/${NODE}/groups`, async (page) => {
      await page.getByRole("heading", { name: /Registered names/ }).waitFor()
      await page.getByLabel("Text in names").fill("oven")
      await expect.poll(() => page.locator("tbody tr").count()).toBe(1)
      await page.getByRole("button", { name: "oven" }).click()
      await expect.poll(() => page.url()).toContain("process=")
    })
  })
  test("the tables of an Umbel node are its registries, with their first entries when asked for", async () => {
    const rooms = registry("test.rooms", { keys: "unique" })
    await cluster.front.start(rooms)
    await cluster.front.start(oven, { name: via(rooms, HOSTILE) as never })
    await visit(`#/node/${NODE}/tables`, async (page) => {
      await page.getByRole("row", { name: /test.rooms registry, unique keys 1/ }).click()
      await page.getByRole("button", { name: "Show its first rows" }).click()
      await page.getByText(`"${HOSTILE.replaceAll('"', '\\"')}" →`).waitFor()
    })
  })
  test("a trace draws calls and answers, and ends when one leaves", async () => {
    await visit("#/trace?text=oven", async (page) => {
      await page.getByRole("button", { name: /Trace oven/ }).click()
      await page.getByText("Quiet so far").waitFor()
      await cluster.front.call(OVEN).bake("rye", 240)
      await page.getByText('{:bake, "rye", 240}').waitFor()
      await page.locator(".arrow-answer").waitFor()
      expect(await page.locator(".sequence-heads button").allInnerTexts()).toEqual(["init", "oven"])
      expect(cluster.front.spy).toBeDefined()
      // Of several traces, one is chosen by its id.
      const trace = "00f067aa0ba902b74bf92f3577b34da6"
      await inTrace(`00-${trace}-00f067aa0ba902b7-01`, () => cluster.front.call(OVEN).bake("oat", 200))
      await page.locator(".trace-row").nth(3).waitFor()
      await page
        .getByRole("button", { name: trace.slice(0, 8) })
        .first()
        .click()
      await page.getByText(trace, { exact: true }).waitFor()
      expect(await page.locator(".trace-row").count()).toBe(2)
      await page.getByRole("button", { name: "Everything" }).click()
      await page.locator(".trace-row").nth(3).waitFor()
    })
    while (cluster.front.spy !== undefined) await new Promise((resolve) => setImmediate(resolve))
  })
  test("the recorder shows the past, and saves and opens it as a file", async () => {
    await visit(`#/node/${NODE}/recorder`, async (page) => {
      await page.getByText("samples since").waitFor()
      await page.getByText(/every 1 min for 2 d.*never more/).waitFor()
      await page.getByText("crash", { exact: true }).first().waitFor()
      await page.getByLabel("Time").fill("0")
      await page.getByText("What happened around then").waitFor()
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("Save as a file").click()])
      const text = readFileSync((await download.path())!, "utf8")
      const [recording] = readRecordingFile(text)
      expect(recording).toMatchObject({ node: FRONT })
      const other = join(folder, "other.json")
      writeFileSync(other, text.replaceAll(FRONT, "dead@h"))
      await page.getByLabel("A file of recordings").setInputFiles(other)
      await page.getByRole("heading", { name: /dead/ }).waitFor()
      writeFileSync(other, "{}")
      await page.getByLabel("A file of recordings").setInputFiles(other)
      await page.getByText(/not a recording: format/).waitFor()
    })
  })
  // What it answers is tested in packages/umbel/test/nodejs/diagnostics.test.ts: a snapshot of this heap takes minutes on a busy machine.
  test("the exact size of a process can be asked for", async () => {
    const pid = cluster.front.whereis(OVEN)!
    await visit(`#/node/${NODE}/process/0.${pid.id}.${pid.serial}`, async (page) => {
      await page.getByRole("button", { name: "Exact size" }).waitFor()
    })
  })
  test("a profile says whose time it was, as a flame graph", async () => {
    await visit(`#/node/${NODE}/profile`, async (page) => {
      await page.getByLabel("For how long").selectOption("1")
      await page.getByRole("button", { name: "Profile it" }).click()
      await page.getByText("Profiling …").waitFor()
      let isOver = false
      const over = page.getByRole("heading", { name: "Whose turn it was" }).waitFor()
      void over.then(
        () => (isOver = true),
        () => (isOver = true),
      )
      // When sampling begins, and how often it comes to it, is V8's matter: there is work for as long as it takes, and hardly anything else.
      while (!isOver) {
        cluster.front.cast(OVEN).burn(60)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      await over
      await page.getByRole("cell", { name: "oven" }).waitFor()
      // The clock is all that `burn` asks: once that is hot V8 has the one in the other.
      await page
        .locator(".flame-box", { hasText: /^(burn|now)/ })
        .first()
        .waitFor()
    })
  })
})
