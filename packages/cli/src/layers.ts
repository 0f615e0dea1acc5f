/**
 * Where configuration comes from, lowest first: the application's own defaults, `umbel.config.ts`, `runtime.config.ts`, `$UMBEL_CONFIG`, `--set`.
 *
 * ```ts
 * const { layers } = await layersOf({ root, umbrella, release: "front", env: process.env, set: ["web.port=8080"] })
 * layers.map(({ from }) => from)     // ["umbel.config.ts", "runtime.config.ts", "$UMBEL_CONFIG", "--set"]
 * ```
 *
 * A running release goes by the same order: see `release/running/settings.ts`.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Application } from "umbel"
import { overrides } from "./plan.ts"
import { environmentConfig, type Variables } from "./release/running/settings.ts"
import { RUNTIME_CONFIG, type RuntimeNode, readRuntime } from "./release/runtime-config.ts"
import { list, type Umbrella } from "./umbrella.ts"
import { UsageError } from "./usage-error.ts"

export interface Layer {
  readonly from: string
  /** By application. */
  readonly config: Readonly<Record<string, object>>
}
export interface LayersAsked {
  readonly root: string
  readonly umbrella: Umbrella
  readonly release: string
  readonly env: Variables
  readonly set: readonly string[]
}

export interface Layers {
  /** Those over the defaults, lowest first. */
  readonly layers: readonly Layer[]
  /** What `runtime.config.ts` says of the node itself. */
  readonly node: RuntimeNode
}

/** @throws UsageError, ConfigError */
export async function layersOf({ root, umbrella, release, env, set }: LayersAsked): Promise<Layers> {
  const chosen = umbrella.releases[release]
  if (chosen === undefined) throw new UsageError(`there is no release ${release}`, list("releases", umbrella.releases))
  const known = [...new Set(Object.values(umbrella.releases).flatMap(({ applications }) => Object.keys(applications)))]
  const file = join(root, RUNTIME_CONFIG)
  const runtime = existsSync(file)
    ? ((await import(pathToFileURL(file).href)) as { default?: unknown }).default
    : undefined
  const { node, config } = await readRuntime(runtime, { release, env }, Object.keys(chosen.applications), known)
  const layers: readonly Layer[] = [
    { from: "umbel.config.ts", config: umbrella.config ?? {} },
    { from: RUNTIME_CONFIG, config },
    { from: "$UMBEL_CONFIG", config: environmentConfig(env, known) },
    { from: "--set", config: overrides(set) },
  ]
  return { layers, node }
}

/** The application with its part of every layer. */
export const layered = (application: Application, layers: readonly Layer[]): Application =>
  layers.reduce((one, { config }) => one.with(config[application.name] ?? {}), application)
