/**
 * What could follow what was typed so far: variables, helpers and globals, or properties behind a dot. Nothing is run for it: properties are read as data,
 * and getters are left alone.
 *
 * ```ts
 * complete("node.cal", scope)     // ["node.call"]
 * ```
 */
import { types } from "node:util"
import type { Scope } from "./evaluate.ts"

const PATH = /(?:[A-Za-z_$][\w$]*\??\.)*[A-Za-z_$]?[\w$]*$/
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/
const FOUND_MAX = 100
const WORDS = [
  "await",
  "const",
  "let",
  "import",
  "function",
  "class",
  "new",
  "return",
  "typeof",
  "undefined",
  "null",
  "true",
  "false",
]

/** The whole words that it could become, sorted; the part before the last word stays as it is typed. */
export function complete(text: string, scope: Scope): readonly string[] {
  const path = PATH.exec(text)?.[0] ?? ""
  const steps = path.split(/\??\./)
  const last = steps.pop() ?? ""
  const prefix = path.slice(0, path.length - last.length)
  if (steps.length === 0 && last === "") return []
  const names = steps.length === 0 ? [...Object.keys(scope), ...WORDS, ...namesOf(globalThis)] : behind(steps, scope)
  const fitting = names.filter((name) => name.startsWith(last) && IDENTIFIER.test(name) && !name.startsWith("__"))
  return [...new Set(fitting)]
    .sort()
    .slice(0, FOUND_MAX)
    .map((name) => prefix + name)
}

function behind(steps: readonly string[], scope: Scope): readonly string[] {
  let value = dataOf(steps[0]! in scope ? scope : globalThis, steps[0]!)
  for (const step of steps.slice(1)) value = dataOf(value, step)
  return namesOf(value)
}

function* chain(value: unknown): Generator<object> {
  let at: object | null =
    value === undefined || value === null
      ? null
      : typeof value === "object" || typeof value === "function"
        ? value
        : (Object(value) as object)
  for (let depth = 0; at !== null && depth < 10 && !types.isProxy(at); depth++) {
    yield at
    at = Object.getPrototypeOf(at) as object | null
  }
}

function namesOf(value: unknown): readonly string[] {
  const names: string[] = []
  for (const at of chain(value))
    if (at !== Object.prototype || names.length === 0) names.push(...Object.getOwnPropertyNames(at))
  return names
}

function dataOf(value: unknown, key: string): unknown {
  for (const at of chain(value)) {
    const own = Object.getOwnPropertyDescriptor(at, key)
    if (own !== undefined) return own.value
  }
  return undefined
}
