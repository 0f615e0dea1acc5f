/**
 * The sources are tidy: see `support/tidy.ts` for the rules. A finding reads `file:line what, and how to mend it`.
 *
 * It is a ratchet: what offended before a rule was made stands in {@link OFFENDERS} with the number of its findings, which
 * may only shrink. A file that got better must be counted anew, or taken off the list.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { codeOnly } from "./support/code-only.ts"
import { findings, MAX_LINES, RULE_NAMES } from "./support/tidy.ts"

/** `"path rule": how often`. Never add to it. */
const OFFENDERS: Readonly<Record<string, number>> = {}

const ROOT = fileURLToPath(new URL("../../..", import.meta.url))

test("every source file is tidy", () => {
  const found = sources().map((path) => ({ path, findings: findings(path, readFileSync(join(ROOT, path), "utf8")) }))
  expect(found.length).toBeGreaterThan(0)
  const complaints = found.flatMap(({ path, findings }) =>
    RULE_NAMES.flatMap((rule) => {
      const offending = findings.filter((finding) => finding.rule === rule)
      const allowed = OFFENDERS[`${path} ${rule}`] ?? 0
      if (offending.length > allowed) return offending.map(({ line, text }) => `${path}:${line} ${text}`)
      if (offending.length < allowed)
        return [`${path} has ${offending.length} of "${rule}" now: lower its ${allowed} in OFFENDERS`]
      return []
    }),
  )
  expect(complaints).toEqual([])
})

test("the list of offenders names only files that exist", () => {
  const all = new Set(sources())
  expect(Object.keys(OFFENDERS).filter((entry) => !all.has(entry.split(" ")[0]!))).toEqual([])
})

/** Every TypeScript file below a `src` of `packages/`, from the root, sorted. */
function sources(): string[] {
  return readdirSync(join(ROOT, "packages"))
    .flatMap((name) => {
      const src = join(ROOT, "packages", name, "src")
      return readdirSync(join(ROOT, "packages", name)).includes("src")
        ? readdirSync(src, { recursive: true, encoding: "utf8" }).map((path) => join(src, path))
        : []
    })
    .filter((path) => /\.tsx?$/.test(path) && !path.split(sep).includes("node_modules"))
    .map((path) => relative(ROOT, path).split(sep).join("/"))
    .sort()
}

describe("each rule finds what it is there for", () => {
  const at = (path: string, body: string) =>
    findings(path, `/** What it is. */\n${body}`).map(({ rule, line }) => `${rule}:${line}`)
  const otp = "packages/umbel/src/otp/x.ts"

  test("lines beyond the limit", () => {
    const lines = (count: number) => `/** x */\n${"x\n".repeat(count - 1)}`
    expect(findings(otp, lines(MAX_LINES))).toEqual([])
    expect(findings(otp, lines(MAX_LINES + 1))).toMatchObject([{ rule: "lines", line: MAX_LINES + 1 }])
  })

  test("a file that opens without a doc comment", () => {
    expect(findings(otp, "import x\n/** late */")).toMatchObject([{ rule: "opening", line: 1 }])
    expect(findings("packages/cli/src/main.ts", "#!/usr/bin/env node\n/** x */")).toEqual([])
    expect(findings("packages/umbel/src/globals.d.ts", "declare const x: 1")).toEqual([])
  })

  test("an import of node: outside of nodejs/", () => {
    for (const line of [
      'import a from "node:fs"',
      'import "node:fs"',
      'export * from "node:fs"',
      'await import("node:fs")',
      "import {\n} from 'node:fs'",
    ]) {
      expect(at(otp, line), line).toHaveLength(1)
      expect(at("packages/umbel/src/nodejs/tcp.ts", line), line).toEqual([])
      expect(at("packages/cli/src/main.ts", line), line).toEqual([])
    }
    expect(at("packages/umbel/src/sim/x.ts", 'import "node:fs"')).toEqual(["node:2"])
    expect(at(otp, '// import "node:fs"\nconst text = "node:fs"')).toEqual([])
  })

  test("a clock or chance outside of nodejs/ and sim/", () => {
    const banned = [
      "Date.now()",
      "Math.random()",
      "new Date()",
      "setTimeout(f, 1)",
      "setInterval(f, 1)",
      "setImmediate(f)",
      "performance.now()",
      "crypto.randomUUID()",
    ]
    for (const use of banned) {
      expect(at(otp, `const x = 1\nconst y = ${use}`), use).toEqual(["clock:3"])
      expect(at("packages/umbel/src/sim/clock.ts", use), use).toEqual([])
      expect(at("packages/web/src/x.ts", use), use).toEqual([])
    }
    expect(at(otp, `clock.setTimeout(1)\nnew Date(0)\nmySetTimeout()\n/* Date.now() */\n"Math.random()"`)).toEqual([])
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template
    expect(at(otp, "const x = `at ${Date.now()} performance`")).toEqual(["clock:2"])
  })

  test("what is left to do, and tabs", () => {
    expect(at(otp, "// TODO later\nconst x = 1 // FIXME\n// todos are fine")).toEqual(["todo:2", "todo:3"])
    expect(at(otp, "\tconst x = 1\nconst y = '\t'\n")).toEqual(["tab:2", "tab:3"])
  })

  test("state at file level of the library", () => {
    expect(at(otp, "let x = 1\nexport let y\nvar z")).toEqual(["module-state:2", "module-state:3", "module-state:4"])
    expect(
      at(
        otp,
        "const a = new Map()\nexport const b: Map<string, () => void> = new Map()\nconst c = new Set<string>([])\nconst d = new WeakMap()",
      ),
    ).toEqual(["module-state:2", "module-state:3", "module-state:4", "module-state:5"])
    expect(
      at(
        otp,
        "const a: ReadonlyMap<string, () => void> = new Map()\nexport const b: ReadonlySet<string> = new Set([])",
      ),
    ).toEqual([])
    expect(at(otp, "function f() {\n  let x = 1\n  const m = new Map()\n}\nconst text = `\nlet x = 1`")).toEqual([])
    expect(at("packages/web/src/x.ts", "const a = new Map()")).toEqual([])
  })
})

describe("codeOnly blanks what is no code", () => {
  test.each([
    ["a // b", "a     "],
    ["a /* b\nc */ d", "a     \n     d"],
    ["a 'it\\'s' b", "a         b"],
    ['"a" + "//" // c', "    +          "],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template
    ["`a ${b + `c ${d} e`} f` g", "     b +      d         g"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template
    ["`${{ a: { b } }}` c", "   { a: { b } }   c"],
    ["x = /[/'`]\\//g.test(y) / 2 / z", "x =          g.test(y) / 2 / z"],
    ["return /a'b/", "return      "],
    ["/* never ends", "             "],
    ["`never ends", "           "],
  ])("%j", (source, code) => {
    expect(codeOnly(source)).toBe(code)
    expect(codeOnly(source)).toHaveLength(source.length)
  })
})
