/**
 * Atoms by their text, where four of them are JavaScript values.
 *
 * ```ts
 * atomValue("ok")     // atom("ok")
 * atomValue("nil")    // null
 * atomText(null)      // "nil"
 * ```
 */
import { type Atom, atom, isAtom } from "./atom.ts"

/** What an atom is in JavaScript. */
export type AtomValue = Atom | boolean | null | undefined

/** The atom of that text. @throws RangeError as `atom` does. */
export function atomValue(text: string): AtomValue {
  switch (text) {
    case "true":
      return true
    case "false":
      return false
    case "nil":
      return null
    case "undefined":
      return undefined
    default:
      return atom(text)
  }
}

/** Whether `value` is an atom to Erlang. */
export function isAtomValue(value: unknown): value is AtomValue {
  return value === null || value === undefined || typeof value === "boolean" || isAtom(value)
}

/** The text of an atom. */
export function atomText(value: AtomValue): string {
  if (value === null) return "nil"
  return typeof value === "object" ? value.text : String(value)
}
