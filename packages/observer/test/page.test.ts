/** The page in a real browser, looking at a real cluster of two nodes. */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { child, kill, type Node, name } from "umbel"
import { boot } from "umbel/nodejs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { peers } from "../../../interop/peers.ts"
import { freePort } from "../../../interop/support/ports.ts"
import { buildPage } from "../scripts/build-page.mjs"
import { observer, observerAddress } from "../src/index.ts"
import { GUESTS, guest, HOSTILE, index, letter, MAILER, shop, TILL } from "./support/system.ts"

const ARGUMENTS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
const FRONT = "obs1@127.0.0.1"
const BACK = "obs2@127.0.0.1"
const LETTERS = 30
const pictures = mkdtempSync(join(tmpdir(), "umbel-observer-"))

// A browser beside other tests on a small machine takes its time.
describe.skipIf(peers.chromium === undefined)("in the browser", { timeout: 90_000 }, () => {
  let browser: Browser
  let front: Node
  let back: Node
  let epmdPort: number
  let address: string
  const bootBack = () => boot({ name: BACK, cookie: "c", epmdPort, report: () => {}, applications: [index] })

  beforeAll(async () => {
    await buildPage()
    epmdPort = await freePort()
    front = await boot({
      name: FRONT,
      cookie: "c",
      epmdPort,
      report: () => {},
      applications: [shop, observer.with({ port: await freePort(), refreshMs: 100 })],
    })
    back = await bootBack()
    await front.connect(BACK)
    for (let number = 0; number <= LETTERS; number++) front.send(MAILER, letter(number))
    address = await observerAddress(front)
    browser = await chromium.launch({ executablePath: peers.chromium!, args: ARGUMENTS.split(" ") })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await back?.stop()
    await front?.stop()
  })

  /** Runs `see` on the page, and finds nothing on its console and no request to anywhere else. */
  async function visit(
    hash: string,
    see: (page: Page) => Promise<void>,
    { complaint, ...options }: BrowserContextOptions & { complaint?: RegExp } = {},
  ): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()))
    page.on("pageerror", (error) => complaints.push(String(error)))
    page.on(
      "request",
      (request) => new URL(request.url()).host !== new URL(address).host && complaints.push(`asked ${request.url()}`),
    )
    try {
      await page.goto(address + hash)
      await see(page)
      expect(complaints.filter((text) => complaint?.test(text) !== true)).toEqual([])
      expect(await page.evaluate("globalThis.hacked")).toBeUndefined()
    } catch (failure) {
      await page.screenshot({ path: join(pictures, "failure.png") })
      console.error(`picture of the failure: ${join(pictures, "failure.png")}`)
      throw failure
    } finally {
      await context.close()
    }
  }
  const box = (page: Page, title: string) =>
    page.locator(`[role=treeitem]`, { has: page.locator(".title", { hasText: new RegExp(`^${title}$`) }) })
  const tree = (node: string, application: string) => `#/node/${encodeURIComponent(node)}/app/${application}`

  test("the cluster leads to a node's applications, and those to a tree", () =>
    visit("", async (page) => {
      const card = page.getByRole("listitem", { name: `Umbel node ${FRONT}` })
      await card.getByText("serves this page").waitFor()
      await page
        .getByRole("listitem", { name: `Umbel node ${BACK}` })
        .getByText(`connected to ${FRONT}`)
        .waitFor()
      await page.screenshot({ path: join(pictures, "cluster.png") })
      await card.getByRole("heading", { name: FRONT }).getByRole("link").click()
      await page.getByRole("heading", { name: "Applications" }).waitFor()
      await page.getByText("Sells things.").waitFor()
      await page.locator(".application-card").getByRole("link", { name: "shop" }).click()
      await box(page, "till").waitFor()
      expect(await box(page, "desk").textContent()).toContain("rest_for_one")
      expect(await box(page, "mailer").textContent()).toContain(`${LETTERS} waiting`)
      expect(page.url()).toContain(tree(FRONT, "shop"))
      await page.screenshot({ path: join(pictures, "tree.png") })
    }))

  test("a process shows its state, mailbox and links; names and states are text, never markup", () =>
    visit(tree(FRONT, "shop"), async (page) => {
      const panel = page.getByRole("complementary", { name: "Process" })
      await box(page, "mailer").click()
      await panel.getByRole("heading", { name: "mailer" }).waitFor()
      await panel.getByText('{:letter, 1, "to ann"}').waitFor()
      await panel.getByText("in hand").waitFor()
      await panel.getByText("and 10 more messages").waitFor()
      await panel
        .getByRole("link", { name: /^shop\.desk/ })
        .first()
        .click()
      await panel.getByRole("heading", { name: "shop.desk" }).waitFor()
      await panel.getByRole("link", { name: /^till/ }).click()
      await panel.getByText("coins: ").waitFor()
      const state = (await panel.locator(".term").textContent()) ?? ""
      expect(state).toContain("one: 12")
      expect(state).toContain("<img src=x")
      expect(state).toContain("[redacted]")
      expect(await page.locator("main img, aside img").count()).toBe(0)
      await page.screenshot({ path: join(pictures, "process.png") })
      await page.keyboard.press("Escape")
      await panel.waitFor({ state: "detached" })
    }))

  test("a kill says what it takes down, and the tree shows the restart", () =>
    visit(tree(FRONT, "shop"), async (page) => {
      const before = Number(await box(page, "till").getAttribute("data-restarts"))
      await box(page, "till").click()
      await page.getByRole("button", { name: "Kill …" }).click()
      const dialog = page.getByRole("dialog")
      await dialog.getByText("desk (rest_for_one) starts it again, and with it mailer, which come after it.").waitFor()
      await dialog.getByText(`That is restart ${before + 1} of the 3 allowed in 60 s.`).waitFor()
      await page.screenshot({ path: join(pictures, "kill.png") })
      await dialog.getByRole("button", { name: "Cancel" }).click()
      await dialog.waitFor({ state: "detached" })
      expect(front.whereis(TILL)).toBeDefined()
      const pid = front.whereis(TILL)?.key
      await page.getByRole("button", { name: "Kill …" }).click()
      // The pulse is over in a few seconds: it is waited for from before.
      const pulse = page
        .locator(`[role=treeitem].restarted[data-restarts="${before + 1}"]`, { hasText: "till" })
        .waitFor()
      const panel = page.getByRole("complementary", { name: "Process" })
      await dialog.getByRole("button", { name: "Kill it" }).click()
      await Promise.all([pulse, panel.getByText("Started anew as").waitFor()])
      expect(front.whereis(TILL)?.key).not.toBe(pid)
      expect(await box(page, "till").textContent()).toContain(`generation ${before + 1}`)
      expect(await box(page, "desk").textContent()).toContain(`${before + 1}/3 in 60 s`)
      await page.screenshot({ path: join(pictures, "restarted.png") })
      await panel.getByRole("link", { name: /^till/ }).click()
      await panel.getByRole("button", { name: "Kill …" }).waitFor()
      await page.goto(`${address}#/events`)
      await page.getByText("was killed from the observer's page").first().waitFor()
    }))

  test("the tree of a far node; what is killed there is started again there", () =>
    visit(tree(BACK, "index"), async (page) => {
      await box(page, "router").click()
      const panel = page.getByRole("complementary", { name: "Process" })
      await panel.getByText("partitions: ").waitFor()
      await panel.getByRole("button", { name: "Kill …" }).click()
      await page.getByRole("button", { name: "Kill it" }).click()
      await page.locator('[role=treeitem][data-restarts="1"]', { hasText: "router" }).waitFor()
    }))

  test("a node that goes is shown with its last view, and comes back by itself", () =>
    visit(tree(BACK, "index"), async (page) => {
      await box(page, "router").waitFor()
      await back.stop()
      await page.getByText("does not answer.").waitFor()
      await box(page, "router").waitFor()
      await page.screenshot({ path: join(pictures, "unreachable.png") })
      await page.getByRole("link", { name: "Cluster", exact: true }).first().click()
      await page
        .getByRole("listitem", { name: `Umbel node ${BACK}` })
        .getByText("unreachable", { exact: true })
        .waitFor()
      back = await bootBack()
      await page
        .getByRole("listitem", { name: `Umbel node ${BACK}` })
        .getByText("connected", { exact: true })
        .waitFor()
      await page.goto(address + tree(BACK, "index"))
      await box(page, "router").waitFor()
    }))

  test("many children are counted, and shown when asked for; the search finds one by its pid", () =>
    visit(tree(FRONT, "shop"), async (page) => {
      const pids = []
      for (let number = 0; number < 40; number++) {
        pids.push(await front.call(GUESTS).startChild(child(guest, { arg: number, restart: "temporary" })))
      }
      const crowd = page.getByRole("treeitem", { name: /^40 children of guests/ })
      await crowd.click()
      await expect.poll(() => page.getByRole("treeitem").count()).toBeGreaterThan(40)
      await page.keyboard.press("/")
      await page.keyboard.type(String(pids[7]))
      await page
        .getByRole("option", { name: String(pids[7]) })
        .first()
        .waitFor()
      await page.keyboard.press("Enter")
      await page.getByRole("complementary", { name: "Process" }).getByText("number: ").waitFor()
      expect(await page.locator(".panel .term").textContent()).toBe("%{number: 7}")
      for (const pid of pids) await front.call(GUESTS).terminateChild(pid)
      await page.getByRole("complementary", { name: "Process" }).getByText("It has ended.").waitFor()
    }))

  test("it can be walked through by keys alone", () =>
    visit(tree(FRONT, "shop"), async (page) => {
      await box(page, "shop.top").focus()
      await page.keyboard.press("ArrowRight")
      await page.keyboard.press("ArrowUp")
      await page.keyboard.press("ArrowUp")
      const focused = () => page.evaluate<string>('document.activeElement?.getAttribute("data-path") ?? ""')
      expect(await focused()).toBe("shop/desk")
      await page.keyboard.press("ArrowRight")
      await page.keyboard.press("Enter")
      await page.getByRole("complementary", { name: "Process" }).getByRole("button", { name: "Kill …" }).waitFor()
      await page.keyboard.press("Escape")
      await expect.poll(focused).toMatch(/^shop\/desk\//)
    }))

  test("a hostile module name is a name like any other, in the tree, the panel and the search", () =>
    visit(tree(FRONT, "shop"), async (page) => {
      await box(page, "hostile").click()
      await page.getByRole("complementary", { name: "Process" }).getByRole("heading", { name: HOSTILE }).waitFor()
      await page.getByRole("combobox").fill("onerror")
      await page.getByRole("option").first().waitFor()
    }))

  test("when the observer goes the page says so, and is live again when it is back", () =>
    visit(
      tree(FRONT, "shop"),
      async (page) => {
        await box(page, "till").waitFor()
        // The first of its children: the viewers and the server are started anew after it.
        front.exit(front.whereis(name("umbel_observer_cluster"))!, kill)
        await page.locator(".connection.lost").waitFor()
        await page.locator(".connection.open").waitFor()
        await box(page, "till").waitFor()
      },
      // The browser tells of each attempt that fails.
      { complaint: /WebSocket connection/ },
    ))

  test("dark, and at the width of a phone, nothing sticks out", () =>
    visit(
      "",
      async (page) => {
        await page.getByRole("listitem", { name: `Umbel node ${FRONT}` }).waitFor()
        await page.screenshot({ path: join(pictures, "phone-cluster.png") })
        for (const hash of ["#/", "#/events", `#/node/${encodeURIComponent(FRONT)}`, tree(FRONT, "shop")]) {
          await page.goto(address + hash)
          await page.locator("h1").waitFor()
          expect(await page.evaluate("document.documentElement.scrollWidth"), hash).toBe(390)
        }
        await box(page, "till").waitFor()
        await page.screenshot({ path: join(pictures, "phone-tree.png") })
        const dark = await page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor")
        expect(dark).toBe("rgb(16, 23, 15)")
        await page.getByRole("button", { name: /^Theme/ }).click()
        await expect
          .poll(() => page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
          .toBe("rgb(245, 243, 234)")
      },
      { viewport: { width: 390, height: 844 }, colorScheme: "dark", reducedMotion: "reduce" },
    ))
})
