/**
 * Copiers of objects with known keys: the keys are in the code, so that nothing is looked up, and the copy is made with all of its values at once.
 *
 * ```ts
 * const copiers = new ObjectCopiers(parts)          // how values are copied
 * copiers.copy({ id: 1, name: "Ada" }, 0, run)      // NONE, the first times
 * copiers.learn(object)                             // one more of its kind was copied key by key
 * copiers.copy({ id: 2, name: "Bob" }, 0, run)      // { id: 2, name: "Bob" }, once they have come often
 * ```
 */
import type { Run } from "./copy.ts"
import { Generated } from "./generated.ts"
import type { Fields } from "./structs.ts"

/** No copier knows the object. */
export const NONE: unique symbol = Symbol("none")

/** What a copier leaves to others. */
export interface Parts {
  readonly object: (term: object, depth: number, run: Run) => unknown
  readonly leaf: (term: unknown) => unknown
  readonly enter: (depth: number, run: Run) => void
  readonly isShared: (term: object) => boolean
  /** An error that came with the value of `key`. */
  readonly within: (error: unknown, key: string) => unknown
}

type Copier = (object: Fields, depth: number, run: Run) => unknown

/** What begins with one key: its copiers, and how many objects have come without one. */
interface Kinds {
  readonly copiers: Copier[]
  met: number
}

/** To make a copier costs as much as copying so many objects. */
const OFTEN = 200
/** Each is tried in turn. */
const COPIERS_MAX = 4
/** When there are more first keys, all are forgotten. */
const FIRST_KEYS_MAX = 1000
/** Larger objects are copied key by key. */
const KEYS_MAX = 16

/** The copiers, by the first key of what they copy. Nobody asks them about an object while `Object.prototype` is polluted. */
export class ObjectCopiers {
  private readonly parts: Parts
  private readonly byFirst = new Map<string, Kinds>()
  /** Some 3 KB each. */
  private readonly made = new Generated<(parts: Parts, none: typeof NONE) => Copier>(500)

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** A copy of a plain object, or {@link NONE}. @throws as the parts do */
  copy(object: Fields, depth: number, run: Run): unknown {
    for (const first in object) {
      const kinds = this.byFirst.get(first)
      if (kinds === undefined) return NONE
      const { copiers } = kinds
      for (let i = 0; i < copiers.length; i++) {
        const copied = copiers[i]!(object, depth, run)
        if (copied !== NONE) return copied
      }
      return NONE
    }
    return NONE
  }

  /** An object was copied without a copier: its keys are keys indeed. */
  learn(object: Fields): void {
    for (const first in object) {
      const kinds = this.byFirst.get(first) ?? this.begin(first)
      if (++kinds.met % OFTEN === 0 && kinds.copiers.length < COPIERS_MAX) this.make(kinds, Object.keys(object))
      return
    }
  }

  private begin(first: string): Kinds {
    if (this.byFirst.size >= FIRST_KEYS_MAX) this.byFirst.clear()
    const kinds: Kinds = { copiers: [], met: 0 }
    this.byFirst.set(first, kinds)
    return kinds
  }

  private make(kinds: Kinds, keys: readonly string[]): void {
    // In an object written out, __proto__ would be its prototype; and what has a __struct__ may become an instance.
    if (keys.length > KEYS_MAX || keys.includes("__proto__") || keys.includes("__struct__")) return
    const copier = this.made.make(JSON.stringify(keys), () => source(keys))?.(this.parts, NONE)
    if (copier !== undefined) kinds.copiers.push(copier)
  }
}

function source(keys: readonly string[]): string {
  const names = keys.map((key) => JSON.stringify(key))
  const tests = names.map((name, i) => `case ${i}: if (key !== ${name}) return none; break`)
  const steps = names.map(
    (name, i) => `at = ${i}
      let v${i} = object[${name}]
      v${i} = typeof v${i} === "object" && v${i} !== null ? parts.object(v${i}, depth + 1, run) : leaf(v${i})`,
  )
  const fields = names.map((name, i) => `${name}: v${i}`)
  return `(parts, none) => {
    const { leaf, isShared } = parts
    const names = [${names}]
    return (object, depth, run) => {
      let at = 0
      for (const key in object) {
        switch (at++) {
          ${tests.join("\n")}
          default: return none
        }
      }
      if (at !== ${keys.length}) return none
      if (isShared(object) && !run.fresh) return object
      parts.enter(depth, run)
      try {
        ${steps.join("\n")}
        return { ${fields} }
      } catch (error) {
        throw parts.within(error, names[at])
      }
    }
  }`
}
