/**
 * Readers of objects with known keys: each step over its keys by comparing them with the bytes they had, and makes the object with all of its values at once.
 *
 * ```ts
 * const read = objectReader(keys)   // of { id, name }
 * read?.(decoder, depth)            // { id: 4711, name: "Ada" }; or, when a key is another one, the values before it: [4711]
 * ```
 *
 * The decoder stands behind the first key then, and afterwards behind the object, or at the key that is another one.
 */
import type { Fields } from "../term/index.ts"
import { Generated } from "../term/index.ts"
import type { Decoder } from "./decoder.ts"
import type { KnownKey } from "./known-keys.ts"
import { SMALL_ATOM_UTF8 } from "./tags.ts"

export type ObjectReader = (decoder: Decoder, depth: number) => Fields | readonly unknown[]

/** Some 5 KB each. */
const readers = new Generated<ObjectReader>(500)

/** A reader of objects with these keys, which must be plain and all different; undefined when there can be no more of them. */
export function objectReader(keys: readonly KnownKey[]): ObjectReader | undefined {
  return readers.make(JSON.stringify(keys.map(({ text }) => text)), () => source(keys))
}

function source(keys: readonly KnownKey[]): string {
  const values = keys.map((_, i) => `v${i}`)
  const steps = keys.map(({ packed }, i) =>
    i === 0
      ? "const v0 = d.term(depth)"
      : `at = d.at
         if (${another(packed)}) return [${values.slice(0, i)}]
         d.at = at + ${2 + packed[0]!}
         const v${i} = d.term(depth)`,
  )
  const fields = keys.map(({ text }, i) => `${JSON.stringify(text)}: v${i}`)
  return `(d, depth) => {
    const { bytes, end } = d
    let at
    ${steps.join("\n")}
    return { ${fields} }
  }`
}

/** A condition: that another atom than this one is at `at`, or none. */
function another(packed: readonly number[]): string {
  const n = packed[0]!
  const tests = [`at + ${2 + n} > end`, `bytes[at] !== ${SMALL_ATOM_UTF8}`, `bytes[at + 1] !== ${n}`]
  for (let i = 0; i < n; i += 4) {
    const bytes = Array.from({ length: Math.min(4, n - i) }, (_, k) => `bytes[at + ${2 + i + k}] << ${24 - 8 * k}`)
    tests.push(`(${bytes.join(" | ")}) !== ${packed[1 + i / 4]}`)
  }
  return tests.join(" || ")
}
