/**
 * `umbel compile`: the types of every application, by project references: each after those it needs, and only where something has changed.
 *
 * What is stale goes by content: a digest of the application's files, its settings, the compiler, and the digests of what it needs. `tsc -b` alone goes by the times of
 * files, and calls a file that is older than its last build fresh, whatever is in it. Inside a project TypeScript goes by content too.
 */
import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { join, relative } from "node:path"
import { type Graph, readGraph } from "../graph/graph.ts"
import { paint, say } from "../project/files.ts"
import { packageFolder } from "../project/tools.ts"
import {
  chosen,
  here,
  neededBy,
  readManifest,
  type Workspace,
  type WorkspaceApplication,
} from "../project/workspace.ts"
import { describeProblems, type Problem } from "../reload/problems.ts"
import { diagnosticsOf, typescript } from "../reload/types.ts"

export interface CompileOptions {
  readonly force?: boolean
  readonly json?: boolean
}

/** What became of one application. */
export interface Outcome {
  readonly application: string
  /** `skipped`: something it needs does not compile. */
  readonly status: "compiled" | "cached" | "failed" | "skipped"
  readonly files: number
  readonly ms: number
  readonly problems: readonly Problem[]
}

/** What compiled the last time, by application: the digest of what went in, and a file that came out. */
type Record_ = Readonly<Record<string, { readonly digest: string; readonly output: string | undefined }>>

const AT_ONCE = 2

export async function compile(names: readonly string[], options: CompileOptions): Promise<void> {
  const { workspace, application } = await here()
  const wanted =
    names.length > 0 ? chosen(workspace, names) : application === undefined ? workspace.applications : [application]
  const outcomes = await compileAll(workspace, wanted, options.force === true, (outcome) => {
    if (options.json !== true) tell(outcome, workspace.root)
  })
  const failed = outcomes.some(({ status }) => status === "failed")
  if (options.json === true) {
    const paths = (problem: Problem): Problem =>
      problem.file === undefined ? problem : { ...problem, file: relative(workspace.root, problem.file) }
    say(
      JSON.stringify(
        { ok: !failed, applications: outcomes.map((one) => ({ ...one, problems: one.problems.map(paths) })) },
        null,
        2,
      ),
    )
  }
  if (failed) process.exitCode = 1
}

/** The files at the root of an umbrella are a project too, which refers to all others. */
const rootOf = ({ umbrella, root, manifest }: Workspace): readonly WorkspaceApplication[] =>
  umbrella && existsSync(join(root, "tsconfig.json")) ? [{ name: ".", packageName: ".", folder: root, manifest }] : []

/** These and what they need; with all of them the files at the root as well. `done` is told of each in its turn. */
export async function compileAll(
  workspace: Workspace,
  wanted: readonly WorkspaceApplication[],
  force: boolean,
  done: (outcome: Outcome) => void,
): Promise<readonly Outcome[]> {
  const { root } = workspace
  const levels = [...levelsOf(workspace, wanted), ...(wanted === workspace.applications ? [rootOf(workspace)] : [])]
  const graph = await readGraph(workspace)
  const version = (await readManifest(packageFolder("typescript", root))).version ?? ""
  const file = join(root, ".umbel", "compiled.json")
  const known: Record_ = force ? {} : await readRecord(file)
  const now: Record<string, Record_[string]> = { ...(await readRecord(file)) }
  const digests = new Map<string, string>()
  const outcomes = new Map<string, Outcome>()
  const compileOne = async (application: WorkspaceApplication): Promise<void> => {
    const { name, folder } = application
    const needed = name === "." ? workspace.applications : neededBy(workspace, application)
    const below = needed.map((one) => digests.get(one.name) ?? "")
    const { digest, files } = await digestOf(graph, application, [version, ...below])
    digests.set(name, digest)
    const before = known[name]
    let outcome: Outcome
    if (needed.some((one) => ["failed", "skipped"].includes(outcomes.get(one.name)?.status ?? ""))) {
      outcome = { application: name, status: "skipped", files, ms: 0, problems: [] }
    } else if (before?.digest === digest && (before.output === undefined || existsSync(join(root, before.output)))) {
      outcome = { application: name, status: "cached", files, ms: 0, problems: [] }
    } else {
      outcome = await compiled(root, application, files)
      if (outcome.status === "compiled") now[name] = { digest, output: await outputOf(root, folder) }
      else delete now[name]
    }
    outcomes.set(name, outcome)
    done(outcome)
  }
  for (const level of levels) {
    for (let i = 0; i < level.length; i += AT_ONCE) await Promise.all(level.slice(i, i + AT_ONCE).map(compileOne))
  }
  await mkdir(join(root, ".umbel"), { recursive: true })
  await writeFile(file, `${JSON.stringify(now, null, 2)}\n`)
  return [...outcomes.values()]
}

