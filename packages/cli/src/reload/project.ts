/**
 * What `dev`, `shell` and `run` start: the applications of a release, of a whole deployment, or the one application there is, in one node.
 *
 * ```ts
 * const project = await openProject()
 * const chosen = choose(project.umbrella, undefined)      // { name: "all", types: { a: "permanent", … } }
 * ```
 */
import type { ApplicationType } from "umbel"
import type { TraceContext } from "umbel/runtime"
import { layersOf } from "../layers.ts"
import { here, type Workspace } from "../project/workspace.ts"
import { list, loadUmbrella, type Umbrella } from "../umbrella.ts"
import { UsageError } from "../usage-error.ts"

export interface Project {
  readonly root: string
  readonly workspace: Workspace
  readonly umbrella: Umbrella
}

/** Of the working directory. @throws UsageError */
export async function openProject(): Promise<Project> {
  const { workspace } = await here()
  return { root: workspace.root, workspace, umbrella: await loadUmbrella(workspace.root) }
}

export interface Chosen {
  readonly name: string
  readonly releases: readonly string[]
  readonly types: Readonly<Record<string, ApplicationType>>
}

/** Unless told: the release `all`, or the first one. @throws UsageError */
export function choose({ releases, deployments }: Umbrella, name: string | undefined): Chosen {
  const wanted = name ?? (releases["all"] === undefined ? Object.keys(releases)[0] : "all")
  if (wanted === undefined) {
    throw new UsageError("umbel.config.ts has no release", "umbel gen release all makes one of all applications")
  }
  if (releases[wanted] !== undefined) return { name: wanted, releases: [wanted], types: releases[wanted].applications }
  const deployment = deployments?.[wanted]
  if (deployment === undefined) {
    throw new UsageError(
      `there is no release or deployment ${wanted}`,
      `${list("releases", releases)}; ${list("deployments", deployments)}`,
    )
  }
  const names = Object.keys(deployment)
  const tables = names.map((release) => releases[release]!.applications)
  return { name: wanted, releases: names, types: Object.assign({}, ...tables) as Chosen["types"] }
}

export interface Configuration {
  /** What stands over an application's own, lowest first: see `layers.ts`. */
  readonly of: (application: string) => readonly object[]
  /** What travels with messages: of the first release that says so in `runtime.config.ts`. */
  readonly traceContext: TraceContext | undefined
}

/** @throws UsageError, ConfigError */
export async function configurationOf(
  { root, umbrella }: Project,
  { releases }: Chosen,
  set: readonly string[],
): Promise<Configuration> {
  const said = new Map(
    await Promise.all(
      releases.map(
        async (release) => [release, await layersOf({ root, umbrella, release, env: process.env, set })] as const,
      ),
    ),
  )
  const of = (application: string): readonly object[] => {
    const release = releases.find((one) => umbrella.releases[one]!.applications[application] !== undefined)
    return (said.get(release ?? "")?.layers ?? []).map(({ config }) => config[application] ?? {})
  }
  const traceContext = [...said.values()].map(({ node }) => node.traceContext).find((one) => one !== undefined)
  return { of, traceContext }
}
