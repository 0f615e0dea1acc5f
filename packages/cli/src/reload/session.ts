/**
 * Code that follows the files: what is saved is checked, reloaded, and told; what is wrong with it is told once, and the code that runs stays.
 *
 * ```ts
 * const session = new Session(workspace, reloader, true)
 * const watching = session.watch(node)
 * // ↻ reloaded b in 43 ms: 2 servers changed, 1 restarted
 * ```
 */
import { existsSync, readdirSync } from "node:fs"
import { basename, dirname, join, relative, sep } from "node:path"
import { inspect, type Node } from "umbel"
import { isTest } from "../graph/graph.ts"
import { paint, say } from "../project/files.ts"
import { neededBy, type Workspace, type WorkspaceApplication } from "../project/workspace.ts"
import { CONFIG } from "../umbrella.ts"
import { UsageError } from "../usage-error.ts"
import { applicationFile } from "./bundle.ts"
import { describeProblems, type Problem, ProblemsFound } from "./problems.ts"
import type { Reloaded, Reloader } from "./reloader.ts"
import { stackOf } from "./stack.ts"
import { TypeServer } from "./type-server.ts"
import { watchFolders } from "./watch.ts"

/** Files on one side, a node on the other. */
export class Session {
  readonly #workspace: Workspace
  readonly #reloader: Reloader
  readonly #types: Promise<TypeServer | undefined>
  #node: Node | undefined
  #work: Promise<unknown> = Promise.resolve()
  #closing = false
  /** What was shown last of each application, so that nothing is shown twice. */
  readonly #shown = new Map<string, string>()

