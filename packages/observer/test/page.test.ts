/** The page in a real browser, looking at a real cluster of two Umbel nodes, an Erlang and an Elixir node. */
import type { Browser, Page } from "playwright-core"
import { child, kill, name } from "umbel"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { peers } from "../../../interop/peers.ts"
import { buildPage } from "../scripts/build-page.mjs"
import { on, openBrowser, visit as visitIn } from "./support/browser.ts"
import { BACK, ELIXIR, ERLANG, FRONT, LETTERS, type TestCluster, testCluster } from "./support/cluster.ts"
import { GUESTS, guest, HOSTILE, TILL } from "./support/system.ts"

const BEAM = peers.erlang !== undefined && peers.elixir !== undefined

// A browser beside other tests on a small machine takes its time.
describe.skipIf(peers.chromium === undefined)("in the browser", { timeout: 90_000 }, () => {
  let browser: Browser
  let cluster: TestCluster
  let address: string

  beforeAll(async () => {
    await buildPage()
    cluster = await testCluster({ beam: BEAM })
    address = cluster.address
    browser = await openBrowser()
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await cluster?.[Symbol.asyncDispose]()
  })

  const visit = (hash: string, see: (page: Page) => Promise<void>, options?: Parameters<typeof visitIn>[4]) =>
    visitIn(browser, address, hash, see, options)
  const box = (page: Page, title: string) =>
    page.locator(`[role=treeitem]`, { has: page.locator(".title", { hasText: new RegExp(`^${title}$`) }) })
  const tree = (node: string, application: string) => on(node, `app/${application}`)
  const panelOf = (page: Page) => page.getByRole("complementary", { name: "Process" })

  test("the cluster leads to a node's applications, and those to a tree", () =>
    visit("", async (page) => {
      const card = page.getByRole("listitem", { name: `Umbel node ${FRONT}` })
      await card.getByText("serves this page").waitFor()
      await page
        .getByRole("listitem", { name: `Umbel node ${BACK}` })
        .getByText(`connected to ${FRONT}`)
        .waitFor()
      await card.getByRole("heading", { name: FRONT }).getByRole("link").click()
      await page.getByRole("heading", { name: "Applications" }).waitFor()
      await page.getByText("Sells things.").waitFor()
      await page.locator(".application-card").getByRole("link", { name: "shop" }).click()
      await box(page, "till").waitFor()
      expect(await box(page, "desk").textContent()).toContain("rest_for_one")
      expect(await box(page, "mailer").textContent()).toContain(`${LETTERS} waiting`)
      expect(page.url()).toContain(tree(FRONT, "shop"))
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
      await page.keyboard.press("Escape")
      await panel.waitFor({ state: "detached" })
    }))

  test("a kill says what it takes down, and the tree shows the restart", () =>
    visit(tree(FRONT, "shop"), async (page) => {
      const before = Number(await box(page, "till").getAttribute("data-restarts"))
      await box(page, "till").click()
      await page.getByRole("button", { name: "Kill …" }).click()
      const dialog = page.getByRole("dialog")
      await dialog.getByRole("list", { name: "What follows" }).getByText("mailer").first().waitFor()
      await dialog.getByRole("button", { name: "Cancel" }).click()
      await dialog.waitFor({ state: "detached" })
      expect(cluster.front.whereis(TILL)).toBeDefined()
      const pid = cluster.front.whereis(TILL)?.key
      await page.getByRole("button", { name: "Kill …" }).click()
      // The pulse is over in a few seconds: it is waited for from before.
      const pulse = page
        .locator(`[role=treeitem].restarted[data-restarts="${before + 1}"]`, { hasText: "till" })
        .waitFor()
      const panel = page.getByRole("complementary", { name: "Process" })
      await dialog.getByRole("button", { name: "Kill it" }).click()
      await Promise.all([pulse, panel.getByText("Started anew as").waitFor()])
      expect(cluster.front.whereis(TILL)?.key).not.toBe(pid)
      expect(await box(page, "till").textContent()).toContain(`generation ${before + 1}`)
      expect(await box(page, "till").locator("title").textContent()).toContain("its last life ended with :killed")
      expect(await box(page, "desk").textContent()).toContain(`${before + 1}/3 in 60 s`)
      await panel.getByRole("link", { name: /^till/ }).click()
      await panel.getByRole("button", { name: "Kill …" }).waitFor()
      await page.goto(`${address}#/events`)
      await page.getByText("from the observer: ").first().waitFor()
      await page.goto(`${address}#/audit`)
      await page.getByRole("row").filter({ hasText: "kill" }).first().waitFor()
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
      await cluster.back.stop()
      await page.getByText("does not answer.").waitFor()
      await box(page, "router").waitFor()
      await page.getByRole("link", { name: "Cluster", exact: true }).first().click()
      await page
        .getByRole("listitem", { name: `Umbel node ${BACK}` })
        .getByText("unreachable", { exact: true })
        .waitFor()
      cluster.back = await cluster.bootBack()
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
        pids.push(await cluster.front.call(GUESTS).startChild(child(guest, { arg: number, restart: "temporary" })))
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
      for (const pid of pids) await cluster.front.call(GUESTS).terminateChild(pid)
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
        cluster.front.exit(cluster.front.whereis(name("umbel_observer_cluster"))!, kill)
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
        const hashes = ["#/", "#/events", "#/audit", "#/connections", on(FRONT, "node"), on(FRONT, "system")]
        for (const hash of [...hashes, on(FRONT, "processes"), tree(FRONT, "shop")]) {
          await page.goto(address + hash)
          await page.locator("h1").waitFor()
          expect(await page.evaluate("document.documentElement.scrollWidth"), hash).toBe(390)
          expect(await page.evaluate("document.querySelector('main').scrollWidth"), hash).toBeLessThanOrEqual(390)
        }
        await box(page, "till").waitFor()
        const dark = await page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor")
        expect(dark).toBe("rgb(16, 23, 15)")
        await page.getByRole("button", { name: /^Theme/ }).click()
        await expect
          .poll(() => page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
          .toBe("rgb(245, 243, 234)")
      },
      { viewport: { width: 390, height: 844 }, colorScheme: "dark", reducedMotion: "reduce" },
    ))

  test("a node in numbers: facts with their limits, and charts that go on", () =>
    visit(on(FRONT, "system"), async (page) => {
      await page.getByRole("heading", { name: "Garbage collection" }).first().waitFor()
      for (const fact of ["Heap used", "Utilisation", "Delay, 99 % below", "Open files", "Longest pause"])
        await page.getByText(fact, { exact: true }).waitFor()
      expect(await page.locator(".chart canvas").count()).toBe(6)
      await page.locator(".cost").getByText("ms/s").waitFor()
    }))

  test("processes are sorted, filtered and opened; the address keeps how", () =>
    visit(on(FRONT, "processes"), async (page) => {
      const rows = page.getByRole("table", { name: "Processes" }).getByRole("row")
      await rows.filter({ hasText: "shop.till" }).waitFor()
      await page.getByRole("button", { name: "Name" }).click()
      await page
        .getByRole("columnheader", { name: "Name", exact: false })
        .and(page.locator("[aria-sort=ascending]"))
        .waitFor()
      expect(page.url()).toContain("sort=title")
      await page.getByRole("searchbox", { name: "Filter" }).fill("shop.desk")
      await expect.poll(() => rows.count()).toBe(2)
      expect(page.url()).toContain("filter=shop.desk")
      await page.reload()
      await expect.poll(() => rows.count()).toBe(2)
      await page.getByRole("searchbox", { name: "Filter" }).blur()
      await page.keyboard.press("j")
      await page.keyboard.press("Enter")
      await panelOf(page).getByRole("heading", { name: "shop.desk" }).waitFor()
      await page.keyboard.press("Escape")
      await page.getByRole("searchbox", { name: "Filter" }).fill("no such process")
      await page.getByText("No process fits").waitFor()
    }))

  test("of thousands of processes only those in sight are there", () =>
    visit(on(FRONT, "processes"), async (page) => {
      const pids = []
      for (let number = 0; number < 2_000; number++) {
        pids.push(await cluster.front.call(GUESTS).startChild(child(guest, { arg: number, restart: "temporary" })))
      }
      await page.goto(`${address}${on(FRONT, "processes")}?sort=pid&ascending=true`)
      const table = page.getByRole("table", { name: "Processes" })
      await expect.poll(() => table.getAttribute("aria-rowcount").then(Number)).toBeGreaterThan(2_000)
      expect(await table.getByRole("row").count()).toBeLessThan(120)
      await page.locator(".table-room.tall").evaluate((element) => element.scrollTo({ top: 40_000 }))
      await table.locator("[aria-rowindex='1180']").waitFor()
      expect(await table.getByRole("row").count()).toBeLessThan(120)
      for (const pid of pids) await cluster.front.call(GUESTS).terminateChild(pid)
    }))

  test("a process as a page of its own, which another leads to", () =>
    visit(on(FRONT, "process/0.999999.0"), async (page) => {
      await page.getByText("There is no process").waitFor()
      const till = cluster.front.whereis(TILL)!
      await page.goto(`${address}${on(FRONT, `process/${String(till).slice(1, -1)}`)}`)
      await page.getByRole("heading", { name: "till", level: 1 }).waitFor()
      await page.getByText("coins: ").waitFor()
      expect(await page.locator("main").textContent()).not.toContain("hunter2")
      await page.locator(".relations a").first().click()
      await page.getByRole("heading", { name: "shop.desk", level: 1 }).waitFor()
    }))

  test("a message is typed as a term, and refused where it is none; a process is suspended and goes on", () =>
    visit(tree(BACK, "index"), async (page) => {
      await box(page, "router").click()
      const panel = panelOf(page)
      const dialog = page.getByRole("dialog")
      await panel.getByRole("button", { name: "Suspend …" }).click()
      await dialog.getByRole("button", { name: "Suspend it" }).click()
      await panel.locator(".banner.quiet", { hasText: /suspend/ }).waitFor()
      await panel.getByRole("button", { name: "Send …" }).click()
      await dialog.getByRole("textbox", { name: "Message" }).fill("{:letter, ")
      await dialog.getByText("at character").waitFor()
      expect(await dialog.getByRole("button", { name: "Send it" }).isDisabled()).toBe(true)
      await dialog.getByRole("textbox", { name: "Message" }).fill("{:letter, 5}")
      await dialog.getByRole("button", { name: "Send it" }).click()
      await panel.getByRole("heading", { name: "Messages" }).waitFor()
      await panel.getByRole("button", { name: "Resume …" }).click()
      await dialog.getByRole("button", { name: "Resume it" }).click()
      await panel.getByRole("heading", { name: "Messages" }).waitFor({ state: "detached" })
    }))

  test("connections show their traffic, and are cut; endpoints say where they listen", () =>
    visit("#/connections", async (page) => {
      const links = page.getByRole("table", { name: "Links between nodes" })
      const link = links.getByRole("row").filter({ hasText: FRONT }).filter({ hasText: BACK })
      await expect.poll(() => link.count()).toBe(2)
      await link.first().getByText("kB/s").first().waitFor()
      await page.getByRole("table", { name: "HTTP endpoints" }).getByText(address.slice(0, -1)).waitFor()
      await link.first().getByRole("button", { name: "Cut …" }).click()
      await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click()
      await page.getByRole("dialog").waitFor({ state: "detached" })
      // It comes back as soon as it is asked again.
      await expect.poll(() => link.count(), { timeout: 20_000 }).toBe(2)
    }))

  test("keys lead everywhere, and say how", () =>
    visit("", async (page) => {
      await page.getByRole("heading", { name: "Cluster" }).waitFor()
      await page.keyboard.press("?")
      await page.getByRole("dialog").getByText("find a process by name").waitFor()
      await page.keyboard.press("Escape")
      await page.getByRole("dialog").waitFor({ state: "detached" })
      for (const [letter, title] of [
        ["s", "System"],
        ["p", "Processes"],
        ["e", "Events"],
        ["l", "Connections"],
        ["o", "Log"],
        ["x", "Crashes"],
        ["m", "Trace"],
        ["a", "Audit"],
        ["r", "Groups and names"],
        ["h", "Recorder"],
        ["f", "Profile"],
        ["c", "Cluster"],
      ] as const) {
        await page.keyboard.press("g")
        await page.keyboard.press(letter)
        await page.getByRole("heading", { name: title, level: 1 }).waitFor()
      }
    }))

  test("an address that leads nowhere says so", () =>
    visit("#/nonsense", async (page) => {
      await page.getByText("There is no such page").waitFor()
      await page.goto(`${address}${on("nobody@nowhere", "system")}`)
      await page.getByText("There is no node nobody@nowhere").waitFor()
      await page.goto(`${address}${tree(FRONT, "nothing")}`)
      await page.getByText("nothing does not run on").waitFor()
    }))

  test.skipIf(!BEAM)("an Elixir node: its application as a tree, its processes, a state when asked for, a kill", () =>
    visit(tree(ELIXIR, "bakery"), async (page) => {
      await box(page, "Bakery.Oven").click()
      const panel = panelOf(page)
      await panel.getByText("gen_server:loop").first().waitFor()
      expect(await panel.textContent()).not.toContain("loaves")
      await panel.getByRole("button", { name: "Ask it for its state" }).click()
      await panel.getByText("loaves: ").waitFor()
      expect(await panel.textContent()).not.toContain("hunter2")
      const pid = await panel.locator(".panel-title code").textContent()
      await panel.getByRole("button", { name: "Kill …" }).click()
      await page.getByRole("dialog").getByText("is told; a supervisor decides").first().waitFor()
      await page.getByRole("button", { name: "Kill it" }).click()
      await panel.getByText("It has ended.").waitFor()
      await page.goto(`${address}${on(ELIXIR, "processes")}?filter=Bakery.Oven`)
      const row = page.getByRole("table", { name: "Processes" }).getByRole("row").filter({ hasText: "Bakery.Oven" })
      await row.waitFor()
      expect(await row.textContent()).not.toContain(pid)
    }),
  )

  test.skipIf(!BEAM)("an Erlang node: its numbers with their limits, and the trees of OTP", () =>
    visit(on(ERLANG, "system"), async (page) => {
      await page.getByText("ETS tables").first().waitFor()
      await page.getByText("of 262").waitFor()
      await page.goto(`${address}${tree(ERLANG, "kernel")}`)
      await box(page, "net_kernel").waitFor()
      await page.getByRole("searchbox", { name: "Find in this tree" }).fill("logger")
      await page.locator("[role=treeitem].faded", { hasText: "net_kernel" }).first().waitFor()
    }),
  )
})
