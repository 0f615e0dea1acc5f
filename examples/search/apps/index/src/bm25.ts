/**
 * BM25: how well a document answers a question, from counts alone.
 *
 * ```ts
 * const weights = wordWeights({ documents: 1000, length: 200_000, holding: [3, 700] })  // the rare word weighs more
 * score(weights, [2, 1], 150, 200)     // the document holds the words twice and once, is 150 words long, the mean is 200
 * ```
 *
 * The formula is that of Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), §3.4, with Lucene's
 * "+ 1" inside the logarithm, so that a word which nearly every document holds weighs little, and never less than nothing.
 */

/** What a question's weights depend on. Statistics of several partitions add up: see {@link sum}. */
export interface Statistics {
  /** How many documents there are. */
  readonly documents: number
  /** How many words they have together. */
  readonly length: number
  /** For each word of the question, how many documents hold it. */
  readonly holding: readonly number[]
}

/** How soon further occurrences of a word stop to count. */
const SATURATION = 1.2
/** How much a long document is held to its length: 0 not at all, 1 fully. */
const LENGTH_NORM = 0.75

/** The weight of each word of the question: the rarer, the heavier. */
export function wordWeights({ documents, holding }: Statistics): number[] {
  return holding.map((count) => Math.log(1 + (documents - count + 0.5) / (count + 0.5)))
}

/** What one word, found `count` times, adds to the score of a document of `length` words. */
export function wordScore(weight: number, count: number, length: number, meanLength: number): number {
  const norm = 1 - LENGTH_NORM + LENGTH_NORM * (meanLength === 0 ? 1 : length / meanLength)
  return (weight * count * (SATURATION + 1)) / (count + SATURATION * norm)
}

/** The score of a document of `length` words that holds the words of the question `counts` times. */
export function score(
  weights: readonly number[],
  counts: readonly number[],
  length: number,
  meanLength: number,
): number {
  return weights.reduce((total, weight, at) => total + wordScore(weight, counts[at] ?? 0, length, meanLength), 0)
}

/** The mean length of a document, in words; 0 without documents. */
export function meanLength({ documents, length }: Statistics): number {
  return documents === 0 ? 0 : length / documents
}

/** The statistics of all partitions together. Every entry must be about the same words in the same order. */
export function sum(all: readonly Statistics[]): Statistics {
  return all.reduce(
    (total, one) => ({
      documents: total.documents + one.documents,
      length: total.length + one.length,
      holding: one.holding.map((count, at) => count + (total.holding[at] ?? 0)),
    }),
    { documents: 0, length: 0, holding: [] },
  )
}
