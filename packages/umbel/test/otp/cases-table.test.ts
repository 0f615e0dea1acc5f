/** `docs/otp-cases.md` says where each case of OTP's and Elixir's suites is tested here: what it names is there, and its sums are right. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"

const table = readFileSync(new URL("../../../../docs/otp-cases.md", import.meta.url), "utf8")
const tests = new URL("../", import.meta.url)
const texts = new Map<string, string>()
const textOf = (file: string): string => {
  const known = texts.get(file) ?? readFileSync(new URL(file, tests), "utf8")
  texts.set(file, known)
  return known
}

interface Row {
  readonly suite: string
  readonly kind: string
  readonly where: string
}
const rows: Row[] = table.split(/^## /m).flatMap((section) => {
  const suite = section.slice(0, section.indexOf("\n"))
  return [...section.matchAll(/^\| .+? \| (covered|no meaning|missing) \| (?!no meaning)(.+) \|$/gm)].map((match) => ({
    suite,
    kind: match[1]!,
    where: match[2]!,
  }))
})

test("every sentence that the table of cases names is one of ours", () => {
  const lost: string[] = []
  let seen = 0
  for (const { where } of rows.filter(({ kind }) => kind === "covered")) {
    for (const reference of where.split(/; (?=\[)/)) {
      const [, file = "", sentence = ""] =
        /^\[[^\]]+\]\(\.\.\/packages\/umbel\/test\/([^)]+)\): (.+)$/.exec(reference) ?? []
      seen++
      if (file === "" || !textOf(file).includes(sentence.replaceAll("\\|", "|"))) lost.push(reference)
    }
  }
  expect(lost).toEqual([])
  expect(seen).toBeGreaterThan(250)
})

test("the sums are those of the table", () => {
  const sums = [...table.matchAll(/^\| `([^`]+)` \| (\d+) \| (\d+) \| (\d+) \|$/gm)]
  expect(sums.length).toBeGreaterThan(8)
  for (const [, suite, ...told] of sums) {
    const counted = ["covered", "no meaning", "missing"].map(
      (kind) => rows.filter((row) => row.suite === suite && row.kind === kind).length,
    )
    expect(counted, suite).toEqual(told.map(Number))
  }
})
