/**
 * The code in README and docs, compiled and run. A line that ends in `// => value` is held to it, printed as `inspect` prints it.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { inspect } from "umbel"
import { afterAll, beforeAll, describe, expect, test } from "vitest"

const ROOT = fileURLToPath(new URL("../../..", import.meta.url))
const FOLDER = join(ROOT, "packages", "umbel", "test", ".docs")

interface Block {
  readonly title: string
  readonly file: string
  readonly code: string
}

const pages = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
]
const blocks: readonly Block[] = pages.flatMap((page) => {
  const text = readFileSync(join(ROOT, page), "utf8")
  return [...text.matchAll(/^```ts\n(.*?)^```/gms)].map((match, i) => ({
    title: `${page}, line ${text.slice(0, match.index).split("\n").length}`,
    file: join(FOLDER, `${page.replace(/\W+/g, "-")}-${i}.ts`),
    code: match[1] ?? "",
  }))
})

/** `expression // => value` becomes a check; the rest stays. */
function checked(code: string): string {
  const lines = code.split("\n").map((line) => {
    const match = /^(\s*)(.+?) \/\/ => (.*)$/.exec(line)
    return match === null
      ? line
      : `${match[1]}__given.push([${match[2]}, ${JSON.stringify(match[3])}] as [unknown, string])`
  })
  return `export const __given: [unknown, string][] = []\n${lines.join("\n")}`
}

describe("the code in the docs", () => {
  beforeAll(() => {
    mkdirSync(FOLDER, { recursive: true })
    for (const { file, code } of blocks) writeFileSync(file, checked(code))
    writeFileSync(
      join(FOLDER, "tsconfig.json"),
      JSON.stringify({
        extends: "../tsconfig.json",
        compilerOptions: { incremental: false, noUnusedLocals: false },
        include: ["."],
        references: [],
      }),
    )
  })
  afterAll(() => rmSync(FOLDER, { recursive: true }))

  test("is there", () => {
    expect(blocks.length).toBeGreaterThan(5)
  })
  test("compiles", () => {
    const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc")
    const said = (() => {
      try {
        return execFileSync(process.execPath, [tsc, "-p", FOLDER, "--noEmit"], { encoding: "utf8" })
      } catch (error) {
        return String((error as { stdout?: string }).stdout)
      }
    })()
    expect(said).toBe("")
  }, 60_000)
  test.each(blocks)("$title runs and gives what it says", async ({ file }) => {
    const { __given } = (await import(/* @vite-ignore */ file)) as { __given: [unknown, string][] }
    for (const [value, expected] of __given) expect(inspect(value)).toBe(expected)
  })
})