async function compiled(root: string, { name, folder }: WorkspaceApplication, files: number): Promise<Outcome> {
  if (!existsSync(join(folder, "tsconfig.json"))) {
    const problem = {
      text: "it has no tsconfig.json; umbel new writes one as it should be",
      file: join(folder, "tsconfig.json"),
    }
    return { application: name, status: "failed", files, ms: 0, problems: [problem] }
  }
  const started = performance.now()
  // Not -b: what it refers to has been compiled before it, and -b would go by times.
  const { code, output } = await typescript(root, ["-p", folder, "--pretty", "false"])
  const found = diagnosticsOf(output, root)
  const problems = code !== 0 && found.length === 0 ? [{ text: output.trim() || "tsc failed" }] : found
  const ms = Math.round(performance.now() - started)
  return { application: name, status: problems.length === 0 ? "compiled" : "failed", files, ms, problems }
}

/** Over everything that goes in: sources with their tests, settings, and what `more` says of others. */
async function digestOf(
  { files }: Graph,
  { name, folder }: WorkspaceApplication,
  more: readonly string[],
): Promise<{ digest: string; files: number }> {
  const hash = createHash("sha256")
  for (const text of more) hash.update(text).update("\0")
  const own = [...files.values()].filter(({ application }) => (application?.name ?? ".") === name)
  for (const { path, text } of own) hash.update(path).update("\0").update(text).update("\0")
  hash.update(await readFile(join(folder, "package.json"), "utf8"))
  for (const text of await settingsOf(join(folder, "tsconfig.json"))) hash.update(text).update("\0")
  return { digest: hash.digest("hex"), files: own.length }
}

/** A tsconfig.json, and those it extends by path. */
async function settingsOf(file: string): Promise<readonly string[]> {
  if (!existsSync(file)) return []
  const text = await readFile(file, "utf8")
  const extended = [...text.matchAll(/"extends"\s*:\s*(?:"([^"]+)"|\[([^\]]*)\])/g)].flatMap(([, one, several]) =>
    one === undefined ? (several?.match(/"[^"]+"/g) ?? []).map((quoted) => quoted.slice(1, -1)) : [one],
  )
  const above = await Promise.all(
    extended.filter((path) => path.startsWith(".")).map((path) => settingsOf(join(file, "..", path))),
  )
  return [text, ...above.flat()]
}

/** A file that compiling leaves behind: where it is gone, others lack the declarations. */
async function outputOf(root: string, folder: string): Promise<string | undefined> {
  const { output } = await typescript(root, ["-p", folder, "--showConfig"])
  const { compilerOptions } = JSON.parse(output) as { compilerOptions?: { tsBuildInfoFile?: string } }
  const info = compilerOptions?.tsBuildInfoFile
  if (info === undefined) return undefined
  const file = join(folder, info)
  return existsSync(file) ? relative(root, file) : undefined
}

async function readRecord(file: string): Promise<Record_> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Record_
  } catch (error) {
    // None yet, or one that was cut off: everything is stale then.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return {}
    throw error
  }
}

/** These and what they need; each level needs only those before it. Applications in a circle come last, together. */
function levelsOf(
  workspace: Workspace,
  wanted: readonly WorkspaceApplication[],
): readonly (readonly WorkspaceApplication[])[] {
  const left = new Set(wanted)
  // A set may grow while it is walked: what is added is visited too.
  for (const application of left) for (const needed of neededBy(workspace, application)) left.add(needed)
  const levels: WorkspaceApplication[][] = []
  while (left.size > 0) {
    const free = [...left].filter((one) => neededBy(workspace, one).every((needed) => !left.has(needed)))
    const level = free.length > 0 ? free : [...left]
    levels.push(level)
    for (const one of level) left.delete(one)
  }
  return levels
}

function tell({ application, status, files, ms, problems }: Outcome, root: string): void {
  const count = `${files} ${files === 1 ? "file" : "files"}`
  switch (status) {
    case "cached":
      return say(`${paint("green", "ok      ")} ${application}  ${paint("dim", `${count}, nothing has changed`)}`)
    case "compiled":
      return say(`${paint("green", "compiled")} ${application}  ${paint("dim", `${count} in ${ms} ms`)}`)
    case "skipped":
      return say(
        `${paint("yellow", "skipped ")} ${application}  ${paint("dim", "something it needs does not compile")}`,
      )
    case "failed":
      return say(`${paint("red", "failed  ")} ${application}\n\n${describeProblems(problems, root)}\n`)
  }
}
