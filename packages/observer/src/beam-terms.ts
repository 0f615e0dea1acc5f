/**
 * What BEAM nodes answer, as JavaScript: property lists, charlists, functions.
 *
 * ```ts
 * fieldsOf([tuple(atom("size"), 3)]).get("size")     // 3
 * charsOf([50, 53])                                  // "25"
 * callText({lists, map, 2})                          // "lists:map/2"
 * ```
 */
import { type Atom, atom, inspect, isAtom, Pid, Tuple } from "umbel"
import { Unavailable } from "./view.ts"

export const atoms = (...names: readonly string[]): Atom[] => names.map((name) => atom(name))

/** A property list, or a map, by the names of its atoms. Anything else is empty. */
export function fieldsOf(term: unknown): ReadonlyMap<string, unknown> {
  const fields = new Map<string, unknown>()
  for (const item of listOf(term)) {
    if (item instanceof Tuple && item.elements.length === 2) fields.set(nameOf(item.elements[0]), item.elements[1])
  }
  return fields
}

export const listOf = (term: unknown): readonly unknown[] => (Array.isArray(term) ? term : [])
export const pidsOf = (term: unknown): readonly Pid[] => listOf(term).filter((item) => item instanceof Pid)
export const numberOf = (term: unknown): number =>
  typeof term === "number" ? term : typeof term === "bigint" ? Number(term) : 0
export const elementsOf = (term: unknown): readonly unknown[] => (term instanceof Tuple ? term.elements : [])

/** An atom's text, a string, or what it is, printed. */
export function nameOf(term: unknown): string {
  if (isAtom(term)) return term.text
  if (typeof term === "string") return term
  return term === undefined || term === null ? "" : inspect(term, { limit: 10, text: 100, size: 200 })
}

/** A charlist or a string, as a text; what is neither is printed. */
export function charsOf(term: unknown): string {
  if (Array.isArray(term) && term.every((code) => Number.isInteger(code) && code >= 0 && code <= 0x10_ffff))
    return String.fromCodePoint(...(term.slice(0, 10_000) as number[]))
  return nameOf(term)
}

/** `{Module, Function, Arity}` as Erlang writes it; an Elixir module without its prefix. */
export function callText(term: unknown): string {
  const [module, name, arity] = elementsOf(term)
  return module === undefined ? "" : `${moduleText(module)}:${nameOf(name)}/${nameOf(arity)}`
}
export const moduleText = (module: unknown): string => nameOf(module).replace(/^Elixir\./, "")

/** A list of lists or atoms, of the same length as was asked about. @throws Unavailable */
export function answersOf(term: unknown, count: number): readonly unknown[] {
  if (Array.isArray(term) && term.length === count) return term
  throw new Unavailable("failed", "the node answered something that was not asked")
}
