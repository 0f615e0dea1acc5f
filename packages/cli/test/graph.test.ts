/** The graph of a workspace: who calls whose server, and the page. */
import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { readGraph } from "../src/graph/graph.ts"
import { messagesOf } from "../src/graph/messages.ts"
import { page } from "../src/graph/page.ts"
import { readWorkspace } from "../src/project/workspace.ts"
import { tinyUmbrella } from "./support/tiny-umbrella.ts"
import { umbel } from "./support/umbel.ts"

describe("a graph", () => {
  let root = ""
  beforeAll(async () => {
    root = await tinyUmbrella({
      "apps/till/package.json": `{ "name": "@tiny/till", "type": "module", "exports": "./src/index.ts", "dependencies": { "@tiny/shop": "*" } }`,
      "apps/till/src/index.ts": `export { SHOP } from "@tiny/shop"\n`,
      "apps/till/src/sell.ts": `import { locate, type Node } from "umbel"
import { SHOP as STORE } from "./index.ts"
export const sell = (node: Node) => node.call(locate(node, STORE, "shop")).config()
export const tell = (node: Node) => node.cast(STORE.at("shop@127.0.0.1"))
export const none = (node: Node, computed: never) => node.call(computed)
`,
      "_build/shop/lib/main.mjs": `import "nothing-of-ours"\n`,
    })
  })
  afterAll(() => rm(root, { recursive: true, force: true }))

  test("knows who calls and casts to whose server, through re-exports and locate; what is computed it does not", async () => {
    const graph = await readGraph(await readWorkspace(root))
    expect(messagesOf(graph)).toEqual([
      { from: "apps/till/src/sell.ts", to: "apps/shop/src/stores.ts", name: "STORE", verb: "call" },
      { from: "apps/till/src/sell.ts", to: "apps/shop/src/stores.ts", name: "STORE", verb: "cast" },
    ])
    // What was built is no source.
    expect([...graph.files.keys()].filter((path) => path.startsWith("_build"))).toEqual([])
  })

  test("is one HTML file, with every application, file, import and call, and nothing from elsewhere", async () => {
    const graph = await readGraph(await readWorkspace(root))
    const html = page(graph, messagesOf(graph), () => true)
    for (const title of ["shop", "till"]) expect(html).toContain(`>${title}</text>`)
    expect(html).toContain(`data-path="apps/shop/src/stores.ts"`)
    expect(html).toContain(`class="message" data-from="apps/till/src/sell.ts" data-to="apps/shop/src/stores.ts"`)
    expect(html).not.toMatch(/(src|href)="?http/)
  })

  test("of calls is printed, and the page written where it is wanted", async () => {
    expect((await umbel(root, "graph", "--calls")).out).toContain(
      "apps/till/src/sell.ts\n└── apps/shop/src/stores.ts\n",
    )
    const { code, out } = await umbel(root, "graph", "--format", "html", "--output", "graph.html")
    expect(code).toBe(0)
    expect(out.trim().endsWith("graph.html")).toBe(true)
    expect(await readFile(join(root, "graph.html"), "utf8")).toContain("<!doctype html>")
  })
})
