/**
 * Applications: units of start and stop. A name, what they need, a configuration, and a supervision tree.
 *
 * ```ts
 * export const shop = application({
 *   name: "shop",
 *   needs: [telemetry],
 *   config: { limit: 100, port: 4000 },
 *   start: (config) => supervisor("shop.supervisor", { children: [child(stores, { arg: { limit: config.limit } })] }),
 * })
 * await boot({ name: "a@127.0.0.1", applications: [shop.with({ limit: 10 })] })
 * ```
 *
 * A node starts what an application needs before it, and stops in reverse. How a node takes an application's end (`permanent`, `transient`,
 * `temporary`) belongs to the release, not here.
 */
import type { Api, Definition, Node } from "../runtime/index.ts"
import { inspect } from "../term/index.ts"
import type { DeepPartial, StandardSchema } from "./config.ts"
import { type ConfigSources, resolveConfig } from "./config-layers.ts"
import type { GenServer } from "./gen-server.ts"

// biome-ignore lint/suspicious/noExplicitAny: an application of whatever configuration, as a list of them holds
export interface Application<Config = any> {
  readonly name: string
  /** The same application with part of its configuration replaced. `origin` is what to call that in errors and explanations; `with` unless told. */
  with(config: DeepPartial<Config>, origin?: string): Application<Config>
}

export interface ApplicationSpec<Config extends object> {
  name: string
  /** A sentence for people. */
  description?: string
  /** Applications that must run before this one starts, and while it does. */
  needs?: readonly Application[]
  /** The definitions that may be started here by name: from other nodes, by placement, after a reload. */
  // biome-ignore lint/suspicious/noExplicitAny: definitions of any argument
  modules?: readonly GenServer<any, any>[]
  /** The defaults, whose type is the type of the configuration; or a schema. */
  config?: Config | StandardSchema<Config>
  /**
   * Run in their order once the tree is up, before anything that needs this application starts: to fill what other applications will ask for. One that
   * throws stops the application, whose start has failed then.
   */
  phases?: Readonly<Record<string, (config: Readonly<Config>, node: Node) => void | Promise<void>>>
  /** Gives the top of the supervision tree. Without it the application is a library: it only needs others. */
  start?: (config: Readonly<Config>, node: Node) => GenServer<void, Api> | Promise<GenServer<void, Api>>
  /** Runs after the tree has stopped. */
  stop?: () => void | Promise<void>
}

const NAME = /^[a-z][a-z0-9_]*$/
const KEYS: ReadonlySet<string> = new Set([
  "name",
  "description",
  "needs",
  "modules",
  "config",
  "phases",
  "start",
  "stop",
])

/** What a node runs. @internal */
export class LoadedApplication implements Application<object> {
  readonly name: string
  readonly spec: ApplicationSpec<object>
  /** Replacements of configuration, in the order they were given. */
  readonly overrides: readonly object[]
  /** Who gave them. */
  readonly origins: readonly string[]

  constructor(spec: ApplicationSpec<object>, overrides: readonly object[], origins: readonly string[]) {
    this.name = spec.name
    this.spec = spec
    this.overrides = overrides
    this.origins = origins
  }

  with(config: object, origin = "with"): LoadedApplication {
    return new LoadedApplication(this.spec, [...this.overrides, config], [...this.origins, origin])
  }

  get needs(): readonly LoadedApplication[] {
    return (this.spec.needs ?? []) as readonly LoadedApplication[]
  }
  get definitions(): readonly Definition<never, Api>[] {
    return this.spec.modules ?? []
  }

  /** The configuration it starts with, with what else `sources` says. @throws ConfigError */
  async config(sources: ConfigSources = {}): Promise<object> {
    return (await resolveConfig(this, sources)).value
  }
}

/** Defines an application. @throws TypeError for an unknown key or a name that is none. */
export function application<Config extends object = {}>(spec: ApplicationSpec<Config>): Application<Config> {
  if (typeof spec !== "object" || spec === null) {
    throw new TypeError(`an application is made of one object, { name: "shop", start: … }, not of ${inspect(spec)}`)
  }
  for (const key of Object.keys(spec)) {
    if (!KEYS.has(key)) throw new TypeError(`an application has no ${key}; it has ${[...KEYS].join(", ")}`)
  }
  if (!NAME.test(spec.name)) {
    throw new TypeError(
      `an application's name is small letters, digits and underscores, not ${JSON.stringify(spec.name)}`,
    )
  }
  return new LoadedApplication(spec as unknown as ApplicationSpec<object>, [], []) as unknown as Application<Config>
}
