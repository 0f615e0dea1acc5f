/** The table of features names tests that exist. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"

const TABLE = new URL("../../../docs/observer-features.md", import.meta.url)
const NAMED = /\[[\w.-]+\]\((?<path>[^)]+)\): (?<sentence>.+?)(?=; \[| \|)/g

test("docs/observer-features.md names tests that exist, and one for each feature that is there", () => {
  const text = readFileSync(TABLE, "utf8")
  const missing: string[] = []
  let named = 0
  for (const row of text.split("\n").filter((line) => / \| (?:there|partly) \| /.test(line))) {
    const tests = [...row.matchAll(NAMED)]
    if (tests.length === 0) missing.push(`no test: ${row}`)
    for (const { groups } of tests) {
      named++
      const { path = "", sentence = "" } = groups ?? {}
      const source = readFileSync(new URL(path, TABLE), "utf8")
      if (![`"${sentence}"`, `'${sentence}'`].some((quoted) => source.includes(quoted)))
        missing.push(`${path}: ${sentence}`)
    }
  }
  expect(missing).toEqual([])
  expect(named).toBeGreaterThan(80)
})
