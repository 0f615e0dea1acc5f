/** Who is let in: over real HTTP, by Host, Origin and token. */
import { request } from "node:http"
import { ApplicationFailed, type DeepPartial, type Node } from "umbel"
import { boot } from "umbel/nodejs"
import { afterEach, describe, expect, test, vi } from "vitest"
import { WebSocket } from "ws"
import { buildPage } from "../scripts/build-page.mjs"
import { type ObserverConfig, observer, observerAddress } from "../src/index.ts"

const TOKEN = "a token of enough characters"
let node: Node | undefined
afterEach(() => node?.stop())

async function started(config: DeepPartial<ObserverConfig> = {}): Promise<URL> {
  await buildPage()
  node = await boot({ name: "door@127.0.0.1", report: () => {}, applications: [observer.with({ port: 0, ...config })] })
  return new URL(await observerAddress(node))
}

interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}
function get(url: URL, path: string, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: url.hostname, port: url.port, path, headers, method }, (response) => {
      let body = ""
      response.on("data", (part) => (body += part))
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    asked.on("error", reject)
    asked.end()
  })
}
/** "open", or the status with which the upgrade was refused. */
function connect(url: URL, headers: Record<string, string>, path = "live"): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(new URL(path, url.href.replace("http", "ws")), { headers })
    socket.on("open", () => {
      socket.close()
      resolve("open")
    })
    socket.on("unexpected-response", (_request, { statusCode }) => {
      resolve(String(statusCode))
      socket.terminate()
    })
    // After the refusal above, `ws` tells of it once more.
    socket.on("error", () => {})
  })
}

describe("the page", () => {
  test("is sent with a policy that allows nothing from elsewhere, and its files to be kept", async () => {
    const url = await started()
    const page = await get(url, "/")
    expect(page.status).toBe(200)
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8")
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'")
    expect(page.headers["x-content-type-options"]).toBe("nosniff")
    expect(page.body).not.toMatch(/<script(?![^>]*src=)/)
    expect(page.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    const script = /src="\.(\/assets\/[^"]+)"/.exec(page.body)?.[1] ?? "none"
    const { status, headers } = await get(url, script)
    expect(status).toBe(200)
    expect(headers["cache-control"]).toContain("immutable")
    expect((await get(url, script, { "if-none-match": String(headers["etag"]) })).status).toBe(304)
  })

  test.each([
    "/../package.json",
    "/assets/../../package.json",
    "/%2e%2e/package.json",
    "/..%2f..%2fetc/passwd",
    "/assets",
    "//etc/passwd",
    "/.page-stamp",
  ])("%s leads nowhere", async (path) => {
    const url = await started()
    expect((await get(url, path)).status).toBe(404)
  })

  test("is not sent under a name that others may have pointed here", async () => {
    const url = await started({ allowedHosts: ["observer.example.org"] })
    const as = async (host: string) => (await get(url, "/", { host })).status
    expect(await as(`evil.example.com:${url.port}`)).toBe(403)
    expect(await as(`localhost:${url.port}`)).toBe(200)
    expect(await as("observer.example.org")).toBe(200)
    expect(await as("localhost.evil.example.com")).toBe(403)
    expect((await get(url, "/", {}, "POST")).status).toBe(405)
  })
})

describe("the live connection", () => {
  test("is for the observer's own page only", async () => {
    const url = await started()
    expect(await connect(url, { origin: url.origin })).toBe("open")
    expect(await connect(url, { origin: "http://evil.example.com" })).toBe("403")
    expect(await connect(url, { origin: "null" })).toBe("403")
    expect(await connect(url, {})).toBe("403")
    expect(await connect(url, { origin: "http://evil.example.com", host: "evil.example.com" })).toBe("403")
    expect(await connect(url, { origin: url.origin }, "other")).toBe("404")
  })

  test("ends at a message that is too long, or none of the protocol", async () => {
    const url = await started()
    const closing = (frame: string) =>
      new Promise<number>((resolve, reject) => {
        const socket = new WebSocket(new URL("live", url.href.replace("http", "ws")), {
          headers: { origin: url.origin },
        })
        socket.on("open", () => socket.send(frame))
        socket.on("close", (code) => resolve(code))
        socket.on("error", reject)
      })
    expect(await closing("x".repeat(10_000))).toBe(1009)
    expect(await closing('{"type":"eval"}')).toBe(1008)
    expect(await closing('{"type":"watch","id":1,"view":"tree","params":{"node":{}}}')).toBe(1008)
  })

  test("is for so many pages at a time", async () => {
    const url = await started({ viewersMax: 1 })
    const first = new WebSocket(new URL("live", url.href.replace("http", "ws")), { headers: { origin: url.origin } })
    await new Promise((resolve) => first.once("message", resolve))
    expect(await connect(url, { origin: url.origin })).toBe("503")
    first.terminate()
    await expect.poll(() => connect(url, { origin: url.origin })).toBe("open")
  })
})

