/** A real Chromium, and pages in it that may neither complain nor ask anybody else. */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core"
import { expect } from "vitest"
import { peers } from "../../../../interop/peers.ts"

const ARGUMENTS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: peers.chromium!, args: ARGUMENTS.split(" ") })

/** Runs `see` on a page of its own, and finds nothing on its console but what fits `complaint`, and no request to anywhere else. */
export async function visit(
  browser: Browser,
  address: string,
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
    const picture = join(mkdtempSync(join(tmpdir(), "umbel-observer-")), "failure.png")
    await page.screenshot({ path: picture })
    console.error(`picture of the failure: ${picture}`)
    console.error(complaints.join("\n"))
    throw failure
  } finally {
    await context.close()
  }
}

export const on = (node: string, page: string): string => `#/node/${encodeURIComponent(node)}/${page}`
