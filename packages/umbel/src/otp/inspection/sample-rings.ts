/**
 * Rings of samples, finest first: what has filled an interval of the next becomes one sample there.
 *
 * ```ts
 * const rings = new SampleRings(RINGS)
 * rings.add(sample)       // once a second
 * rings.since(0)          // oldest first, each time by the finest ring that still has it
 * ```
 */
import { type RecorderRing, samplesOf } from "./recorder-bounds.ts"
import { merged, SampleRing } from "./sample-ring.ts"
import type { Sample } from "./says/recording.ts"

interface Level {
  readonly ring: SampleRing
  /** Samples that make one of the next ring; those that are not yet so many. */
  readonly count: number
  readonly merging: Sample[]
}

export class SampleRings {
  readonly #levels: readonly Level[]

  constructor(rings: readonly RecorderRing[]) {
    this.#levels = rings.map((ring, index) => ({
      ring: new SampleRing(samplesOf(ring)),
      count: (rings[index + 1]?.everyMs ?? Number.POSITIVE_INFINITY) / ring.everyMs,
      merging: [],
    }))
  }

  get bytes(): number {
    return this.#levels.reduce((sum, { ring }) => sum + ring.bytes, 0)
  }
  get latest(): Sample | undefined {
    return this.#levels[0]!.ring.latest
  }

  /** When the oldest there is was taken; undefined for none. */
  get oldestAt(): number | undefined {
    const oldest = Math.min(...this.#levels.map(({ ring }) => ring.oldestAt))
    return oldest === Number.POSITIVE_INFINITY ? undefined : oldest
  }

  add(sample: Sample): void {
    let completed: Sample | undefined = sample
    for (const { ring, count, merging } of this.#levels) {
      if (completed === undefined) return
      ring.add(completed)
      if (count === Number.POSITIVE_INFINITY) return
      merging.push(completed)
      completed = merging.length === count ? merged(merging.splice(0)) : undefined
    }
  }

  since(at: number): Sample[] {
    let samples: Sample[] = []
    let from = Number.POSITIVE_INFINITY
    for (const { ring } of this.#levels) {
      const end = from
      samples = [...ring.since(at).filter((one) => one.at < end), ...samples]
      from = Math.min(from, ring.oldestAt)
    }
    return samples
  }
}
