import { expect, test } from "vitest"
import { meanLength, score, sum, wordWeights } from "../src/bm25.ts"

const statistics = { documents: 100, length: 5000, holding: [1, 50, 100] }

test("a rare word weighs more than a common one, and one that is everywhere still more than nothing", () => {
  const [rare, common, everywhere] = wordWeights(statistics) as [number, number, number]
  expect(rare).toBeGreaterThan(common)
  expect(common).toBeGreaterThan(everywhere)
  expect(everywhere).toBeGreaterThan(0)
})

test("the formula gives what it gives by hand", () => {
  // idf = ln(1 + 99.5/1.5) = 4.2095; at the mean length: 4.2095 · 2 · 2.2 / (2 + 1.2)
  expect(score(wordWeights(statistics), [2, 0, 0], 50, meanLength(statistics))).toBeCloseTo(5.788, 3)
})

test("more occurrences are better, a longer document is worse, and a word that is missing adds nothing", () => {
  const of = (counts: number[], length: number) => score([1, 1], counts, length, 100)
  expect(of([2, 0], 100)).toBeGreaterThan(of([1, 0], 100))
  expect(of([1, 0], 200)).toBeLessThan(of([1, 0], 100))
  expect(of([1, 1], 100)).toBeGreaterThan(of([2, 0], 100))
  expect(of([0, 0], 100)).toBe(0)
})

test("statistics of partitions add up, and without documents nothing is divided by zero", () => {
  expect(sum([statistics, { documents: 1, length: 7, holding: [0, 1, 1] }])).toEqual({
    documents: 101,
    length: 5007,
    holding: [1, 51, 101],
  })
  expect(meanLength(sum([]))).toBe(0)
  expect(score(wordWeights({ documents: 0, length: 0, holding: [0] }), [1], 0, 0)).toBeGreaterThan(0)
})
