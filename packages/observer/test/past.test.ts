/** The time slider: any page as it was, from what the flight recorders kept; what was not kept is said, and the present is never shown as past. */
import type { Browser, Page } from "playwright-core"
import { atom } from "umbel"
import { INSPECTOR } from "umbel/otp"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { peers } from "../../../interop/peers.ts"
import { buildPage } from "../scripts/build-page.mjs"
import type { Snapshot } from "../src/protocol.ts"
import type { TreeView } from "../src/views/tree.ts"
import type { ViewData } from "../src/views/view-data.ts"
import { on, openBrowser, visit } from "./support/browser.ts"
import { BACK, FRONT, type TestCluster, testCluster } from "./support/cluster.ts"
import { market, OVEN } from "./support/market.ts"
import { TILL } from "./support/system.ts"

const WAIT = { timeout: 30_000, interval: 100 }

describe("the past", { timeout: 90_000 }, () => {
  let cluster: TestCluster
  let before: string
  /** A moment before anything went wrong, with a scene. */
  let then: number
  beforeAll(async () => {
    await buildPage()
    cluster = await testCluster({ more: [market] })
    const { front } = cluster
    then = await vi.waitFor(async () => {
      const { now, scene } = await front.call(INSPECTOR).moment(Date.now(), { application: "shop" })
      expect(scene?.tree).toBeDefined()
      // The slider goes by seconds.
      const second = Math.floor(now / 1_000) * 1_000
      expect(scene!.at).toBeLessThanOrEqual(second)
      return second
    }, WAIT)
    before = String(front.whereis(TILL))
    // So that what follows is after it.
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(then + 1_000), WAIT)
    front.exit(front.whereis(TILL)!, atom("stuck"))
    await expect(front.call(OVEN).bake("sourdough", 500)).rejects.toThrow()
    await vi.waitFor(() => expect(String(front.whereis(TILL) ?? before)).not.toBe(before), WAIT)
  }, 90_000)
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  async function api<K extends keyof ViewData>(
    view: K,
    params: Readonly<Record<string, string | number>>,
  ): Promise<Snapshot<ViewData[K]>> {
    const query = new URLSearchParams(Object.entries(params).map(([key, value]) => [key, String(value)]))
    return (await (await fetch(`${cluster.address}api/${view}?${query}`)).json()) as Snapshot<ViewData[K]>
  }

  describe("as data", () => {
    test("a tree is as it was, and is not of now", async () => {
      const tills = async (params: Readonly<Record<string, number>>) => {
        const { data } = await api("tree", { node: FRONT, application: "shop", ...params })
        const all = (tree: TreeView): TreeView[] => [tree, ...tree.children.flatMap(all)]
        return all(data!)
          .filter(({ title }) => title === "till")
          .map(({ pid, restarts }) => ({ pid, restarts }))
      }
      expect(await tills({ at: then })).toEqual([{ pid: before, restarts: 0 }])
      expect(await tills({})).toEqual([{ pid: String(cluster.front.whereis(TILL)), restarts: 1 }])
    })
    test("crashes, events and lines of the log are those up to then", async () => {
      const { groups, long, since } = (await api("crashes", { at: then })).data!
      expect(groups).toEqual([])
      // A busy machine may have held one before.
      expect(long.filter(({ lastAt }) => lastAt > then)).toEqual([])
      expect(since!.filter(({ firstAt }) => firstAt > then)).toEqual([])
      expect((await api("crashes", {})).data!.groups.length).toBeGreaterThan(0)
      for (const view of ["events", "logs"] as const) {
        const timesOf = async (params: Readonly<Record<string, number>>) => {
          const { data } = await api(view, params)
          return ("events" in data! ? data.events : data!.lines).map(({ at }) => at)
        }
        expect((await timesOf({})).some((at) => at > then)).toBe(true)
        expect((await timesOf({ at: then })).filter((at) => at > then)).toEqual([])
      }
    })
    test("a node in numbers, its processes that stood out, and the cluster are as recorded", async () => {
      const system = (await api("system", { node: FRONT, at: then })).data!
      expect(system.at).toBeLessThanOrEqual(then)
      expect(system.samples!.at(-1)!.at).toBe(system.at)
      const processes = (await api("processes", { node: FRONT, at: then, sort: "handled" })).data!
      expect(processes.recordedAt).toBeLessThanOrEqual(then)
      expect(processes.matching).toBeGreaterThan(0)
      const handled = processes.rows.map((row) => row.handled)
      expect(handled).toEqual([...handled].sort((a, b) => b - a))
      const front = (await api("cluster", { at: then })).data!.nodes.find(({ name }) => name === FRONT)!
      expect(front).toMatchObject({ status: "up", vitals: { turns: null, crashes: null } })
      expect(front.vitals!.applications.map(({ name }) => name)).toContain("shop")
    })
    test("what was not recorded is said, and nothing of now stands in for it", async () => {
      const hour = 3_600_000
      const asked = [
        ["tree", { node: FRONT, application: "shop", at: then - hour }],
        ["tree", { node: FRONT, application: "init", at: then }],
        ["tree", { node: FRONT, application: "nothing", at: then }],
        ["system", { node: FRONT, at: then - hour }],
        ["system", { node: FRONT, at: then + hour }],
        ["processes", { node: FRONT, at: then - hour }],
        ["process", { node: FRONT, pid: before, at: then }],
        ["groups", { node: FRONT, at: then }],
        ["links", { at: then }],
        ["find", { text: "till", at: then }],
        ["endpoints", { at: then }],
      ] as const
      for (const [view, params] of asked) {
        const { status, data, text } = await api(view, params)
        expect([view, status, data]).toEqual([view, "unkept", null])
        expect(text).not.toBe("")
      }
      expect(await api("system", { node: FRONT, at: "yesterday" })).toMatchObject({ status: "unknown" })
    })
  })

  describe.skipIf(peers.chromium === undefined)("in the browser", () => {
    let browser: Browser
    beforeAll(async () => {
      browser = await openBrowser()
    })
    afterAll(() => browser?.close())
    const past = (page: Page) => page.getByRole("region", { name: "The past" })

    test("one key looks back, one comes back to now, and the address keeps the moment", () =>
      visit(browser, cluster.address, on(FRONT, "app/shop"), async (page) => {
        await page.getByText(/\d restarts? so far/).waitFor()
        expect(await past(page).count()).toBe(0)
        await page.keyboard.press("b")
        await past(page).getByText("The past:").waitFor()
        expect(page.url()).toMatch(/[?&]at=\d+/)
        await page.getByRole("slider", { name: "Moment" }).fill(String(then))
        await expect.poll(() => Number(/at=(\d+)/.exec(page.url())?.[1])).toBeLessThanOrEqual(then)
        await page.getByText(/restarts? so far/).waitFor({ state: "detached" })
        await page.locator("[role=treeitem]", { hasText: "till" }).first().waitFor()
        await page.keyboard.press("n")
        await page.getByText(/\d restarts? so far/).waitFor()
        expect(page.url()).not.toContain("at=")
        expect(await past(page).count()).toBe(0)
      }))

    test("every page shows what was recorded, or says that it was not; links keep the moment, and nothing can be done", () =>
      visit(browser, cluster.address, `${on(FRONT, "app/shop")}?at=${then}`, async (page) => {
        const go = (name: string) =>
          page.getByRole("navigation", { name: "Cluster" }).getByRole("link", { name, exact: true }).click()
        await page.locator("[role=treeitem]", { hasText: "till" }).first().click()
        await page
          .getByRole("complementary", { name: "Process" })
          .getByText("Of single processes the recorder")
          .waitFor()
        await page.keyboard.press("Escape")
        const seen: readonly (readonly [page: string, text: string | RegExp])[] = [
          ["System", "as recorded at"],
          ["Processes", "These are the processes that stood out at"],
          ["Groups and names", "The flight recorder does not keep groups and names."],
          ["Tables", "The flight recorder does not keep tables"],
          ["Recorder", "samples since"],
          ["Profile", "A node is profiled while one looks"],
          ["Cluster", /as it was at \d/],
          ["Connections", "Of connections the recorder keeps"],
          // A busy machine may hold a handler before and after.
          ["Crashes", /Nothing (has crashed|that was over by then)/],
          ["Log", "the latest lines of every Umbel node"],
          ["Trace", "Messages are traced while one looks"],
          ["Events", "the latest of what the nodes report"],
          ["Audit", "what was done from this observer"],
        ]
        for (const [name, text] of seen) {
          await go(name)
          await page.locator("main").getByText(text).first().waitFor()
          await past(page).waitFor()
          expect(page.url(), name).toContain(`at=${then}`)
          expect(await page.locator("main .act.danger, aside .act").count(), name).toBe(0)
        }
        await page.getByRole("button", { name: "Back to now" }).click()
        await past(page).waitFor({ state: "detached" })
        await go("Crashes")
        await page.locator("main").getByText("RangeError").first().waitFor()
        expect(page.url()).not.toContain("at=")
      }))

    test("a node that is gone is shown as its peers knew it then", async () => {
      const { front, back } = cluster
      const told = await vi.waitFor(async () => {
        const view = (await front.call(INSPECTOR).lastViews()).find(({ node }) => node === BACK)
        expect(view).toBeDefined()
        return view!.at
      }, WAIT)
      await back.stop()
      await vi.waitFor(() => expect(front.nodes).not.toContain(BACK), WAIT)
      await visit(browser, cluster.address, `${on(BACK, "app/index")}?at=${told + 1}`, async (page) => {
        await page.locator("[role=treeitem]").first().waitFor()
        await page.getByText(`${FRONT} heard of it last`).waitFor()
      })
      expect(await api("tree", { node: BACK, application: "index", at: told - 1 })).toMatchObject({ status: "unkept" })
    })
  })
})
