/**
 * Chance from a seed: the same seed and stream give the same numbers, on every machine.
 *
 * ```ts
 * const random = new SeededRandom(42, "network")
 * random.between(1, 20)     // the same first number in every run
 * ```
 *
 * Each user of chance has a stream of its own, so that one who draws more often does not change what the others see. The generator is sfc32
 * (public domain, from PractRand), seeded through a hash of seed and stream.
 */
import type { Random } from "../runtime/index.ts"

export class SeededRandom implements Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** @throws RangeError for a seed that is no safe integer */
  constructor(seed: number, stream: string) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed is a safe integer, not ${seed}`)
    this.#a = hashed(`${seed} ${stream}`, 0x9e3779b9)
    this.#b = hashed(`${seed} ${stream}`, 0x85ebca6b)
    this.#c = hashed(`${seed} ${stream}`, 0xc2b2ae35)
    // The first numbers of near seeds are alike; after a dozen rounds nothing is.
    for (let i = 0; i < 12; i++) this.uint32()
  }

  uint32(): number {
    const drawn = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + drawn
    return drawn >>> 0
  }
  /** 0 to `count` - 1. The bias of 1 in 2^32 / count is of no matter here. */
  below(count: number): number {
    return this.uint32() % count
  }
  /** At least `min`, below `max`. */
  between(min: number, max: number): number {
    return min + (this.uint32() / 2 ** 32) * (max - min)
  }
  /** True in one of `count` cases. */
  oneIn(count: number): boolean {
    return this.below(count) === 0
  }
  pick<T>(among: readonly T[]): T {
    if (among.length === 0) throw new RangeError("nothing to pick from")
    return among[this.below(among.length)]!
  }
}

/** FNV-1a over the UTF-16 units of `text`. */
export function hashed(text: string, start: number): number {
  let hash = start
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
