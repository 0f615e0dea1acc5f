import { createHash } from "node:crypto"
import fc from "fast-check"
import { expect } from "vitest"

export const md5 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("md5").update(bytes).digest())

/** The bytes that a string of hexadecimal digits stands for; white space is ignored. */
export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replace(/\s/g, ""), "hex"))

export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

export const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

/** `bytes` cut at these positions. */
export function cutAt(bytes: Uint8Array, positions: readonly number[]): readonly Uint8Array[] {
  const sorted = [0, ...[...positions].sort((a, b) => a - b), bytes.length]
  return sorted.slice(1).map((end, i) => bytes.slice(sorted[i], end))
}

/**
 * That a decoder gives the same events however its input is cut: whole, byte by byte, and at random. Each chunk is scribbled
 * over after it was fed, so that a decoder which kept a part of it instead of a copy is found out.
 */
export function expectSameForAnyCut<T>(bytes: Uint8Array, make: () => (chunk: Uint8Array, events: T[]) => void): T[] {
  const run = (chunks: readonly Uint8Array[]): T[] => {
    const events: T[] = []
    const feed = make()
    for (const chunk of chunks) {
      const lent = chunk.slice()
      feed(lent, events)
      lent.fill(0xee)
    }
    return events
  }
  const whole = run([bytes])
  const single = Array.from(bytes, (byte) => Uint8Array.of(byte))
  expect(run(single)).toEqual(whole)
  fc.assert(
    fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), (positions) => {
      expect(run(cutAt(bytes, positions))).toEqual(whole)
    }),
    { numRuns: 50 },
  )
  return whole
}
