/**
 * Where a configuration comes from: layers, each over the one before, and who said what.
 *
 * ```ts
 * const resolved = await resolveConfig(shop.with({ limit: 10 }), { env: { UMBEL_SHOP_LOG_LEVEL: "debug" } })
 * resolved.value                        // { limit: 10, log: { level: "debug" } }
 * resolved.explain("shop.log.level")    // { value: "debug", origin: "UMBEL_SHOP_LOG_LEVEL", layers: […] }
 * ```
 *
 * From below: the defaults; what `with` replaced, in its order; the runtime configuration of `boot`; environment variables (`config-variables.ts`). All of it is
 * validated before the application starts: what does not fit is a {@link ConfigError} that names the path and who said it.
 */
import type { LoadedApplication } from "./application.ts"
import { ConfigError, isPlain, isSchema, merge, overlay, type Plain, validate } from "./config.ts"
import { asText, readVariables, type Variable } from "./config-variables.ts"

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>
/** Parts of configurations, by application. */
export type ConfigByApplication = Readonly<Record<string, object>>

/** What is put over an application's own configuration when it starts. */
export interface ConfigSources {
  readonly env?: Environment | undefined
  /** The runtime configuration. */
  readonly config?: ConfigByApplication | undefined
  /** What to call that in errors and explanations; `boot's config` unless told. */
  readonly configOrigin?: string | undefined
  /** All applications that are configured, as one name may begin with another. */
  readonly applications?: readonly string[] | undefined
}

export interface ConfigLayer {
  /** `defaults`, `with`, an environment variable, … */
  readonly origin: string
  readonly values: object
}

export interface ConfigExplanation {
  /** `shop.log.level` */
  readonly path: string
  readonly value: unknown
  /** The topmost layer that says something of it; undefined where none does (a schema has filled it in). */
  readonly origin: string | undefined
  /** All that say something of it, the topmost last, and what. */
  readonly layers: readonly { readonly origin: string; readonly value: unknown }[]
}

export interface ResolvedConfig {
  readonly value: object
  readonly layers: readonly ConfigLayer[]
  /** Variables that begin with the application's name and set nothing that it has. */
  readonly unknownVariables: readonly string[]
  /** Undefined for a path that is not in the configuration. */
  explain(path: string): ConfigExplanation | undefined
}

/** The configuration an application starts with. @throws ConfigError */
export async function resolveConfig(
  application: LoadedApplication,
  sources: ConfigSources = {},
): Promise<ResolvedConfig> {
  const { name, spec } = application
  const schema = isSchema(spec.config) ? spec.config : undefined
  const defaults = schema === undefined ? ((spec.config ?? {}) as Plain) : undefined
  const { variables, unknown } = readVariables(name, defaults, sources.env ?? {}, sources.applications ?? [])
  const given: ConfigLayer[] = []
  if (defaults !== undefined) given.push({ origin: "defaults", values: defaults })
  application.overrides.forEach((values, i) => {
    given.push({ origin: application.origins[i] ?? "with", values })
  })
  const runtime = sources.config?.[name]
  if (runtime !== undefined) given.push({ origin: sources.configOrigin ?? "boot's config", values: runtime })
  for (const { origin, values } of given) {
    if (!isPlain(values)) throw new ConfigError(name, "expected an object", origin)
  }
  const resolve = schema === undefined ? checked(name, given) : validated(name, given, schema)
  return resolved(name, unknown, await resolve(variables))
}

interface Outcome {
  readonly value: object
  readonly layers: readonly ConfigLayer[]
}

const layersOf = (variables: readonly Variable[]): ConfigLayer[] =>
  variables.map(({ origin, path, value }) => ({
    origin,
    values: path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object,
  }))

/** Against the defaults: their keys and types are those of the whole. */
function checked(name: string, given: readonly ConfigLayer[]) {
  return async (variables: readonly Variable[]): Promise<Outcome> => {
    const layers = [...given, ...layersOf(variables)]
    const value = layers.slice(1).reduce((all, { origin, values }) => {
      try {
        return merge(all, values as Plain, name)
      } catch (thrown) {
        throw thrown instanceof ConfigError ? new ConfigError(thrown.path, thrown.problem, origin) : thrown
      }
    }, layers[0]!.values as Plain)
    return { value, layers }
  }
}

/** By a schema. A variable that looks like a number may have been meant as text: where the schema objects to it as it was read, it is text. */
function validated(name: string, given: readonly ConfigLayer[], schema: Parameters<typeof validate>[0]) {
  return async function attempt(variables: readonly Variable[]): Promise<Outcome> {
    const layers = [...given, ...layersOf(variables)]
    const all = layers.reduce((below, { values }) => overlay(below, values as Plain), {} as Plain)
    try {
      return { value: (await validate(schema, all, name)) as object, layers }
    } catch (thrown) {
      if (!(thrown instanceof ConfigError)) throw thrown
      const culprit = variables.find(({ path }) => [name, ...path].join(".") === thrown.path)
      if (culprit !== undefined && typeof culprit.value !== "string") return attempt(asText(variables, culprit))
      throw new ConfigError(thrown.path, thrown.problem, originOf(layers, name, thrown.path))
    }
  }
}

function originOf(layers: readonly ConfigLayer[], name: string, path: string): string | undefined {
  const keys = keysOf(name, path)
  return keys === undefined ? undefined : layers.findLast(({ values }) => at(values, keys) !== undefined)?.origin
}

function resolved(name: string, unknownVariables: readonly string[], { value, layers }: Outcome): ResolvedConfig {
  return {
    value,
    layers,
    unknownVariables,
    explain(path) {
      const keys = keysOf(name, path)
      if (keys === undefined) return undefined
      const said = layers.flatMap(({ origin, values }) => {
        const own = at(values, keys)
        return own === undefined ? [] : [{ origin, value: own.value }]
      })
      const found = at(value, keys)
      if (found === undefined && said.length === 0) return undefined
      return { path, value: found?.value, origin: said.at(-1)?.origin, layers: said }
    },
  }
}

/** `["log", "level"]` of `shop.log.level`; undefined for the path of another application. */
function keysOf(name: string, path: string): readonly string[] | undefined {
  const [first, ...keys] = path.split(".")
  return first === name ? keys : undefined
}

/** What there is at that path, through own properties only. */
function at(values: unknown, keys: readonly string[]): { readonly value: unknown } | undefined {
  let value = values
  for (const key of keys) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Plain)[key]
  }
  return { value }
}
