/** The hooks: in vitest here, in node:test and in failing runs of both as programs of their own. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { useTestNode, useTestWorld } from "../../src/testing/index.ts"
import { COUNTER, counter } from "./parts.ts"

describe("in vitest", () => {
  const t = useTestNode({ beforeEach, afterEach })
  const world = useTestWorld({ beforeEach, afterEach }, { seed: 5 })
  const names: string[] = []
  test.each([1, 2])("each test has its own node and world (%i)", async () => {
    await t().startSupervised(counter, { arg: 3, name: COUNTER })
    expect(await t().call(COUNTER).get()).toBe(3)
    expect([world().seed, world().now]).toEqual([5, 0])
    names.push(t().name)
    expect(new Set(names).size).toBe(names.length)
  })
})

test("outside of a test there is none, and says so", () => {
  const run: (() => Promise<void>)[] = []
  const hooks = { beforeEach: (it: () => Promise<void>) => run.push(it), afterEach: () => {} }
  expect(() => useTestNode(hooks)()).toThrow("useTestNode(…)() is for the body of a test")
})

test("tests that run concurrently are told to make their own", async () => {
  let before: () => Promise<void> = async () => {}
  let after: (context: unknown) => Promise<void> = async () => {}
  const hooks = {
    beforeEach: (it: () => Promise<void>) => {
      before = it
    },
    afterEach: (it: (context: unknown) => Promise<void>) => {
      after = it
    },
  }
  useTestNode(hooks)
  await before()
  await expect(before()).rejects.toThrow("useTestNode serves one test at a time")
  await after({})
})

describe("in node:test", () => {
  const fixture = fileURLToPath(new URL("./node-test.fixture.ts", import.meta.url))
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--conditions=@umbel/source", "--import=tsx", "--test", "--test-reporter=tap", fixture],
    // vitest's own would make it a part of this run.
    { encoding: "utf8", env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: undefined } },
  )
  const said = stdout + stderr
  test("a test that passes does, and one with a leftover crash fails with its report", () => {
    expect(said).toMatch(/^ *ok \d+ - counts$/m)
    expect(said).toMatch(/not ok \d+ - forgets a crash/)
    expect(said).toMatch(/a process crashed, which the test did not expect/)
    expect(said).toMatch(/Error: out of ink/)
    expect(said).toMatch(/^ *ok \d+ - expects a crash$/m)
    expect(status).toBe(1)
  })
  test("the seed of a failed test is printed before its failure", () => {
    const at = said.search(/seed 99 failed; UMBEL_SEED=99 runs it again/)
    expect(at).toBeGreaterThanOrEqual(0)
    expect(said).toMatch(/not ok \d+ - fails in a world/)
  })
})
