/**
 * The code of a workspace's applications, and how a running node goes on with it when it changes.
 *
 * ```ts
 * const reloader = await Reloader.open(workspace, ["a", "b"])
 * const node = await boot({ name, applications: reloader.applications })
 * await reloader.reload(node, "b")      // { application: "b", changes: [{ module: "b.server", outcome: "changed" }], … }
 * ```
 *
 * Each application is one bundle and is reloaded as one; the others keep their code and their state. What they import of it they look up at each use, so
 * names, functions and definitions are the new ones from then on. What they made of an import while they loaded (a constant computed from it, a class that
 * extends it) stays as it was until they are loaded anew: see docs/dev.md.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import type { Application, Node } from "umbel"
import {
  type ApplicationSpec,
  applicationsOf,
  type CodeChange,
  changeCode,
  application as define,
  type LoadedApplication,
} from "umbel/otp"
import { neededBy, type Workspace, type WorkspaceApplication } from "../project/workspace.ts"
import { UsageError } from "../usage-error.ts"
import { applicationFile, type Bundle, Bundler } from "./bundle.ts"
import { type AnyDefinition, type Exports, Generation, view } from "./generation.ts"
import { importFrom } from "./import-from.ts"
import { childrenBelow, type Settled, settleTree } from "./tree.ts"

export interface Reloaded {
  readonly application: string
  /** False when the code is what it was: then nothing was done. */
  readonly changed: boolean
  readonly changes: readonly CodeChange[]
  /** Children of its supervisors that ended or were started anew, as its tree wants it now. */
  readonly settled: readonly Settled[]
  /** Why only a restart of the node will show all of the change, where that is so. */
  readonly notes: readonly string[]
}

interface Loaded {
  readonly application: WorkspaceApplication
  readonly bundler: Bundler
  readonly views: Map<string, Exports>
  bundle: Bundle
  generation: Generation
}

export class Reloader {
  readonly #workspace: Workspace
  readonly #loaded = new Map<string, Loaded>()
  readonly #configured = new Map<string, Application>()

  private constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  /** Builds and loads these applications and those they import. @throws ProblemsFound, UsageError; rejects with what a module throws */
  static async open(workspace: Workspace, names: readonly string[]): Promise<Reloader> {
    const reloader = new Reloader(workspace)
    for (const name of names) reloader.#find(name)
    const order = inOrder(workspace, names)
    const opened = await Promise.all(
      order.map(async (application) => ({ application, bundler: await Bundler.open(workspace, application) })),
    )
    const bundles = new Map<string, Bundle>()
    const build = async ({ application, bundler }: (typeof opened)[number]): Promise<void> =>
      void bundles.set(application.name, await bundler.build())
    try {
      await Promise.all(opened.map(build))
      // What others import past what an application exports belongs to its bundle too.
      for (const wanted of [...bundles.values()].flatMap(({ others }) => others)) {
        const one = opened.find(({ application }) => wanted.startsWith(application.folder))
        if (one?.bundler.include(wanted) === true) await build(one)
      }
      for (const { application, bundler } of opened) {
        const bundle = bundles.get(application.name)!
        const generation = await reloader.#run(application, bundle)
        reloader.#loaded.set(application.name, { application, bundler, bundle, generation, views: new Map() })
      }
    } catch (error) {
      await Promise.all(opened.map(({ bundler }) => bundler.close()))
      throw error
    }
    return reloader
  }

