/**
 * The workspace of a folder: an umbrella with the applications under `apps/`, or one application alone.
 *
 * ```ts
 * const workspace = await readWorkspace(findRoot(process.cwd()))
 * workspace.applications.map((application) => application.name)   // ["a", "b", "c"]
 * ```
 */
import { existsSync } from "node:fs"
import { readdir, readFile, realpath } from "node:fs/promises"
import { join, sep } from "node:path"
import { findRoot } from "../umbrella.ts"
import { UsageError } from "../usage-error.ts"

export interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly type?: string
  readonly workspaces?: unknown
  readonly exports?: unknown
  readonly umbel?: { readonly application?: string }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
export interface WorkspaceApplication {
  /** As in `umbel.config.ts`: the name of its folder under `apps`. */
  readonly name: string
  /** As imports name it: `@abc/a`. */
  readonly packageName: string
  readonly folder: string
  readonly manifest: Manifest
}
export interface Workspace {
  readonly root: string
  readonly name: string
  readonly umbrella: boolean
  readonly manifest: Manifest
  readonly applications: readonly WorkspaceApplication[]
}

/** @throws UsageError naming the file */
export async function readManifest(folder: string): Promise<Manifest> {
  const file = join(folder, "package.json")
  const text = await readFile(file, "utf8").catch(() => {
    throw new UsageError(`${file} does not exist`, "umbel new makes projects that have one")
  })
  try {
    return JSON.parse(text) as Manifest
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${(error as Error).message}`, "mend it by hand")
  }
}

/** The workspace whose root that is. @throws UsageError */
export async function readWorkspace(folder: string): Promise<Workspace> {
  const root = await realpath(folder)
  const manifest = await readManifest(root)
  const apps = join(root, "apps")
  const umbrella = existsSync(apps) || manifest.workspaces !== undefined
  const name = manifest.name ?? "workspace"
  if (!umbrella) {
    const application = { name, packageName: name, folder: root, manifest }
    return { root, name, umbrella, manifest, applications: [application] }
  }
  const folders = existsSync(apps) ? await readdir(apps, { withFileTypes: true }) : []
  const applications = await Promise.all(
    folders
      .filter((entry) => entry.isDirectory() && existsSync(join(apps, entry.name, "package.json")))
      .map(async (entry): Promise<WorkspaceApplication> => {
        const own = await readManifest(join(apps, entry.name))
        return { name: entry.name, packageName: own.name ?? entry.name, folder: join(apps, entry.name), manifest: own }
      }),
  )
  return { root, name, umbrella, manifest, applications: applications.sort((a, b) => (a.name < b.name ? -1 : 1)) }
}

/** The workspace of the working directory, and the application that one lies in, if any. @throws UsageError */
export async function here(): Promise<{ workspace: Workspace; application: WorkspaceApplication | undefined }> {
  const workspace = await readWorkspace(findRoot(process.cwd()))
  const at = await realpath(process.cwd())
  const application = workspace.applications.find(
    ({ folder }) => at === folder || (workspace.umbrella && at.startsWith(folder + sep)),
  )
  return { workspace, application: application ?? (workspace.umbrella ? undefined : workspace.applications[0]) }
}

/** The applications of those names. @throws UsageError naming one that does not exist */
export function chosen({ applications }: Workspace, names: readonly string[]): readonly WorkspaceApplication[] {
  return names.map((name) => {
    const found = applications.find((application) => application.name === name)
    if (found !== undefined) return found
    throw new UsageError(
      `there is no application ${name}`,
      `applications: ${applications.map((application) => application.name).join(", ") || "none"}`,
    )
  })
}

/** What package.json says it may import; with those for development in tests. */
export function declared(manifest: Manifest, development: boolean): ReadonlySet<string> {
  const { dependencies, peerDependencies, optionalDependencies, devDependencies } = manifest
  const tables = [dependencies, peerDependencies, optionalDependencies, development ? devDependencies : undefined]
  return new Set(tables.flatMap((table) => Object.keys(table ?? {})))
}

/** The applications it needs by its package.json. */
export function neededBy(workspace: Workspace, application: WorkspaceApplication): readonly WorkspaceApplication[] {
  const names = declared(application.manifest, false)
  return workspace.applications.filter((other) => other !== application && names.has(other.packageName))
}
