/**
 * Every action there is, done from the page: on Umbel nodes, and on an Erlang and an Elixir node. Each says first what follows, does it, and is audited with who, what
 * and whether it was done.
 */
import type { Browser, Page } from "playwright-core"
import { Drain } from "umbel"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { peers } from "../../../interop/peers.ts"
import { buildPage } from "../scripts/build-page.mjs"
import { ACTIONS } from "../src/actions/index.ts"
import { charsOf } from "../src/beam-terms.ts"
import type { AuditData } from "../src/views/audit.ts"
import type { LogsData } from "../src/views/logs.ts"
import type { ProcessData } from "../src/views/process.ts"
import type { ProcessesData } from "../src/views/processes.ts"
import { on, openBrowser, visit } from "./support/browser.ts"
import { BACK, ELIXIR, ERLANG, FRONT, type TestCluster, testCluster } from "./support/cluster.ts"
import { idle, market, OVEN } from "./support/market.ts"
import { letter, MAILER, TILL } from "./support/system.ts"

const all = peers.chromium !== undefined && peers.erlang !== undefined && peers.elixir !== undefined
/** What was done in this file, by name. */
const done = new Set<string>()

describe.skipIf(!all)("an action", { timeout: 60_000 }, () => {
  let cluster: TestCluster
  let browser: Browser
  beforeAll(async () => {
    await buildPage()
    browser = await openBrowser()
  }, 60_000)
  afterAll(() => browser?.close())
  beforeEach(async () => {
    cluster = await testCluster({ beam: true, more: [market], load: [idle] })
  }, 60_000)
  afterEach(() => cluster[Symbol.asyncDispose]())

  async function read<T>(view: string, params: Record<string, string> = {}): Promise<T> {
    const answer = await fetch(new URL(`/api/${view}?${new URLSearchParams(params)}`, cluster.address))
    return ((await answer.json()) as { data: T }).data
  }
  const rowOf = async (node: string, filter: string) =>
    (await read<ProcessesData>("processes", { node, filter })).rows.find(({ title }) => title === filter)!

  interface Steps {
    /** What the button says. */
    readonly button: string
    /** Fills in what it asks for. */
    readonly fill?: (page: Page) => Promise<unknown>
    /** Part of what follows, as it is told beforehand. */
    readonly told: RegExp
    readonly sure: string
    readonly action: string
  }
  async function act(page: Page, { button, fill, told, sure, action }: Steps): Promise<void> {
    const before = (await read<AuditData>("audit")).entries.length
    await page.getByRole("button", { name: button, exact: true }).first().click()
    const dialog = page.getByRole("dialog")
    await fill?.(page)
    await dialog.getByRole("list", { name: "What follows" }).getByText(told).first().waitFor()
    // Having been told is not having done.
    expect((await read<AuditData>("audit")).entries).toHaveLength(before)
    await dialog.getByRole("button", { name: sure, exact: true }).click()
    await dialog.waitFor({ state: "detached" })
    const { entries } = await read<AuditData>("audit")
    expect(entries[0]).toMatchObject({ action, done: true, who: "anybody here", from: "127.0.0.1" })
    done.add(action)
  }
  const open = (node: string, pid: string, see: (page: Page) => Promise<void>) =>
    visit(browser, cluster.address, on(node, `process/${pid.slice(1, -1)}`), see)
  const field = (label: string, value: string) => (page: Page) => page.getByRole("dialog").getByLabel(label).fill(value)
  const level = (page: Page) => page.getByRole("dialog").getByRole("combobox").selectOption("error")

  describe("on an Umbel process", () => {
    const pidOf = (name: typeof TILL | typeof MAILER | typeof OVEN): string =>
      String(cluster.front.whereis(name as never))

    test("stops it with a reason", async () => {
      const pid = pidOf(TILL)
      await open(FRONT, pid, (page) =>
        act(page, {
          button: "Stop …",
          fill: field("Reason", "{:shutdown, 5}"),
          told: /mailer .* ends/,
          sure: "Send the exit signal",
          action: "exit",
        }),
      )
      await expect.poll(() => cluster.front.whereis(TILL) && pidOf(TILL)).not.toBe(pid)
    })

    test("kills it, whatever it is doing", async () => {
      const pid = pidOf(MAILER)
      await open(FRONT, pid, (page) =>
        act(page, { button: "Kill …", told: /mailer .* restarts/, sure: "Kill it", action: "kill" }),
      )
      await expect.poll(() => cluster.front.whereis(MAILER) && pidOf(MAILER)).not.toBe(pid)
    })

    test("suspends it, sends to it, resumes it", () =>
      open(FRONT, pidOf(TILL), async (page) => {
        const size = () => cluster.front.find(cluster.front.whereis(TILL)!)?.size
        await act(page, { button: "Suspend …", told: /is suspended/, sure: "Suspend it", action: "suspend" })
        await act(page, {
          button: "Send …",
          fill: field("Message", "{:letter, 5}"),
          told: /receives/,
          sure: "Send it",
          action: "send",
        })
        await expect.poll(size).toBe(1)
        await act(page, { button: "Resume …", told: /is resumed/, sure: "Resume it", action: "resume" })
        await expect.poll(size).toBe(0)
      }))

    test("lets a suspended one handle one message at a time", () =>
      open(FRONT, pidOf(TILL), async (page) => {
        const size = () => cluster.front.find(cluster.front.whereis(TILL)!)?.size
        await act(page, { button: "Suspend …", told: /is suspended/, sure: "Suspend it", action: "suspend" })
        for (let number = 0; number < 3; number++) cluster.front.send(TILL, letter(number))
        const one = /is resumed: for one of 3 messages, and is suspended again/
        await act(page, { button: "Step …", told: one, sure: "Step", action: "step" })
        await expect.poll(size).toBe(2)
        await page.getByText("suspended", { exact: true }).first().waitFor()
        expect(size()).toBe(2)
        await act(page, { button: "Resume …", told: /is resumed/, sure: "Resume it", action: "resume" })
        await expect.poll(size).toBe(0)
      }))

    test("sets its log level", () =>
      open(FRONT, pidOf(OVEN), async (page) => {
        await act(page, { button: "Log level …", fill: level, told: /which lines/, sure: "Set", action: "log-level" })
        const { levels } = await read<LogsData>("logs")
        expect(levels).toContainEqual(expect.objectContaining({ node: FRONT, level: "error" }))
      }))

    test("traces it, which the audit has too", () =>
      open(FRONT, pidOf(OVEN), async (page) => {
        await page.getByRole("link", { name: "Trace …" }).click()
        await page.getByText("it stops by itself").first().waitFor()
        await page.getByRole("button", { name: /Trace oven/ }).click()
        await page.locator(".arrow-answer").first().waitFor()
        expect((await read<AuditData>("audit")).entries[0]).toMatchObject({ action: "trace", done: true })
      }))
  })

  test("on a supervisor restarts a child, and stops one", async () => {
    // Another test may have ended it a moment ago.
    await expect.poll(() => cluster.front.whereis(TILL)).toBeDefined()
    await open(FRONT, String(cluster.front.find(cluster.front.whereis(TILL)!)!.parent!.pid), async (page) => {
      const before = cluster.front.whereis(TILL)
      const child = field("Child, by its id", "till")
      await act(page, {
        button: "Restart a child …",
        fill: child,
        told: /till/,
        sure: "Restart it",
        action: "restart-child",
      })
      await expect.poll(() => cluster.front.whereis(TILL)).not.toBe(before)
      await act(page, {
        button: "Stop a child …",
        fill: child,
        told: /till .*ends/,
        sure: "Stop it",
        action: "terminate-child",
      })
      await expect.poll(() => cluster.front.whereis(TILL)).toBeUndefined()
    })
  })

  test("on an application freezes all of it, and thaws it; the observer's own is refused", () =>
    visit(browser, cluster.address, `${on(FRONT, "app")}/market`, async (page) => {
      const states = async () =>
        new Set(
          (await read<ProcessesData>("processes", { node: FRONT, application: "market" })).rows.map(
            (row) => row.status,
          ),
        )
      await page.getByRole("treeitem").first().waitFor()
      await act(page, {
        button: "Freeze …",
        told: /oven .* is suspended/,
        sure: "Freeze it",
        action: "freeze-application",
      })
      await expect.poll(states).toEqual(new Set(["suspended"]))
      await act(page, { button: "Thaw …", told: /oven .* is resumed/, sure: "Thaw it", action: "thaw-application" })
      await expect.poll(async () => (await states()).has("suspended")).toBe(false)
      const own = { node: FRONT, application: "observer" }
      const answer = await fetch(new URL(`/api/act/freeze-application?${new URLSearchParams(own)}`, cluster.address), {
        method: "POST",
        headers: { origin: new URL(cluster.address).origin },
      })
      expect(await answer.json()).toMatchObject({ done: false, text: expect.stringMatching(/cannot freeze itself/) })
      const { pid } = await rowOf(FRONT, "market.top")
      await page.goto(`${cluster.address}${on(FRONT, `process/${pid.slice(1, -1)}`)}`)
      await act(page, { button: "Freeze …", told: /oven .* is suspended/, sure: "Freeze", action: "freeze" })
      await expect.poll(states).toEqual(new Set(["suspended"]))
      await act(page, { button: "Thaw …", told: /market.top .* is resumed/, sure: "Thaw", action: "thaw" })
      await expect.poll(async () => (await states()).has("suspended")).toBe(false)
    }))

  test("on an application stops it and starts it again; one that never ran is started by its name", () =>
    visit(browser, cluster.address, on(FRONT, "app/market"), async (page) => {
      const running = () => cluster.front.whereis(OVEN) !== undefined
      await page.getByRole("treeitem").first().waitFor()
      await act(page, { button: "Stop …", told: /market.top .*ends/, sure: "Stop it", action: "stop-application" })
      await expect.poll(running).toBe(false)
      await act(page, { button: "Start it again …", told: /market starts/, sure: "Start", action: "start-application" })
      await expect.poll(running).toBe(true)
      await page.goto(`${cluster.address}${on(FRONT, "node")}`)
      await page.getByRole("list", { name: "Applications that do not run" }).getByText("festival").waitFor()
      await act(page, { button: "Start …", told: /festival starts/, sure: "Start", action: "start-application" })
      await page.locator(".application-card").getByRole("link", { name: "festival" }).waitFor()
      await page.getByRole("list", { name: "Applications that do not run" }).waitFor({ state: "detached" })
    }))

  test.each([BACK, ELIXIR])("on the node %s collects garbage and sets the log level", (node) =>
    visit(browser, cluster.address, on(node, "node"), async (page) => {
      await act(page, {
        button: "Collect garbage …",
        told: /stands still|they stop for that long/,
        sure: "Collect",
        action: "collect-garbage",
      })
      await act(page, { button: "Log level …", fill: level, told: /lines/i, sure: "Set", action: "log-level" })
    }),
  )

  test("on a node lets it drain, which the cluster and its numbers show, and want work again", () =>
    visit(browser, cluster.address, on(BACK, "node"), async (page) => {
      await act(page, { button: "Drain …", told: /no more work: .ready/, sure: "Drain it", action: "drain" })
      expect(Drain.isOn(cluster.back)).toBe(true)
      for (const hash of ["#/", on(BACK, "system"), on(BACK, "node")]) {
        await page.goto(`${cluster.address}${hash}`)
        await page.getByText("draining", { exact: true }).waitFor()
      }
      await act(page, { button: "End draining …", told: /wants work again/, sure: "End it", action: "undrain" })
      await page.getByText("draining", { exact: true }).waitFor({ state: "detached" })
      expect(Drain.isOn(cluster.back)).toBe(false)
    }))

  test.each([
    [FRONT, BACK],
    [ERLANG, ELIXIR],
  ])("on the link of %s cuts it to %s", (from, to) =>
    visit(browser, cluster.address, "#/connections", async (page) => {
      const row = page
        .getByRole("table", { name: "Links between nodes" })
        .getByRole("row")
        .filter({ has: page.getByRole("cell").nth(0).filter({ hasText: from }) })
        .filter({ has: page.getByRole("cell").nth(1).filter({ hasText: to }) })
      await row.getByRole("button").click()
      const dialog = page.getByRole("dialog")
      await dialog
        .getByRole("list", { name: "What follows" })
        .getByText(/is lost|break/)
        .first()
        .waitFor()
      await dialog.getByRole("button", { name: "Disconnect" }).click()
      await dialog.waitFor({ state: "detached" })
      const { entries } = await read<AuditData>("audit")
      expect(entries[0]).toMatchObject({ action: "disconnect", done: true, params: { node: from, other: to } })
      done.add("disconnect")
    }),
  )

  test("on an Elixir process sends, suspends, resumes, stops with a reason and kills", async () => {
    const { pid } = await rowOf(ELIXIR, "Bakery.Oven")
    const state = async (of: string) =>
      (await read<{ state: string | null }>("inside", { node: ELIXIR, pid: of, state: "true" }))?.state ?? ""
    await open(ELIXIR, pid, async (page) => {
      await act(page, {
        button: "Send …",
        fill: field("Message", "{:bake, 4}"),
        told: /receives {:bake, 4}/,
        sure: "Send it",
        action: "send",
      })
      await expect.poll(() => state(pid)).toContain("loaves: 7")
      await act(page, { button: "Suspend …", told: /answers nothing/, sure: "Suspend it", action: "suspend" })
      await act(page, { button: "Resume …", told: /goes on/, sure: "Resume it", action: "resume" })
      await act(page, {
        button: "Stop …",
        fill: field("Reason", ":shutdown"),
        told: /Bakery.Supervisor .* is told/,
        sure: "Send the exit signal",
        action: "exit",
      })
    })
    await expect.poll(async () => (await rowOf(ELIXIR, "Bakery.Oven"))?.pid).not.toBe(pid)
    const next = await rowOf(ELIXIR, "Bakery.Oven")
    await open(ELIXIR, next.pid, (page) =>
      act(page, { button: "Kill …", told: /is told/, sure: "Kill it", action: "kill" }),
    )
    await expect.poll(async () => (await rowOf(ELIXIR, "Bakery.Oven"))?.pid).not.toBe(next.pid)
  })

  test("on an Erlang process kills it", async () => {
    const { pid } = await rowOf(ERLANG, "counter")
    await open(ERLANG, pid, (page) =>
      act(page, { button: "Kill …", told: /Nothing is linked/, sure: "Kill it", action: "kill" }),
    )
    await expect.poll(() => rowOf(ERLANG, "counter")).toBeUndefined()
  })

  test("on an Erlang process collects its garbage, which on an Umbel process is refused with why", async () => {
    const { pid } = await rowOf(ERLANG, "counter")
    const collections = async () => {
      const { facts } = await read<ProcessData>("process", { node: ERLANG, pid })
      return facts.find(({ key }) => key === "heap")?.value
    }
    expect(await collections()).toBeGreaterThan(0)
    await open(ERLANG, pid, (page) =>
      act(page, {
        button: "Collect garbage …",
        told: /stops for that long/,
        sure: "Collect",
        action: "collect-process",
      }),
    )
    const umbel = { node: FRONT, pid: String(cluster.front.whereis(TILL)) }
    const answer = await fetch(new URL(`/api/act/collect-process?${new URLSearchParams(umbel)}`, cluster.address), {
      method: "POST",
      headers: { origin: new URL(cluster.address).origin },
    })
    expect(await answer.json()).toMatchObject({ done: false, text: expect.stringMatching(/one heap for all/) })
  })

  test("on an Elixir application stops it and starts it again", () =>
    visit(browser, cluster.address, on(ELIXIR, "app/bakery"), async (page) => {
      await page.getByRole("treeitem").first().waitFor()
      await act(page, {
        button: "Stop …",
        told: /All processes of bakery end/,
        sure: "Stop it",
        action: "stop-application",
      })
      await page.getByText("This application does not run any more.").waitFor()
      await act(page, { button: "Start it again …", told: /bakery starts/, sure: "Start", action: "start-application" })
      await page.getByText("This application does not run any more.").waitFor({ state: "detached" })
    }))

  test("that is being decided stays to be decided, though its node does not answer for a while", () =>
    visit(browser, cluster.address, on(ELIXIR, "app/bakery"), async (page) => {
      await page.getByRole("treeitem").first().waitFor()
      await page.getByRole("button", { name: "Stop …" }).click()
      const dialog = page.getByRole("dialog")
      await dialog.getByText(/All processes of bakery end/).waitFor()
      const program = Number(charsOf(await cluster.front.rpc(ELIXIR)["os"]!["getpid"]!()))
      process.kill(program, "SIGSTOP")
      try {
        await page.getByText(`${ELIXIR} does not answer.`).waitFor()
        expect(await dialog.isVisible()).toBe(true)
      } finally {
        process.kill(program, "SIGCONT")
      }
      await page.getByText(`${ELIXIR} does not answer.`).waitFor({ state: "detached" })
      await dialog.getByRole("button", { name: "Stop it" }).click()
      await dialog.waitFor({ state: "detached" })
      // It stays until the outcome is known: by then the audit has it.
      expect((await read<AuditData>("audit")).entries[0]).toMatchObject({ action: "stop-application", done: true })
      await page.getByText("This application does not run any more.").waitFor()
    }))

  test("is refused in a sentence where the node could not live without it, and that is audited by name", async () => {
    const { pid } = await rowOf(ERLANG, "net_kernel")
    await open(ERLANG, pid, async (page) => {
      await page.getByRole("button", { name: "Kill …" }).click()
      await page
        .getByRole("dialog")
        .getByText(/belongs to the node itself/)
        .waitFor()
      expect(await page.getByRole("dialog").getByRole("button", { name: "Kill it" }).isDisabled()).toBe(true)
    })
  })

  test("is in this file, each of them", () => {
    expect([...ACTIONS.keys()].filter((name) => !done.has(name))).toEqual([])
  })
})
