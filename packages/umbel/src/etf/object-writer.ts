/**
 * Writers of objects with known keys: the keys are in the code, as the numbers that they are written as.
 *
 * ```ts
 * const writer = objectWriter(keys, { id: 1, name: "Ann" })   // undefined when there can be no more of them
 * const end = writer(encoder, object, at, depth)
 * ```
 *
 * They are part of the encoder, so to speak, and reach for what it keeps to itself: its bytes, room and atoms, and the key that it wrote last.
 */

import { Generated } from "../term/index.ts"
import type { Encoder } from "./encoder.ts"
import { SHORT_TEXT, SPARE } from "./output.ts"
import type { PackedKey } from "./packed-keys.ts"
import { BINARY, MAP } from "./tags.ts"
import { utf8Atom } from "./utf8-atom.ts"

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

/** By keys and kinds. One of eight keys holds some 40 KB, machine code and all, once it is hot. */
const writers = new Generated<(keys: readonly PackedKey[]) => ObjectWriter>(300)

/**
 * What a value is most likely to be again, as it was in the object that the writer is made of. Its code is in the writer; whatever else comes there is
 * written by the encoder.
 */
type Kind = "text" | "number" | "boolean" | "object" | "plain" | "other"

function kindOf(value: unknown): Kind {
  if (typeof value === "string") return "text"
  if (typeof value === "number") return "number"
  if (typeof value === "boolean") return "boolean"
  if (typeof value !== "object" || value === null) return "other"
  return Object.getPrototypeOf(value) === Object.prototype ? "plain" : "object"
}

/** A writer of objects with these keys, and best with values such as `object` has. */
export function objectWriter(
  keys: readonly PackedKey[],
  object: Readonly<Record<string, unknown>>,
): ObjectWriter | undefined {
  if (keys.length > KEYS_MAX) return undefined
  const kinds = keys.map(({ text }) => kindOf(object[text]))
  return writers.make(JSON.stringify([keys.map(({ text }) => text), kinds]), () => source(keys, kinds))?.(keys)
}

function source(keys: readonly PackedKey[], kinds: readonly Kind[]): string {
  const texts = keys.map(({ text }) => JSON.stringify(text))
  const tests = texts.map((text, i) => `case ${i}: if (key !== ${text}) return ${NOT_SUCH}; break`)
  const counts = texts.map((text, i) => `key = ${i}; atoms.count(${text})`)
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
    let value = object[${texts[0]}]
    if (Object.getPrototypeOf(object) !== Object.prototype) return ${NOT_SUCH}
    e.enter(depth - 1)
    const { atoms } = e
    let { bytes, view, room } = e
    let key = 0, end = 0, n = 0, all = 0, start = 0
    bytes[at] = ${MAP}
    view.setInt32(at + 1, ${keys.length})
    at += 5
    try {
      if (atoms !== undefined) { ${counts.join("\n")} }
      ${keys.map((key, i) => step(key, i, kinds[i]!)).join("\n")}
    } catch (error) {
      throw e.within(error, keys[key].text)
    }
    e.last = keys[${keys.length - 1}]
    return at
  }`
}

/** The bytes of the variables, which another function may have replaced. */
const REFRESH = "bytes = e.bytes; view = e.view; room = e.room"

/** Writes the key of number `i` and its value. */
function step({ text }: PackedKey, i: number, kind: Kind): string {
  const key = [...utf8Atom(text)]
  const behind = `at + ${key.length}`
  const room = key.length + Math.max(SPARE, TEXT_HEAD.length + SHORT_TEXT) + PUT_TOO_FAR
  // What comes after a key is told by the key: the encoder takes it from there.
  const general = `
    ${puts(key)}
    if (typeof value === "object") e.last = keys[${i}]
    at = e.putValue(value, ${behind}, depth)
    ${REFRESH}`
  const begin = `
    key = ${i}
    ${i === 0 ? "" : `value = object[${JSON.stringify(text)}]`}
    if (at + ${room} > room) { e.grow(at, ${room}); ${REFRESH} }`
  switch (kind) {
    case "text":
      return `${begin}
        end = -1
        if (typeof value === "string" && (n = value.length) <= ${SHORT_TEXT}) {
          ${puts([...key, ...TEXT_HEAD])}
          start = ${behind} + ${TEXT_HEAD.length}
          bytes[start - 1] = n
          all = 0
          for (let j = 0; j < n; j++) {
            const code = value.charCodeAt(j)
            all |= code
            bytes[start + j] = code
          }
          if (all <= 0x7f) end = start + n
        }
        if (end >= 0) at = end
        else { ${general} }`
    case "number":
      return `${begin}
        if (typeof value === "number") {
          ${puts(key)}
          at = e.putNumber(value, ${behind})
        } else { ${general} }`
    case "boolean":
      return `${begin}
        if (value === true) {
          ${puts([...key, ...TRUE])}
          at += ${key.length + TRUE.length}
        } else { ${general} }`
    case "object":
      return `${begin}
        if (typeof value === "object" && value !== null) {
          ${puts(key)}
          e.last = keys[${i}]
          at = e.putObject(value, ${behind}, depth)
          ${REFRESH}
        } else { ${general} }`
    case "plain":
      // Not the keys of arrays and bytes, which are as many as they are long.
      return `${begin}
        end = -1
        if (keys[${i}].writer !== undefined && typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)) {
          ${puts(key)}
          e.last = keys[${i}]
          end = keys[${i}].writer(e, value, ${behind}, depth + 1)
          ${REFRESH}
        }
        if (end >= 0) at = end
        else { ${general} }`
    case "other":
      return `${begin} ${general}`
  }
}

/** The head of a short text, but for the lowest byte of its length. */
const TEXT_HEAD = [BINARY, 0, 0, 0, 0]
const TRUE = utf8Atom("true")

/** How far {@link puts} may write behind what it was given, in bytes. */
const PUT_TOO_FAR = 7

/**
 * Writes constant bytes from `at` on, eight and four at a time, and zeros behind them. Eight of them are never NaN, whose bits V8 might change: that would
 * take 0xf0 or more in front of 0x7f or 0xff, which UTF-8 has nowhere.
 */
function puts(bytes: readonly number[]): string {
  const eight = new DataView(new ArrayBuffer(8))
  const code: string[] = []
  for (let from = 0; from < bytes.length; ) {
    for (let k = 0; k < 8; k++) eight.setUint8(k, bytes[from + k] ?? 0)
    const wide = bytes.length - from > 4
    code.push(
      wide
        ? `view.setFloat64(at + ${from}, ${eight.getFloat64(0, true)}, true)`
        : `view.setInt32(at + ${from}, ${eight.getInt32(0, true)}, true)`,
    )
    from += wide ? 8 : 4
  }
  return code.join("\n")
}
