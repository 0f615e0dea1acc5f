/**
 * Whether two terms are the same term, as Erlang's `=:=` says.
 *
 * ```ts
 * equal(1, 1n)                              // true: both are the integer 1
 * equal(1, float(1))                        // false
 * equal(pid, samePidReadFromTheWire)        // true, where === says false
 * equal({ a: 1 }, new Map([[atom("a"), 1]]))  // true: one Erlang map
 * ```
 *
 * `-0` is the integer 0, and `float(-0)` equals `float(0)`, as up to OTP 26.
 */
import { isAtom } from "./atom.ts"
import { defaultStructs } from "./builtin-structs.ts"
import { Pid, Ref } from "./identifiers.ts"
import { keyText } from "./keys.ts"
import { Name } from "./name.ts"
import type { Structs } from "./structs.ts"
import { Tuple } from "./tuple.ts"

/** Whether both are one term. Both must be terms: what `copy` refuses has no equal. @throws NotATerm for functions and symbols. */
export function equal(a: unknown, b: unknown, structs: Structs = defaultStructs): boolean {
  if (a === b) return true
  if (typeof a === "object" && typeof b === "object" && a !== null && b !== null) {
    if (isAtom(a) || isAtom(b)) return false
    if (a instanceof Pid) return b instanceof Pid && samePid(a, b)
    if (a instanceof Ref) return b instanceof Ref && a.key === b.key
    if (a instanceof Name || b instanceof Name) {
      return (
        a instanceof Name && b instanceof Name && a.name === b.name && a.node === b.node && a.key?.text === b.key?.text
      )
    }
    if (a instanceof Tuple) return b instanceof Tuple && sameParts(a.elements, b.elements, structs)
    if (Array.isArray(a)) return Array.isArray(b) && sameParts(a, b, structs)
  } else if (typeof a === typeof b && typeof a !== "object") {
    // Two texts, two numbers or two constants that are not identical; two bigints that are the same are.
    return false
  }
  return keyText(a, structs) === keyText(b, structs)
}

const samePid = (a: Pid, b: Pid): boolean =>
  a.id === b.id && a.serial === b.serial && a.creation === b.creation && a.node === b.node

function sameParts(a: readonly unknown[], b: readonly unknown[], structs: Structs): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i], structs)) return false
  return true
}
