/**
 * The type tests (`test/types/*.ts`) under every TypeScript that is supported: 5.9, 6 and 7. A user's compiler is not ours: inference
 * and the places where errors are reported differ between them.
 *
 * Each compiler is run by its path, as several are installed under aliases. `npm test` checks the same files under 7 with everything else.
 */
import { execFile } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const types = fileURLToPath(new URL("./types/", import.meta.url))

/** What a compiler is called in node_modules, and the version it must be. */
const COMPILERS = [
  ["typescript-5.9", "5.9."],
  ["typescript-6", "6."],
  ["typescript", "7."],
] as const

/** Compiles `files` as a user would who reads the library's sources; what the compiler prints, which is nothing when all is well. */
function compile(compiler: string, files: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "umbel-types-"))
  const config = join(folder, "tsconfig.json")
  const compilerOptions = {
    noEmit: true,
    composite: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true,
    // Other people's declarations are not what is tested here.
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [join(root, "node_modules/@types")],
  }
  writeFileSync(config, JSON.stringify({ extends: join(root, "tsconfig.base.json"), compilerOptions, files }))
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, "--project", config, "--pretty", "false"], (error, stdout, stderr) => {
      rmSync(folder, { recursive: true })
      resolve(`${stdout}${stderr}${error !== null && stdout + stderr === "" ? String(error) : ""}`)
    })
  })
}

const files = readdirSync(types)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => join(types, file))

for (const [alias, version] of COMPILERS) {
  const compiler = join(root, "node_modules", alias, "lib/tsc.js")
  const missing = existsSync(compiler) ? "" : ` (left out: ${alias} is not installed)`
  test.skipIf(missing !== "")(
    `the types hold under TypeScript ${version.slice(0, -1)}${missing}`,
    { timeout: 120_000 },
    async () => {
      const { version: installed } = JSON.parse(readFileSync(join(root, "node_modules", alias, "package.json"), "utf8"))
      expect(installed.startsWith(version), `${alias} is ${installed}`).toBe(true)
      expect(files.length).toBeGreaterThan(3)
      expect(await compile(compiler, files)).toBe("")
    },
  )
}

test("a wrong program is found: the compilers do look", { timeout: 120_000 }, async () => {
  const compiler = join(root, "node_modules/typescript/lib/tsc.js")
  const folder = mkdtempSync(join(tmpdir(), "umbel-types-"))
  const wrong = join(folder, "wrong.ts")
  const source = join(root, "packages/umbel/src/otp/index.ts")
  writeFileSync(
    wrong,
    `import { genServer } from ${JSON.stringify(source)}\nexport const x: string = genServer("x", { init: () => ({}) })\n`,
  )
  const printed = await compile(compiler, [wrong])
  rmSync(folder, { recursive: true })
  expect(printed).toContain("TS2322")
})
