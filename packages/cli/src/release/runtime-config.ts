/**
 * Configuration that is known only where a release runs: `runtime.config.ts` beside `umbel.config.ts`, read at every boot.
 *
 * ```ts
 * import { defineRuntime } from "@umbel/cli"
 *
 * export default defineRuntime(({ env }) => ({
 *   node: { name: `front@${env.text("POD_IP", "127.0.0.1")}` },
 *   config: {
 *     web: () => ({ port: env.integer("PORT", 8080), secret: env.text("SECRET") }),   // asked only where web runs
 *   },
 * }))
 * ```
 *
 * What the environment lacks, or holds in a form that does not fit, is a ConfigError of one sentence before anything starts.
 */
import { ConfigError } from "umbel"
import type { TraceContext } from "umbel/runtime"

/** Where it is looked for, at the umbrella's root. */
export const RUNTIME_CONFIG = "runtime.config.ts"

/** What may be said of the node itself. */
export interface RuntimeNode {
  /** `name@host`. */
  readonly name?: string | undefined
  readonly cookie?: string | undefined
  /** The address to listen on for other nodes; 127.0.0.1 unless told. */
  readonly listenOn?: string | undefined
  /** The port for other nodes; any free one unless told. */
  readonly port?: number | undefined
  /** Application to the names of the nodes that run it. */
  readonly placement?: Readonly<Record<string, readonly string[]>> | undefined
  /** What travels with messages beside them, as for `boot`: `openTelemetry({ context, propagation })` of `umbel/nodejs`, say. */
  readonly traceContext?: TraceContext | undefined
}
export interface RuntimeConfig {
  readonly node?: RuntimeNode | undefined
  /** By application; a function is called only where the application is in the release. */
  readonly config?: Readonly<Record<string, object | (() => object)>> | undefined
}
export interface RuntimeGiven {
  readonly env: Environment
  /** The name of the release that boots. */
  readonly release: string
}
export type Runtime = (given: RuntimeGiven) => RuntimeConfig | Promise<RuntimeConfig>

/** Types what it is given. */
export const defineRuntime = (runtime: Runtime): Runtime => runtime

type Variables = Readonly<Record<string, string | undefined>>

/** The environment, read with a type: each reader throws a ConfigError for what is missing or does not fit. */
export class Environment {
  readonly #variables: Variables

  constructor(variables: Variables) {
    this.#variables = variables
  }

  /** A variable that is empty counts as not set, as shells and manifests make no difference. */
  text(name: string, fallback?: string): string {
    return this.#read(name, fallback, (text) => text, "a text")
  }
  integer(name: string, fallback?: number): number {
    return this.#read(
      name,
      fallback,
      (text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined),
      "a whole number",
    )
  }
  number(name: string, fallback?: number): number {
    const read = (text: string): number | undefined =>
      text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined
    return this.#read(name, fallback, read, "a number")
  }
  /** `true`, `1`, `yes` and `on`, or the contrary of one of them. */
  flag(name: string, fallback?: boolean): boolean {
    const read = (text: string): boolean | undefined =>
      /^(true|1|yes|on)$/i.test(text) ? true : /^(false|0|no|off)$/i.test(text) ? false : undefined
    return this.#read(name, fallback, read, "true or false")
  }
  /** Texts with commas between them. */
  list(name: string, fallback?: readonly string[]): readonly string[] {
    return this.#read(name, fallback, (text) => text.split(",").map((one) => one.trim()), "texts with commas between")
  }
  oneOf<T extends string>(name: string, choices: readonly T[], fallback?: T): T {
    return this.#read(name, fallback, (text) => choices.find((one) => one === text), choices.join(" or "))
  }

  #read<T>(name: string, fallback: T | undefined, read: (text: string) => T | undefined, expected: string): T {
    const text = this.#variables[name]
    if (text === undefined || text === "") {
      if (fallback !== undefined) return fallback
      throw new ConfigError(`$${name}`, `it is not set and has no default; set it in the environment to ${expected}`)
    }
    const value = read(text)
    // What was given may be a secret: its value is not repeated.
    if (value === undefined)
      throw new ConfigError(`$${name}`, `expected ${expected}, and its ${text.length} characters are none`)
    return value
  }
}

const NODE_KEYS: readonly string[] = ["name", "cookie", "listenOn", "port", "placement", "traceContext"]

/** What a `runtime.config.ts` says for a release with these applications. @throws ConfigError */
export async function readRuntime(
  runtime: unknown,
  given: { readonly release: string; readonly env: Variables },
  applications: readonly string[],
  known: readonly string[],
): Promise<{ readonly node: RuntimeNode; readonly config: Readonly<Record<string, object>> }> {
  if (runtime === undefined) return { node: {}, config: {} }
  if (typeof runtime !== "function") {
    throw new ConfigError(
      "runtime.config.ts",
      "its default export is no function; export default defineRuntime(({ env }) => ({ … }))",
    )
  }
  const said: unknown = await (runtime as Runtime)({ env: new Environment(given.env), release: given.release })
  const { node = {}, config = {}, ...rest } = object(said, "runtime.config.ts") as RuntimeConfig
  only(rest, [], "runtime.config.ts", "node, config")
  only(object(node, "runtime.config.ts node"), NODE_KEYS, "runtime.config.ts node", NODE_KEYS.join(", "))
  only(
    object(config, "runtime.config.ts config"),
    known,
    "runtime.config.ts config",
    `the applications ${known.join(", ")}`,
  )
  const mine = Object.entries(config).filter(([name]) => applications.includes(name))
  return {
    node,
    config: Object.fromEntries(
      mine.map(([name, value]) => [
        name,
        object(typeof value === "function" ? (value as () => object)() : value, `runtime.config.ts config.${name}`),
      ]),
    ),
  }
}

function object(value: unknown, path: string): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value
  throw new ConfigError(path, "expected an object")
}

function only(value: object, keys: readonly string[], path: string, has: string): void {
  const other = Object.keys(value).find((key) => !keys.includes(key))
  if (other !== undefined) throw new ConfigError(`${path}.${other}`, `there is no such key; it has ${has}`)
}
