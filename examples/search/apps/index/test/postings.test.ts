import fc from "fast-check"
import { expect, test } from "vitest"
import { Postings } from "../src/postings.ts"

function entries(postings: Postings, word: string): [document: number, count: number][] {
  const found: [number, number][] = []
  postings.each(word, (document, count) => found.push([document, count]))
  return found
}

test("a word has the documents that were added, newest first; another word has none", () => {
  const postings = new Postings()
  postings.add("one", 0, 2)
  postings.add("two", 0, 1)
  postings.add("one", 1, 9)
  expect(entries(postings, "one")).toEqual([
    [1, 9],
    [0, 2],
  ])
  expect(entries(postings, "three")).toEqual([])
  expect([postings.words, postings.size]).toEqual([2, 3])
})

test("the largest document number survives, and a count beyond the bound is the bound", () => {
  const postings = new Postings()
  postings.add("word", (1 << 20) - 1, 1_000_000)
  expect(entries(postings, "word")).toEqual([[(1 << 20) - 1, 4095]])
})

test("compaction keeps what the documents that stay hold, under their new numbers, and forgets words that nobody holds", () => {
  const corpus = fc.array(
    fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__", "constructor"), fc.integer({ min: 1, max: 4095 })),
    {
      maxLength: 60,
    },
  )
  fc.assert(
    fc.property(corpus, fc.func(fc.boolean()), (documents, stays) => {
      const postings = new Postings()
      const expected = new Postings()
      const numbers: number[] = []
      let kept = 0
      documents.forEach((counts, number) => {
        numbers.push(stays(number) ? kept++ : -1)
        for (const [word, count] of Object.entries(counts)) {
          postings.add(word, number, count)
          if (numbers[number]! >= 0) expected.add(word, numbers[number]!, count)
        }
      })
      const compacted = postings.compacted((number) => numbers[number]!)
      expect([compacted.words, compacted.size]).toEqual([expected.words, expected.size])
      for (const word of ["a", "b", "c", "__proto__", "constructor"]) {
        expect(new Map(entries(compacted, word))).toEqual(new Map(entries(expected, word)))
      }
    }),
  )
})

test("the arrays grow with what is added", () => {
  const postings = new Postings()
  for (let document = 0; document < 5000; document++) postings.add("word", document, 1)
  expect(entries(postings, "word")).toHaveLength(5000)
  expect(postings.bytes).toBeLessThan(5000 * 8 * 2 + 1)
})
