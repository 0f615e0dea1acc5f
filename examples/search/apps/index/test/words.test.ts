import { describe, expect, test } from "vitest"
import { fold, MAX_QUERY_WORDS, MAX_WORD, parts, queryWords, tokens } from "../src/words.ts"

const words = (text: string) => [...tokens(text)].map((token) => token.word)

describe("tokens", () => {
  test("are runs of letters, digits and underscores, in lower case", () => {
    expect(words("A gen_server, started 2 times.")).toEqual(["a", "gen_server", "started", "2", "times"])
  })

  test("know where they stand, also when lower case is longer than what was written", () => {
    const text = "İstanbul, İZMİR"
    expect([...tokens(text)].map(({ start, end }) => text.slice(start, end))).toEqual(["İstanbul", "İZMİR"])
  })

  test("hold letters of any script, composed or not", () => {
    expect(words("Größe ПРИВЕТ ελληνικά")).toEqual(["größe", "привет", "ελληνικά"])
    expect(words("Cafe\u0301")).toEqual(words("Café"))
  })

  test("are single characters in scripts that write no spaces", () => {
    expect(words("监督者 restarts 子进程")).toEqual(["监", "督", "者", "restarts", "子", "进", "程"])
    expect([...tokens("a监b")].map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ])
  })

  test("leave out what is too long to be a word", () => {
    expect(words(`${"x".repeat(MAX_WORD)} ${"y".repeat(MAX_WORD + 1)} z`)).toEqual(["x".repeat(MAX_WORD), "z"])
  })
})

describe("parts", () => {
  test.each([
    ["gen_server", ["gen", "server"]],
    ["GenServer", ["gen", "server"]],
    ["HTTPServer", ["http", "server"]],
    ["exactOptionalPropertyTypes", ["exact", "optional", "property", "types"]],
    ["utf8Decode", ["utf8", "decode"]],
    ["MAX_WORD", ["max", "word"]],
    ["__proto__", ["proto"]],
    ["_private", ["private"]],
    ["Größe_maß", ["größe", "maß"]],
  ])("of the identifier %s are %j", (identifier, expected) => {
    expect(parts(identifier)).toEqual(expected)
  })

  test.each(["server", "Server", "HTTP", "utf8", "_", "größe", "I"])("of the plain word %s are none", (word) => {
    expect(parts(word)).toEqual([])
  })
})

describe("queryWords", () => {
  test("takes entries apart, and each word once", () => {
    expect(queryWords(["GenServer call", "call", "", " - "])).toEqual(["genserver", "call"])
  })

  test("stops at the bound, however long the question", () => {
    const question = Array.from({ length: 10_000 }, (_, n) => `word${n}`).join(" ")
    expect(queryWords([question])).toHaveLength(MAX_QUERY_WORDS)
  })
})

test("fold gives the same word for every way to write it", () => {
  expect(fold("CAFE\u0301")).toBe(fold("café"))
})
