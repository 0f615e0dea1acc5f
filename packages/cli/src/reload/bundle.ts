/**
 * One application as one script: what is its own is bundled, packages and other applications stay outside.
 *
 * ```ts
 * const bundler = await Bundler.open(workspace, application)
 * const { code, modules, packages } = await bundler.build()     // some milliseconds, after the first time
 * ```
 *
 * esbuild makes CommonJS of it, as a script can be forgotten and an ES module never is. Every import that leads out of the application is resolved
 * here, at build time: what is wrong with one is told with its line, and nothing has changed yet.
 */
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { dirname, join, relative, sep } from "node:path"
import { pathToFileURL } from "node:url"
import { type BuildContext, type BuildFailure, context, type Metafile, type Plugin } from "esbuild"
import { isOfNode, slashed } from "../graph/graph.ts"
import type { Workspace, WorkspaceApplication } from "../project/workspace.ts"
import { type Problem, ProblemsFound } from "./problems.ts"

export interface Bundle {
  readonly code: string
  /** Its source map, as JSON. */
  readonly map: string
  /** Files of the application to the names under which the script exports what they export. */
  readonly modules: ReadonlyMap<string, string>
  /** What is outside, as addresses to import: of Node.js, of packages. */
  readonly packages: readonly string[]
  /** Files of other applications that it imports. */
  readonly others: readonly string[]
}

/** How the script calls for a file of another application. */
export const OTHER = "umbel-application:"
const ENTRY = "umbel-entry:"
const CODE = /\.[cm]?[jt]sx?$/

export class Bundler {
  readonly #workspace: Workspace
  readonly #application: WorkspaceApplication
  #context!: BuildContext
  /** Files that are part of it whether or not `application.ts` leads to them: what it exports, what others import. */
  readonly #roots = new Set<string>()
  #modules: readonly string[] = []

  private constructor(workspace: Workspace, application: WorkspaceApplication) {
    this.#workspace = workspace
    this.#application = application
  }

