/**
 * Terms as they may be shown: what looks like a secret by its key is covered before anything leaves the node.
 *
 * ```ts
 * redact({ user: "ann", password: "x" })   // { user: "ann", password: "[redacted]" }
 * ```
 *
 * `formatStatus` of a server comes first and decides what is in there at all; these are the rules for those that have none.
 */
import { Atom } from "./atom.ts"
import { inspect } from "./inspect.ts"
import { Local } from "./local.ts"
import { isPlainObject } from "./plain-object.ts"
import { Tuple, tuple } from "./tuple.ts"

const SECRET = /pass(?:word|wd|phrase)?$|secret|token|cookie|credential|api_?key|private_?key|authorization/i
const COVERED = "[redacted]"
const DEPTH_MAX = 12
const ENTRIES_MAX = 200

/** A copy to print; deep or long parts are cut, as nobody reads them. Never runs code of users but getters of plain objects. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return value
  if (depth > DEPTH_MAX) return "…"
  // What does not leave the node is said in words, where it stands.
  if (value instanceof Local) return inspect(value)
  if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map((item) => redact(item, depth + 1))
  if (value instanceof Map) {
    const shown = new Map<unknown, unknown>()
    for (const [key, item] of value) {
      if (shown.size === ENTRIES_MAX) break
      shown.set(key, isSecret(key) ? COVERED : redact(item, depth + 1))
    }
    return shown
  }
  // A pair of a property list or of an ETS table.
  if (value instanceof Tuple && value.elements.length === 2 && isSecret(wordOf(value.elements[0])))
    return tuple(value.elements[0], COVERED)
  if (value instanceof Tuple)
    return tuple(...value.elements.slice(0, ENTRIES_MAX).map((item: unknown) => redact(item, depth + 1)))
  if (!isPlainObject(value)) return value
  const shown: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value).slice(0, ENTRIES_MAX)) {
    const own = isSecret(key) ? COVERED : redact(item, depth + 1)
    Object.defineProperty(shown, key, { value: own, enumerable: true, configurable: true, writable: true })
  }
  return shown
}

const wordOf = (key: unknown): unknown => (key instanceof Atom ? key.text : key)
const isSecret = (key: unknown): boolean => typeof key === "string" && SECRET.test(key)
