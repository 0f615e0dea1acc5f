/**
 * Nodes and worlds that come and go with each test: for vitest, node:test and whatever has a `beforeEach` and an `afterEach`.
 *
 * ```ts
 * import { afterEach, beforeEach, test } from "vitest"        // or from "node:test"
 * const t = useTestNode({ beforeEach, afterEach })
 *
 * test("a counter counts", async () => {
 *   await t().startSupervised(counter, { arg: 0, name: COUNTER })
 *   …
 * })
 * ```
 *
 * When a test has failed its node's reports are printed, and its world's seed before them.
 */
import { consoleReports } from "../nodejs/index.ts"
import type { NoteReport } from "../runtime/index.ts"
import { type TestNodeOptions, testNode } from "./real.ts"
import type { TestNode } from "./test-node.ts"
import { type TestWorld, type TestWorldOptions, testWorld } from "./virtual.ts"

/** The hooks of the framework. */
export interface Hooks {
  readonly beforeEach: (run: () => Promise<void>) => unknown
  readonly afterEach: (run: (context: unknown) => Promise<void>) => unknown
}

/** The node of the test that runs. */
export function useTestNode(hooks: Hooks, options: TestNodeOptions = {}): () => TestNode {
  return use(
    hooks,
    "useTestNode",
    () => testNode(options),
    (t) => {
      const print = consoleReports("debug")
      for (const report of t.reports.reports) print(report)
    },
  )
}

/** The world of the test that runs. */
export function useTestWorld(hooks: Hooks, options: TestWorldOptions = {}): () => TestWorld {
  return use(
    hooks,
    "useTestWorld",
    () => testWorld(options),
    (world) => {
      const text = `seed ${world.seed} failed; UMBEL_SEED=${world.seed} runs it again`
      consoleReports()({
        kind: "note",
        level: "error",
        at: world.now,
        node: "test",
        from: "test",
        text,
      } satisfies NoteReport)
    },
  )
}

function use<T extends AsyncDisposable>(
  { beforeEach, afterEach }: Hooks,
  name: string,
  make: () => Promise<T>,
  onFailure: (made: T) => void,
): () => T {
  let current: T | undefined
  beforeEach(async () => {
    if (current !== undefined) {
      throw new TypeError(`${name} serves one test at a time; tests that run concurrently make their own`)
    }
    current = await make()
  })
  afterEach(async (context) => {
    const made = current
    current = undefined
    if (made === undefined) return
    if (hasFailed(context)) onFailure(made)
    await made[Symbol.asyncDispose]()
  })
  return () => {
    if (current === undefined) throw new TypeError(`${name}(…)() is for the body of a test: there is none running`)
    return current
  }
}

/** vitest tells it in `context.task.result`, node:test (from 20.12 on) in `context.error`. */
function hasFailed(context: unknown): boolean {
  if (typeof context !== "object" || context === null) return false
  const { task, error } = context as { task?: { result?: { state?: unknown } }; error?: unknown }
  return task?.result?.state === "fail" || (error !== undefined && error !== null)
}