  constructor(workspace: Workspace, reloader: Reloader, types: boolean) {
    this.#workspace = workspace
    this.#reloader = reloader
    this.#types = types ? TypeServer.start(workspace.root) : Promise.resolve(undefined)
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#work
    await (await this.#types)?.stop()
  }

  /** The node that is to follow. */
  attach(node: Node): void {
    this.#node = node
  }

  watch(node: Node): readonly { close(): void }[] {
    this.attach(node)
    const { root } = this.#workspace
    const loaded = this.#loaded
    const sources = loaded.map((application) => dirname(applicationFile(application)))
    const owner = (file: string): WorkspaceApplication | undefined =>
      loaded.find((application) => file.startsWith(dirname(applicationFile(application)) + sep))
    return [
      watchFolders(sources, (files, at) => {
        for (const application of new Set([...files].map(owner))) {
          if (application !== undefined) void this.#queue(() => this.#reload(application, at))
        }
      }),
      watchFolders(
        [...new Set([root, ...loaded.map(({ folder }) => folder)])],
        (files) => this.#settings(files),
        false,
      ),
    ]
  }

  /** All applications whose code is another one now; for the shell. */
  recompile(): Promise<readonly string[]> {
    return this.#queue(async () => {
      const lines: string[] = []
      for (const application of this.#loaded) {
        const line = await this.#reload(application, performance.now())
        if (line !== undefined) lines.push(line)
      }
      return lines
    })
  }

  /** Types of everything, from the beginning: nothing depends on the outcome, and TypeScript is warm then. */
  async checkAll(): Promise<void> {
    for (const application of this.#loaded) {
      this.#show(typesOf(application), await this.#check(application), "the code runs nevertheless")
    }
  }

  get #loaded(): readonly WorkspaceApplication[] {
    return this.#workspace.applications.filter(({ name }) => this.#reloader.names.includes(name))
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work)
    this.#work = done.catch(() => {})
    return done
  }

  async #reload(application: WorkspaceApplication, at: number): Promise<string | undefined> {
    const { name } = application
    const permit = this.#check(application).then((problems) => {
      if (problems.length > 0) throw new ProblemsFound(problems)
    })
    // Whoever fails first is reported; the other one's failure is the same mistake seen again.
    permit.catch(() => {})
    try {
      const reloaded = await this.#reloader.reload(this.#node!, name, permit)
      if (!reloaded.changed) {
        if (this.#shown.delete(name))
          say(`${paint("green", "ok")} ${name}: the code that runs is what is written again`)
        return undefined
      }
      this.#shown.delete(name)
      this.#shown.delete(typesOf(application))
      const line = describe(reloaded, performance.now() - at)
      say(`${paint("green", "↻")} ${line}`)
      for (const note of [...reloaded.notes, ...failures(reloaded)]) say(`  ${paint("yellow", "!")} ${note}`)
      void this.#checkDependents(application)
      return line
    } catch (error) {
      this.#failed(name, error)
      return undefined
    }
  }

  #failed(name: string, error: unknown): void {
    const kept = `${name} runs on with the code it has`
    if (error instanceof ProblemsFound) this.#show(name, error.problems, kept)
    else if (error instanceof UsageError) this.#tell(name, `${error.message}; ${error.cure}`, kept)
    else this.#tell(name, stackOf(error), kept)
  }
  #show(name: string, problems: readonly Problem[], after: string): void {
    if (problems.length > 0) this.#tell(name, describeProblems(problems, this.#workspace.root), after)
  }
  #tell(name: string, text: string, after: string): void {
    if (this.#shown.get(name) === text) return
    this.#shown.set(name, text)
    say(`${paint("red", "✗")} ${text}\n  ${paint("dim", after)}`)
  }

  async #check(application: WorkspaceApplication): Promise<readonly Problem[]> {
    const types = await this.#types
    if (types === undefined || types.ended) return []
    try {
      return await types.check(sourcesOf(application))
    } catch (error) {
      if (!types.ended) throw error
      const until = "types are not checked any more, until umbel dev is started again"
      if (!this.#closing) this.#tell("", "TypeScript's server has ended", until)
      return []
    }
  }

  /** Other applications go on with what they import of it, whether it fits or not: that it does not is said. */
  async #checkDependents(application: WorkspaceApplication): Promise<void> {
    for (const other of this.#loaded) {
      if (!neededBy(this.#workspace, other).includes(application)) continue
      const problems = await this.#check(other)
      if (problems.length === 0) this.#shown.delete(typesOf(other))
      else this.#show(typesOf(other), problems, `${other.name} does not fit the new ${application.name}`)
    }
  }

  #settings(files: ReadonlySet<string>): void {
    for (const file of files) {
      if (basename(file) !== CONFIG && basename(file) !== "package.json") continue
      // Said once: a save is several events, and the cure is the same for all of them.
      if (this.#shown.has(file)) continue
      const shown = relative(this.#workspace.root, file)
      this.#shown.set(file, shown)
      say(`${paint("yellow", "!")} ${shown} has changed: start umbel dev again to use it`)
    }
  }
}

const typesOf = ({ name }: WorkspaceApplication): string => `${name}'s types`

/** The files beside and below `application.ts`, but for tests. */
function sourcesOf(application: WorkspaceApplication): readonly string[] {
  const folder = dirname(applicationFile(application))
  if (!existsSync(folder)) return []
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  return files
    .filter((file) => /\.[cm]?tsx?$/.test(file) && !isTest(file) && !/(?:^|[\\/])(?:node_modules|dist)[\\/]/.test(file))
    .map((file) => join(folder, file))
}

function describe({ application, changes, settled }: Reloaded, ms: number): string {
  const count = (what: string): number =>
    changes.filter(({ outcome }) => outcome === what).length + settled.filter((one) => one.what === what).length
  const changed = count("changed")
  const parts = [
    `${changed} ${changed === 1 ? "server" : "servers"} changed`,
    ...["restarted", "stopped", "failed"].map((what) => (count(what) === 0 ? "" : `${count(what)} ${what}`)),
  ]
  return `reloaded ${application} in ${Math.round(ms)} ms: ${parts.filter((part) => part !== "").join(", ")}`
}

/** Why something did not simply change. */
const failures = ({ changes, settled }: Reloaded): readonly string[] => [
  ...changes
    .filter(({ outcome }) => outcome !== "changed")
    .map(({ module, pid, outcome, reason }) => `${module} ${pid} ${outcome}: ${wordsOf(reason)}`),
  ...settled
    .filter(({ what }) => what === "failed")
    .map(({ title, reason }) => `${title} does not start: ${wordsOf(reason)}`),
]
const wordsOf = (reason: unknown): string => (reason instanceof Error ? reason.message : inspect(reason, { limit: 10 }))
