/** Names, edits, imports and rules: what the commands decide, without running them. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { boundaryViolations, cycles } from "../src/graph/boundaries.ts"
import { applicationsOf, draw, filesOf } from "../src/graph/formats.ts"
import { type Graph, readGraph } from "../src/graph/graph.ts"
import { importsOf } from "../src/graph/imports.ts"
import { addChild, addRelease, addToRelease } from "../src/project/edit.ts"
import { tidyJson } from "../src/project/files.ts"
import { casesOf, checkApplicationName } from "../src/project/names.ts"
import { readWorkspace } from "../src/project/workspace.ts"
import { applicationFiles } from "../src/templates/application.ts"
import { MODULES, moduleOf } from "../src/templates/modules.ts"
import { umbrellaFiles } from "../src/templates/umbrella.ts"
import { affected, atTest, digest, stale } from "../src/testing/selection.ts"

describe("names", () => {
  test.each([
    ["Bad-Name", "begins with a small letter", "try bad_name"],
    ["9lives", "begins with a small letter", "try lives"],
    ["elixir", "Erlang/OTP or Elixir has", "try my_elixir"],
    ["class", "a word of TypeScript", "try my_class"],
    ["http", "Node.js has a module", "try my_http"],
    ["umbel", "Umbel uses that name", "try my_umbel"],
    ["a".repeat(65), "has 65 letters", "at most 64"],
  ])("%s is refused with the rule and a way out", (name, problem, cure) => {
    expect(() => checkApplicationName(name)).toThrow(problem)
    expect(() => checkApplicationName(name)).toThrow(expect.objectContaining({ cure: expect.stringContaining(cure) }))
  })
  test.each(["a", "my_app", "b2"])("%s is fine", (name) => {
    expect(() => checkApplicationName(name)).not.toThrow()
  })
  test("a name has four cases, however it was typed", () => {
    const cases = { kebab: "room-server", camel: "roomServer", constant: "ROOM_SERVER", snake: "room_server" }
    for (const typed of ["room-server", "room_server", "roomServer", "RoomServer"])
      expect(casesOf(typed)).toEqual(cases)
    expect(() => casesOf("a b")).toThrow("letters and digits")
    expect(() => casesOf("delete")).toThrow("a word of TypeScript")
  })
})

describe("templates", () => {
  const source = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, "^0.1.0"]))
  test.each([
    ["an umbrella", () => umbrellaFiles("abc", source)],
    [
      "an application of it",
      () => applicationFiles({ name: "a", supervised: false, packageName: "@abc/a", umbrella: "abc", source }),
    ],
    [
      "one with a supervision tree",
      () => applicationFiles({ name: "b", supervised: true, packageName: "@abc/b", umbrella: "abc", source }),
    ],
    [
      "one that stands alone",
      () => applicationFiles({ name: "my_app", supervised: true, packageName: "my_app", umbrella: undefined, source }),
    ],
  ])("%s has at most eleven files, and these", (_, files) => {
    expect(files().length).toBeLessThanOrEqual(11)
    expect(Object.fromEntries(files().map(({ path, content }) => [path, content]))).toMatchSnapshot()
  })
  test.each(MODULES)("a %s", (kind) => {
    expect(moduleOf(kind, "room-server", "chat")).toMatchSnapshot()
  })
  test("JSON is as biome formats it: arrays on a line as long as they fit", () => {
    expect(tidyJson({ a: [], b: [{ c: 1 }], d: {} })).toBe('{\n  "a": [],\n  "b": [{ "c": 1 }],\n  "d": {}\n}\n')
    const long = Array.from({ length: 9 }, (_, i) => ({ path: `apps/application_${i}` }))
    expect(tidyJson({ references: long }).split("\n")).toHaveLength(9 + 5)
  })
})

describe("edits", () => {
  const config = (inner: string): string => `export default defineUmbrella({\n  releases: ${inner},\n})\n`
  test("an application is added to a release, empty or not, with or without a last comma", () => {
    const all = (inner: string) => config(`{\n    all: {\n      applications: ${inner},\n    },\n  }`)
    const both = all('{\n        a: "permanent",\n        b: "permanent",\n      }')
    expect(addToRelease(all('{\n        a: "permanent",\n      }'), "all", "b")).toBe(both)
    expect(addToRelease(addToRelease(all("{}"), "all", "a")!, "all", "b")).toBe(both)
    expect(addToRelease(both, "all", "b")).toBe(both)
    expect(addToRelease(all('{ a: "permanent" }'), "all", "b")).toBe(all('{ a: "permanent", b: "permanent" }'))
  })
  test("where the place is in doubt nothing is edited", () => {
    expect(addToRelease(config("releases"), "all", "a")).toBeUndefined()
    expect(addToRelease(config("{ other: { applications: {} } }"), "all", "a")).toBeUndefined()
    expect(addToRelease("export default {", "all", "a")).toBeUndefined()
    expect(addRelease(config("{ all: { applications: {} } }"), "all", ["a"])).toBeUndefined()
    const line = 'import { x } from "./x.ts"'
    expect(addChild('import { child } from "umbel"\nf({ children })', line, "child(x)", false)).toBeUndefined()
    expect(addChild('import { supervisor } from "umbel"\nf({ children: [] })', line, "child(x)", false)).toBeUndefined()
  })
  test("a child is added at the end, or before those that use it", () => {
    const text = 'import { child } from "umbel"\n\nf({ children: [child(a)] })\n'
    const line = 'import { x } from "./x.ts"'
    expect(addChild(text, line, "child(x)", false)).toContain("children: [child(a), child(x)]")
    expect(addChild(text, line, "child(x)", true)).toContain("children: [child(x), child(a)]")
    expect(addChild(text, line, "child(x)", true)).toContain(`"umbel"\n${line}\n`)
  })
})

test("imports are read with their lines, those of types apart, and nothing out of comments and strings", () => {
  const text = `import type { A } from "./a.ts"
import { type B, c } from "b"
import "./effect.ts"
export { type D } from "./d.ts"
export * from "./e.ts"
import { type F } from "./f.ts"
import { f } from "./f.ts"
// import "./no.ts"
const s = 'import "./no.ts"'
await import("./g.ts")
await import(s)
`
  expect(importsOf("x.ts", text).imports.map((one) => [one.line, one.specifier, one.typeOnly])).toEqual([
    [1, "./a.ts", true],
    [2, "b", false],
    [3, "./effect.ts", false],
    [4, "./d.ts", true],
    [5, "./e.ts", false],
    [6, "./f.ts", false],
    [10, "./g.ts", false],
  ])
  expect(importsOf("x.ts", "import {").problem).toBeDefined()
})

describe("a workspace", () => {
  let root = ""
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "umbel-graph-"))
  })
  afterEach(() => rm(root, { recursive: true }))

  async function graphOf(files: Readonly<Record<string, string | object>>): Promise<Graph> {
    for (const [path, content] of Object.entries({ "package.json": { name: "abc", workspaces: [] }, ...files })) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), typeof content === "string" ? content : JSON.stringify(content))
    }
    return readGraph(await readWorkspace(root))
  }
  const app = (name: string, dependencies: object = {}) => ({
    [`apps/${name}/package.json`]: {
      name: `@abc/${name}`,
      version: "0.1.0",
      exports: { ".": "./src/index.ts" },
      dependencies,
    },
  })

  test("an import that package.json does not declare is named with its line and three ways to mend it", async () => {
    const graph = await graphOf({
      ...app("a"),
      "apps/a/src/index.ts": "export const a = 1\n",
      ...app("c"),
      "apps/c/src/bad.ts":
        '\nimport { a } from "@abc/a"\nimport { b } from "../../a/src/index.ts"\nimport "node:fs"\nimport "./own.ts"\n',
    })
    const [undeclared, past, ...others] = boundaryViolations(graph)
    expect(others).toEqual([])
    expect(undeclared).toMatchObject({
      at: "apps/c/src/bad.ts:2",
      problem: "imports @abc/a, but c does not depend on it",
    })
    expect(undeclared?.cures).toHaveLength(3)
    expect(undeclared?.cures[0]).toBe('add "@abc/a": "0.1.0" to the dependencies in apps/c/package.json')
    expect(past).toMatchObject({ at: "apps/c/src/bad.ts:3" })
    expect(past?.problem).toContain("a file of the application a, past its package")
  })
  test("what is declared may be imported; what is for development only in tests", async () => {
    const graph = await graphOf({
      "package.json": { name: "abc", workspaces: [], devDependencies: { vitest: "*" } },
      ...app("a", { "@abc/b": "*" }),
      ...app("b"),
      "apps/a/src/index.ts": 'import "@abc/b"\nimport "vitest"\n',
      "apps/a/test/a.test.ts": 'import "vitest"\nimport "../src/index.ts"\n',
      "apps/b/src/index.ts": "",
    })
    expect(boundaryViolations(graph).map(({ at }) => at)).toEqual(["apps/a/src/index.ts:2"])
  })
  test("cycles between applications are found, each once, whether declared or imported", async () => {
    const graph = await graphOf({
      ...app("a", { "@abc/b": "*" }),
      ...app("b", { "@abc/c": "*" }),
      ...app("c"),
      ...app("d", { "@abc/a": "*" }),
      "apps/c/src/index.ts": 'import "@abc/a"\n',
    })
    expect(cycles(graph)).toEqual([["a", "b", "c"]])
  })
  test("without a cycle there is none, however many ways lead to one", async () => {
    const graph = await graphOf({
      ...app("a", { "@abc/b": "*", "@abc/c": "*" }),
      ...app("b", { "@abc/d": "*" }),
      ...app("c", { "@abc/d": "*" }),
      ...app("d"),
    })
    expect(cycles(graph)).toEqual([])
  })

  const two = {
    ...app("a", { "@abc/b": "*" }),
    ...app("b"),
    "apps/a/src/index.ts": 'import type { B } from "@abc/b"\nimport { x } from "./x.ts"\n',
    "apps/a/src/x.ts": "export const x = 1\n",
    "apps/b/src/index.ts": "export type B = 1\n",
    "apps/a/test/a.test.ts": 'import "../src/index.ts"\n',
    "apps/b/test/b.test.ts": 'import "../src/index.ts"\n',
  }
  test("the graph is drawn as a tree, for Graphviz, for Mermaid and for programs", async () => {
    const graph = await graphOf(two)
    const drawings = [applicationsOf(graph), filesOf(graph, (path) => !path.includes("/test/"))]
    expect(draw("tree", drawings)).toBe(`a
└── b
b

apps/a/src/index.ts
├── apps/b/src/index.ts (types)
└── apps/a/src/x.ts
apps/a/src/x.ts
apps/b/src/index.ts
`)
    expect(draw("dot", drawings)).toContain(
      '"apps/a/src/index.ts" -> "apps/b/src/index.ts" [style=dashed, label=types]',
    )
    expect(draw("mermaid", drawings.slice(0, 1))).toBe('flowchart TD\n  n0["a"]\n  n1["b"]\n  n0 --> n1\n')
    expect(JSON.parse(draw("json", drawings)).applications.edges).toEqual([{ from: "a", to: "b", typeOnly: false }])
  })
  test("a test is stale until it has passed with everything it needs as it is", async () => {
    const graph = await graphOf(two)
    const none = { passed: {}, failed: {} }
    const tests = ["apps/a/test/a.test.ts", "apps/b/test/b.test.ts"]
    expect(stale(graph, none)).toEqual(tests)
    const passed = Object.fromEntries(tests.map((path) => [path, digest(graph, path)]))
    expect(stale(graph, { passed, failed: {} })).toEqual([])
    expect(stale(await graphOf({ ...two, "apps/a/src/x.ts": "export const x = 2\n" }), { passed, failed: {} })).toEqual(
      ["apps/a/test/a.test.ts"],
    )
    const both = await graphOf({ ...two, "apps/b/src/index.ts": "export type B = 2\n" })
    expect(stale(both, { passed, failed: {} })).toEqual(tests)
  })
  test("an application is affected by its files and by those it needs", async () => {
    const graph = await graphOf(two)
    expect(affected(graph, ["apps/b/src/index.ts", "README.md"])).toEqual([
      { application: "b", reason: "1 file changed" },
      { application: "a", reason: "needs b" },
    ])
    expect(affected(graph, ["apps/a/src/x.ts"]).map(({ application }) => application)).toEqual(["a"])
  })
})

test("a line within a test means that test, one above all of them the first", () => {
  const text = 'import { test } from "vitest"\n\ntest("one", () => {\n  f()\n})\n'
  expect(atTest(text, 4)).toBe(3)
  expect(atTest(text, 3)).toBe(3)
  expect(atTest(text, 1)).toBe(3)
  expect(atTest("const x = 1\n", 1)).toBe(1)
})
