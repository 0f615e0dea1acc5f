import { describe, expect, test } from "vitest"
import { plainInline, plainText } from "../src/markdown.ts"

describe("the noise goes, the words stay", () => {
  test.each([
    [
      "links",
      "See [the guide](guide.md) and [that][1] at <https://x.org>.",
      "See the guide and that at https://x.org.",
    ],
    ["images", "![A tree](tree.png) of [![build](b.svg)](https://ci)", "A tree of build"],
    ["emphasis", "**bold**, *slanted*, __strong__ and ***both***", "bold, slanted, strong and both"],
    [
      "code in a line",
      "call `gen_server:call/2` with ``**x**`` and [`a<b>`](c)",
      "call gen_server:call/2 with **x** and a<b>",
    ],
    ["tags", '<p align="center">Hello <br/>you</p>', "Hello you"],
    ["escapes and entities", "1 \\* 2 &lt; 3 &amp; 4", "1 * 2 < 3 & 4"],
  ])("of %s", (_, markdown, plain) => {
    expect(plainInline(markdown)).toBe(plain)
  })

  test.each([
    ["headings", "# One\n\n### Two", "One\n\nTwo"],
    ["lists and quotes", "- one\n* two\n> - three\n1. four", "one\ntwo\nthree\n1. four"],
    ["tables", "| a | b |\n|---|:-:|\n| 1 | 2 |", "a b\n1 2"],
    ["rules and underlines", "Title\n=====\ntext\n\n---\n\n* * *\n***\nend", "Title\ntext\n\n* *\nend"],
    ["comments", "a <!-- one\ntwo --> b", "a b"],
    ["link definitions", "text\n\n[1]: https://x.org 'title'", "text"],
  ])("of %s", (_, markdown, plain) => {
    expect(plainText(markdown)).toBe(plain)
  })
})

describe("what is no noise stays", () => {
  test.each([
    "snake_case and snake__case",
    "2 * 3 * 4",
    "a < b and c > d",
    "#hashtag",
    "-1 is less than 0",
    "a <!-- never ends",
    "a ` b",
  ])("%s", (text) => {
    expect(plainText(text)).toBe(text)
  })

  test("code between fences, whatever it looks like", () => {
    const code = "const a: Array<string> = [b](c) // **x**\n\n# comment\n| pipe |"
    expect(plainText(`Text\n\`\`\`ts\n${code}\n\`\`\`\nafter`)).toBe(`Text\n${code}\nafter`)
    expect(plainText(`~~~\n\`\`\`\n${code}\n~~~`)).toBe(`\`\`\`\n${code}`)
  })
})

test.each([
  ["dashes", "-".repeat(200_000)],
  ["spaces", `a${" ".repeat(200_000)}b`],
  ["opening brackets", "[".repeat(200_000)],
  ["links that never end", "[a](".repeat(50_000)],
  ["stars", "*".repeat(200_000)],
  ["stars with words", "*a ".repeat(60_000)],
  ["tags that never end", "<a ".repeat(60_000)],
  ["comments that never end", "<!--".repeat(50_000)],
  ["underscores", "__".repeat(100_000)],
  ["backticks", "`".repeat(200_001)],
  ["backticks with words", "``a ".repeat(50_001)],
  ["bars", " |".repeat(100_000)],
])("a hostile line of %s takes no longer than any other", (_, line) => {
  // The test's own time limit is what fails here: with quadratic expressions this takes minutes.
  expect(plainText(`${line}x\n# Title`)).toMatch(/Title$/)
})
