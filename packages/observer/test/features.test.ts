/** What no other observer has, in a real browser: the last view of a dead node, two nodes side by side, trees from afar, mailboxes, states over time, sizes. */
import type { Browser } from "playwright-core"
import { application, child, genServer, kill, name, supervisor } from "umbel"
import { INSPECTOR } from "umbel/otp"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { peers } from "../../../interop/peers.ts"
import { buildPage } from "../scripts/build-page.mjs"
import type { FindData } from "../src/views/find.ts"
import { on, openBrowser, visit } from "./support/browser.ts"
import { BACK, FRONT, type TestCluster, testCluster } from "./support/cluster.ts"
import { market, OVEN } from "./support/market.ts"
import { HOSTILE } from "./support/system.ts"

const tree = genServer("forest.tree", { init: () => ({}) })
const forest = application({
  name: "forest",
  start: () =>
    supervisor("forest.top", {
      children: Array.from({ length: 20 }, (_, wood) =>
        child(
          supervisor(`forest.wood${wood}`, {
            children: Array.from({ length: 20 }, (_, at) => child(tree, { id: `tree-${at}` })),
          }),
        ),
      ),
    }),
})
const counter = genServer("test.counter", {
  init: (_arg, self) => {
    self.label(HOSTILE)
    return { count: 1, text: "a text that is long enough that the state stands on lines of its own" }
  },
  casts: { count: ({ state }) => void state.count++ },
})
const COUNTER = name<typeof counter>("counter")