describe("a token", () => {
  test("is needed where others can reach the page", async () => {
    const failure = await boot({
      name: "door@127.0.0.1",
      report: () => {},
      applications: [observer.with({ port: 0, host: "0.0.0.0" })],
    }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ApplicationFailed)
    expect(String(failure)).toContain("set observer.token too, or listen on 127.0.0.1")
  })

  test("opens the page once, and a cookie from then on", async () => {
    const url = await started({ token: TOKEN })
    const cookieOf = ({ headers }: Answer) => String(headers["set-cookie"]).split(";")[0] ?? ""
    expect((await get(url, "/")).status).toBe(401)
    expect((await get(url, "/?token=wrong")).status).toBe(401)
    expect(await connect(url, { origin: url.origin })).toBe("401")
    const entered = await get(url, `/?token=${encodeURIComponent(TOKEN)}`)
    expect(entered.status).toBe(303)
    expect(entered.headers["location"]).toBe("/")
    expect(String(entered.headers["set-cookie"])).toMatch(/HttpOnly; SameSite=Strict$/)
    const cookie = cookieOf(entered)
    expect(cookie).not.toContain(TOKEN)
    expect((await get(url, "/", { cookie: `other=1; ${cookie}` })).status).toBe(200)
    expect(await connect(url, { origin: url.origin, cookie })).toBe("open")
    expect((await get(url, "/", { cookie: "umbel_observer=guess" })).status).toBe(401)
  })

  test("with capabilities of its own lets a program read, and change nothing; without a page of ours nobody changes anything", async () => {
    const url = await started({
      tokens: [
        { name: "reader", token: "a reader's own token", capabilities: ["inspect"] },
        { name: "writer", token: "a writer's own token", capabilities: ["inspect", "manage"] },
      ],
    })
    const as = (name: string) => ({ authorization: `Bearer a ${name}'s own token` })
    const collect = `/api/act/collect-garbage?preview=true&node=${encodeURIComponent("door@127.0.0.1")}`
    expect((await get(url, "/api")).status).toBe(401)
    const contents = JSON.parse((await get(url, "/api", as("reader"))).body) as { you: object }
    expect(contents.you).toEqual({ name: "reader", capabilities: ["inspect"] })
    expect((await get(url, "/api/inside?node=door@127.0.0.1&pid=%3C0.1.0%3E", as("reader"))).status).toBe(403)
    expect((await get(url, collect, as("reader"), "POST")).status).toBe(422)
    expect((await get(url, collect, as("writer"), "POST")).status).toBe(200)
    expect((await get(url, collect, as("writer"))).status).toBe(405)
    expect((await get(url, collect, { ...as("writer"), origin: "http://evil.example.com" }, "POST")).status).toBe(403)
  })

  test("that grants more than the observer allows grants what the observer allows", async () => {
    const everything = ["inspect", "inspect.state", "manage"] as const
    const tokens = [{ name: "all", token: "one that may do all there is", capabilities: everything }]
    const you = async (config: DeepPartial<ObserverConfig>): Promise<unknown> => {
      const url = await started({ tokens, ...config })
      const { body } = await get(url, "/api", { authorization: "Bearer one that may do all there is" })
      await node?.stop()
      return (JSON.parse(body) as { you: { capabilities: unknown } }).you.capabilities
    }
    expect(await you({})).toEqual(everything)
    expect(await you({ readOnly: true })).toEqual(["inspect", "inspect.state"])
    expect(await you({ capabilities: ["inspect"] })).toEqual(["inspect"])
  })

  test.each(["retained", "profile", "trace", "mailbox", "handlers"])(
    "or the own page is needed for the view %s, which does something to the node: a page of another site can make a browser ask",
    async (view) => {
      const path = `/api/${view}?node=door@127.0.0.1&pid=%3C0.1.0%3E&seconds=1`
      const open = await started()
      expect((await get(open, path)).status).toBe(403)
      expect((await get(open, path, { origin: "http://evil.example.com" })).status).toBe(403)
      expect((await get(open, path, { origin: open.origin })).status).not.toBe(403)
      await node?.stop()
      const url = await started({ token: TOKEN })
      expect((await get(url, path, { authorization: `Bearer ${TOKEN}` })).status).not.toBe(403)
    },
  )

  test("is not guessed at will", async () => {
    const url = await started({ token: TOKEN, requestsPerSecond: 5 })
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => get(url, `/?token=guess${n}`)))
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(3)
  })
})

describe("the API", () => {
  test("answers one address so many times a second, and says when to come again", async () => {
    const url = await started({ requestsPerSecond: 5 })
    const answers = await Promise.all(Array.from({ length: 15 }, () => get(url, "/api")))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(5)
    expect(refused[0]!.headers["retry-after"]).toBe("1")
    expect(answers.some(({ status }) => status === 200)).toBe(true)
    // The page itself is no request to the API.
    expect((await get(url, "/")).status).toBe(200)
  })
})

describe("a proxy", () => {
  test("says who the visitor is; what does not come from it is not let in", async () => {
    const proxy = { header: "x-user", from: ["127.0.0.1"], capabilities: ["inspect"] as const }
    const url = await started({ proxy })
    expect((await get(url, "/api")).status).toBe(401)
    const { body } = await get(url, "/api", { "x-user": "ann" })
    expect((JSON.parse(body) as { you: object }).you).toEqual({ name: "ann", capabilities: ["inspect"] })
    await node?.stop()
    const other = await started({ proxy: { ...proxy, from: ["10.0.0.1"] } })
    expect((await get(other, "/api", { "x-user": "ann" })).status).toBe(401)
  })
})

describe("in production", () => {
  test("it is off, unless it is switched on", async () => {
    vi.stubEnv("NODE_ENV", "production")
    try {
      await expect(started()).rejects.toThrow()
      expect(node?.reports.recent).toContainEqual(
        expect.objectContaining({ kind: "note", text: expect.stringContaining("observer.enabled") }),
      )
      await node?.stop()
      expect((await get(await started({ enabled: true }), "/")).status).toBe(200)
    } finally {
      vi.unstubAllEnvs()
    }
  })
})
