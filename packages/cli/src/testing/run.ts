/** Runs vitest over a workspace, in this process, and says what came of it. */
import { existsSync } from "node:fs"
import { join, relative } from "node:path"
import { pathToFileURL } from "node:url"
import { slashed } from "../graph/graph.ts"
import { packageFolder } from "../project/tools.ts"
import { ReadyWorker } from "./ready-worker.ts"

export interface TestRun {
  readonly root: string
  /** Parts of paths, from the root. */
  readonly filters: readonly string[]
  /** Options in vitest's own words, as typed: they win over ours. */
  readonly options: readonly string[]
  readonly watch: boolean
  /** 0 leaves tests in the order in which they are written. */
  readonly seed: number
  /** A regular expression for the full names of tests. */
  readonly names: string | undefined
  readonly cover: boolean
  /** Whether vitest writes nothing itself. */
  readonly quiet: boolean
}
export interface FileOutcome {
  /** From the root. */
  readonly path: string
  readonly passed: number
  readonly skipped: number
  /** Full names. */
  readonly failed: readonly string[]
  /** What went wrong, in the words of whoever threw it. */
  readonly errors: readonly string[]
  /** Whether something failed outside of any test. */
  readonly broken: boolean
}
export interface RunOutcome {
  readonly files: readonly FileOutcome[]
  /** Errors that belong to no file. */
  readonly unhandled: number
}

/** The sources of the applications whose tests run: those that no test loads count too, and nobody else's. */
const coveredBy = (filters: readonly string[]): string[] =>
  [...new Set(filters.map((path) => /^apps\/[^/]+\//.exec(path)?.[0] ?? ""))].map(
    (folder) => `${folder}src/**/*.{ts,tsx}`,
  )

const CONFIGS = ["vitest", "vite"].flatMap((name) =>
  ["ts", "mts", "cts", "js", "mjs", "cjs"].map((ending) => `${name}.config.${ending}`),
)

/**
 * A worker for a run to come; undefined where the project or its user has said how workers are to be.
 * @throws UsageError where there is no vitest
 */
export function workerFor(root: string, options: readonly string[], watch: boolean): ReadyWorker | undefined {
  const own = conditions().length > 0 || options.length > 0 || CONFIGS.some((file) => existsSync(join(root, file)))
  return own ? undefined : new ReadyWorker({ root, vitest: packageFolder("vitest", root), watch })
}

/** Of imports, as this command itself was started with. */
const conditions = (): readonly string[] =>
  process.execArgv.flatMap((arg) => (arg.startsWith("--conditions=") ? [arg.slice(13)] : []))

export async function runTests(
  { root, filters, options, watch, seed, names, cover, quiet }: TestRun,
  ready: ReadyWorker | undefined,
): Promise<RunOutcome> {
  const vitest = (await import(
    pathToFileURL(join(packageFolder("vitest", root), "dist", "node.js")).href
  )) as typeof import("vitest/node")
  // Absolute, as vitest takes FILE:LINE from the working directory, and other filters from the root.
  const paths = filters.map((filter) => join(root, filter))
  const typed = vitest.parseCLI(["vitest", watch ? "watch" : "run", ...paths, ...options], {
    allowUnknownOptions: false,
  })
  const resolving = { conditions: [...conditions(), "node"] }
  const instance = await vitest.startVitest(
    "test",
    typed.filter,
    {
      root,
      watch,
      // As in mix, all files of a worker share its modules: these hold no state that could leak, and loading them once is most of the speed.
      isolate: false,
      ...ready?.options(vitest),
      ...(quiet ? { reporters: [{}] } : {}),
      // In the order of the seed: tests that only pass one after another are found out.
      sequence: seed === 0 ? {} : { seed, shuffle: { files: true, tests: true } },
      ...(filters.some((filter) => /:\d+$/.test(filter)) ? { includeTaskLocation: true } : {}),
      ...(names === undefined ? {} : { testNamePattern: names }),
      ...(cover
        ? { coverage: { enabled: true, reporter: ["text", "json-summary"], include: coveredBy(filters) } }
        : {}),
      // Built packages that are linked in, as from a checkout, are loaded as they are.
      server: { deps: { external: [/\/dist\/.+\.m?js$/] } },
      ...typed.options,
    },
    conditions().length === 0 ? {} : { resolve: resolving, ssr: { resolve: resolving } },
  )
  if (watch && instance.shouldKeepServer()) {
    await new Promise<void>((resolve) => instance.onClose(() => resolve()))
  }
  const files = instance.state.getTestModules().map((module): FileOutcome => {
    const tests = [...module.children.allTests()]
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length
    return {
      path: slashed(relative(root, module.moduleId)),
      passed: count("passed"),
      skipped: count("skipped"),
      failed: tests.filter((test) => test.result().state === "failed").map((test) => test.fullName),
      errors: [...module.errors(), ...tests.flatMap((test) => test.result().errors ?? [])].map(
        ({ message }) => message,
      ),
      broken: module.state() === "failed" && count("failed") === 0,
    }
  })
  const unhandled = instance.state.getUnhandledErrors().length
  await instance.close()
  return { files, unhandled }
}