  static async open(workspace: Workspace, application: WorkspaceApplication): Promise<Bundler> {
    const bundler = new Bundler(workspace, application)
    for (const file of [applicationFile(application), ...exportedFiles(application)]) {
      if (existsSync(file)) bundler.#roots.add(file)
    }
    const outfile = join(workspace.root, ".umbel", "dev", `${application.name}.cjs`)
    bundler.#context = await context({
      entryPoints: [{ in: ENTRY, out: application.name }],
      outfile,
      absWorkingDir: workspace.root,
      bundle: true,
      write: false,
      platform: "node",
      format: "cjs",
      target: `node${process.versions.node}`,
      // An import(…) becomes a require of what was imported beforehand: a script has no loader of its own.
      supported: { "dynamic-import": false },
      conditions: process.execArgv.includes("--conditions=@umbel/source") ? ["@umbel/source"] : [],
      keepNames: true,
      sourcemap: "external",
      sourcesContent: false,
      metafile: true,
      logLevel: "silent",
      plugins: [bundler.#plugin()],
    })
    return bundler
  }

  /** Makes a file part of it; whether it was not yet. */
  include(file: string): boolean {
    if (this.#roots.has(file) || this.#modules.includes(file)) return false
    this.#roots.add(file)
    return true
  }

  /** @throws ProblemsFound with what does not compile */
  async build(): Promise<Bundle> {
    for (;;) {
      const { outputFiles, metafile } = await this.#context.rebuild().catch((failure: BuildFailure) => {
        throw new ProblemsFound(problemsOf(failure, this.#workspace.root))
      })
      // Which files there are is known only now: built once more, the script exports what each of them exports.
      const found = this.#filesOf(metafile!)
      if (found.join() !== this.#modules.join()) {
        this.#modules = found
        continue
      }
      const [code, map] = [".cjs", ".map"].map((end) => outputFiles!.find(({ path }) => path.endsWith(end))!.text)
      const outside = Object.values(metafile!.outputs).flatMap(({ imports }) => imports.map(({ path }) => path))
      return {
        // Imported namespaces are used as they are: esbuild would take them for CommonJS.
        code: code!.replace(/__toESM\((require\("[^"\n]*"\)), 1\)/g, "$1"),
        map: map!,
        modules: new Map(found.map((file, i) => [file, `m${i}`])),
        packages: [...new Set(outside.filter((path) => !path.startsWith(OTHER)))],
        others: [...new Set(outside.filter((path) => path.startsWith(OTHER)).map((path) => path.slice(OTHER.length)))],
      }
    }
  }

  close(): Promise<void> {
    return this.#context.dispose()
  }

  /** The files that its roots lead to: those that nothing leads to any more are no part of it. */
  #filesOf({ inputs }: Metafile): readonly string[] {
    const { root } = this.#workspace
    const found = new Set([...this.#roots].filter(existsSync))
    // A set may grow while it is walked: what is added is visited too.
    for (const file of found) {
      for (const { path, external } of inputs[slashed(relative(root, file))]?.imports ?? []) {
        if (external !== true && CODE.test(path)) found.add(join(root, path))
      }
    }
    return [...found].sort()
  }

  #plugin(): Plugin {
    const { folder } = this.#application
    return {
      name: "umbel",
      setup: (build) => {
        build.onResolve({ filter: /^umbel-entry:$/ }, ({ path }) => ({ path, namespace: "umbel" }))
        build.onLoad({ filter: /.*/, namespace: "umbel" }, () => ({ contents: this.#entry(), resolveDir: folder }))
        build.onResolve({ filter: /.*/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
          if (pluginData === RESOLVING || kind === "entry-point") return undefined
          if (isOfNode(path)) return { path: path.startsWith("node:") ? path : `node:${path}`, external: true }
          const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: RESOLVING })
          if (found.errors.length > 0) return { errors: found.errors }
          return this.#outside(found.path) ?? undefined
        })
        build.onLoad({ filter: CODE, namespace: "file" }, async ({ path }) => {
          const text = await readFile(path, "utf8")
          return text.includes("import.meta") ? { contents: withMeta(text, path), loader: "ts" } : undefined
        })
      },
    }
  }

  /** Where that file is when it is not one of this application's. */
  #outside(file: string): { path: string; external: true } | undefined {
    const { folder } = this.#application
    const packages = `${sep}node_modules${sep}`
    if (file.startsWith(folder + sep) && !file.slice(folder.length).includes(packages)) return undefined
    const other = this.#workspace.applications.find((one) => file.startsWith(one.folder + sep))
    if (other !== undefined && other.folder !== folder && !file.slice(other.folder.length).includes(packages)) {
      return { path: OTHER + file, external: true }
    }
    return { path: pathToFileURL(file).href, external: true }
  }

  /** A module that exports every module, so that what is defined in any of them can be found. */
  #entry(): string {
    const files = [...new Set([...this.#modules, ...this.#roots])].filter(existsSync).sort()
    return files.map((file, i) => `export * as m${i} from ${JSON.stringify(file)}`).join("\n")
  }
}

const RESOLVING = Symbol("resolving")

/** `src/application.ts`, or where package.json says it is. */
export const applicationFile = ({ folder, manifest }: WorkspaceApplication): string =>
  join(folder, manifest.umbel?.application ?? "src/application.ts")

function exportedFiles({ folder, manifest }: WorkspaceApplication): readonly string[] {
  const targets = (value: unknown): string[] =>
    typeof value === "string"
      ? [value]
      : typeof value === "object" && value !== null
        ? Object.values(value).flatMap(targets)
        : []
  return targets(manifest.exports)
    .filter((target) => CODE.test(target) && !target.includes("*") && !target.endsWith(".d.ts"))
    .map((target) => join(folder, target))
}

/** What `import.meta` is in a script: on the first line, so that the lines stay where they are. */
function withMeta(text: string, path: string): string {
  const meta = { url: pathToFileURL(path).href, filename: path, dirname: dirname(path) }
  return `const __umbel_meta = ${JSON.stringify(meta)};${text.replaceAll(/\bimport\.meta\b/g, "__umbel_meta")}`
}

function problemsOf({ errors }: BuildFailure, root: string): readonly Problem[] {
  return (errors ?? []).map(({ text, location }) => ({
    text,
    ...(location === null
      ? {}
      : { file: join(root, location.file), line: location.line, column: location.column + 1, length: location.length }),
  }))
}
