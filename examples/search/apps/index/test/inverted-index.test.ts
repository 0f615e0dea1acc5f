import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type Document, InvertedIndex, MAX_LIMIT, merge } from "../src/inverted-index.ts"
import { partitionOf } from "../src/partition.ts"

const otp: Document = {
  path: "docs/otp.md",
  title: "OTP",
  text: "A supervisor restarts its children. A supervisor is a gen_server.",
}
const cook: Document = {
  path: "docs/cook.md",
  title: "Cooking",
  text: "Children like pasta. So does every supervisor.",
}
const types: Document = { path: "docs/types.md", title: "Types", text: "A type is a promise that the compiler keeps." }

function indexOf(...documents: Document[]): InvertedIndex {
  const index = new InvertedIndex()
  for (const document of documents) index.add(document)
  return index
}

const paths = (index: InvertedIndex, ...words: string[]) => index.search(words, 10).hits.map((hit) => hit.path)

describe("a search", () => {
  test("finds the documents that hold a word, the one that holds it most often first", () => {
    expect(paths(indexOf(cook, otp, types), "supervisor")).toEqual(["docs/otp.md", "docs/cook.md"])
  })

  test("prefers the document that holds all words, and the rare word over the common one", () => {
    const index = indexOf(otp, cook, types)
    expect(paths(index, "children", "pasta")).toEqual(["docs/cook.md", "docs/otp.md"])
    expect(paths(index, "a", "pasta")[0]).toBe("docs/cook.md")
  })

  test("counts a word of the title more than one of the text", () => {
    const titled = { path: "z.md", title: "Pasta", text: "Boil it." }
    expect(paths(indexOf(cook, titled), "pasta")).toEqual(["z.md", "docs/cook.md"])
  })

  test("finds an identifier whole and by its parts, but no parts by the whole", () => {
    const index = indexOf(otp, { path: "gen.md", title: "Two words", text: "gen server" })
    expect(paths(index, "gen_server")).toEqual(["docs/otp.md"])
    expect(paths(index, "server")).toEqual(["gen.md", "docs/otp.md"])
  })

  test("answers title, score and a snippet with its marks", () => {
    const [hit] = indexOf(otp).search(["Children"], 1).hits
    expect(hit).toMatchObject({ path: "docs/otp.md", title: "OTP", counts: [1], snippet: { marks: [[26, 34]] } })
    expect(hit!.score).toBeGreaterThan(0)
    expect(hit!.snippet.text.slice(26, 34)).toBe("children")
  })

  test("answers nothing when there is nothing: no word, no such word, no document", () => {
    expect(paths(indexOf(otp))).toEqual([])
    expect(paths(indexOf(otp), "  ", "!")).toEqual([])
    expect(paths(indexOf(otp), "constructor", "__proto__")).toEqual([])
    expect(new InvertedIndex().search(["a"], 1)).toEqual({
      statistics: { documents: 0, length: 0, holding: [0] },
      hits: [],
    })
  })

  test("orders equal scores by path, whatever the order they came in", () => {
    const same = ["b", "c", "a"].map((path) => ({ ...types, path }))
    expect(paths(indexOf(...same), "type")).toEqual(["a", "b", "c"])
    expect(paths(indexOf(...same.reverse()), "type")).toEqual(["a", "b", "c"])
  })

  test.each([0, -1, 1.5, MAX_LIMIT + 1, Number.NaN])("refuses the limit %s", (limit) => {
    const message = `limit: expected an integer from 1 to ${MAX_LIMIT}, got ${limit}`
    expect(() => indexOf(otp).search(["a"], limit)).toThrow(message)
    expect(() => merge([], limit)).toThrow(message)
  })
})

describe("what is kept", () => {
  test("a path that is added again replaces the old document", () => {
    const index = indexOf(otp, { ...otp, text: "Nothing of that kind." })
    expect([paths(index, "supervisor"), paths(index, "kind")]).toEqual([[], ["docs/otp.md"]])
    expect(index.holdings.documents).toBe(1)
  })

  test("a removed document is no longer found nor counted", () => {
    const index = indexOf(otp, cook)
    expect([index.remove("docs/otp.md"), index.remove("docs/otp.md")]).toEqual([true, false])
    expect([index.has("docs/otp.md"), index.has("docs/cook.md")]).toEqual([false, true])
    expect(index.search(["supervisor"], 10).statistics).toEqual({ documents: 1, length: 8, holding: [1] })
  })

  test("text beyond the bound is found, though no snippet shows it", () => {
    const index = new InvertedIndex({ keptText: 20 })
    index.add({ path: "long.md", title: "Long", text: `${"word ".repeat(50)} needle` })
    expect(index.search(["needle"], 1).hits).toMatchObject([
      { path: "long.md", snippet: { text: "word word word word ", marks: [] } },
    ])
  })

  test("adding and removing for ever does not grow", () => {
    const index = indexOf(types)
    for (let round = 0; round < 3000; round++)
      index.add({ path: "hot.md", title: `t${round}`, text: `only in round r${round}` })
    expect(index.holdings).toMatchObject({ documents: 2 })
    expect(index.holdings.words).toBeLessThan(300)
    expect(index.holdings.bytes).toBeLessThan(50_000)
    expect(paths(index, "r2999")).toEqual(["hot.md"])
  })
})

describe("merged partitions", () => {
  const word = fc.constantFrom("alpha", "beta", "gamma", "delta", "gen_server")
  const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(" "))
  const corpus = fc.uniqueArray(fc.record({ path: fc.string({ maxLength: 3 }), title: word, text }), {
    selector: (document) => document.path,
    maxLength: 30,
  })
  const question = fc.uniqueArray(word, { minLength: 1, maxLength: 3 })

  test("rank all hits as one index of everything would", () => {
    fc.assert(
      fc.property(corpus, question, fc.integer({ min: 1, max: 5 }), (documents, words, count) => {
        const partitions = Array.from({ length: count }, () => new InvertedIndex())
        for (const document of documents) partitions[partitionOf(document.path, count)]!.add(document)
        const whole = merge([indexOf(...documents).search(words, 100)], 100)
        const merged = merge(
          partitions.map((index) => index.search(words, 100)),
          100,
        )
        expect(merged.map((hit) => hit.path)).toEqual(whole.map((hit) => hit.path))
        merged.forEach((hit, at) => {
          expect(hit.score).toBeCloseTo(whole[at]!.score, 9)
        })
      }),
    )
  })

  test("whose documents came and went rank as if they had never been there", () => {
    fc.assert(
      fc.property(corpus, corpus, question, (stay, go, words) => {
        const index = indexOf(...go, ...stay)
        for (const { path } of go) if (!stay.some((document) => document.path === path)) index.remove(path)
        expect(index.search(words, 100)).toEqual(indexOf(...stay).search(words, 100))
      }),
    )
  })

  test("give a limited list, and none when no partition answers", () => {
    const answers = [indexOf(otp).search(["supervisor"], 5), indexOf(cook, types).search(["supervisor"], 5)]
    expect(merge(answers, 5).map((hit) => hit.path)).toEqual(["docs/otp.md", "docs/cook.md"])
    expect(merge(answers, 1).map((hit) => Object.keys(hit))).toEqual([["path", "title", "score", "snippet"]])
    expect(merge([], 5)).toEqual([])
  })
})
