/**
 * Files that code finds beside itself, `new URL("../page/", import.meta.url)`, taken into a release.
 *
 * Code moves when it is bundled, so such an address would lead nowhere. The plugin copies what it names into `assets/` of the release and writes the
 * new address into the code; a module (a worker's, say) becomes a bundle of its own. What cannot be taken is told.
 */
import { createHash } from "node:crypto"
import { existsSync, statSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { basename, dirname, extname, join, relative, resolve } from "node:path"
import type { Loader, OnLoadResult, Plugin } from "esbuild"

export interface Found {
  /** Folder or file, by its path in the release. */
  readonly assets: Map<string, string>
  /** Modules that are to be entries of their own, by the name of their bundle. */
  readonly modules: Map<string, string>
  readonly notes: Set<string>
}
export const nothingFound = (): Found => ({ assets: new Map(), modules: new Map(), notes: new Set() })

const ADDRESS = /new URL\(\s*(["'`])(\.{1,2}\/[^"'`$]*)\1\s*,\s*import\.meta\.url\s*\)/g
const MODULE = /\.[cm]?[jt]sx?$/

export const assetsPlugin = (found: Found): Plugin => ({
  name: "umbel-assets",
  setup(build) {
    build.onLoad({ filter: MODULE }, async ({ path, namespace }): Promise<OnLoadResult | undefined> => {
      if (namespace !== "file") return undefined
      const text = await readFile(path, "utf8")
      if (!text.includes("import.meta.url")) return undefined
      const contents = text.replace(ADDRESS, (whole: string, _quote: string, address: string) => {
        const to = placeOf(found, path, address)
        return to === undefined ? whole : `new URL(${JSON.stringify(to)}, import.meta.url)`
      })
      return contents === text ? undefined : { contents, loader: loaderOf(path) }
    })
  },
})

const loaderOf = (path: string): Loader => (/\.[cm]?ts$/.test(path) ? "ts" : extname(path) === ".tsx" ? "tsx" : "js")

/** Where it is from a file in `lib/` of the release. */
function placeOf(found: Found, from: string, address: string): string | undefined {
  const target = resolve(dirname(from), address)
  const home = packageOf(from)
  if (!existsSync(target) || home === undefined) return undefined
  const inside = relative(home, target)
  if (inside === "" || inside.startsWith("..")) {
    // The whole package, or what lies outside of it, is no asset of its.
    found.notes.add(`${basename(home)}/${relative(home, from)} looks for ${address}, which is not taken along`)
    return undefined
  }
  const digest = createHash("sha256")
    .update(`${basename(home)}/${inside}`)
    .digest("hex")
    .slice(0, 8)
  const name = `${basename(target, extname(target))}-${digest}`
  if (MODULE.test(target)) {
    found.modules.set(name, target)
    return `./${name}.mjs`
  }
  const folder = statSync(target).isDirectory()
  const file = folder ? name : `${name}${extname(target)}`
  found.assets.set(join("assets", file), target)
  return `../assets/${file}${folder ? "/" : ""}`
}

/** The folder of the package that a file belongs to. */
export function packageOf(file: string): string | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) && basename(folder) !== "dist") return folder
  }
  return undefined
}
