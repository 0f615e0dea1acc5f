/** `npm run sim`: what it prints is what is there, and what it leaves out was not needed. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { simulate } from "../../src/sim/index.ts"
import { busy, FAULTS, optionsOf } from "./scenario.ts"
import { shrink } from "./shrink.ts"

const script = fileURLToPath(new URL("../../../../scripts/sim.mjs", import.meta.url))
const run = (...args: string[]): Promise<{ code: unknown; printed: string; said: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], (error, printed, said) =>
      resolve({ code: error?.code ?? 0, printed, said }),
    )
  })

describe("npm run sim", () => {
  test("with a seed prints its options first, and the hash of the very run", async () => {
    const world = simulate({ seed: 42, latency: optionsOf(42).latency })
    const faults: string[] = []
    await busy(world, { without: new Set([3, 7]), tell: (fault) => faults.push(fault) })
    const { code, printed } = await run("42", "--without", "3,7")
    const lines = printed.trim().split("\n")
    expect(code).toBe(0)
    expect(lines[0]).toBe(`seed 42, options ${JSON.stringify({ ...optionsOf(42), without: [3, 7] })}`)
    expect(lines.slice(1, -2).map((line) => line.trim())).toEqual(faults)
    expect(faults).toHaveLength(FAULTS - 2)
    expect(lines.at(-2)).toContain(`hash ${world.trace.hash}`)
    expect(lines.at(-1)).toBe("every invariant held")
  })
  test("refuses what it does not know", async () => {
    for (const args of [["forty"], ["1", "2"], ["--seconds", "no"], ["--without", "99"], ["--faults", "1"]]) {
      const { code, printed, said } = await run(...args)
      expect([code, printed]).toEqual([2, ""])
      expect(said).toMatch(/^[^\n]+\nnpm run sim -- \[SEED\][^\n]*\n$/)
    }
    expect(await run("--help")).toMatchObject({ code: 0, printed: expect.stringMatching(/^npm run sim/) })
  })
})

describe("shrinking", () => {
  test("leaves out all that a failure does not need, and nothing that it does", async () => {
    const needs = new Set([2, 5])
    const fails = async (without: ReadonlySet<number>): Promise<boolean> =>
      ![...needs].some((fault) => without.has(fault))
    expect([...(await shrink(8, new Set([1]), fails))].sort()).toEqual([0, 1, 3, 4, 6, 7])
  })
  test("tries again what another had stood in the way of", async () => {
    // 5 can go only once 3 has.
    const fails = async (without: ReadonlySet<number>): Promise<boolean> => !without.has(5) || without.has(3)
    expect([...(await shrink(6, new Set(), fails))].sort()).toEqual([0, 1, 2, 3, 4, 5])
  })
})
