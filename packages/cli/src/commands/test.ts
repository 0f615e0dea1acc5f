/**
 * `umbel test`: the tests of every application as one run, with one summary and one seed; inside an application only its own.
 *
 * It runs on vitest, whose own options go behind `--`. Exit codes: 2 when tests failed, 3 when too little is covered, 1 when nothing was selected.
 */
import { randomInt } from "node:crypto"
import { existsSync } from "node:fs"
import { readFile, realpath } from "node:fs/promises"
import { join, relative, resolve } from "node:path"
import { wantsColour } from "../colour.ts"
import { applicationOf, type Graph, readGraph, slashed } from "../graph/graph.ts"
import { paint, say } from "../project/files.ts"
import { packageFolder } from "../project/tools.ts"
import { chosen, here, type Workspace, type WorkspaceApplication } from "../project/workspace.ts"
import { changedSince } from "../testing/changed.ts"
import type { ReadyWorker } from "../testing/ready-worker.ts"
import { type FileOutcome, type RunOutcome, runTests, workerFor } from "../testing/run.ts"
import {
  affected,
  atTest,
  digest,
  type History,
  readHistory,
  stale,
  testFiles,
  writeHistory,
} from "../testing/selection.ts"
import { COVERAGE_LOW, TESTS_FAILED, UsageError } from "../usage-error.ts"

export interface TestOptions {
  readonly app: readonly string[]
  readonly seed?: string
  readonly watch?: boolean
  readonly stale?: boolean
  readonly failed?: boolean
  readonly affected?: string | true
  readonly cover?: string | true
  readonly passWithNoTests?: boolean
  readonly json?: boolean
}

const SEEDS = 1_000_000

export async function test(paths: readonly string[], own: readonly string[], options: TestOptions): Promise<void> {
  const { workspace, application } = await here()
  const seed = options.seed === undefined ? randomInt(1, SEEDS) : Number(options.seed)
  if (!Number.isInteger(seed) || seed < 0) {
    throw new UsageError(`--seed ${options.seed} is no seed`, "a whole number; 0 leaves tests in their order")
  }
  const threshold = coverage(options.cover, workspace.root)
  // So that vitest and its workers write as we do.
  if (!wantsColour(process.stdout, process.env)) process.env["NO_COLOR"] = "1"
  const ready = workerFor(workspace.root, own, options.watch === true)
  try {
    await testIn(workspace, application, paths, own, options, seed, threshold, ready)
  } finally {
    ready?.close()
  }
}

async function testIn(
  workspace: Workspace,
  application: WorkspaceApplication | undefined,
  paths: readonly string[],
  own: readonly string[],
  options: TestOptions,
  seed: number,
  threshold: number | undefined,
  ready: ReadyWorker | undefined,
): Promise<void> {
  const { root } = workspace
  const graph = await readGraph(workspace)
  const history = await readHistory(root)
  const selection = await select(graph, history, application, paths, options)
  if (selection.files.length === 0) {
    if (options.passWithNoTests !== true && !selection.fine) {
      throw new UsageError(selection.reason, "--pass-with-no-tests makes that no failure")
    }
    return say(options.json === true ? asJson(workspace, { files: [], unhandled: 0 }, seed) : selection.reason)
  }
  const run = {
    root,
    filters: selection.files,
    options: own,
    watch: options.watch === true,
    seed,
    names: options.failed === true ? failedNames(graph, history) : undefined,
    cover: options.cover !== undefined,
    quiet: options.json === true,
  }
  const outcome = await runTests(run, ready)
  await remember(graph, history, outcome, options.failed !== true && own.length === 0 && !selection.partial)
  if (options.json === true) say(asJson(workspace, outcome, seed))
  else summarize(workspace, outcome, seed)
  process.exitCode = await exitCode(root, outcome, threshold, options)
}

interface Selection {
  /** Paths from the root, some with `:LINE`. */
  readonly files: readonly string[]
  /** Why there are none, when there are. */
  readonly reason: string
  /** Whether none is as it should be: whoever asks for what is stale or failed hopes for that. */
  readonly fine: boolean
  /** Whether only part of a file's tests may run. */
  readonly partial: boolean
}

async function select(
  graph: Graph,
  history: History,
  application: WorkspaceApplication | undefined,
  paths: readonly string[],
  options: TestOptions,
): Promise<Selection> {
  const { workspace } = graph
  const wanted =
    options.app.length > 0 ? chosen(workspace, options.app) : application === undefined ? undefined : [application]
  let files = testFiles(graph).filter(
    (path) => wanted === undefined || wanted.includes(graph.files.get(path)!.application!),
  )
  let reason = "there are no tests here"
  const any = files.length > 0
  if (options.stale === true) {
    const those = stale(graph, history)
    files = files.filter((path) => those.includes(path))
    reason = "no tests are stale: all have passed with the code as it is"
  }
  if (options.failed === true) {
    files = files.filter((path) => history.failed[path] !== undefined)
    reason = "no tests failed in their last run"
  }
  if (options.affected !== undefined) {
    const those = affected(graph, changedSince(workspace.root, options.affected))
    for (const one of those) say(`${paint("cyan", one.application)} ${paint("dim", one.reason)}`)
    files = files.filter((path) => those.some((one) => one.application === graph.files.get(path)!.application?.name))
    reason = "no application is affected"
  }
  const fine = any && files.length === 0
  if (paths.length === 0) return { files, reason, fine, partial: false }
  const located = await Promise.all(paths.map((path) => locate(graph, path)))
  const picked = located.flatMap(({ prefix, line }) =>
    files
      .filter((path) => prefix === "" || path === prefix || path.startsWith(`${prefix}/`))
      .map((path) => (line === undefined ? path : `${path}:${atTest(graph.files.get(path)!.text, line)}`)),
  )
  return {
    files: picked,
    reason: `${reason} among ${paths.join(", ")}`,
    fine,
    partial: located.some(({ line }) => line !== undefined),
  }
}

