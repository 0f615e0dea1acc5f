/**
 * From a deployment to the nodes of it: pure.
 *
 * ```ts
 * plan(umbrella, "split", "127.0.0.1")
 * // [{ name: "back@127.0.0.1", release: "back" }, { name: "front@127.0.0.1", release: "front" }]
 * ```
 */
import type { Placement } from "umbel"
import { list, type Umbrella } from "./umbrella.ts"
import { UsageError } from "./usage-error.ts"

export interface PlannedNode {
  readonly name: string
  readonly release: string
}

/** The nodes in the order they are started. Of several of one release the first is `back-1`. @throws UsageError */
export function plan(umbrella: Umbrella, deployment: string, host: string): readonly PlannedNode[] {
  const counts = umbrella.deployments?.[deployment]
  if (counts === undefined)
    throw new UsageError(`there is no deployment ${deployment}`, list("deployments", umbrella.deployments))
  return Object.entries(counts).flatMap(([release, count]) =>
    Array.from({ length: count }, (_, i) => ({
      release,
      name: `${count === 1 ? release : `${release}-${i + 1}`}@${host}`,
    })),
  )
}

/** Application to the nodes that run it. */
export function placementOf(umbrella: Umbrella, nodes: readonly PlannedNode[]): Placement {
  const placement: Record<string, string[]> = {}
  for (const { name, release } of nodes) {
    for (const application of Object.keys(umbrella.releases[release]?.applications ?? {})) {
      placement[application] = [...(placement[application] ?? []), name]
    }
  }
  return placement
}

/** Which node shows the observer: the last one to start, which in a deployment is the one nearest to people. */
export const observedFrom = (nodes: readonly PlannedNode[]): string => nodes.at(-1)!.name

/**
 * `["ingest.folder=/srv/docs"]` as configuration by application. Values are JSON where they are, else text.
 * @throws UsageError
 */
export function overrides(settings: readonly string[]): Record<string, Record<string, unknown>> {
  const config: Record<string, Record<string, unknown>> = {}
  for (const setting of settings) {
    const match = /^([a-z][a-z0-9_]*)\.([A-Za-z0-9_.]+)=(.*)$/s.exec(setting)
    if (match === null)
      throw new UsageError(`--set ${setting} is not understood`, "write APPLICATION.KEY=VALUE, as in web.port=8080")
    const [, application = "", path = "", text = ""] = match
    let place = (config[application] ??= {})
    const keys = path.split(".")
    for (const key of keys.slice(0, -1)) place = (place[key] ??= {}) as Record<string, unknown>
    place[keys.at(-1)!] = valueOf(text)
  }
  return config
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
