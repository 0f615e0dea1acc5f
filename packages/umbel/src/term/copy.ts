/**
 * Copies what is sent to a process of the same node, so that sender and receiver never hold the same thing.
 *
 * ```ts
 * const received = copy({ id: 1, tags: ["a"] })
 * copy([1, 2, { socket }])   // NotATerm: message[2].socket cannot be sent: …
 * ```
 *
 * A copy is *defined* as `decode(encode(term, "umbel"))`, and made without the bytes. So a `1n` arrives as `1`, a `-0` as `0`, `float(1)` as
 * `1`, empty bytes as `""`, a `Map` with atoms for keys as an object, an instance of a registered class as a fresh one. What is immutable all
 * the way down is not copied; nor is what {@link share} froze.
 */
import { Atom, isAtom } from "./atom.ts"
import { type AtomValue, atomText, isAtomValue } from "./atom-values.ts"
import { BitString, bitString } from "./bit-string.ts"
import { defaultStructs, fieldsOf, revive } from "./builtin-structs.ts"
import { Float } from "./float.ts"
import { Export, Fun } from "./functions.ts"
import { Pid, Port, Ref } from "./identifiers.ts"
import { hasEqualKeys } from "./keys.ts"
import { ImproperList, improperOver } from "./lists.ts"
import { Local } from "./local.ts"
import { Name } from "./name.ts"
import {
  atomObjection,
  DEPTH_MAX,
  equalKeys,
  hole,
  INTEGER_BYTES_MAX,
  loneSurrogate,
  NotATerm,
  PARTS_MAX,
  refusal,
  tooDeep,
  tooLongInteger,
  tooManyParts,
} from "./not-a-term.ts"
import { NONE, ObjectCopiers } from "./object-copier.ts"
import { isPlainArray, isPlainObject, isPrototypePolluted } from "./plain-object.ts"
import { isShared } from "./shared-mark.ts"
import { define, type Fields, type Structs } from "./structs.ts"
import { Tuple, tupleOver } from "./tuple.ts"
import { isWellFormed } from "./well-formed.ts"

export interface CopyOptions {
  readonly structs?: Structs | undefined
  /** What the term is called in errors: "message" unless said otherwise. */
  readonly root?: string | undefined
  /** Copies what was shared, too, so that the copy is the receiver's to change. */
  readonly fresh?: boolean | undefined
  /** How many compound parts it may have. {@link PARTS_MAX} unless said otherwise. */
  readonly parts?: number | undefined
}

const KEY_LENGTH_SAFE = 255
const INTEGER_LIMIT = 1n << BigInt(INTEGER_BYTES_MAX * 8)
const NEGATIVE_LIMIT = -INTEGER_LIMIT

/** What a run of the copier carries along. @internal */
export interface Run {
  readonly structs: Structs
  readonly fresh: boolean
  /** Whether `for … in` shows keys that no object has of its own. */
  readonly polluted: boolean
  left: number
}

/**
 * A copy of `term`, or `term` itself where nobody could tell.
 * @throws NotATerm with the path to what is no term.
 */
export function copy<T>(term: T, options?: CopyOptions): T {
  try {
    // The common small messages need no run.
    if (typeof term !== "object" || term === null) return leaf(term) as T
    return copyObject(term, 0, {
      structs: options?.structs ?? defaultStructs,
      fresh: options?.fresh === true,
      polluted: isPrototypePolluted(),
      left: options?.parts ?? PARTS_MAX,
    }) as T
  } catch (error) {
    if (error instanceof NotATerm) throw error.complete(options?.root)
    // The caller stood deep in the stack already; the depth limit leaves room for all others.
    if (error instanceof RangeError && error.message.includes("call stack")) throw tooDeep().complete(options?.root)
    throw error
  }
}

/** Whether a copy of `term` would be `term` itself. */
export function isImmutable(term: unknown): boolean {
  switch (typeof term) {
    case "string":
      return isWellFormed(term)
    case "number":
      return Number.isFinite(term) && !Object.is(term, -0)
    case "bigint":
      return leaf(term) === term
    case "boolean":
    case "undefined":
      return true
    case "object":
      return term === null || isImmutableObject(term)
    default:
      return false
  }
}

function isImmutableObject(term: object): boolean {
  if (term instanceof Tuple) return (term.immutable ??= isImmutableTuple(term))
  return isOpaque(term) || isShared(term)
}

function isImmutableTuple(term: Tuple): boolean {
  for (const element of term.elements) if (!isImmutable(element)) return false
  return true
}

/** Terms without parts that anyone could change. A `Local` is handed over as it is: that is what it is for. */
function isOpaque(term: object): boolean {
  return (
    isAtom(term) ||
    term instanceof Pid ||
    term instanceof Ref ||
    term instanceof Name ||
    term instanceof Port ||
    term instanceof Export ||
    term instanceof Fun ||
    term instanceof Local
  )
}

/** Checks a term that is no object, and gives it in its one form. */
function leaf(term: unknown): unknown {
  switch (typeof term) {
    case "string":
      if (!isWellFormed(term)) throw loneSurrogate()
      return term
    case "number":
      // NaN and the infinities are the numbers that leave something when taken from themselves.
      if (term - term !== 0) throw refusal(term)
      return term === 0 ? 0 : term
    case "bigint": {
      if (term >= INTEGER_LIMIT || term <= NEGATIVE_LIMIT) throw tooLongInteger()
      const number = Number(term)
      return Number.isSafeInteger(number) ? number : term
    }
    case "boolean":
    case "undefined":
      return term
    default:
      if (term === null) return null
      throw refusal(term)
  }
}

function copyAny(term: unknown, depth: number, run: Run): unknown {
  return typeof term === "object" && term !== null ? copyObject(term, depth, run) : leaf(term)
}

