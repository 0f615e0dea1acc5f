/**
 * `umbel check`: who imports what, cycles between applications, and types. Exit code 4 when something is wrong.
 */
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join, relative } from "node:path"
import { boundaryViolations, cycles, neededReferences } from "../graph/boundaries.ts"
import { type Graph, readGraph } from "../graph/graph.ts"
import { addReferences } from "../project/edit.ts"
import { paint, say, tidyJson, Writing } from "../project/files.ts"
import { here, type Workspace } from "../project/workspace.ts"
import { describeProblems } from "../reload/problems.ts"
import { CHECK_FAILED } from "../usage-error.ts"
import { compileAll } from "./compile.ts"

export interface CheckOptions {
  readonly types?: boolean
  readonly boundaries?: boolean
  readonly cycles?: boolean
  readonly fix?: boolean
  readonly json?: boolean
}

/** What a check found: each with its lines; none when all is well. */
interface Check {
  readonly name: string
  readonly run: () => Promise<readonly string[]> | readonly string[]
}

export async function check(options: CheckOptions): Promise<void> {
  const { workspace } = await here()
  const graph = await readGraph(workspace)
  const all = options.boundaries !== true && options.cycles !== true && options.types !== true
  const checks: readonly Check[] = [
    ...(all || options.boundaries === true ? [{ name: "boundaries", run: () => boundaries(graph) }] : []),
    ...(all || options.cycles === true ? [{ name: "cycles", run: () => circles(graph) }] : []),
    ...(all || options.types === true
      ? [
          { name: "references", run: () => references(workspace, options.fix === true, new Writing(options)) },
          { name: "types", run: () => types(workspace) },
        ]
      : []),
  ]
  const done: { name: string; ok: boolean; ms: number; found: readonly string[] }[] = []
  for (const { name, run } of checks) {
    const started = performance.now()
    const found = await run()
    const ms = Math.round(performance.now() - started)
    done.push({ name, ok: found.length === 0, ms, found })
    if (found.length > 0) process.exitCode = CHECK_FAILED
    if (options.json === true) continue
    say(
      `${found.length === 0 ? paint("green", "ok    ") : paint("red", "failed")} ${name.padEnd(10)} ${paint("dim", `${ms} ms`)}`,
    )
    if (found.length > 0) say(`\n${found.map((line) => (line === "" ? "" : `  ${line}`)).join("\n")}\n`)
  }
  if (options.json === true) say(JSON.stringify({ ok: done.every(({ ok }) => ok), checks: done }, null, 2))
}

function boundaries(graph: Graph): readonly string[] {
  return boundaryViolations(graph).flatMap(({ at, problem, cures }, i) => [
    ...(i === 0 ? [] : [""]),
    `${paint("bold", at)} ${problem}`,
    ...(cures.length === 0 ? [] : ["to mend it, do one of these:"]),
    ...cures.map((cure, n) => `  ${n + 1}. ${cure}`),
  ])
}

function circles(graph: Graph): readonly string[] {
  return cycles(graph).map(
    (names) => `${[...names, names[0]].join(" → ")}: none can start first; move what they share into one of its own`,
  )
}

/** `tsc -b` goes by the references of tsconfig.json, people by the dependencies of package.json: they must say the same. */
async function references(workspace: Workspace, fix: boolean, writing: Writing): Promise<readonly string[]> {
  const lines: string[] = []
  const needed = neededReferences(workspace)
  for (const { name, folder } of workspace.applications) {
    const file = join(folder, "tsconfig.json")
    const paths = needed.get(name) ?? []
    if (paths.length === 0 || !existsSync(file)) continue
    const text = await readFile(file, "utf8")
    const mended = addReferences(text, paths)
    if (mended === undefined || JSON.stringify(mended) === JSON.stringify(JSON.parse(text))) continue
    const shown = relative(workspace.root, file)
    if (fix) await writing.change({ file, content: tidyJson(mended) })
    else lines.push(`${paint("bold", shown)} lacks references to ${paths.join(", ")}; umbel check --fix adds them`)
  }
  return lines
}

/** As `umbel compile` does it: what has not changed since it compiled is not compiled again. */
async function types(workspace: Workspace): Promise<readonly string[]> {
  const outcomes = await compileAll(workspace, workspace.applications, false, () => {})
  return outcomes.flatMap(({ application, status, problems }) => {
    if (status === "failed") return describeProblems(problems, workspace.root).split("\n")
    return status === "skipped" ? [`${application} was not checked: something it needs does not compile`] : []
  })
}