describe.skipIf(peers.chromium === undefined)("in the browser", { timeout: 90_000 }, () => {
  let cluster: TestCluster
  let browser: Browser
  beforeAll(async () => {
    await buildPage()
    cluster = await testCluster({ more: [market, forest] })
    await cluster.front.start(counter, { name: COUNTER })
    browser = await openBrowser()
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await cluster?.[Symbol.asyncDispose]()
  })
  const pageOf = (which: typeof COUNTER | typeof OVEN): string =>
    on(FRONT, `process/${String(cluster.front.whereis(which as never)).slice(1, -1)}`)

  test("a tree of hundreds is painted from afar, says what is pointed at, and opens what is clicked", () =>
    visit(browser, cluster.address, `${on(FRONT, "app/forest")}?open=all`, async (page) => {
      await page.locator("svg.canvas[data-boxes='421']").waitFor()
      const elements = () => page.getByRole("treeitem").count()
      await page.getByRole("button", { name: "Whole" }).click()
      await page.locator("svg.canvas.simple").waitFor()
      // The one that has the focus.
      expect(await elements()).toBe(1)
      const painted = () =>
        page.evaluate<number>(
          `(() => { const c = document.querySelector(".tree-paint"); const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i] > 0) n++; return n })()`,
        )
      await expect.poll(painted).toBeGreaterThan(5_000)
      const { x, y, width, height } = (await page.locator("svg.canvas").boundingBox())!
      const tip = page.locator(".tree-tip", { hasText: /tree-\d+/ })
      // Somewhere near the middle there is a tree.
      for (let step = 0; step < 40 && !(await tip.isVisible()); step++)
        await page.mouse.move(x + width / 2 + step * 3, y + height / 2 + step)
      await tip.waitFor()
      await page.mouse.down()
      await page.mouse.up()
      await page.getByRole("complementary", { name: "Process" }).getByText("forest.tree").first().waitFor()
      await page.getByRole("button", { name: "Close crowds" }).click()
      await expect.poll(elements).toBeGreaterThan(20)
      expect(page.url()).not.toContain("open=all")
    }))

  test("two nodes stand side by side, and the address keeps which", () =>
    visit(browser, cluster.address, on(FRONT, "system"), async (page) => {
      await page.getByLabel("Compare with").selectOption(BACK)
      const table = page.getByRole("table", { name: `${FRONT} and ${BACK}` })
      await table.getByRole("row").filter({ hasText: "Heap used" }).getByText("MB").first().waitFor()
      expect(page.url()).toContain(`with=${encodeURIComponent(BACK)}`)
      await page.reload()
      await table.waitFor()
    }))

  test("charts have a past when the page opens: what the flight recorder kept", () =>
    visit(browser, cluster.address, "", async (page) => {
      // As many samples as fit between two looks of the page itself could not be its own.
      await expect
        .poll(
          async () => {
            const answer = await fetch(new URL(`/api/recording?node=${FRONT}`, cluster.address))
            return ((await answer.json()) as { data: { recording: { samples: unknown[] } } }).data.recording.samples
              .length
          },
          { timeout: 15_000 },
        )
        .toBeGreaterThan(5)
      await page.goto(cluster.address + on(FRONT, "system"))
      await page.locator(".chart canvas").first().waitFor()
      const inked = () =>
        page.evaluate<number>(
          `(() => { const c = document.querySelector(".chart canvas"); const w = c.width, h = c.height; const d = c.getContext("2d").getImageData(0, 0, w, h).data; const columns = new Set(); for (let x = 0; x < w; x++) for (let y = 0; y < h; y++) { const i = 4 * (y * w + x); if (d[i + 3] > 200 && d[i + 1] > d[i] + 20 && d[i + 1] > d[i + 2] + 20) columns.add(x) } return columns.size })()`,
        )
      await expect.poll(inked).toBeGreaterThan(20)
    }))

  test("a mailbox is studied: who sends what, how long it waits; it ends when one leaves", async () => {
    await visit(browser, cluster.address, pageOf(OVEN), async (page) => {
      await page.getByRole("button", { name: "Study its mailbox" }).click()
      const study = page.getByRole("region", { name: "Mailbox study" })
      await study.getByRole("button", { name: "bakery.baker" }).waitFor()
      await study.getByText("knead", { exact: true }).waitFor()
      for (const figure of ["wait, 99 % below", "handling, 99 %"])
        await study.locator(".figure", { hasText: figure }).getByText(/ms$/).waitFor()
      expect(cluster.front.spy).toBeDefined()
    })
    await expect.poll(() => cluster.front.spy, { timeout: 20_000 }).toBeUndefined()
  })

  test("a state says what has changed in it, since the last look or since one that was held", () =>
    visit(browser, cluster.address, pageOf(COUNTER), async (page) => {
      await page.getByText("count: 1,").waitFor()
      cluster.front.cast(COUNTER).count()
      await page.locator(".line-new", { hasText: "count: 2" }).waitFor()
      await page.locator(".line-gone", { hasText: "count: 1" }).waitFor()
      await page.getByRole("button", { name: "Compare from now on" }).click()
      await page.getByText("Nothing has changed since then.").waitFor()
      for (let i = 0; i < 3; i++) cluster.front.cast(COUNTER).count()
      await page.locator(".line-new", { hasText: "count: 5" }).waitFor()
      expect(await page.locator(".line-gone").allInnerTexts()).toEqual([expect.stringContaining("count: 2")])
    }))

  test("a label is found like a name, and is text like any other", () =>
    visit(browser, cluster.address, "", async (page) => {
      await page.getByRole("combobox").fill('ONERROR="globalThis')
      await page.getByRole("option", { name: "counter" }).waitFor()
      const answer = await fetch(new URL(`/api/find?text=${encodeURIComponent("onerror")}`, cluster.address))
      const { data } = (await answer.json()) as { data: FindData }
      expect(data.found.map(({ title }) => title)).toContain("counter")
      await page.keyboard.press("Enter")
      await page.getByRole("complementary", { name: "Process" }).getByText(HOSTILE).first().waitFor()
      expect(await page.locator("main img, aside img").count()).toBe(0)
    }))

  test("a trace goes from node to node: a lane for each, with its node, and how long messages were on their way", async () => {
    const far = await cluster.back.start(counter, { name: COUNTER })
    const caller = genServer("test.caller", {
      init: (_arg, self) => {
        self.sendAfter(50, "go")
        return {}
      },
      info(self) {
        self.cast(COUNTER.at(BACK)).count()
        self.sendAfter(50, "go")
      },
    })
    const pid = await cluster.front.start(caller)
    await visit(browser, cluster.address, `#/trace?of=${encodeURIComponent(pid.key)}`, async (page) => {
      await page.getByRole("button", { name: /Trace test.caller/ }).click()
      await page.getByText("on its way").first().waitFor()
      const lanes = page.locator(".sequence-heads button")
      await lanes.filter({ hasText: "counter" }).getByText("obs2").waitFor()
      await lanes.filter({ hasText: "test.caller" }).getByText("obs1").waitFor()
      await page
        .locator(".trace-where", { hasText: `On ${FRONT}` })
        .getByText(BACK)
        .waitFor()
      expect(cluster.back.spy).toBeDefined()
    })
    await expect.poll(() => [cluster.front.spy, cluster.back.spy], { timeout: 20_000 }).toEqual([undefined, undefined])
    for (const [node, one] of [
      [cluster.front, pid],
      [cluster.back, far],
    ] as const)
      node.exit(one, kill)
  })

  test("an exact size of a large heap wants to be confirmed, with how long the node would stand still", async () => {
    const ballast = Array.from({ length: 1_500_000 }, (_, i) => ({ i, half: i / 2 }))
    await visit(browser, cluster.address, pageOf(COUNTER), async (page) => {
      await page.getByRole("button", { name: "Exact size …" }).click()
      const exact = page.getByRole("region", { name: "Exact size" })
      await exact.getByText(/the node would stand still for about/).waitFor()
      await exact.getByRole("button", { name: "Do it all the same" }).waitFor()
    })
    expect(ballast).toHaveLength(1_500_000)
  })

  test("an action is a command to copy, too", () =>
    visit(browser, cluster.address, pageOf(COUNTER), async (page) => {
      const pid = String(cluster.front.whereis(COUNTER))
      const dialog = page.getByRole("dialog")
      await page.getByRole("button", { name: "Kill …" }).click()
      await dialog.getByText("As a command").click()
      await dialog.getByText(`umbel kill '${pid}' --node '${FRONT}'`).waitFor()
      await page.keyboard.press("Escape")
      await page.getByRole("button", { name: "Stop …" }).click()
      await dialog.getByText("As a command").click()
      const command = (await dialog.locator(".command code").textContent()) ?? ""
      const url = new URL(/"(http[^"]+)"$/.exec(command)![1]!)
      expect(url.pathname).toBe("/api/act/exit")
      expect(Object.fromEntries(url.searchParams)).toEqual({ node: FRONT, pid, reason: ":shutdown" })
    }))

  test("the last view of a node that is gone is kept by its peers: its trees, and what happened", async () => {
    // A node tells its peers how it is every ten seconds.
    await expect
      .poll(
        () =>
          cluster.front
            .call(INSPECTOR)
            .lastViews()
            .then((views) => views.map(({ node }) => node)),
        { timeout: 30_000 },
      )
      .toContain(BACK)
    await cluster.back.stop()
    await visit(browser, cluster.address, `${on(BACK, "app/index")}`, async (page) => {
      await page.getByText(`Below is what ${FRONT} heard of it last`).waitFor()
      await page.locator("[role=treeitem]", { hasText: "router" }).waitFor()
      expect(await page.getByRole("button", { name: "Stop …" }).count()).toBe(0)
      await page.goto(cluster.address + on(BACK, "node"))
      const last = page.getByRole("region", { name: `Last view of ${BACK}` })
      await last.getByText(`${BACK} has booted`).waitFor()
      await last.getByRole("link", { name: "index" }).click()
      await page.locator("[role=treeitem]", { hasText: "router" }).waitFor()
    })
  })
})
