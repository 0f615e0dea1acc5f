/** What a team that comes from Fastify and an ORM relies on: tenants, left clients, slow queries, expected errors. Against a real PostgreSQL. */
import { request } from "node:http"
import { kill, type Node } from "umbel"
import { boot } from "umbel/nodejs"
import type { Report } from "umbel/runtime"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { peers } from "../../../interop/peers.ts"
import { freePort } from "../../../interop/support/ports.ts"
import shop from "../src/application.ts"
import { SALES } from "../src/sales.ts"
import { STOCK } from "../src/stock.ts"
import { tenantContext } from "../src/tenant.ts"
import { Postgres } from "./postgres.ts"

describe.skipIf(!peers.postgres)("the shop", () => {
  let postgres: Postgres
  let node: Node
  let url: string
  const crashes: Report[] = []

  beforeAll(async () => {
    postgres = await Postgres.start()
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    node = await boot({
      name: "shop@127.0.0.1",
      applications: [shop.with({ port, database: postgres.url })],
      traceContext: tenantContext,
      report: (report) => void (report.kind === "crash" && crashes.push(report)),
    })
  }, 60_000)
  afterAll(async () => {
    await node?.stop()
    await postgres?.[Symbol.asyncDispose]()
  })
  beforeEach(() => void crashes.splice(0))

  const get = async (path: string, tenant: string): Promise<unknown> => {
    const response = await fetch(url + path, { headers: { "x-tenant": tenant } })
    return response.json()
  }
  const order = (tenant: string, item: string, count: number): Promise<Response> =>
    fetch(`${url}/orders`, {
      method: "POST",
      headers: { "x-tenant": tenant, "content-type": "application/json" },
      body: JSON.stringify({ item, count }),
    })

  test("tenants never mix, whatever is asked at the same time", async () => {
    const tenants = ["red", "green", "blue", "white"]
    const rounds = Array.from({ length: 10 }, (_, round) => round)
    await Promise.all(
      rounds.flatMap((round) => tenants.map((tenant) => order(tenant, `${tenant}-${round}`, 1).then((r) => r.json()))),
    )
    for (const tenant of tenants) {
      const orders = (await get("/orders", tenant)) as { item: string }[]
      expect(orders.map(({ item }) => item).sort()).toEqual(rounds.map((round) => `${tenant}-${round}`).sort())
    }
  })

  test("a slow query holds no server: others are answered while it runs", async () => {
    const report = get("/report?seconds=1.5", "slow")
    await expect.poll(() => node.call(SALES).running()).toBe(1)
    expect((await order("slow", "apple", 1)).status).toBe(200)
    expect(await get("/orders", "slow")).toHaveLength(1)
    // All that was answered while PostgreSQL still worked on the report.
    expect(await node.call(SALES).running()).toBe(1)
    expect(await report).toBeTypeOf("object")
  })

  test("a client that leaves cancels its query, in PostgreSQL too", async () => {
    const before = await node.call(SALES).counts()
    const leaving = request(`${url}/report?seconds=600`, { headers: { "x-tenant": "left" } })
    leaving.on("error", () => {})
    leaving.end()
    await expect.poll(() => node.call(SALES).running()).toBe(1)
    leaving.destroy()
    await expect.poll(() => node.call(SALES).running()).toBe(0)
    await expect.poll(async () => (await node.call(SALES).counts()).cancelled).toBe(before.cancelled + 1)
    expect(crashes).toEqual([])
  })

  test("an expected error is an answer, and kills nothing", async () => {
    const pid = node.whereis(STOCK)
    expect((await order("poor", "pear", 10)).status).toBe(200)
    const refused = await order("poor", "pear", 1)
    expect(refused.status).toBe(409)
    expect(await refused.json()).toEqual({ error: { sold_out: "pear", left: 0 } })
    // The neighbour has pears of its own.
    expect((await order("rich", "pear", 1)).status).toBe(200)
    expect(node.whereis(STOCK)).toBe(pid)
    expect(crashes).toEqual([])
  })

  test("what is wrong with a request is said before any process is asked", async () => {
    expect((await fetch(`${url}/orders`)).status).toBe(400)
    expect((await order("red", "apple", 0)).status).toBe(400)
  })

  test("while sales are down the answer is 503 with the reason, and a restart mends it", async () => {
    const slow = get("/report?seconds=600", "red")
    await expect.poll(() => node.call(SALES).running()).toBe(1)
    node.exit(node.whereis(SALES)!, kill)
    expect(await slow).toEqual({ error: expect.stringContaining("killed") })
    await expect.poll(() => get("/orders", "red")).toHaveLength(10)
    // Its connections went with it, and the query with them.
    await expect.poll(() => node.call(SALES).running()).toBe(0)
  })
})
