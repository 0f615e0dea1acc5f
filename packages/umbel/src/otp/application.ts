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
import { type DeepPartial, isSchema, merge, type StandardSchema, validate } from "./config.ts"
import type { GenServer } from "./gen-server.ts"

// biome-ignore lint/suspicious/noExplicitAny: an application of whatever configuration, as a list of them holds
export interface Application<Config = any> {
  readonly name: string
  /** The same application with part of its configuration replaced. */
  with(config: DeepPartial<Config>): Application<Config>
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
  /** Gives the top of the supervision tree. Without it the application is a library: it only needs others. */
  start?: (config: Readonly<Config>, node: Node) => GenServer<void, Api> | Promise<GenServer<void, Api>>
  /** Runs after the tree has stopped. */
  stop?: () => void | Promise<void>
}

const NAME = /^[a-z][a-z0-9_]*$/
const KEYS: ReadonlySet<string> = new Set(["name", "description", "needs", "modules", "config", "start", "stop"])

/** What a node runs. @internal */
export class LoadedApplication implements Application<object> {
  readonly name: string
  readonly spec: ApplicationSpec<object>
  /** Replacements of configuration, in the order they were given. */
  readonly overrides: readonly object[]

  constructor(spec: ApplicationSpec<object>, overrides: readonly object[]) {
    this.name = spec.name
    this.spec = spec
    this.overrides = overrides
  }

  with(config: object): LoadedApplication {
    return new LoadedApplication(this.spec, [...this.overrides, config])
  }

  get needs(): readonly LoadedApplication[] {
    return (this.spec.needs ?? []) as readonly LoadedApplication[]
  }
  get definitions(): readonly Definition<never, Api>[] {
    return this.spec.modules ?? []
  }

  /** The configuration it starts with. @throws ConfigError */
  async config(): Promise<object> {
    const { config = {} } = this.spec
    const over = this.overrides as readonly Readonly<Record<string, unknown>>[]
    if (isSchema(config)) {
      const given = Object.assign({}, ...over) as object
      return (await validate(config, given, this.name)) as object
    }
    return over.reduce((all, one) => merge(all, one, this.name), config as Readonly<Record<string, unknown>>)
  }
}

/** Defines an application. @throws TypeError for an unknown key or a name that is none. */
export function application<Config extends object = {}>(spec: ApplicationSpec<Config>): Application<Config> {
  for (const key of Object.keys(spec)) {
    if (!KEYS.has(key)) throw new TypeError(`an application has no ${key}; it has ${[...KEYS].join(", ")}`)
  }
  if (!NAME.test(spec.name)) {
    throw new TypeError(
      `an application's name is small letters, digits and underscores, not ${JSON.stringify(spec.name)}`,
    )
  }
  return new LoadedApplication(spec as unknown as ApplicationSpec<object>, []) as unknown as Application<Config>
}
