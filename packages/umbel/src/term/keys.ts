/**
 * When two keys of a map are one term.
 *
 * ```ts
 * new Map<unknown, string>([[1, "a"], [1n, "b"]])   // two keys here, one to Erlang: refused
 * ```
 *
 * A `Map` tells its keys apart by identity, Erlang by their value, and a map that holds one key twice ends the connection to a
 * BEAM node. Keys that are strings, plain numbers or atoms cannot collide and cost one look; for all others each key is
 * written as a text that is equal for equal terms.
 */
import { isAtom } from "./atom.ts"
import { atomText, isAtomValue } from "./atom-values.ts"
import { BitString } from "./bit-string.ts"
import { fieldsOf } from "./builtin-structs.ts"
import { Float } from "./float.ts"
import { Export, Fun } from "./functions.ts"
import { Pid, Port, Ref } from "./identifiers.ts"
import { ImproperList } from "./lists.ts"
import { Name } from "./name.ts"
import { refusal } from "./not-a-term.ts"
import type { Structs } from "./structs.ts"
import { Tuple } from "./tuple.ts"
import { textOf } from "./utf8.ts"

/** Whether some key of the map occurs twice as a term. @internal */
export function hasEqualKeys(map: ReadonlyMap<unknown, unknown>, structs: Structs): boolean {
  let simple = true
  for (const key of map.keys()) {
    if (isSimple(key)) continue
    simple = false
    break
  }
  if (simple) return false
  const seen = new Set<string>()
  for (const key of map.keys()) {
    const text = keyText(key, structs)
    if (seen.has(text)) return true
    seen.add(text)
  }
  return false
}

/** Keys that are equal only when JavaScript says so. */
function isSimple(key: unknown): boolean {
  switch (typeof key) {
    case "string":
    case "number":
    case "boolean":
    case "undefined":
      return true
    default:
      return key === null || isAtom(key)
  }
}

/**
 * A text that is the same for equal terms and differs for others. The term must have passed the copier or the codec: it is
 * neither cyclic nor too deep.
 * @internal
 */
export function keyText(term: unknown, structs: Structs): string {
  switch (typeof term) {
    case "string":
      return `b${term.length}:${term}`
    case "number":
      // A whole number that is not safe is sent as a float, and would otherwise look like the integer of a bigint.
      return Number.isSafeInteger(term) ? `i${term === 0 ? 0 : term}` : `f${term}`
    case "bigint":
      return `i${term}`
    case "object":
      if (term !== null && !isAtom(term)) return objectText(term, structs)
  }
  if (!isAtomValue(term)) throw refusal(term)
  const text = atomText(term)
  return `a${text.length}:${text}`
}

function objectText(term: object, structs: Structs): string {
  const all = (terms: readonly unknown[]): string => terms.map((each) => keyText(each, structs)).join(",")
  if (Array.isArray(term)) return `[${all(term)}]`
  if (term instanceof Tuple) return `{${all(term.elements)}}`
  if (term instanceof Float) return `f${term.value}`
  if (term instanceof Uint8Array) {
    const text = textOf(term)
    return text === undefined ? `x${hex(term)}` : `b${text.length}:${text}`
  }
  if (term instanceof Map)
    return mapText([...term].map(([key, value]) => [keyText(key, structs), keyText(value, structs)]))
  if (term instanceof Pid) return `p${term.key.length}:${term.key}`
  if (term instanceof Ref) return `r${term.key.length}:${term.key}`
  if (term instanceof Port) return `o${term.key.length}:${term.key}`
  if (term instanceof Export) return `e${term.key.length}:${term.key}`
  if (term instanceof Fun) return `u${hex(term.external)}`
  if (term instanceof BitString) return `s${term.bits}:${hex(term.bytes)}`
  if (term instanceof ImproperList) return `[${all(term.elements)}|${keyText(term.tail, structs)}]`
  if (term instanceof Name) {
    // As a BEAM sees it, since there it could meet the tuple or the atom that it is written as.
    const name = `a${term.name.length}:${term.name}`
    if (term.key !== undefined) return `v{${name},${term.key.text}}`
    return term.node === undefined ? name : `{${name},a${term.node.length}:${term.node}}`
  }
  const fields = fieldsOf(term, structs) ?? (term as Record<string, unknown>)
  return mapText(Object.keys(fields).map((key) => [`a${key.length}:${key}`, keyText(fields[key], structs)]))
}

const mapText = (entries: [string, string][]): string =>
  `#{${entries
    .map(([key, value]) => `${key}=>${value}`)
    .sort()
    .join(",")}}`

function hex(bytes: Uint8Array): string {
  let text = ""
  for (const byte of bytes) text += (byte + 256).toString(16).slice(1)
  return text
}
