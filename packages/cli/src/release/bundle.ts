/**
 * A release's code as few files: the applications, the library and every package they use, by esbuild.
 *
 * ES modules, split where several entries share code, with source maps whose paths begin at the umbrella's root: what is built is the same on every machine.
 * Packages in CommonJS are bundled too. One copy of the library goes in, whoever imports it.
 */
import { existsSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { dirname, join, relative, resolve, sep } from "node:path"
import { fileURLToPath } from "node:url"
import { type BuildFailure, build, type Metafile, type Plugin } from "esbuild"
import type { Workspace, WorkspaceApplication } from "../project/workspace.ts"
import type { Release } from "../umbrella.ts"
import { UsageError } from "../usage-error.ts"
import { assetsPlugin, type Found, nothingFound, packageOf } from "./assets.ts"
import { type Kept, keptPlugin, nameIn } from "./kept.ts"
import { RUNTIME_CONFIG } from "./runtime-config.ts"

export interface BundlePlan {
  readonly workspace: Workspace
  readonly name: string
  readonly version: string
  readonly release: Release
  readonly config: Readonly<Record<string, object>>
  readonly observer: boolean
  /** The folder of the files that come out. */
  readonly to: string
}
export interface Bundled {
  readonly found: Found
  readonly kept: Kept
  /** Bytes by part: each application, the library, each package. */
  readonly sizes: ReadonlyMap<string, number>
  readonly notes: readonly string[]
}

const here = fileURLToPath(import.meta.url)
/** A module of this command, built or not. */
const own = (path: string): string => resolve(dirname(here), path + here.slice(here.lastIndexOf(".")))

/** CommonJS within ES modules asks for Node's own modules by `require`. */
const BANNER = `import { createRequire as umbelCreateRequire } from "node:module";const require = umbelCreateRequire(import.meta.url);`

/** Packages that looked for their own folder come to light in a first build, and are kept out of the next. */
const BUILDS_MAX = 4

/** @throws UsageError for code that does not build */
export async function bundle(plan: BundlePlan): Promise<Bundled> {
  const always = new Set<string>()
  const found = nothingFound()
  for (let i = 0; ; i++) {
    const entries = found.modules.size
    const kept: Kept = new Map()
    const { metafile, warnings } = await once(plan, found, kept, always)
    const lost = await withoutTheirFolder(plan.workspace.root, metafile)
    const more = lost.filter((name) => !always.has(name))
    if ((more.length === 0 && found.modules.size === entries) || i === BUILDS_MAX) {
      onlyOneLibrary(metafile, plan.workspace.root)
      await tidyMaps(plan.to, plan.workspace.root, metafile)
      return { found, kept, sizes: sizesOf(plan.workspace, metafile), notes: [...found.notes, ...warnings] }
    }
    for (const name of more) always.add(name)
  }
}

async function once(
  plan: BundlePlan,
  found: Found,
  kept: Kept,
  always: ReadonlySet<string>,
): Promise<{ metafile: Metafile; warnings: readonly string[] }> {
  const conditions = process.execArgv.flatMap((arg) => (arg.startsWith("--conditions=") ? [arg.slice(13)] : []))
  try {
    const { metafile, warnings } = await build({
      absWorkingDir: plan.workspace.root,
      entryPoints: [
        { in: "umbel-release:entry", out: "main" },
        ...[...found.modules].map(([out, module]) => ({ in: module, out })),
      ],
      outdir: plan.to,
      outExtension: { ".js": ".mjs" },
      chunkNames: "[name]-[hash]",
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20.19",
      ...(conditions.length === 0 ? {} : { conditions: [...conditions, "module"] }),
      // Names stay, as stacks show them; comments with paths of this machine do not.
      minifyWhitespace: true,
      minifySyntax: true,
      legalComments: "none",
      sourcemap: "linked",
      sourcesContent: false,
      metafile: true,
      logLevel: "silent",
      banner: { js: BANNER },
      plugins: [
        entryPlugin(plan),
        onePlugin(plan.workspace.root),
        keptPlugin(kept, always, found.notes),
        assetsPlugin(found),
      ],
    })
    return { metafile, warnings: warnings.map(({ text, location }) => `${location?.file ?? "the bundle"}: ${text}`) }
  } catch (error) {
    const [first] = (error as BuildFailure).errors ?? []
    if (first === undefined) throw error
    const { location, text } = first
    throw new UsageError(
      `${location === null ? "the release" : `${location.file}:${location.line}`} does not build: ${text}`,
      "umbel check shows whether types and imports are in order",
    )
  }
}

/** The module that brings the parts together. */
function entryPlugin(plan: BundlePlan): Plugin {
  return {
    name: "umbel-entry",
    setup(build) {
      build.onResolve({ filter: /^umbel-release:entry$/ }, ({ path }) => ({ path, namespace: "umbel" }))
      build.onLoad({ filter: /./, namespace: "umbel" }, () => ({
        contents: entry(plan),
        loader: "ts",
        resolveDir: plan.workspace.root,
      }))
    },
  }
}

function entry({ workspace, name, version, release, config, observer }: BundlePlan): string {
  const quoted = (path: string): string => JSON.stringify(path.split(sep).join("/"))
  const parts = Object.entries(release.applications).map(([application, type]) => {
    const home = workspace.applications.find((one) => one.name === application)!
    const index = join(home.folder, "src", "index.ts")
    return `{ name: ${JSON.stringify(application)}, type: ${JSON.stringify(type)},
      load: async () => (await import(${quoted(applicationFile(home))})).default,
      exports: ${existsSync(index) ? `() => import(${quoted(index)})` : "undefined"} }`
  })
  const runtime = join(workspace.root, RUNTIME_CONFIG)
  return `import { main } from ${quoted(own("running/main"))}
await main({
  name: ${JSON.stringify(name)}, version: ${JSON.stringify(version)},
  known: ${JSON.stringify(workspace.applications.map((one) => one.name))},
  config: ${JSON.stringify(config)},
  applications: [${parts.join(",\n")}],
  runtime: ${existsSync(runtime) ? `async () => (await import(${quoted(runtime)})).default` : "undefined"},
  observer: ${observer ? `async () => (await import("@umbel/observer")).observer` : "undefined"},
})
`
}

/** The file that exports the application by default. @throws UsageError */
export function applicationFile({ name, folder, manifest }: WorkspaceApplication): string {
  const file = join(folder, manifest.umbel?.application ?? "src/application.ts")
  if (existsSync(file)) return file
  throw new UsageError(
    `the application ${name} has no ${file}`,
    `write it, or name another in its package.json as "umbel": { "application": … }`,
  )
}

/** The library and the observer come from the umbrella, or from this command where it has none: never both. */
function onePlugin(root: string): Plugin {
  return {
    name: "umbel-one",
    setup(build) {
      build.onResolve({ filter: /^(umbel|@umbel\/[a-z-]+)(\/|$)/ }, async ({ path, pluginData, kind }) => {
        if (pluginData !== undefined) return undefined
        for (const resolveDir of [root, dirname(here)]) {
          const found = await build.resolve(path, { kind, resolveDir, pluginData: "umbel-one" })
          if (found.errors.length === 0) return found
        }
        return undefined
      })
    },
  }
}

function onlyOneLibrary(metafile: Metafile, root: string): void {
  const folders = new Set(
    Object.keys(metafile.inputs).flatMap(
      (path) => /^(.*\/)?(?:packages|node_modules)\/umbel\/(?:src|dist)\//.exec(path)?.[0] ?? [],
    ),
  )
  if (folders.size > 1) {
    throw new UsageError(
      `${[...folders].map((folder) => resolve(root, folder)).join(" and ")} are two copies of the library, whose atoms and pids would not know each other`,
      "npm ls umbel shows who asks for which; make them agree",
    )
  }
}

/** Packages in CommonJS that use `__dirname`: in a bundle it leads nowhere. */
async function withoutTheirFolder(root: string, metafile: Metafile): Promise<readonly string[]> {
  const names = new Set<string>()
  for (const [path, { format }] of Object.entries(metafile.inputs)) {
    if (format !== "cjs" || !path.includes("node_modules/")) continue
    if (!/\b__(dirname|filename)\b/.test(await readFile(resolve(root, path), "utf8"))) continue
    const folder = packageOf(resolve(root, path))
    if (folder !== undefined) names.add(nameIn(folder))
  }
  return [...names]
}

/** Paths of sources from the umbrella's root, whichever folder of whichever machine that is. */
async function tidyMaps(to: string, root: string, metafile: Metafile): Promise<void> {
  for (const output of Object.keys(metafile.outputs).filter((path) => path.endsWith(".map"))) {
    const file = resolve(root, output)
    const map = JSON.parse(await readFile(file, "utf8")) as { sources: string[] }
    map.sources = map.sources.map((source) => {
      if (source.includes("umbel-release:entry")) return "../release.ts"
      const path = relative(root, resolve(to, source)).split(sep).join("/")
      if (!path.startsWith("../")) return `../${path}`
      return `../node_modules/${path.replace(/^.*?(?:node_modules\/|packages\/)/, "").replace(/^cli\//, "@umbel/cli/")}`
    })
    await writeFile(file, JSON.stringify(map))
  }
}

function sizesOf(workspace: Workspace, metafile: Metafile): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>()
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const part = partOf(workspace, path)
      sizes.set(part, (sizes.get(part) ?? 0) + bytesInOutput)
    }
  }
  return sizes
}

function partOf(workspace: Workspace, path: string): string {
  const full = resolve(workspace.root, path)
  const application = workspace.applications.find(
    ({ folder }) => full.startsWith(folder + sep) && !path.includes("node_modules/"),
  )
  if (application !== undefined) return application.name
  const folder = packageOf(full)
  if (folder === undefined || !full.includes(sep)) return "the release"
  const installed = folder.includes(`${sep}node_modules${sep}`)
  return installed ? nameIn(folder) : folder === workspace.root ? "the release" : `umbel`
}
