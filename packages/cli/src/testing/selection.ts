/**
 * Which test files are to run: by what changed since they passed, by what failed, by applications a branch touches. Content decides, never times.
 */
import { createHash } from "node:crypto"
import { mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { applicationEdges, closure, type Graph, isTest } from "../graph/graph.ts"

/** What is remembered between runs, in `.umbel/tests.json`. */
export interface History {
  /** Test file to the digest of all it needs, when it last passed. */
  readonly passed: Readonly<Record<string, string>>
  /** Test file to the full names of its tests that failed in its last run. None when the file itself did. */
  readonly failed: Readonly<Record<string, readonly string[]>>
}

const fileOf = (root: string): string => join(root, ".umbel", "tests.json")

/** An unreadable history is none: then everything counts as changed. */
export async function readHistory(root: string): Promise<History> {
  try {
    const { passed = {}, failed = {} } = JSON.parse(await readFile(fileOf(root), "utf8")) as Partial<History>
    return { passed, failed }
  } catch {
    return { passed: {}, failed: {} }
  }
}
export async function writeHistory(root: string, history: History): Promise<void> {
  await mkdir(dirname(fileOf(root)), { recursive: true })
  await writeFile(fileOf(root), `${JSON.stringify(history, null, 1)}\n`)
}

export const testFiles = (graph: Graph): readonly string[] => [...graph.files.keys()].filter(isTest)

/** Digest of a test file, of every file it needs, and of the manifests that say which packages those get. */
export function digest(graph: Graph, path: string): string {
  const hash = createHash("sha256")
  hash.update(JSON.stringify(graph.workspace.manifest))
  for (const file of [...closure(graph, path)].sort()) {
    const { application, text = "" } = graph.files.get(file) ?? {}
    hash.update(`${file}\0${text}\0${JSON.stringify(application?.manifest ?? {})}\0`)
  }
  return hash.digest("hex").slice(0, 32)
}

/** Those that have not passed with what they need as it is now. */
export const stale = (graph: Graph, { passed }: History): readonly string[] =>
  testFiles(graph).filter((path) => passed[path] !== digest(graph, path))

export interface Affected {
  readonly application: string
  /** Why: "2 files changed", "needs b". */
  readonly reason: string
}

/** Applications with a changed file, and those that need one of them. */
export function affected(graph: Graph, changed: readonly string[]): readonly Affected[] {
  const found = new Map<string, string>()
  const counts = new Map<string, number>()
  for (const path of changed) {
    const application = graph.workspace.umbrella
      ? graph.workspace.applications.find(({ name }) => path.startsWith(`apps/${name}/`))
      : graph.workspace.applications[0]
    if (application !== undefined) counts.set(application.name, (counts.get(application.name) ?? 0) + 1)
  }
  for (const [name, count] of counts) found.set(name, `${count} ${count === 1 ? "file" : "files"} changed`)
  const edges = applicationEdges(graph)
  // Until nothing is added: each round goes one step further up.
  for (let size = -1; size !== found.size; ) {
    size = found.size
    for (const [name, needs] of edges) {
      const because = [...needs.keys()].find((need) => found.has(need))
      if (!found.has(name) && because !== undefined) found.set(name, `needs ${because}`)
    }
  }
  return [...found].map(([application, reason]) => ({ application, reason }))
}

/** `FILE:LINE` as vitest wants it: the line on which a test begins, at or above the one that was meant, else below. The line itself where there is none. */
export function atTest(text: string, line: number): number {
  const begins = text.split("\n").flatMap((one, i) => (/^\s*(test|it|describe)\b/.test(one) ? [i + 1] : []))
  return begins.findLast((at) => at <= line) ?? begins[0] ?? line
}