function copyObject(term: object, depth: number, run: Run): unknown {
  const prototype: unknown = Object.getPrototypeOf(term)
  if (prototype === Object.prototype) return copyPlain(term as Fields, depth, run)
  if (prototype === Array.prototype) return copyArray(term as unknown[], depth, run)
  if (term instanceof Atom) return term
  if (term instanceof Tuple) return copyTuple(term, depth, run)
  if (isOpaque(term)) return term
  return copyRare(term, depth, run)
}

function copyRare(term: object, depth: number, run: Run): unknown {
  if (term instanceof Uint8Array) return term.length === 0 ? "" : new Uint8Array(term)
  if (term instanceof Map) return copyMap(term, depth, run)
  if (term instanceof Float) return term.value
  if (term instanceof BitString) return bitString(term.bytes, term.bits)
  if (term instanceof ImproperList) {
    enter(depth, run)
    const elements = copyAll(term.elements, depth, run)
    try {
      return improperOver(elements, copyAny(term.tail, depth + 1, run))
    } catch (error) {
      throw error instanceof NotATerm ? error.within({ kind: "member", name: "tail" }) : error
    }
  }
  if (isPlainObject(term)) return copyPlain(term, depth, run)
  if (isPlainArray(term)) return copyArray(term, depth, run)
  const fields = fieldsOf(term, run.structs)
  if (fields === undefined) throw refusal(term)
  return copyPlain(fields, depth, run)
}

function enter(depth: number, run: Run): void {
  if (depth >= DEPTH_MAX) throw tooDeep()
  if (--run.left < 0) throw tooManyParts()
}

function copyPlain(object: Fields, depth: number, run: Run): unknown {
  if (!run.polluted) {
    const copied = known.copy(object, depth, run)
    if (copied !== NONE) return copied
  }
  if (isShared(object) && !run.fresh) return object
  enter(depth, run)
  const copied: Fields = {}
  let struct = false
  let key = ""
  try {
    for (key in object) {
      if (run.polluted && !Object.hasOwn(object, key)) continue
      if (key.length > KEY_LENGTH_SAFE || !isWellFormed(key)) refuseKey(key)
      const value = object[key]
      const own = typeof value === "object" && value !== null ? copyObject(value, depth + 1, run) : leaf(value)
      if (key === "__proto__") define(copied, key, own)
      else copied[key] = own
      if (key === "__struct__") struct = true
    }
  } catch (error) {
    throw withinKey(error, key)
  }
  if (struct) return revive(copied, run.structs)
  if (!run.polluted) known.learn(object)
  return copied
}

const withinKey = (error: unknown, key: string): unknown =>
  error instanceof NotATerm ? error.within({ kind: "key", key }) : error

/** The objects that come often. */
const known = new ObjectCopiers({ object: copyObject, leaf, enter, isShared, within: withinKey })

function refuseKey(key: string): void {
  const objection = atomObjection(key)
  if (objection !== undefined) throw objection
}

function copyArray(list: readonly unknown[], depth: number, run: Run): readonly unknown[] {
  if (list.length === 0) return []
  if (isShared(list) && !run.fresh) return list
  enter(depth, run)
  return copyAll(list, depth, run)
}

function copyAll(elements: readonly unknown[], depth: number, run: Run): unknown[] {
  const copied: unknown[] = []
  let i = 0
  try {
    for (const n = elements.length; i < n; i++) {
      const element = elements[i]
      if (element === undefined && !(i in elements)) throw hole()
      copied.push(typeof element === "object" && element !== null ? copyObject(element, depth + 1, run) : leaf(element))
    }
  } catch (error) {
    throw error instanceof NotATerm ? error.within({ kind: "index", index: i }) : error
  }
  return copied
}

function copyTuple(term: Tuple, depth: number, run: Run): Tuple {
  if (term.immutable === undefined) term.immutable = isImmutableTuple(term)
  if (term.immutable && !run.fresh) return term
  enter(depth, run)
  return tupleOver(copyAll(term.elements, depth, run))
}

function copyMap(map: ReadonlyMap<unknown, unknown>, depth: number, run: Run): unknown {
  if (allAtoms(map)) return copyToObject(map, depth, run)
  enter(depth, run)
  const copied = new Map<unknown, unknown>()
  for (const [key, value] of map) {
    let ownKey: unknown
    try {
      // 1 and 1.0 are two keys, and a number cannot say which it is.
      ownKey = key instanceof Float && Number.isSafeInteger(key.value) ? key : copyAny(key, depth + 1, run)
    } catch (error) {
      throw error instanceof NotATerm ? error.within({ kind: "member", name: "keys()" }) : error
    }
    try {
      copied.set(ownKey, copyAny(value, depth + 1, run))
    } catch (error) {
      throw error instanceof NotATerm ? error.within({ kind: "entry", key }) : error
    }
  }
  if (copied.size !== map.size || hasEqualKeys(copied, run.structs)) throw equalKeys()
  return copied
}

function allAtoms(map: ReadonlyMap<unknown, unknown>): map is ReadonlyMap<AtomValue, unknown> {
  for (const key of map.keys()) if (!isAtomValue(key)) return false
  return true
}

/** A map whose keys are all atoms is an object for whoever reads it. */
function copyToObject(map: ReadonlyMap<AtomValue, unknown>, depth: number, run: Run): unknown {
  enter(depth, run)
  const copied: Fields = {}
  for (const [key, value] of map) {
    try {
      define(copied, atomText(key), copyAny(value, depth + 1, run))
    } catch (error) {
      throw error instanceof NotATerm ? error.within({ kind: "entry", key }) : error
    }
  }
  return Object.hasOwn(copied, "__struct__") ? revive(copied, run.structs) : copied
}
