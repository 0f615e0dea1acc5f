/**
 * Configuration: defaults whose type is the type of the whole, replaced in part, or whatever a Standard Schema says.
 *
 * ```ts
 * merge({ limit: 100, log: { level: "info" } }, { log: { level: "debug" } }, "shop")
 * // { limit: 100, log: { level: "debug" } }
 * ```
 *
 * A key that the defaults do not have, or a value of another type, is an error that names the application and the path to it.
 */

/** https://standardschema.dev: valibot, zod, arktype and others. */
export interface StandardSchema<Output> {
  readonly "~standard": {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => unknown
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

export type DeepPartial<T> = T extends object ? { readonly [K in keyof T]?: DeepPartial<T[K]> } : T

/** The configuration given does not fit. */
export class ConfigError extends Error {
  override readonly name = "ConfigError"
  /** `shop.log.level` */
  readonly path: string
  /** What is wrong with it. */
  readonly problem: string
  /** Who said it: a layer of the configuration, or an environment variable. */
  readonly origin: string | undefined
  constructor(path: string, problem: string, origin?: string) {
    super(`configuration ${path}: ${problem}${origin === undefined ? "" : ` (${origin})`}`)
    this.path = path
    this.problem = problem
    this.origin = origin
  }
}

export type Plain = Readonly<Record<string, unknown>>

export const isPlain = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value))

export const isSchema = (value: unknown): value is StandardSchema<unknown> =>
  typeof value === "object" && value !== null && "~standard" in value

/** The defaults with `overrides` put over them. @throws ConfigError */
export function merge(defaults: Plain, overrides: Plain, path: string): Plain {
  const merged: Record<string, unknown> = { ...defaults }
  for (const [key, value] of Object.entries(overrides)) {
    const at = `${path}.${key}`
    if (value === undefined) continue
    if (!Object.hasOwn(defaults, key)) {
      throw new ConfigError(at, `there is no such key; ${path} has ${Object.keys(defaults).join(", ") || "none"}`)
    }
    merged[key] = mergeValue(defaults[key], value, at)
  }
  return merged
}

/** The same without defaults to hold it to: what a schema will look at. */
export function overlay(below: Plain, over: Plain): Plain {
  const all: Record<string, unknown> = { ...below }
  for (const [key, value] of Object.entries(over)) {
    const before = Object.hasOwn(below, key) ? below[key] : undefined
    const own = isPlain(before) && isPlain(value) ? overlay(before, value) : value
    if (value !== undefined)
      Object.defineProperty(all, key, { value: own, enumerable: true, configurable: true, writable: true })
  }
  return all
}

function mergeValue(before: unknown, value: unknown, at: string): unknown {
  if (isPlain(before) && isPlain(value)) return merge(before, value, at)
  // A default of undefined or null says nothing of the type.
  if (before === undefined || before === null) return value
  if (kind(before) !== kind(value)) {
    throw new ConfigError(at, `expected ${kind(before)}, got ${kind(value)}`)
  }
  return value
}

const kind = (value: unknown): string =>
  Array.isArray(value)
    ? "a list"
    : value === null
      ? "null"
      : typeof value === "object"
        ? "an object"
        : `a ${typeof value}`

/** What the schema makes of `value`. @throws ConfigError naming the first issue's path */
export async function validate(schema: StandardSchema<unknown>, value: unknown, path: string): Promise<unknown> {
  const result = await schema["~standard"].validate(value)
  const issue = firstIssue(result, path)
  if (issue !== undefined) throw new ConfigError(issue.path, issue.message)
  return (result as { value: unknown }).value
}

/** What a schema objects to first, in a result of its `validate`; undefined where all is well. @internal */
export function firstIssue(
  result: unknown,
  path: string,
): { readonly path: string; readonly message: string } | undefined {
  const { issues } = result as {
    issues?: readonly { message: string; path?: readonly (PropertyKey | { key: PropertyKey })[] }[]
  }
  const issue = issues?.[0]
  if (issue === undefined) return undefined
  const keys = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part))
  return { path: [path, ...keys].join("."), message: issue.message }
}
