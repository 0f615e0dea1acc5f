/**
 * Every page there is, by day and by night and at the width of a phone, of a cluster of two Umbel nodes, an Erlang and an Elixir node: it has what it is there for,
 * nothing sticks out, nothing complains. With `UMBEL_PICTURES=docs/images` the pictures of the documentation are made.
 */
import { mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { atom, Logger } from "umbel"
import { INSPECTOR } from "umbel/otp"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { peers } from "../../../interop/peers.ts"
import { buildPage } from "../scripts/build-page.mjs"
import { on, openBrowser, visit } from "./support/browser.ts"
import { BACK, ELIXIR, ERLANG, FRONT, type TestCluster, testCluster } from "./support/cluster.ts"
import { idle, market, OVEN } from "./support/market.ts"
import { TILL } from "./support/system.ts"

const pictures = process.env["UMBEL_PICTURES"]
const all = peers.chromium !== undefined && peers.erlang !== undefined && peers.elixir !== undefined

interface Shot {
  readonly name: string
  readonly hash: (cluster: TestCluster) => string
  readonly see: (page: Page) => Promise<void>
  /** At the width of a phone too. */
  readonly phone?: boolean
}
const here = (page: Page, text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor()
const box = (page: Page, title: string) => page.locator("[role=treeitem]", { hasText: title }).first()
/** A moment that the recorder has something of. */
const aWhileAgo = (): number => Math.floor(Date.now() / 1_000) * 1_000 - 2_000
const pidOf = (cluster: TestCluster, name: typeof OVEN | typeof TILL): string =>
  String(cluster.front.whereis(name as never)).slice(1, -1)

async function tables(page: Page): Promise<void> {
  await page.getByRole("row", { name: /prices/ }).click()
  await page.getByRole("button", { name: "Show its first rows" }).click()
  await here(page, "bread: :rye")
  await page.getByRole("table", { name: "Ports" }).getByText("tcp_inet").first().waitFor()
}

const SHOTS: readonly Shot[] = [
  { name: "cluster", hash: () => "#/", see: (page) => here(page, "Elixir 1."), phone: true },
  { name: "connections", hash: () => "#/connections", see: (page) => here(page, "kB/s") },
  {
    name: "crashes",
    hash: () => "#/crashes",
    see: async (page) => {
      await page.getByText("RangeError").first().click()
      await here(page, "started oven again")
      await page.getByLabel("Long handlers").locator("summary", { hasText: "knead" }).click()
      await page.getByLabel("Long handlers").getByLabel("Stack").first().waitFor()
    },
    phone: true,
  },
  { name: "logs", hash: () => "#/logs", see: (page) => here(page, "the flour is low"), phone: true },
  {
    name: "trace",
    hash: ({ front }) => `#/trace?of=${encodeURIComponent(front.whereis(OVEN)!.key)}`,
    see: async (page) => {
      await page.getByRole("button", { name: /Trace oven/ }).click()
      await page.locator(".arrow-answer").nth(8).waitFor()
    },
  },
  { name: "events", hash: () => "#/events", see: (page) => here(page, "too hot"), phone: true },
  { name: "audit", hash: () => "#/audit", see: (page) => here(page, "collect-garbage"), phone: true },
  { name: "node", hash: () => on(FRONT, "node"), see: (page) => here(page, "Once a year."), phone: true },
  {
    name: "system",
    hash: () => on(FRONT, "system"),
    see: (page) => page.locator(".chart canvas").nth(5).waitFor(),
    phone: true,
  },
  {
    name: "compare",
    hash: () => `${on(FRONT, "system")}?with=${encodeURIComponent(BACK)}`,
    see: (page) => page.getByRole("table", { name: `${FRONT} and ${BACK}` }).waitFor(),
  },
  {
    name: "processes",
    hash: () => `${on(FRONT, "processes")}?sort=handledRate`,
    see: (page) => here(page, "bakery.oven"),
    phone: true,
  },
  { name: "tables", hash: () => on(ERLANG, "tables"), see: tables, phone: true },
  { name: "groups", hash: () => on(FRONT, "groups"), see: (page) => here(page, "Registered names") },
  {
    name: "recorder",
    hash: () => on(FRONT, "recorder"),
    see: async (page) => {
      await here(page, "samples since")
      await page.locator(".chart canvas").nth(3).waitFor()
    },
  },
  {
    name: "profile",
    hash: () => on(FRONT, "profile"),
    see: async (page) => {
      await page.getByLabel("For how long").selectOption("1")
      await page.getByRole("button", { name: "Profile it" }).click()
      await page.getByRole("heading", { name: "Whose turn it was" }).waitFor()
      await page.locator(".flame-box", { hasText: "knead" }).first().waitFor()
    },
  },
  {
    name: "tree",
    hash: ({ front }) => `${on(FRONT, "app")}/shop?process=${encodeURIComponent(front.whereis(TILL)!.key)}`,
    see: async (page) => {
      await box(page, "till").waitFor()
      await here(page, "coins: ")
    },
  },
  {
    name: "phone-tree",
    hash: () => `${on(FRONT, "app")}/shop`,
    see: (page) => box(page, "till").waitFor(),
    phone: true,
  },
  {
    name: "process",
    hash: (cluster) => on(FRONT, `process/${pidOf(cluster, OVEN)}`),
    see: async (page) => {
      await page.getByRole("button", { name: "Study its mailbox" }).click()
      await page.getByRole("button", { name: "Where is its code?" }).click()
      await here(page, /support\/market\.ts:\d+/)
      await page.locator(".bars").getByText("bakery.baker").waitFor()
      await here(page, "Marked is what changed last.")
    },
    phone: true,
  },
  { name: "past-cluster", hash: () => `#/?at=${aWhileAgo()}`, see: (page) => here(page, "not recorded"), phone: true },
  {
    name: "past-processes",
    hash: () => `${on(FRONT, "processes")}?sort=handledRate&at=${aWhileAgo()}`,
    see: async (page) => {
      await here(page, "These are the processes that stood out at")
      await here(page, "bakery.oven")
    },
  },
  {
    name: "past-tree",
    hash: () => `${on(FRONT, "app")}/market?at=${aWhileAgo()}`,
    see: (page) => box(page, "oven").waitFor(),
  },
  {
    name: "past-system",
    hash: () => `${on(FRONT, "system")}?at=${aWhileAgo()}`,
    see: (page) => page.locator(".chart canvas").nth(5).waitFor(),
  },
  { name: "elixir", hash: () => `${on(ELIXIR, "app")}/bakery`, see: (page) => box(page, "Bakery.Oven").waitFor() },
  {
    name: "erlang-system",
    hash: () => on(ERLANG, "system"),
    see: async (page) => {
      await here(page, "ETS tables")
      await here(page, "Utilisation of schedulers")
    },
  },
  {
    name: "kill",
    hash: ({ front }) => `${on(FRONT, "app")}/shop?process=${encodeURIComponent(front.whereis(TILL)!.key)}`,
    see: async (page) => {
      await page.getByRole("button", { name: "Kill …" }).click()
      await page.getByRole("list", { name: "What follows" }).getByText("mailer").first().waitFor()
      await page.getByText("As a command").click()
    },
  },
  {
    name: "help",
    hash: () => "#/",
    see: async (page) => {
      await here(page, "Elixir 1.")
      await page.keyboard.press("?")
      await page.getByRole("dialog").waitFor()
    },
  },
  { name: "nothing", hash: () => on(FRONT, "app/nothing"), see: (page) => here(page, "nothing does not run on") },
]

describe.skipIf(!all)("every page", { timeout: 90_000 }, () => {
  let cluster: TestCluster
  let browser: Browser
  beforeAll(async () => {
    await buildPage()
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true })
    cluster = await testCluster({ beam: true, more: [market], load: [idle] })
    browser = await openBrowser()
    const { front } = cluster
    Logger.warning(front, "the flour is low")
    Logger.info(front, "a customer came in")
    Logger.error(front, "the till does not balance")
    await expect(front.call(OVEN).bake("sourdough", 500)).rejects.toThrow()
    await vi.waitFor(() => expect(front.whereis(OVEN)).toBeDefined())
    front.exit(front.whereis(TILL)!, atom("stuck"))
    // The first long handler sets the watch up, the others have their stacks.
    while (
      (await front.call(INSPECTOR).longHandlers()).every(
        ({ request, stack }) => request !== "knead" || stack === undefined,
      )
    ) {
      front.cast(OVEN).knead(300)
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
    await visit(browser, cluster.address, on(FRONT, "node"), async (page) => {
      await page.getByRole("button", { name: "Collect garbage …" }).click()
      await page.getByRole("dialog").getByRole("button", { name: "Collect" }).click()
      await page.getByRole("dialog").waitFor({ state: "detached" })
    })
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await cluster?.[Symbol.asyncDispose]()
  })

  async function picture(page: Page, name: string): Promise<void> {
    const wide = await page.evaluate<number>(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    )
    expect(wide, `${name} sticks out`).toBe(0)
    if (pictures !== undefined)
      await page.screenshot({ path: join(pictures, `observer-${name}.png`), animations: "disabled" })
  }

  test.each(SHOTS)("$name, by day and by night", ({ name, hash, see, phone = false }) =>
    visit(browser, cluster.address, hash(cluster), async (page) => {
      if (!name.startsWith("phone-")) {
        await see(page)
        await picture(page, `${name}-light`)
        await page.emulateMedia({ colorScheme: "dark" })
        const ground = await page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor")
        expect(ground).toBe("rgb(16, 23, 15)")
        await picture(page, `${name}-dark`)
        await page.emulateMedia({ colorScheme: "light" })
      }
      if (!phone) return
      await page.setViewportSize({ width: 390, height: 844 })
      if (name.startsWith("phone-")) await see(page)
      await page.locator("h1").first().waitFor()
      await picture(page, name.startsWith("phone-") ? name : `phone-${name}`)
    }),
  )

  test("there is a picture of each", () => {
    const files = readdirSync(new URL("../page/pages", import.meta.url)).filter((file) => file.endsWith(".tsx"))
    const shown = new Set(SHOTS.map(({ name }) => name))
    expect(files.length).toBeGreaterThan(10)
    expect(files.map((file) => file.replace(".tsx", "")).filter((page) => !shown.has(page))).toEqual([])
  })
})
