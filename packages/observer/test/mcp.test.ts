/** The observer for agents, asked by the client of the official SDK over real HTTP. */
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js"
import { ApplicationFailed } from "umbel"
import { boot } from "umbel/nodejs"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { observer } from "../src/index.ts"
import type { AuditData } from "../src/views/audit.ts"
import { VIEWS } from "../src/views/index.ts"
import type { ProcessesData } from "../src/views/processes.ts"
import { BACK, FRONT, type TestCluster, testCluster } from "./support/cluster.ts"
import { market, OVEN } from "./support/market.ts"

const READER = "0123456789-reader"
const KEEPER = "0123456789-keeper"
const tokens = [
  { name: "reading agent", token: READER, capabilities: ["inspect"] as const },
  { name: "acting agent", token: KEEPER, capabilities: ["inspect", "inspect.state", "manage"] as const },
]

let cluster: TestCluster
beforeAll(async () => {
  cluster = await testCluster({ mcp: true, confirmByName: true, tokens, more: [market] })
}, 60_000)
afterAll(() => cluster?.[Symbol.asyncDispose]())

async function agent<T>(token: string, look: (client: Client) => Promise<T>): Promise<T> {
  const headers = { authorization: `Bearer ${token}` }
  const transport = new StreamableHTTPClientTransport(new URL("/mcp", cluster.address), { requestInit: { headers } })
  const client = new Client({ name: "a test", version: "1.0.0" })
  await client.connect(transport as Transport)
  try {
    return await look(client)
  } finally {
    await client.close()
  }
}
async function call<T>(client: Client, name: string, given: Record<string, unknown> = {}): Promise<T> {
  const { isError, structuredContent, content } = await client.callTool({ name, arguments: given })
  expect([isError, content]).toEqual([undefined, [{ type: "text", text: JSON.stringify(structuredContent) }]])
  return structuredContent as T
}
async function refusal(client: Client, name: string, given: Record<string, unknown> = {}): Promise<string> {
  const { isError, content } = await client.callTool({ name, arguments: given })
  expect(isError).toBe(true)
  return (content as { text: string }[])[0]!.text
}
const post = (body: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(new URL("/mcp", cluster.address), {
    method: "POST",
    headers: { authorization: `Bearer ${READER}`, "content-type": "application/json", ...headers },
    body,
  })

describe("an agent", { timeout: 60_000 }, () => {
  test("finds the views that its token allows as tools, and nothing that changes anything", () =>
    agent(READER, async (client) => {
      expect(client.getServerVersion()).toMatchObject({ name: "umbel-observer", version: "0.1.0" })
      expect(client.getInstructions()).toContain("Begin with cluster")
      const { tools } = await client.listTools()
      const allowed = [...VIEWS.values()].filter(({ capability }) => capability === "inspect")
      expect(tools.map(({ name }) => name)).toEqual(allowed.map(({ name }) => name))
      expect(tools.find(({ name }) => name === "tree")?.annotations).toEqual({ readOnlyHint: true })
      expect(tools.find(({ name }) => name === "profile")?.annotations).toEqual({ readOnlyHint: false })
      await expect(client.callTool({ name: "inside", arguments: {} })).rejects.toThrow(/no tool inside for you/)
      await expect(client.callTool({ name: "do-kill", arguments: {} })).rejects.toThrow(/no tool do-kill for you/)
    }))

  test("looks at any node of the cluster, and is told in words what it cannot", () =>
    agent(READER, async (client) => {
      const { nodes } = await call<{ nodes: { name: string }[] }>(client, "cluster")
      expect(nodes.map(({ name }) => name)).toContain(BACK)
      const { rows } = await call<ProcessesData>(client, "processes", { node: BACK, sort: "memory", count: 3 })
      expect(rows).toHaveLength(3)
      expect(await refusal(client, "tree", { node: "nosuch@h", application: "market" })).toBe(
        "unknown: There is no node nosuch@h in this cluster.",
      )
      expect(await refusal(client, "processes", { node: { name: BACK } })).toMatch(/texts, numbers and booleans/)
      expect(await refusal(client, "processes")).toMatch(/cannot be asked with these parameters/)
    }))

  test("acts where its token allows it, once it knows what follows; the audit has its name", () =>
    agent(KEEPER, async (client) => {
      const { tools } = await client.listTools()
      const kill = tools.find(({ name }) => name === "do-kill")
      expect(kill?.annotations).toEqual({ readOnlyHint: false, destructiveHint: true })
      const pid = String(cluster.front.whereis(OVEN))
      const named = { node: FRONT, pid }
      expect(await call(client, "do-kill", { ...named, preview: true })).toMatchObject({ done: true, confirm: "oven" })
      expect(String(cluster.front.whereis(OVEN))).toBe(pid)
      expect(await refusal(client, "do-kill", named)).toMatch(/^Nothing was done: .* the name oven/)
      expect(await call(client, "do-kill", { ...named, confirm: "oven" })).toMatchObject({ done: true })
      await expect.poll(() => cluster.front.whereis(OVEN) && String(cluster.front.whereis(OVEN))).not.toBe(pid)
      const { entries } = await call<AuditData>(client, "audit")
      expect(entries[0]).toMatchObject({ who: "acting agent", action: "kill", done: true, params: named })
    }))

  test("is let in by a token, and by nothing else", async () => {
    const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" })
    expect((await post(ping)).status).toBe(200)
    expect((await post(ping, { authorization: "Bearer guess-guess-guess" })).status).toBe(401)
    expect((await post(ping, { origin: "http://evil.example.com" })).status).toBe(403)
  })

  test.each([
    ["{", {}, 400, -32_700],
    ["[]", {}, 400, -32_600],
    ['{"id":1,"method":"ping"}', {}, 400, -32_600],
    ['{"jsonrpc":"2.0","id":null,"method":"ping"}', {}, 400, -32_600],
    ['{"jsonrpc":"2.0","id":1,"method":"resources/list"}', {}, 200, -32_601],
    ['{"jsonrpc":"2.0","id":1,"method":"tools/call"}', {}, 200, -32_602],
    ['{"jsonrpc":"2.0","id":1,"method":"ping"}', { "mcp-protocol-version": "1999-01-01" }, 400, -32_600],
    ['{"jsonrpc":"2.0","id":1,"method":"ping"}', { "content-type": "text/plain" }, 415, -32_600],
    [`"${"x".repeat(70_000)}"`, {}, 413, -32_600],
  ])("that says %.60s is answered by an error of JSON-RPC", async (body, headers, status, code) => {
    const answer = await post(body, headers)
    expect([answer.status, await answer.json()]).toMatchObject([status, { jsonrpc: "2.0", error: { code } }])
  })

  test("may notify, and may not listen", async () => {
    const noted = await post('{"jsonrpc":"2.0","method":"notifications/initialized"}')
    expect([noted.status, await noted.text()]).toEqual([202, ""])
    const listened = await fetch(new URL("/mcp", cluster.address), { headers: { authorization: `Bearer ${READER}` } })
    expect([listened.status, listened.headers.get("allow")]).toEqual([405, "POST"])
  })
})

describe("without being asked for", () => {
  test("there is nothing for agents", async () => {
    const quiet = await testCluster({ tokens })
    try {
      const answer = await fetch(new URL("/mcp", quiet.address), {
        method: "POST",
        headers: { authorization: `Bearer ${READER}` },
      })
      expect(answer.status).toBe(405)
    } finally {
      await quiet[Symbol.asyncDispose]()
    }
  })
  test("a token is wanted", async () => {
    const applications = [observer.with({ port: 0, mcp: true })]
    const failure = await boot({ name: "agents@127.0.0.1", report: () => {}, applications }).catch((error) => error)
    expect(failure).toBeInstanceOf(ApplicationFailed)
    expect(String(failure)).toContain("observer.mcp lets agents in by a token")
  })
})
