/**
 * Configuration from environment variables: `UMBEL_SHOP_LOG_LEVEL` is `log.level` of the application `shop`.
 *
 * ```
 * UMBEL_SHOP_LIMIT=10                 a number, as the default is one
 * UMBEL_SHOP_MAX_SIZE=5               maxSize
 * UMBEL_SHOP_TAGS='["a","b"]'         lists and objects as JSON
 * ```
 *
 * With defaults each key has one variable, and its text is read as the type of the default. With a schema nobody knows the keys: two underscores lead one level
 * down (`UMBEL_SHOP_LOG__LEVEL`), one makes the next letter a capital, and text that is JSON is read so.
 */
import { ConfigError, isPlain, type Plain } from "./config.ts"
import type { Environment } from "./config-layers.ts"

/** @internal */
export interface Variable {
  /** Its name. */
  readonly origin: string
  readonly path: readonly string[]
  readonly text: string
  readonly value: unknown
}

const PREFIX = "UMBEL_"

/** The variables of an application, and those that look like one and are none. @throws ConfigError for a text that is not of the type of its default */
export function readVariables(
  application: string,
  defaults: Plain | undefined,
  env: Environment,
  applications: readonly string[],
): { readonly variables: readonly Variable[]; readonly unknown: readonly string[] } {
  const prefix = prefixOf(application)
  // `UMBEL_SHOP_ADMIN_PORT` belongs to shop_admin where there is such an application.
  const longer = applications.map(prefixOf).filter((other) => other !== prefix && other.startsWith(prefix))
  const names = Object.keys(env).filter(
    (name) => name.startsWith(prefix) && env[name] !== undefined && !longer.some((other) => name.startsWith(other)),
  )
  if (defaults === undefined) {
    return { variables: names.map((name) => guessed(name, name.slice(prefix.length), env[name]!)), unknown: [] }
  }
  const known = new Map<string, Leaf[]>()
  for (const leaf of leaves(defaults, [])) {
    const name = prefix + leaf.path.map(screaming).join("_")
    known.set(name, [...(known.get(name) ?? []), leaf])
  }
  const variables: Variable[] = []
  const unknown: string[] = []
  for (const name of names.sort()) {
    const [leaf, another] = known.get(name) ?? []
    if (leaf === undefined) unknown.push(name)
    else if (another !== undefined) {
      const paths = [leaf, another].map(({ path }) => path.join("."))
      throw new ConfigError(application, `it may be ${paths.join(" or ")}; set that in the runtime configuration`, name)
    } else
      variables.push({
        origin: name,
        path: leaf.path,
        text: env[name]!,
        value: read(application, leaf, name, env[name]!),
      })
  }
  return { variables, unknown }
}

/** The same with one of them as text. @internal */
export const asText = (variables: readonly Variable[], one: Variable): readonly Variable[] =>
  variables.map((variable) => (variable === one ? { ...one, value: one.text } : variable))

const prefixOf = (application: string): string => `${PREFIX}${application.toUpperCase()}_`
const screaming = (key: string): string => key.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase()

interface Leaf {
  readonly path: readonly string[]
  readonly value: unknown
}
function* leaves(values: Plain, above: readonly string[]): Generator<Leaf> {
  for (const [key, value] of Object.entries(values)) {
    const path = [...above, key]
    if (isPlain(value) && Object.keys(value).length > 0) yield* leaves(value, path)
    else yield { path, value }
  }
}

function read(application: string, { path, value }: Leaf, name: string, text: string): unknown {
  const wrong = (expected: string): ConfigError =>
    new ConfigError([application, ...path].join("."), `expected ${expected}, got ${JSON.stringify(text)}`, name)
  switch (typeof value) {
    case "string":
      return text
    case "number": {
      const number = Number(text)
      if (text.trim() === "" || !Number.isFinite(number)) throw wrong("a number")
      return number
    }
    case "bigint":
      if (!/^-?\d+$/.test(text)) throw wrong("a whole number")
      return BigInt(text)
    case "boolean":
      if (text !== "true" && text !== "false") throw wrong("true or false")
      return text === "true"
    default: {
      // A default of undefined or null says nothing of the type.
      const parsed = json(text)
      if (value === undefined || value === null) return parsed === undefined ? text : parsed.value
      if (parsed === undefined) throw wrong("JSON")
      return parsed.value
    }
  }
}

function guessed(origin: string, rest: string, text: string): Variable {
  const path = rest
    .split("__")
    .map((part) => part.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()))
  const parsed = json(text)
  return { origin, path, text, value: parsed === undefined ? text : parsed.value }
}

function json(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    // It is no JSON: text then, or an error that says so.
    return undefined
  }
}
