/**
 * Writers of objects with known keys: the keys are in the code, as the numbers that they are written as.
 *
 * ```ts
 * const writer = objectWriter(keys)                 // of { id, name }; undefined when there can be no more of them
 * const end = writer(encoder, object, at, depth)
 * ```
 *
 * They are part of the encoder, so to speak, and reach for what it keeps to itself: its bytes, room and atoms, and the key that it wrote last.
 */

import { Generated } from "../term/index.ts"
import type { Encoder } from "./encoder.ts"
import { SPARE } from "./output.ts"
import type { PackedKey } from "./packed-keys.ts"
import { MAP } from "./tags.ts"

/**
 * Writes `object` from `at` on, and says where it ends: `NOT_SUCH` when it is no plain object, or has other keys. Its values stand at `depth`.
 */
export type ObjectWriter = (
  encoder: Encoder,
  object: Readonly<Record<string, unknown>>,
  at: number,
  depth: number,
) => number

export const NOT_SUCH = -1

/** Larger ones are written key by key. */
const KEYS_MAX = 16

/** Some 5 KB each. */
const writers = new Generated<(keys: readonly PackedKey[]) => ObjectWriter>(500)

/** A writer of objects with these keys. */
export function objectWriter(keys: readonly PackedKey[]): ObjectWriter | undefined {
  if (keys.length > KEYS_MAX) return undefined
  return writers.make(JSON.stringify(keys.map(({ text }) => text)), () => source(keys))?.(keys)
}

function source(keys: readonly PackedKey[]): string {
  const steps = keys.map(({ text, packed: [n, ...words] }, i) => {
    const room = n! + 3 + SPARE
    const puts = words.map((word, k) => `view.setInt32(at + ${4 * k}, ${word})`)
    return `key = ${i}
      if (atoms !== undefined) atoms.count(${JSON.stringify(text)})
      ${i === 0 ? "" : `value = object[${JSON.stringify(text)}]`}
      if (at + ${room} > e.room) e.grow(at, ${room})
      view = e.view
      ${puts.join("\n")}
      if (typeof value === "object") e.last = keys[${i}]
      at = e.putValue(value, at + ${n}, depth)`
  })
  const tests = keys.map(({ text }, i) => `case ${i}: if (key !== ${JSON.stringify(text)}) return ${NOT_SUCH}; break`)
  return `(keys) => (e, object, at, depth) => {
    let i = 0
    for (const key in object) {
      switch (i++) {
        ${tests.join("\n")}
        default: return ${NOT_SUCH}
      }
    }
    if (i !== ${keys.length}) return ${NOT_SUCH}
    // Read first: V8 then knows what kind of object it is, and need not look for its prototype.
    let value = object[${JSON.stringify(keys[0]!.text)}]
    if (Object.getPrototypeOf(object) !== Object.prototype) return ${NOT_SUCH}
    e.enter(depth - 1)
    const { atoms } = e
    let key
    let view = e.view
    e.bytes[at] = ${MAP}
    view.setInt32(at + 1, ${keys.length})
    at += 5
    try {
      ${steps.join("\n")}
    } catch (error) {
      throw e.within(error, keys[key].text)
    }
    e.last = keys[${keys.length - 1}]
    return at
  }`
}
