/**
 * Bytes that are almost right: what a broken or hostile peer sends.
 *
 * ```ts
 * const random = new Random(seed, index)        // the same input for the same two numbers, on every machine
 * const bytes = mutate(corpus, 4, random)       // one of the corpus with a few things wrong, its frames of 4 bytes of length mended or not
 * ```
 */
import * as tags from "../../src/etf/tags.ts"

/** A stream of numbers from two (splitmix32). */
export class Random {
  #state: number

  constructor(seed: number, index: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) | 0
  }

  uint32(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let z = this.#state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }
  /** From 0 up to `n`, without it. */
  below(n: number): number {
    return n <= 1 ? 0 : this.uint32() % n
  }
  chance(percent: number): boolean {
    return this.below(100) < percent
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
}

const TAGS: readonly number[] = Object.values(tags)
const IS_TAG: ReadonlySet<number> = new Set(TAGS)
/** Where mistakes live: the ends of what one, two and four bytes can say. */
const BYTES = [0, 1, 2, 4, 7, 8, 9, 0x7f, 0x80, 0xfe, 0xff]
const LENGTHS = [
  0, 1, 2, 254, 255, 256, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff,
]
/** The beginnings of terms that hold one more term. */
const SHELLS: readonly (readonly number[])[] = [
  [tags.SMALL_TUPLE, 1],
  [tags.LIST, 0, 0, 0, 1],
  [tags.MAP, 0, 0, 0, 1, tags.NIL],
  [tags.LARGE_TUPLE, 0, 0, 0, 1],
]
/** No input is longer, whatever was done to it. */
const BYTES_MAX = 64 * 1024

type Mutation = (bytes: number[], random: Random, corpus: readonly Uint8Array[]) => void

const position = (bytes: readonly number[], random: Random): number => random.below(bytes.length)

/** One after the other, equally likely. */
const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const at = position(bytes, random)
    bytes[at] = bytes[at]! ^ (1 << random.below(8))
  },
  function setByte(bytes, random) {
    bytes[position(bytes, random)] = random.chance(50) ? random.of(BYTES) : random.below(256)
  },
  function cutOff(bytes, random) {
    bytes.length = position(bytes, random)
  },
  function takeOut(bytes, random) {
    bytes.splice(position(bytes, random), 1 + random.below(8))
  },
  function putIn(bytes, random) {
    bytes.splice(position(bytes, random), 0, ...Array.from({ length: 1 + random.below(8) }, () => random.below(256)))
  },
  function repeat(bytes, random) {
    const from = position(bytes, random)
    const part = bytes.slice(from, from + 1 + random.below(32))
    bytes.splice(
      position(bytes, random),
      0,
      ...Array<number[]>(1 + random.below(4))
        .fill(part)
        .flat(),
    )
  },
  function splice(bytes, random, corpus) {
    const other = random.of(corpus)
    const from = random.below(other.length)
    bytes.splice(position(bytes, random), random.below(16), ...other.subarray(from, from + 1 + random.below(64)))
  },
  function changeLength(bytes, random) {
    const size = random.of([1, 2, 4])
    const at = position(bytes, random)
    if (at + size > bytes.length) return
    let value = 0
    for (let i = 0; i < size; i++) value = value * 256 + bytes[at + i]!
    const changed = random.chance(40) ? random.of(LENGTHS) : value + random.of([-2, -1, 1, 2, 16, 256])
    for (let i = size - 1, left = changed; i >= 0; i--) {
      bytes[at + i] = left & 0xff
      left = Math.floor(left / 256)
    }
  },
  function swapTag(bytes, random) {
    const from = position(bytes, random)
    for (let i = 0; i < bytes.length; i++) {
      const at = (from + i) % bytes.length
      if (IS_TAG.has(bytes[at]!)) {
        bytes[at] = random.of(TAGS)
        return
      }
    }
  },
  function nest(bytes, random) {
    const shell = random.of(SHELLS)
    const depth = random.chance(2) ? 1 + random.below(4_000) : 1 + random.below(12)
    bytes.splice(position(bytes, random), 0, ...Array<readonly number[]>(depth).fill(shell).flat())
  },
]

function damage(original: Uint8Array, corpus: readonly Uint8Array[], random: Random): Uint8Array {
  const bytes = Array.from(original)
  for (let n = 1 + random.below(4); n > 0 && bytes.length > 0; n--) random.of(MUTATIONS)(bytes, random, corpus)
  return Uint8Array.from(bytes.length > BYTES_MAX ? bytes.slice(0, BYTES_MAX) : bytes)
}

/**
 * One of the corpus, damaged.
 * @param header How many bytes of length stand before each frame of it; 0 for what has no frames. In most inputs the frames are whole again
 *   after the damage: else it would hardly ever be looked at beyond its first wrong length.
 */
export function mutate(corpus: readonly Uint8Array[], header: 0 | 2 | 4, random: Random): Uint8Array {
  const original = random.of(corpus)
  if (header === 0 || random.chance(15)) return damage(original, corpus, random)
  const frames = split(original, header)
  const bodies = frames.map((frame) => frame.subarray(header))
  const damaged = random.below(bodies.length)
  const out = bodies.map((body, i) => (i === damaged || random.chance(10) ? damage(body, bodies, random) : body))
  // Out of order, twice, or not at all.
  if (random.chance(10)) out.splice(random.below(out.length), random.below(2), random.of(bodies))
  if (random.chance(10)) out.reverse()
  return join(out.map((body) => framed(body, header)))
}

/** The frames of a stream, with their lengths; what is left over is one more. */
export function split(bytes: Uint8Array, header: 2 | 4): Uint8Array[] {
  const frames: Uint8Array[] = []
  let at = 0
  while (at + header <= bytes.length) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at)
    const end = at + header + (header === 2 ? view.getUint16(0) : view.getUint32(0))
    if (end > bytes.length) break
    frames.push(bytes.subarray(at, end))
    at = end
  }
  return frames.length === 0 ? [bytes] : frames
}

export function framed(body: Uint8Array, header: 2 | 4): Uint8Array {
  const frame = new Uint8Array(header + body.length)
  const view = new DataView(frame.buffer)
  if (header === 2) view.setUint16(0, body.length & 0xffff)
  else view.setUint32(0, body.length)
  frame.set(body, header)
  return frame
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
