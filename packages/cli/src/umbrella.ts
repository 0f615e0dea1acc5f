/**
 * The umbrella: which applications there are, which releases are made of them, and how those are deployed. Data, in `umbel.config.ts`:
 *
 * ```ts
 * export default defineUmbrella({
 *   releases: {
 *     all:   { applications: { index: "permanent", ingest: "permanent", web: "permanent" } },
 *     front: { applications: { ingest: "permanent", web: "permanent" } },
 *     back:  { applications: { index: "permanent" } },
 *   },
 *   deployments: {
 *     mono:  { all: 1 },
 *     split: { back: 1, front: 1 },      // started in this order, stopped in reverse
 *   },
 * })
 * ```
 */
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Application, ApplicationType } from "umbel"
import { UsageError } from "./usage-error.ts"

export interface Umbrella {
  /** A release is what one node runs: applications, and what the end of each means to the node. */
  readonly releases: Readonly<Record<string, Release>>
  /** How many nodes of which release, started in the order they are written. */
  readonly deployments?: Readonly<Record<string, Deployment>> | undefined
  /** Configuration over the applications' own defaults, by application. */
  readonly config?: Readonly<Record<string, object>> | undefined
  /** The port of the observer page of a deployment's first front node; 4040 unless told, `false` for none. */
  readonly observer?: number | false | undefined
  /** Erlang expressions that `umbel up` shows as lines to paste; `nodeOf` says which node runs an application. */
  readonly tryFromErlang?: ((nodeOf: (application: string) => string) => readonly string[]) | undefined
}
export interface Release {
  readonly applications: Readonly<Record<string, ApplicationType>>
}
export type Deployment = Readonly<Record<string, number>>

/** Types what it is given. */
export const defineUmbrella = (umbrella: Umbrella): Umbrella => umbrella

/** The file that makes a folder the root. */
export const CONFIG = "umbel.config.ts"

/** The folder of the nearest `umbel.config.ts`, at or above `from`. @throws UsageError */
export function findRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, CONFIG))) return folder
    if (dirname(folder) === folder) {
      throw new UsageError(`there is no ${CONFIG} in ${from} or above it`, "go into an umbrella, or make one")
    }
  }
}

/** The umbrella of that folder, checked. @throws UsageError naming what is wrong */
export async function loadUmbrella(root: string): Promise<Umbrella> {
  const file = join(root, CONFIG)
  await requireModules(root)
  const loaded = (await import(pathToFileURL(file).href)) as { default?: unknown }
  const umbrella = loaded.default
  if (typeof umbrella !== "object" || umbrella === null || !("releases" in umbrella)) {
    throw new UsageError(
      `${file} has no default export with \`releases\``,
      "export default defineUmbrella({ releases: … })",
    )
  }
  const checked = umbrella as Umbrella
  for (const [deployment, counts] of Object.entries(checked.deployments ?? {})) {
    for (const [release, count] of Object.entries(counts)) {
      if (checked.releases[release] === undefined) {
        throw new UsageError(
          `${file}: the deployment ${deployment} has a release ${release} that is not defined`,
          list("releases", checked.releases),
        )
      }
      if (!Number.isInteger(count) || count < 1) {
        throw new UsageError(
          `${file}: the deployment ${deployment} wants ${count} of ${release}`,
          "write a whole number from 1 on",
        )
      }
    }
  }
  return checked
}

/** Without it Node.js takes TypeScript files for CommonJS, and says so in ways nobody understands. */
async function requireModules(folder: string): Promise<void> {
  const file = join(folder, "package.json")
  const manifest = await readFile(file, "utf8").catch(() => "{}")
  if ((JSON.parse(manifest) as { type?: string }).type === "module") return
  throw new UsageError(`${file} does not say that its files are ES modules`, 'write "type": "module" into it')
}

/** "releases: all, front, back", for people. */
export const list = (what: string, table: Readonly<Record<string, unknown>> | undefined): string =>
  `${what}: ${Object.keys(table ?? {}).join(", ") || "none"}`

/** `apps/NAME`; the root itself where one application stands alone, and is called so. */
async function folderOf(root: string, name: string): Promise<string> {
  if (existsSync(join(root, "apps"))) return join(root, "apps", name)
  const own = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { name?: string; umbel?: object }
  return own.umbel !== undefined && own.name === name ? root : join(root, "apps", name)
}

/** The application of that name: `apps/NAME`, whose package.json may say where (`"umbel": { "application": … }`). @throws UsageError */
export async function loadApplication(root: string, name: string): Promise<Application> {
  const folder = await folderOf(root, name)
  const manifest = join(folder, "package.json")
  if (!existsSync(manifest)) {
    throw new UsageError(
      `there is no application ${name}: ${manifest} does not exist`,
      "make it, or take it out of the release",
    )
  }
  await requireModules(folder)
  const { umbel } = JSON.parse(await readFile(manifest, "utf8")) as { umbel?: { application?: string } }
  const file = join(folder, umbel?.application ?? "src/application.ts")
  if (!existsSync(file))
    throw new UsageError(
      `the application ${name} has no ${file}`,
      `write it, or name another in ${manifest} as "umbel": { "application": … }`,
    )
  const loaded = (await import(pathToFileURL(file).href)) as { default?: Application }
  if (loaded.default?.name !== name) {
    throw new UsageError(
      `${file} has no default export of an application called ${name}`,
      `export default application({ name: "${name}", … })`,
    )
  }
  return loaded.default
}
