/**
 * Erlang's order of all terms.
 *
 * ```ts
 * [atom("b"), 3, "text", [1], tuple(1)].sort(compare)   // 3, b, {1}, [1], <<"text">>
 * ```
 *
 * number < atom < reference < function < port < pid < tuple < map < list < bit string. Numbers by value, so `1` and `float(1)` are neither
 * less; tuples by size, then elements; maps by size, then keys, then values; lists element by element.
 * Closures, which cannot be looked into, are ordered by their bytes.
 */
import { atomText, atomValue, isAtomValue } from "./atom-values.ts"
import { BitString } from "./bit-string.ts"
import { defaultStructs, fieldsOf } from "./builtin-structs.ts"
import { Float } from "./float.ts"
import { Export, Fun } from "./functions.ts"
import { Pid, Port, Ref } from "./identifiers.ts"
import { ImproperList } from "./lists.ts"
import { Name } from "./name.ts"
import { refusal } from "./not-a-term.ts"
import type { Fields } from "./structs.ts"
import { Tuple } from "./tuple.ts"
import { bytes } from "./utf8.ts"

/**
 * Less than 0 when `a` comes first, 0 when neither does. For `Array.sort`, which puts `undefined` last
 * without asking. @throws NotATerm for what is no term.
 */
export function compare(a: unknown, b: unknown): number {
  return a === b ? 0 : order(a, b, false)
}

const enumerated = ["number", "atom", "reference", "function", "port", "pid", "tuple", "map", "list", "bits"] as const
type Kind = (typeof enumerated)[number]

/** `exact` is the order of map keys, where an integer comes before all floats. */
function order(a: unknown, b: unknown, exact: boolean): number {
  const kind = kindOf(a)
  const other = kindOf(b)
  if (kind !== other) return enumerated.indexOf(kind) - enumerated.indexOf(other)
  switch (kind) {
    case "number":
      return compareNumbers(a, b, exact)
    case "atom":
      return compareText(textOfAtom(a), textOfAtom(b))
    case "reference":
      return compareRefs(a as Ref, b as Ref)
    case "function":
      return compareFunctions(a as Fun | Export, b as Fun | Export)
    case "port":
      return compareNodes(a as Port, b as Port) || sign((a as Port).id, (b as Port).id)
    case "pid":
      return comparePids(a as Pid, b as Pid)
    case "tuple":
      return compareTuples(elementsOf(a), elementsOf(b), exact)
    case "map":
      return compareMaps(entriesOf(a as object), entriesOf(b as object), exact)
    case "list":
      return compareLists(a, b, exact)
    case "bits":
      return compareBits(a, b)
  }
}

function kindOf(term: unknown): Kind {
  if (typeof term === "number" || typeof term === "bigint" || term instanceof Float) return "number"
  if (typeof term === "string" || term instanceof Uint8Array || term instanceof BitString) return "bits"
  if (isAtomValue(term)) return "atom"
  if (typeof term !== "object") throw refusal(term)
  if (Array.isArray(term) || term instanceof ImproperList) return "list"
  if (term instanceof Tuple) return "tuple"
  if (term instanceof Name) return term.node === undefined ? "atom" : "tuple"
  if (term instanceof Pid) return "pid"
  if (term instanceof Ref) return "reference"
  if (term instanceof Port) return "port"
  if (term instanceof Fun || term instanceof Export) return "function"
  return "map"
}

const sign = <T extends number | bigint | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

function compareNumbers(a: unknown, b: unknown, exact: boolean): number {
  const one = a instanceof Float ? a.value : (a as number | bigint)
  const other = b instanceof Float ? b.value : (b as number | bigint)
  const found = one < other ? -1 : one > other ? 1 : 0
  if (!exact) return found
  const [isFloat, otherIsFloat] = [isFloatTerm(a), isFloatTerm(b)]
  return isFloat === otherIsFloat ? found : isFloat ? 1 : -1
}

const isFloatTerm = (term: unknown): boolean =>
  term instanceof Float || (typeof term === "number" && !Number.isSafeInteger(term))

const textOfAtom = (term: unknown): string =>
  term instanceof Name ? term.name + (term.key?.text ?? "") : isAtomValue(term) ? atomText(term) : ""

/** By code points, as UTF-8 is ordered; JavaScript would order by halves of surrogate pairs. */
function compareText(a: string, b: string): number {
  if (a === b) return 0
  const [one, other] = [[...a], [...b]]
  for (let i = 0; i < one.length && i < other.length; i++) {
    const found = one[i]!.codePointAt(0)! - other[i]!.codePointAt(0)!
    if (found !== 0) return found
  }
  return one.length - other.length
}