  get names(): readonly string[] {
    return [...this.#loaded.keys()]
  }

  /**
   * The application, with `config` over its own: it starts with whatever its code is then.
   * @throws UsageError where its file has no application of that name
   */
  application(name: string, config: readonly object[] = []): Application {
    const made = config.reduce<Application>((one, over) => one.with(over), define(this.#specOf(name)))
    this.#configured.set(name, made)
    return made
  }

  /** An application's files, as `import` sees them from outside: the current ones. */
  async import(specifier: string): Promise<Exports> {
    const owner = this.#workspace.applications.find(({ packageName }) => specifier === packageName)
    const loaded = owner === undefined ? undefined : this.#loaded.get(owner.name)
    const index = owner === undefined ? undefined : indexFile(owner)
    if (loaded !== undefined && index !== undefined && loaded.generation.exportsOf(index) !== undefined) {
      return this.#view(loaded, index)
    }
    return importFrom(this.#workspace.root, specifier)
  }

  /**
   * Goes on with the code of that application as its files are now. `permit` is awaited before anything changes: types are checked meanwhile.
   * @throws ProblemsFound, or what a module or `start` throws: then the old code runs on
   */
  async reload(node: Node, name: string, permit: Promise<void> = Promise.resolve()): Promise<Reloaded> {
    const loaded = this.#loaded.get(name)!
    const nothing = { application: name, changed: false, changes: [], settled: [], notes: [] }
    // Whoever comes first with what is wrong.
    const [bundle] = await Promise.all([loaded.bundler.build(), permit])
    if (bundle.code === loaded.bundle.code) return nothing
    await this.#provide(bundle)
    const before = this.#specIn(loaded.generation, loaded.application)
    const generation = await this.#run(loaded.application, bundle)
    const spec = this.#specIn(generation, loaded.application)
    const definitions = new Set(generation.definitions)
    const running = applicationsOf(node).find((one) => one.name === name)
    const kept = running?.supervisor === undefined ? new Map() : childrenBelow(node, running.supervisor)
    if (running?.supervisor !== undefined && spec?.start !== undefined) {
      const configured = this.#configured.get(name) as unknown as LoadedApplication
      const config = await withSpec(configured, spec).config()
      definitions.add((await spec.start(config, node)) as AnyDefinition)
    }
    const old = loaded.generation.definitions
    const fresh = [...definitions].filter((definition) => !old.has(definition))
    loaded.generation = generation
    loaded.bundle = bundle
    const changes = await changeCode(node, fresh)
    const settled = await settleTree(node, kept)
    return { application: name, changed: true, changes, settled, notes: notesOn(before, spec, running !== undefined) }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#loaded.values()].map(({ bundler }) => bundler.close()))
  }

  #find(name: string): WorkspaceApplication {
    const found = this.#workspace.applications.find((application) => application.name === name)
    if (found !== undefined) return found
    const folder = join(this.#workspace.root, "apps", name)
    throw new UsageError(
      `there is no application ${name}: ${join(folder, "package.json")} does not exist`,
      "make it, or take it out of the release",
    )
  }

  #run(application: WorkspaceApplication, bundle: Bundle): Promise<Generation> {
    const file = join(this.#workspace.root, ".umbel", "dev", `${application.name}.cjs`)
    return Generation.run(bundle, file, (other) => {
      const owner = [...this.#loaded.values()].find(({ application: { folder } }) => other.startsWith(folder))
      // It is not loaded yet only where applications import each other in a circle.
      if (owner === undefined) {
        throw new UsageError(
          `${application.name} imports ${other}, which needs it to be loaded first`,
          "umbel check --cycles shows the circle",
        )
      }
      return this.#view(owner, other)
    })
  }

  #view(owner: Loaded, file: string): Exports {
    const known = owner.views.get(file)
    if (known !== undefined) return known
    const made = view(() => owner.generation.exportsOf(file) ?? {})
    owner.views.set(file, made)
    return made
  }

  /** A new import of another application's file, which that one's bundle may not have yet. */
  async #provide(bundle: Bundle): Promise<void> {
    for (const file of bundle.others) {
      const owner = [...this.#loaded.values()].find(({ application: { folder } }) => file.startsWith(folder))
      if (owner === undefined) {
        throw new UsageError(`${file} is of an application that was not loaded`, "start umbel dev again")
      }
      if (!owner.bundler.include(file)) continue
      owner.bundle = await owner.bundler.build()
      owner.generation = await this.#run(owner.application, owner.bundle)
    }
  }

  /** What an application needs is, where it is of this workspace, what is started under that name here. */
  #delegate(needed: Application): Application {
    return this.#loaded.has(needed.name) ? (this.#configured.get(needed.name) ?? this.application(needed.name)) : needed
  }

  #specIn(generation: Generation, application: WorkspaceApplication): ApplicationSpec<object> | undefined {
    const made = generation.exportsOf(applicationFile(application))?.["default"] as
      | Partial<LoadedApplication>
      | undefined
    return made?.name === application.name ? made.spec : undefined
  }

  /** A specification that is always the current one: what runs holds on to no generation through it. */
  #specOf(name: string): ApplicationSpec<object> {
    const application = this.#find(name)
    const current = (): ApplicationSpec<object> => {
      const { generation } = this.#loaded.get(name)!
      const spec = this.#specIn(generation, application)
      if (spec !== undefined) return spec
      const file = applicationFile(application)
      throw existsSync(file)
        ? new UsageError(
            `${file} has no default export of an application called ${name}`,
            `export default application({ name: "${name}", … })`,
          )
        : new UsageError(
            `the application ${name} has no ${file}`,
            `write it, or name another in ${join(application.folder, "package.json")} as "umbel": { "application": … }`,
          )
    }
    const has = current()
    const reloader = this
    return {
      name,
      get description() {
        return current().description ?? ""
      },
      get needs() {
        return (current().needs ?? []).map((one) => reloader.#delegate(one))
      },
      get modules() {
        return current().modules ?? []
      },
      get config() {
        return current().config ?? {}
      },
      ...(has.start === undefined ? {} : { start: (config, node) => current().start!(config, node) }),
      stop: () => current().stop?.(),
    }
  }
}

const withSpec = (configured: LoadedApplication, spec: ApplicationSpec<object>): LoadedApplication =>
  configured.overrides.reduce<Application>((one, over) => one.with(over), define(spec)) as unknown as LoadedApplication

function notesOn(
  before: ApplicationSpec<object> | undefined,
  now: ApplicationSpec<object> | undefined,
  runs: boolean,
): readonly string[] {
  if (!runs) return []
  const needs = (spec: typeof now): string => (spec?.needs ?? []).map(({ name }) => name).join(", ")
  if (needs(before) !== needs(now))
    return [`it needs ${needs(now) || "no application"} now, which a restart will start`]
  if ((before?.start === undefined) !== (now?.start === undefined))
    return [`it has ${now?.start === undefined ? "no" : "a"} supervision tree now, which a restart will show`]
  return []
}

/** `.` of the exports of its package.json. */
function indexFile({ folder, manifest }: WorkspaceApplication): string | undefined {
  const { exports } = manifest
  const entry = typeof exports === "object" && exports !== null ? (exports as Record<string, unknown>)["."] : exports
  const file =
    typeof entry === "object" && entry !== null ? Object.values(entry).find((one) => typeof one === "string") : entry
  return typeof file === "string" ? join(folder, file) : undefined
}

/** These and those they need, each after what it needs. */
function inOrder(workspace: Workspace, names: readonly string[]): readonly WorkspaceApplication[] {
  const order = new Set<WorkspaceApplication>()
  const visit = (application: WorkspaceApplication, above: readonly WorkspaceApplication[]): void => {
    if (order.has(application) || above.includes(application)) return
    for (const needed of neededBy(workspace, application)) visit(needed, [...above, application])
    order.add(application)
  }
  for (const application of workspace.applications) if (names.includes(application.name)) visit(application, [])
  return [...order]
}
