/** `umbel compile`: what is stale goes by content, each application comes after those it needs, and errors have their lines. */
import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { firstOf } from "../src/reload/problems.ts"
import { diagnosticsOf } from "../src/reload/types.ts"
import { put, remove, twoApplications, WORD } from "./support/two-applications.ts"
import { umbel } from "./support/umbel.ts"

vi.setConfig({ testTimeout: 120_000, hookTimeout: 30_000 })

let root = ""
beforeEach(async () => {
  root = await twoApplications()
  await put(
    root,
    "tsconfig.json",
    JSON.parse(
      (await readFile(join(root, "tsconfig.json"), "utf8")).replace('"include":["*.ts"]', '"include":[],"files":[]'),
    ),
  )
})
afterEach(() => remove(root))

interface Compiled {
  readonly ok: boolean
  readonly applications: readonly { application: string; status: string; problems: readonly object[] }[]
}
async function compiled(
  ...args: readonly string[]
): Promise<{ code: number | null; ok: boolean; status: Record<string, string>; problems: readonly object[] }> {
  const { code, out, err } = await umbel(root, "compile", "--json", ...args)
  expect(err).toBe("")
  const { ok, applications } = JSON.parse(out) as Compiled
  return {
    code,
    ok,
    status: Object.fromEntries(applications.map((one) => [one.application, one.status])),
    problems: applications.flatMap(({ problems }) => problems),
  }
}

test("each after those it needs, and once; what changed is compiled again with what needs it, whatever the times of the files say", async () => {
  const first = await compiled("a", "b")
  expect(first).toMatchObject({ code: 0, ok: true, status: { b: "compiled", a: "compiled" } })
  expect(Object.keys(first.status)).toEqual(["b", "a"])
  expect((await compiled("a", "b")).status).toEqual({ b: "cached", a: "cached" })
  expect((await compiled("b", "--force")).status).toEqual({ b: "compiled" })

  // Another content with an older time: what `tsc -b` takes for unchanged.
  const file = join(root, "apps/b/src/word.ts")
  const { atime } = await stat(file)
  await writeFile(file, "export const word = (): number => 5\n")
  await utimes(file, atime, new Date("2001-01-01"))
  const wrong = await compiled("a", "b")
  expect(wrong).toMatchObject({ code: 1, ok: false, status: { b: "compiled", a: "failed" } })
  expect(wrong.problems).toMatchObject([{ file: "apps/a/src/counter.ts", line: 8, code: "TS2322" }])

  await put(root, "apps/b/src/word.ts", WORD("yes"))
  expect((await compiled("a")).status).toEqual({ b: "compiled", a: "compiled" })
  // A new time with the same content is nothing new.
  await put(root, "apps/b/src/word.ts", WORD("yes"))
  expect((await compiled("a")).status).toEqual({ b: "cached", a: "cached" })
  // What came out is gone: others lack the declarations.
  await rm(join(root, "apps/b/dist"), { recursive: true })
  expect((await compiled("b")).status).toEqual({ b: "compiled" })
})

test("an error has its line and a frame, what needs that application is skipped, and the exit code is 1", async () => {
  await put(root, "apps/b/src/word.ts", `${WORD("yes")}const x: string = 5\n`)
  const { code, out } = await umbel(root, "compile", "a")
  expect(code).toBe(1)
  expect(out).toContain("failed   b")
  expect(out).toContain("apps/b/src/word.ts:2:7  Type 'number' is not assignable to type 'string'.  TS2322")
  expect(out).toContain("  2 │ const x: string = 5\n    │       ^")
  expect(out).toContain("skipped  a")
})

test("an application that is not there is named with those that are", async () => {
  const { code, err } = await umbel(root, "compile", "nope")
  expect(code).toBe(1)
  expect(err).toBe("umbel: there is no application nope\n       applications: a, b\n")
})

test("what the compiler says is read with places, without, and over several lines", () => {
  const output = "apps/b/x.ts(3,7): error TS2322: No.\n  Because.\nerror TS5042: Option.\nnothing\n"
  expect(diagnosticsOf(output, "/abc")).toEqual([
    { file: "/abc/apps/b/x.ts", line: 3, column: 7, code: "TS2322", text: "No.\n  Because." },
    { code: "TS5042", text: "Option." },
  ])
})

test("where a text cannot be parsed, what its types would be is left out", () => {
  const problem = (code: string) => ({ text: "wrong", code })
  expect(firstOf([problem("TS2304"), problem("TS1005"), problem("TS2322")])).toEqual([problem("TS1005")])
  expect(firstOf([problem("TS2304"), problem("TS1484")])).toHaveLength(2)
})
