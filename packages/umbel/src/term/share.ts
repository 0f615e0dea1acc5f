/**
 * Terms that are sent to many, frozen once instead of copied for each.
 *
 * ```ts
 * const update = share({ room: "hall", people: ["Ann", "Bob"] })
 * for (const member of members) self.send(member, update)   // no copy
 * ```
 *
 * Arrays, plain objects and tuples are frozen. Bytes, dates, maps, sets and errors cannot be in JavaScript: those, and what holds them, are
 * still copied with each message, the frozen parts beside them are not.
 */
import { type CopyOptions, copy, isImmutable } from "./copy.ts"
import { isPlainObject } from "./plain-object.ts"
import { markShared } from "./shared-mark.ts"
import { Tuple } from "./tuple.ts"

/** A frozen copy of `term` that is not copied when it is sent. @throws NotATerm as `copy` does. */
export function share<T>(term: T, options?: CopyOptions): T {
  const own = copy(term, options)
  freeze(own)
  return own
}

/** Freezes what can be, from the leaves up; says whether that was everything. */
function freeze(term: unknown): boolean {
  if (isImmutable(term)) return true
  if (typeof term !== "object" || term === null) return false
  if (term instanceof Tuple) {
    const frozen = freezeAll(term.elements)
    Object.freeze(term.elements)
    term.immutable = frozen
    return frozen
  }
  const plain = Array.isArray(term) || isPlainObject(term)
  if (!plain || !freezeAll(Object.values(term))) return false
  markShared(term)
  return true
}

function freezeAll(terms: readonly unknown[]): boolean {
  let all = true
  for (const each of terms) all = freeze(each) && all
  return all
}
