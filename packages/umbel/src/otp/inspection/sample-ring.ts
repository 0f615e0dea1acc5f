/**
 * Rings of numbers: samples of fixed size over a fixed time, the oldest overwritten.
 *
 * ```ts
 * const ring = new SampleRing(900)
 * ring.add(sample)
 * ring.since(0)          // oldest first
 * ```
 *
 * A sample takes 88 bytes. Numbers are kept in 32 bits, which is exact enough for charts: bytes of a heap to a few in a million.
 */
import type { Sample } from "./says/recording.ts"

/** How a field of several samples becomes one of a longer interval. */
type Merge = "last" | "mean" | "max" | "sum"
type Field = Exclude<keyof Sample, "at">

const FIELDS: Readonly<Record<Field, Merge>> = {
  intervalMs: "sum",
  heapUsed: "last",
  rss: "last",
  external: "last",
  loopUtilisation: "mean",
  delayP50: "mean",
  delayP99: "max",
  delayMax: "max",
  gcCount: "sum",
  gcMs: "sum",
  cpuShare: "mean",
  runQueue: "max",
  processes: "last",
  zombies: "last",
  messagesRate: "mean",
  turnsRate: "mean",
  crashes: "sum",
  bytesInRate: "mean",
  bytesOutRate: "mean",
  connected: "last",
}
export const SAMPLE_FIELDS = Object.keys(FIELDS) as readonly Field[]

/** Bytes that a sample takes: when, and 32 bits a field. */
export const SAMPLE_BYTES: number = 8 + 4 * SAMPLE_FIELDS.length

export class SampleRing {
  readonly #at: Float64Array
  readonly #values: Float32Array
  readonly #size: number
  #count = 0

  constructor(size: number) {
    this.#size = size
    this.#at = new Float64Array(size)
    this.#values = new Float32Array(size * SAMPLE_FIELDS.length)
  }

  get bytes(): number {
    return this.#at.byteLength + this.#values.byteLength
  }

  add(sample: Sample): void {
    const place = this.#count++ % this.#size
    this.#at[place] = sample.at
    for (let i = 0; i < SAMPLE_FIELDS.length; i++) {
      this.#values[place * SAMPLE_FIELDS.length + i] = sample[SAMPLE_FIELDS[i]!]
    }
  }

  /** Those after that time, oldest first. */
  since(at: number): Sample[] {
    const samples: Sample[] = []
    for (let i = Math.max(0, this.#count - this.#size); i < this.#count; i++) {
      const place = i % this.#size
      if (this.#at[place]! > at) samples.push(this.#read(place))
    }
    return samples
  }
  get latest(): Sample | undefined {
    return this.#count === 0 ? undefined : this.#read((this.#count - 1) % this.#size)
  }
  /** When the oldest was taken; Infinity for none. */
  get oldestAt(): number {
    if (this.#count === 0) return Number.POSITIVE_INFINITY
    return this.#at[this.#count <= this.#size ? 0 : this.#count % this.#size]!
  }

  #read(place: number): Sample {
    const sample: Record<string, number> = { at: this.#at[place]! }
    for (let i = 0; i < SAMPLE_FIELDS.length; i++) {
      sample[SAMPLE_FIELDS[i]!] = this.#values[place * SAMPLE_FIELDS.length + i]!
    }
    return sample as unknown as Sample
  }
}

/** One sample for all of these, at least one, oldest first. */
export function merged(samples: readonly Sample[]): Sample {
  const last = samples.at(-1)!
  const sample: Record<string, number> = { at: last.at }
  for (const field of SAMPLE_FIELDS) {
    const values = samples.map((one) => one[field])
    const sum = values.reduce((a, b) => a + b, 0)
    const how = FIELDS[field]
    sample[field] =
      how === "last" ? last[field] : how === "max" ? Math.max(...values) : how === "sum" ? sum : sum / values.length
  }
  return sample as unknown as Sample
}
