/**
 * Packages that cannot be bundled, as they have machine code or look for files beside themselves: they are copied into the release as they are, with what
 * they need, and imported from there.
 */
import { existsSync } from "node:fs"
import { cp, mkdir, readdir, readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { basename, dirname, join, sep } from "node:path"
import type { Plugin } from "esbuild"
import type { Manifest } from "../project/workspace.ts"
import { UsageError } from "../usage-error.ts"
import { packageOf } from "./assets.ts"

/** Names of packages to their folders. */
export type Kept = Map<string, string>

/** How deep machine code lies in a package: `prebuilds/linux-x64/x.node`, `build/Release/x.node`. */
const DEPTH = 3

/** Leaves those packages out of the bundle, and those that turn out to have machine code. */
export const keptPlugin = (kept: Kept, always: ReadonlySet<string>, notes: Set<string>): Plugin => ({
  name: "umbel-kept",
  setup(build) {
    const native = new Map<string, Promise<boolean>>()
    build.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === "umbel-kept" || path.startsWith("node:") || path.startsWith("#")) return undefined
      const found = await build.resolve(path, { ...rest, pluginData: "umbel-kept" })
      if (found.errors.length > 0 || found.external || found.namespace !== "file") return undefined
      const folder = packageOf(found.path)
      // Only what was installed: applications and the library itself are code of this build.
      if (folder === undefined || !folder.includes(`${sep}node_modules${sep}`)) return undefined
      const name = nameIn(folder)
      let isNative = native.get(folder)
      if (isNative === undefined) native.set(folder, (isNative = hasMachineCode(folder, DEPTH)))
      if (!always.has(name) && !(await isNative)) return undefined
      // What its user asks for in a `try`, and does without, is done without: the release runs on every machine then.
      if (rest.kind !== "import-statement" && (await isOptional(name, rest.importer))) {
        notes.add(`${nameIn(packageOf(rest.importer)!)} goes without ${name}, which is optional and has machine code`)
        return { path, external: true }
      }
      kept.set(name, folder)
      return { path, external: true }
    })
  },
})

async function isOptional(name: string, importer: string): Promise<boolean> {
  const folder = packageOf(importer)
  if (folder === undefined) return false
  const { optionalDependencies } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest
  return optionalDependencies?.[name] !== undefined
}

/** `@scope/name` or `name`, from the folder under `node_modules`. */
export function nameIn(folder: string): string {
  const scope = basename(dirname(folder))
  return scope.startsWith("@") ? `${scope}/${basename(folder)}` : basename(folder)
}

async function hasMachineCode(folder: string, depth: number): Promise<boolean> {
  if (existsSync(join(folder, "binding.gyp"))) return true
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith(".node")) return true
    if (depth === 0 || !entry.isDirectory() || entry.name === "node_modules") continue
    if (await hasMachineCode(join(folder, entry.name), depth - 1)) return true
  }
  return false
}

/** Copies them, and all they depend on, into `lib/node_modules`. @throws UsageError where two versions of one package meet */
export async function copyKept(kept: Kept, to: string): Promise<readonly string[]> {
  const all = new Map<string, string>()
  const take = async (name: string, folder: string): Promise<void> => {
    const before = all.get(name)
    if (before === folder) return
    if (before !== undefined) {
      throw new UsageError(
        `two versions of ${name} are needed by packages that cannot be bundled`,
        `npm dedupe, or make them agree on ${name}`,
      )
    }
    all.set(name, folder)
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest
    const optional = Object.keys(manifest.optionalDependencies ?? {})
    for (const needed of [...Object.keys(manifest.dependencies ?? {}), ...optional]) {
      const found = installed(needed, folder)
      if (found !== undefined) await take(needed, found)
      else if (!optional.includes(needed))
        throw new UsageError(`${name} needs ${needed}, which is not installed`, "npm install")
    }
  }
  for (const [name, folder] of kept) await take(name, folder)
  for (const [name, folder] of all) {
    await mkdir(dirname(join(to, name)), { recursive: true })
    const own = join(folder, "node_modules")
    await cp(folder, join(to, name), { recursive: true, dereference: true, filter: (path) => path !== own })
  }
  return [...all.keys()].sort()
}

function installed(name: string, from: string): string | undefined {
  for (const folder of createRequire(join(from, "package.json")).resolve.paths(name) ?? []) {
    if (existsSync(join(folder, name, "package.json"))) return join(folder, name)
  }
  return undefined
}
