/**
 * The files of a workspace and what they import: of each other, of other applications, of packages.
 *
 * ```ts
 * const graph = await readGraph(workspace)
 * graph.files.get("apps/a/src/index.ts")?.edges   // [{ to: "apps/b/src/index.ts", specifier: "@abc/b", typeOnly: false, line: 2 }]
 * ```
 */
import { existsSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { isBuiltin } from "node:module"
import { dirname, join, relative, resolve, sep } from "node:path"
import type { Workspace, WorkspaceApplication } from "../project/workspace.ts"
import { type Import, importsOf } from "./imports.ts"

export interface Edge extends Import {
  /** The file in the workspace that it leads to, from the root; undefined when it leads out of the workspace. */
  readonly to: string | undefined
}
export interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string
  /** The application it belongs to; undefined for files at the root. */
  readonly application: WorkspaceApplication | undefined
  readonly text: string
  readonly edges: readonly Edge[]
  readonly problem: string | undefined
}
export interface Graph {
  readonly workspace: Workspace
  readonly files: ReadonlyMap<string, SourceFile>
}

const SOURCE = /\.[cm]?[jt]sx?$/
const SKIPPED = new Set(["node_modules", "dist", "coverage", "_build"])
export const isTest = (path: string): boolean => /\.(test|spec)\.[cm]?[jt]sx?$/.test(path)

/** @throws UsageError as `readWorkspace` does */
export async function readGraph(workspace: Workspace): Promise<Graph> {
  const paths = (await sourcesBelow(workspace.root)).map((file) => slashed(relative(workspace.root, file))).sort()
  const known = new Set(paths)
  const files = await Promise.all(
    paths.map(async (path): Promise<[string, SourceFile]> => {
      const text = await readFile(join(workspace.root, path), "utf8")
      const { imports, problem } = importsOf(path, text)
      const edges = imports.map((one) => ({ ...one, to: target(workspace, known, path, one.specifier) }))
      return [path, { path, application: applicationOf(workspace, path), text, edges, problem }]
    }),
  )
  return { workspace, files: new Map(files) }
}

export const slashed = (path: string): string => path.split(sep).join("/")

async function sourcesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const found = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return SKIPPED.has(entry.name) || entry.name.startsWith(".") ? [] : sourcesBelow(path)
      return SOURCE.test(entry.name) && !entry.name.endsWith(".d.ts") ? [path] : []
    }),
  )
  return found.flat()
}

/** The application in whose folder that file lies. */
export function applicationOf(workspace: Workspace, path: string): WorkspaceApplication | undefined {
  if (!workspace.umbrella) return workspace.applications[0]
  const file = join(workspace.root, path)
  return workspace.applications.find(({ folder }) => file.startsWith(folder + sep))
}

/** `@abc/b/x` is the package `@abc/b`. */
export function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")
}

/** Neither a package nor of Node.js: a file. */
export const isRelative = (specifier: string): boolean => /^\.{0,2}\//.test(specifier) || /^\.{1,2}$/.test(specifier)
export const isOfNode = (specifier: string): boolean => isBuiltin(specifier)

function target(workspace: Workspace, known: ReadonlySet<string>, from: string, specifier: string): string | undefined {
  const { root, applications } = workspace
  if (isRelative(specifier)) {
    return firstKnown(known, slashed(relative(root, resolve(root, dirname(from), specifier))))
  }
  const application = applications.find(({ packageName }) => packageName === packageOf(specifier))
  if (application === undefined) return undefined
  const subpath = `.${specifier.slice(application.packageName.length)}`
  const file = exported(application.manifest.exports, subpath)
  if (file === undefined || !existsSync(join(application.folder, file))) return undefined
  return firstKnown(known, slashed(relative(root, join(application.folder, file))))
}

/** With the endings that may be left out, and `.js` written for `.ts`. */
function firstKnown(known: ReadonlySet<string>, path: string): string | undefined {
  const tries = [path, path.replace(/\.([cm]?)js$/, ".$1ts"), `${path}.ts`, `${path}/index.ts`]
  return tries.find((one) => known.has(one))
}

function exported(exports: unknown, subpath: string): string | undefined {
  if (typeof exports === "string") return subpath === "." ? exports : undefined
  if (typeof exports !== "object" || exports === null) return subpath === "." ? "src/index.ts" : undefined
  const entry: unknown = (exports as Record<string, unknown>)[subpath]
  if (typeof entry === "string") return entry
  if (typeof entry !== "object" || entry === null) return undefined
  return Object.values(entry).find((one) => typeof one === "string")
}

/** Every file that this one needs, itself included. */
export function closure(graph: Graph, path: string): ReadonlySet<string> {
  const seen = new Set([path])
  // A set may grow while it is walked: what is added is visited too.
  for (const one of seen) {
    for (const { to } of graph.files.get(one)?.edges ?? []) if (to !== undefined) seen.add(to)
  }
  return seen
}

/** Which applications import or declare which: names to names. */
export function applicationEdges({ workspace, files }: Graph): ReadonlyMap<string, ReadonlyMap<string, boolean>> {
  const edges = new Map(workspace.applications.map(({ name }) => [name, new Map<string, boolean>()]))
  const byPackage = new Map(workspace.applications.map((application) => [application.packageName, application.name]))
  for (const { name, manifest } of workspace.applications) {
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      const other = byPackage.get(dependency)
      if (other !== undefined && other !== name) edges.get(name)!.set(other, false)
    }
  }
  for (const { application, edges: imports } of files.values()) {
    if (application === undefined) continue
    for (const { specifier, to, typeOnly } of imports) {
      const other = to === undefined ? byPackage.get(packageOf(specifier)) : applicationOf(workspace, to)?.name
      if (other === undefined || other === application.name) continue
      const row = edges.get(application.name)!
      row.set(other, (row.get(other) ?? true) && typeOnly)
    }
  }
  return edges
}