function compareNodes(a: { node: string; creation: number }, b: { node: string; creation: number }): number {
  return compareText(a.node, b.node) || sign(a.creation, b.creation)
}

function comparePids(a: Pid, b: Pid): number {
  return sign(a.serial, b.serial) || sign(a.id, b.id) || compareNodes(a, b)
}

function compareRefs(a: Ref, b: Ref): number {
  const nodes = compareNodes(a, b)
  if (nodes !== 0) return nodes
  for (let i = Math.max(a.words.length, b.words.length) - 1; i >= 0; i--) {
    const found = sign(a.words[i] ?? 0, b.words[i] ?? 0)
    if (found !== 0) return found
  }
  return 0
}

function compareFunctions(a: Fun | Export, b: Fun | Export): number {
  if (a instanceof Export && b instanceof Export) {
    return compareText(a.module, b.module) || compareText(a.name, b.name) || a.arity - b.arity
  }
  if (a instanceof Fun && b instanceof Fun) {
    return compareText(a.module, b.module) || compareBytes(a.external, b.external)
  }
  return a instanceof Fun ? -1 : 1
}

function elementsOf(term: unknown): readonly unknown[] {
  return term instanceof Name ? [atomValue(term.name), atomValue(term.node!)] : (term as Tuple).elements
}

function compareAll(a: readonly unknown[], b: readonly unknown[], exact: boolean): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const found = order(a[i], b[i], exact)
    if (found !== 0) return found
  }
  return 0
}

const compareTuples = (a: readonly unknown[], b: readonly unknown[], exact: boolean): number =>
  a.length - b.length || compareAll(a, b, exact)

function entriesOf(term: object): [unknown, unknown][] {
  if (term instanceof Map) return [...term]
  const fields = fieldsOf(term, defaultStructs) ?? (term as Fields)
  return Object.keys(fields).map((key) => [atomValue(key), fields[key]])
}

function compareMaps(a: [unknown, unknown][], b: [unknown, unknown][], exact: boolean): number {
  if (a.length !== b.length) return a.length - b.length
  const byKey = (one: [unknown, unknown], other: [unknown, unknown]): number => order(one[0], other[0], true)
  a.sort(byKey)
  b.sort(byKey)
  const keys = compareAll(a.map(first), b.map(first), true)
  return keys !== 0 ? keys : compareAll(a.map(second), b.map(second), exact)
}

const first = (entry: [unknown, unknown]): unknown => entry[0]
const second = (entry: [unknown, unknown]): unknown => entry[1]

function compareLists(a: unknown, b: unknown, exact: boolean): number {
  const one = a instanceof ImproperList ? a.elements : (a as unknown[])
  const other = b instanceof ImproperList ? b.elements : (b as unknown[])
  const found = compareAll(one, other, exact)
  if (found !== 0) return found
  // What is left of each behind their common length: nothing, more elements, or the tail of an improper list.
  const common = Math.min(one.length, other.length)
  const [rest, otherRest] = [restOf(a, one, common), restOf(b, other, common)]
  if (rest === MORE || otherRest === MORE) {
    if (rest === otherRest) return 0
    const tail = rest === MORE ? otherRest : rest
    // A list with elements comes after the empty list and after all that is no list but bit strings.
    const listFirst = kindOf(tail) === "bits"
    return (rest === MORE) === listFirst ? -1 : 1
  }
  if (Array.isArray(rest) && Array.isArray(otherRest)) return 0
  return order(rest, otherRest, exact)
}

const MORE = Symbol("more elements")

function restOf(list: unknown, elements: readonly unknown[], from: number): unknown {
  if (elements.length > from) return MORE
  return list instanceof ImproperList ? list.tail : []
}

function compareBits(a: unknown, b: unknown): number {
  const [one, other] = [bitsOf(a), bitsOf(b)]
  const shorter = Math.min(one.bytes.length, other.bytes.length)
  for (let i = 0; i < shorter; i++) {
    const found = one.bytes[i]! - other.bytes[i]!
    // The unused bits of a last byte are zero, so that a shorter bit string is less or equal here, never more.
    if (found !== 0) return found
  }
  return one.size - other.size
}

function bitsOf(term: unknown): { bytes: Uint8Array; size: number } {
  if (term instanceof BitString) return { bytes: term.bytes, size: (term.bytes.length - 1) * 8 + term.bits }
  const whole = bytes(term as string | Uint8Array)
  return { bytes: whole, size: whole.length * 8 }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}