/** A path as typed, from the working directory or else the root. @throws UsageError when nothing is there */
async function locate(graph: Graph, typed: string): Promise<{ prefix: string; line: number | undefined }> {
  const [, path = typed, line] = /^(.*?)(?::(\d+))?$/.exec(typed) ?? []
  const { root } = graph.workspace
  const found = [resolve(path), join(root, path)].find((one) => existsSync(one))
  if (found === undefined) throw new UsageError(`there is no ${path}`, "give a file or folder with tests, or FILE:LINE")
  return { prefix: slashed(relative(root, await realpath(found))), line: line === undefined ? undefined : Number(line) }
}

/** A pattern for the tests that failed; undefined when some file failed as a whole. */
function failedNames(graph: Graph, { failed }: History): string | undefined {
  const rows = Object.entries(failed).filter(([path]) => graph.files.has(path))
  if (rows.some(([, names]) => names.length === 0)) return undefined
  const escaped = rows
    .flatMap(([, names]) => names)
    .map((name) => name.replaceAll(" > ", " ").replace(/[$()*+.?[\\\]^{|}]/g, "\\$&"))
  return `^(${escaped.join("|")})$`
}

/** Keeps what failed, and, of files that ran as a whole, what passed. */
async function remember(graph: Graph, before: History, { files }: RunOutcome, whole: boolean): Promise<void> {
  const passed = { ...before.passed }
  const failed = { ...before.failed }
  for (const file of files) {
    if (isBad(file)) {
      failed[file.path] = file.failed
      delete passed[file.path]
    } else {
      if (file.passed > 0) delete failed[file.path]
      if (whole && graph.files.has(file.path)) passed[file.path] = digest(graph, file.path)
    }
  }
  await writeHistory(graph.workspace.root, { passed, failed })
}

const isBad = (file: FileOutcome): boolean => file.failed.length > 0 || file.broken

interface Row {
  tests: number
  failed: number
  skipped: number
}

/** By application, in the order of their names. */
function rowsOf(workspace: Workspace, { files }: RunOutcome): readonly (readonly [string, Row])[] {
  const rows = new Map<string, Row>()
  for (const file of files) {
    const name = applicationOf(workspace, file.path)?.name ?? workspace.name
    const row = rows.get(name) ?? { tests: 0, failed: 0, skipped: 0 }
    row.tests += file.passed + file.failed.length
    row.failed += file.failed.length + (file.broken ? 1 : 0)
    row.skipped += file.skipped
    rows.set(name, row)
  }
  return [...rows].sort()
}

function summarize(workspace: Workspace, outcome: RunOutcome, seed: number): void {
  const rows = rowsOf(workspace, outcome)
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  for (const [name, { tests, failed, skipped }] of rows) {
    const counts = `${tests} ${tests === 1 ? "test" : "tests"}, ${failed} ${failed === 1 ? "failure" : "failures"}`
    say(
      `  ${name.padEnd(width)}  ${paint(failed > 0 ? "red" : "green", counts)}${skipped > 0 ? paint("dim", `, ${skipped} skipped`) : ""}`,
    )
  }
  say(`\n${paint("dim", seed === 0 ? "In the order in which they are written" : `Randomized with seed ${seed}`)}`)
}

function asJson(workspace: Workspace, outcome: RunOutcome, seed: number): string {
  const ok = !outcome.files.some(isBad) && outcome.unhandled === 0
  const applications = Object.fromEntries(rowsOf(workspace, outcome))
  return JSON.stringify({ ok, seed, applications, files: outcome.files, unhandled: outcome.unhandled }, null, 2)
}

async function exitCode(
  root: string,
  { files, unhandled }: RunOutcome,
  threshold: number | undefined,
  options: TestOptions,
): Promise<number> {
  if (files.some(isBad) || unhandled > 0) return TESTS_FAILED
  if (files.every((file) => file.passed === 0) && options.passWithNoTests !== true) {
    process.stderr.write("umbel: no test was selected\n       --pass-with-no-tests makes that no failure\n")
    return 1
  }
  if (threshold === undefined) return 0
  const covered = await coveredLines(root)
  if (covered >= threshold) return 0
  process.stderr.write(`umbel: ${covered} % of the lines are covered, and ${threshold} % are wanted\n`)
  return COVERAGE_LOW
}

/** The least percentage of lines. @throws UsageError when coverage cannot be measured */
function coverage(cover: string | true | undefined, root: string): number | undefined {
  if (cover === undefined) return undefined
  packageFolder("@vitest/coverage-v8", root)
  if (cover === true) return undefined
  const percent = Number(cover)
  if (percent >= 0 && percent <= 100) return percent
  throw new UsageError(`--cover ${cover} is no percentage`, "0 to 100, or nothing")
}

async function coveredLines(root: string): Promise<number> {
  const text = await readFile(join(root, "coverage", "coverage-summary.json"), "utf8")
  return (JSON.parse(text) as { total: { lines: { pct: number } } }).total.lines.pct
}
