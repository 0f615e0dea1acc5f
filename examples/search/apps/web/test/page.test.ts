import { execFile } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { describe, expect, test } from "vitest"
import { peers } from "../../../../../interop/peers.ts"
import { type SearchRefusal, type SearchReply, searchPage } from "../src/page.ts"

test("the page is whole: it loads nothing from elsewhere, and says so to the browser", () => {
  const page = searchPage()
  expect(page).toMatch(/^<!doctype html>/)
  expect(page).not.toMatch(/<(script|img|iframe)[^>]*\ssrc=|<link[^>]*href="(?!data:)|@import|url\(/)
  expect(page).toContain("default-src 'none'")
})

test("the observer is linked when its address is given, and the address cannot break out of its attribute", () => {
  expect(searchPage()).not.toContain("<a ")
  expect(searchPage({ observer: 'http://x/"><script>' })).toContain('<a href="http://x/&quot;>&lt;script>">')
})

describe.skipIf(!peers.chromium)("in a browser", () => {
  const hostile = `<img src=x onerror="document.title='broken in'"><script>document.title='broken in'</script>`
  const reply: SearchReply = {
    hits: [
      {
        path: "docs/<b>otp</b>.md",
        title: hostile,
        score: 4.256,
        snippet: { text: `A supervisor & ${hostile}`, marks: [[2, 12]] },
      },
    ],
    took_ms: 1.25,
    indexed: 12_345,
  }

  test("hits are shown with their words marked, and nothing of them is taken for HTML", async () => {
    const { page, requests } = await opened("/?q=super%20visor", reply)
    expect(requests).toContain("/api/search?q=super%20visor&limit=20")
    expect(page).toContain("A <mark>supervisor</mark> &amp; &lt;img src=x")
    expect(page).toContain('<p class="path">docs/<wbr>&lt;b&gt;otp&lt;/<wbr>b&gt;.md<wbr></p>')
    expect(page).toContain("1 hit in 12,345 documents · 1.3 ms")
    expect(page).toContain("4.26")
    expect(page).toContain("<title>super visor – search</title>")
    expect(page).not.toContain("<img src")
  })

  test("without a question it says what to do, and asks nothing", async () => {
    const { page, requests } = await opened("/", reply)
    expect(page).toContain("<h2>Type a few words</h2>")
    expect(requests).toEqual(["/"])
  })

  test("without a hit it says so, in the words of the question", async () => {
    const { page } = await opened("/?q=%3Cb%3E", { ...reply, hits: [] })
    expect(page).toContain("<h2>No document holds “&lt;b&gt;”</h2>")
  })

  test("while documents are being read it says so, and asks again by itself", async () => {
    const { page, requests } = await opened("/?q=x", { ...reply, hits: [], indexed: 7, indexing: true })
    expect(page).toContain("<h2>Documents are still being read</h2>")
    expect(page).toContain("7 documents so far")
    expect(requests.filter((url) => url.startsWith("/api/")).length).toBeGreaterThan(1)
  })

  test("when the index is away it shows the reason, and asks again by itself", async () => {
    const refusal: SearchRefusal = { error: "The index is away", reason: "back@127.0.0.1: noconnection" }
    const { page, requests } = await opened("/?q=x", refusal, 503)
    expect(page).toContain("<h2>The index is away</h2>")
    expect(page).toContain("<code>back@127.0.0.1: noconnection</code>")
    expect(requests.filter((url) => url.startsWith("/api/")).length).toBeGreaterThan(1)
  })

  test("an answer that is no JSON is a failure with its status, not a broken page", async () => {
    const { page } = await opened("/?q=x", "<html>gateway", 500)
    expect(page).toContain("The search failed (status 500)")
  })
})

/** What a browser made of the page after five seconds of its own, virtual time, and what it asked the server for. */
async function opened(
  url: string,
  reply: SearchReply | SearchRefusal | string,
  status = 200,
): Promise<{ page: string; requests: string[] }> {
  const requests: string[] = []
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push(request.url ?? "")
    if (request.url?.startsWith("/api/"))
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(reply))
    else response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(searchPage())
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const profile = await mkdtemp(join(tmpdir(), "umbel-chromium-"))
  try {
    const { port } = server.address() as AddressInfo
    const { stdout } = await promisify(execFile)(
      peers.chromium!,
      [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        `--user-data-dir=${profile}`,
        "--virtual-time-budget=5000",
        "--dump-dom",
        `http://127.0.0.1:${port}${url}`,
      ],
      { timeout: 25_000 },
    )
    return { page: stdout, requests }
  } finally {
    server.closeAllConnections()
    server.close()
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}
