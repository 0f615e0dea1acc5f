/** Actions that end something, in production: they want its name typed, on the page and from any program. */
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest"
import { peers } from "../../../interop/peers.ts"
import { buildPage } from "../scripts/build-page.mjs"
import type { Outcome } from "../src/protocol.ts"
import type { AuditData } from "../src/views/audit.ts"
import { on, openBrowser, visit } from "./support/browser.ts"
import { BACK, FRONT, type TestCluster, testCluster } from "./support/cluster.ts"
import { market, OVEN } from "./support/market.ts"

/** As in pictures.test.ts. */
const pictures = process.env["UMBEL_PICTURES"]
let cluster: TestCluster
afterEach(() => vi.unstubAllEnvs())

async function post(action: string, params: Record<string, string>): Promise<Outcome> {
  const answer = await fetch(new URL(`/api/act/${action}?${new URLSearchParams(params)}`, cluster.address), {
    method: "POST",
    headers: { origin: new URL(cluster.address).origin },
  })
  return (await answer.json()) as Outcome
}
const audited = async (): Promise<AuditData["entries"][number] | undefined> => {
  const answer = await fetch(new URL("/api/audit", cluster.address))
  return ((await answer.json()) as { data: AuditData }).data.entries[0]
}
const pidOf = (): string => String(cluster.front.whereis(OVEN))

describe("in production", { timeout: 90_000 }, () => {
  beforeAll(async () => {
    vi.stubEnv("NODE_ENV", "production")
    await buildPage()
    cluster = await testCluster({ enabled: true, more: [market] })
  }, 90_000)
  afterAll(() => cluster?.[Symbol.asyncDispose]())

  test("the server ends nothing without its name, and the audit tells of the try", async () => {
    const pid = pidOf()
    const named = { node: FRONT, pid }
    expect(await post("kill", { ...named, preview: "true" })).toMatchObject({
      done: true,
      confirm: "oven",
      command: expect.stringMatching(/^curl .*&confirm=\$NAME"$/),
    })
    for (const confirm of [undefined, "", "ovens", pid]) {
      const outcome = await post("kill", { ...named, ...(confirm === undefined ? {} : { confirm }) })
      expect(outcome).toMatchObject({
        done: false,
        text: expect.stringMatching(/^Nothing was done: .* the name oven /),
      })
    }
    expect(await audited()).toMatchObject({ action: "kill", done: false, params: named })
    expect(pidOf()).toBe(pid)
    expect(await post("kill", { ...named, confirm: "oven" })).toMatchObject({ done: true })
    await expect.poll(() => cluster.front.whereis(OVEN) && pidOf()).not.toBe(pid)
    expect(await audited()).toMatchObject({ action: "kill", done: true, params: named })
  })

  test.each([
    ["stop-application", { node: FRONT, application: "market" }, "market"],
    ["disconnect", { node: FRONT, other: BACK }, BACK],
  ])("%s wants a name, too", async (action, params, name) => {
    expect(await post(action, { ...params, preview: "true" })).toMatchObject({ confirm: name })
    expect(await post(action, params)).toMatchObject({
      done: false,
      text: expect.stringContaining(`the name ${name} `),
    })
    expect(cluster.front.nodes).toContain(BACK)
    expect(cluster.front.whereis(OVEN)).toBeDefined()
  })

  test("what ends nothing wants none", async () => {
    const level = { node: FRONT, level: "info" }
    expect(await post("log-level", { ...level, preview: "true" })).not.toHaveProperty("confirm")
    expect(await post("log-level", level)).toMatchObject({ done: true })
  })

  describe.skipIf(peers.chromium === undefined)("in the browser", () => {
    let browser: Browser
    beforeAll(async () => {
      browser = await openBrowser()
    }, 60_000)
    afterAll(() => browser?.close())

    test("the button waits until the name is typed", () => {
      const before = pidOf()
      return visit(browser, cluster.address, on(FRONT, `process/${before.slice(1, -1)}`), async (page: Page) => {
        await page.getByRole("button", { name: "Kill …" }).click()
        const dialog = page.getByRole("dialog")
        const sure = dialog.getByRole("button", { name: "Kill it" })
        const field = dialog.getByLabel(/This is production: type oven to confirm/)
        await field.waitFor()
        expect(await sure.isDisabled()).toBe(true)
        await field.fill("ove")
        for (const colorScheme of pictures === undefined ? [] : (["dark", "light"] as const)) {
          await page.emulateMedia({ colorScheme })
          await page.screenshot({
            path: join(pictures!, `observer-confirm-${colorScheme}.png`),
            animations: "disabled",
          })
        }
        expect(await sure.isDisabled()).toBe(true)
        await field.fill("oven")
        await sure.click()
        await dialog.waitFor({ state: "detached" })
        await expect.poll(() => cluster.front.whereis(OVEN) && pidOf()).not.toBe(before)
      })
    })
  })
})

test("elsewhere nothing is to be typed", async () => {
  cluster = await testCluster({ more: [market] })
  try {
    const named = { node: FRONT, pid: pidOf() }
    expect(await post("kill", { ...named, preview: "true" })).not.toHaveProperty("confirm")
    expect(await post("kill", named)).toMatchObject({ done: true })
  } finally {
    await cluster[Symbol.asyncDispose]()
  }
})
