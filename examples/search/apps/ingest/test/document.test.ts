import { describe, expect, test } from "vitest"
import { MAX_BYTES, NotADocument, readDocument } from "../src/document.ts"

const read = (text: string, path = "docs/guide.md") => readDocument(path, new TextEncoder().encode(text))

function refusalOf(run: () => unknown): NotADocument {
  try {
    run()
  } catch (error) {
    if (error instanceof NotADocument) return error
    throw error
  }
  throw new Error("was not refused")
}

describe("the title", () => {
  test.each([
    ["a heading", "Text.\n\n# The *OTP* [guide](x.md) #\n\n## Other", "The OTP guide"],
    ["an underlined heading", "The guide\n=========\n\n# Other", "The guide"],
    ["front matter", '---\nlayout: page\ntitle: "The guide"\n---\n# Other', "The guide"],
    ["an HTML heading", '<h1 align="center">\n  <img src="x.svg">\n  The guide\n</h1>\n\nText.', "The guide"],
    ["the first heading with words in it", "# ![](logo.svg)\n\n# The guide", "The guide"],
    ["a heading with Windows line ends and a byte order mark", "\uFEFF# The guide\r\nText\r\n", "The guide"],
    ["a heading behind code that holds one", "```sh\n# not this\n```\n# The guide", "The guide"],
    ["a heading with a generic in backticks", "# `Array<string>` and `gen_server`", "Array<string> and gen_server"],
  ])("is taken from %s", (_, text, title) => {
    expect(read(text).title).toBe(title)
  })

  test.each([
    ["docs/getting-started.md", "getting-started"],
    ["node_modules/chai/README.md", "chai"],
    ["docs/index.markdown", "docs"],
    ["README.MD", "README"],
  ])("of %s without a heading is %s", (path, title) => {
    expect(read("Just text.", path).title).toBe(title)
    expect(read("", path)).toEqual({ path, title, text: "" })
  })

  test("is bounded", () => {
    const { title } = read(`# ${"word ".repeat(100)}`)
    expect(title).toMatch(/^(word )+…$/)
    expect(title.length).toBeLessThanOrEqual(202)
  })
})

describe("a file is refused", () => {
  test("when it holds a NUL byte", () => {
    const refused = refusalOf(() => read("PNG\0 and so on"))
    expect(refused).toMatchObject({
      refusal: "binary",
      path: "docs/guide.md",
      message: "docs/guide.md: is not text: NUL byte at offset 3",
    })
  })

  test("when it is not UTF-8", () => {
    const latin1 = Uint8Array.of(0x47, 0x72, 0xf6, 0xdf, 0x65)
    const refused = refusalOf(() => readDocument("a.md", latin1))
    expect(refused).toMatchObject({ refusal: "not_utf8", message: "a.md: is not text: it is not valid UTF-8" })
  })

  test("when a character is cut off at its end", () => {
    expect(refusalOf(() => readDocument("a.md", new TextEncoder().encode("é").subarray(0, 1))).refusal).toBe("not_utf8")
  })

  test("when it is too large, by one byte", () => {
    expect(read("a".repeat(MAX_BYTES)).text).toHaveLength(MAX_BYTES)
    expect(refusalOf(() => read("a".repeat(MAX_BYTES + 1)))).toMatchObject({
      refusal: "too_large",
      message: `docs/guide.md: has ${MAX_BYTES + 1} bytes, more than ${MAX_BYTES}`,
    })
    expect(refusalOf(() => readDocument("a.md", new Uint8Array(11), 10)).refusal).toBe("too_large")
  })
})

test("front matter is no part of the text, and a rule at the start is no front matter", () => {
  expect(read("---\ntitle: x\nsecret: y\n---\nText.").text).toBe("Text.")
  expect(read("---\nText.").text).toBe("Text.")
})
