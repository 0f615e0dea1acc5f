/** Rejections that nobody handles: whose they are, and what becomes of them. In programs of their own, as vitest has its own way with them. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const fixture = fileURLToPath(new URL("./rejections.fixture.ts", import.meta.url))
function run(...args: string[]) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--conditions=@umbel/source", "--import=tsx", fixture, ...args],
    { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: undefined } },
  )
  return { lines: stdout.trim().split("\n"), stderr, status }
}

test("attributed, that of a server is its crash, and its supervisor starts the next life", () => {
  const { lines, status } = run("attribute", "server")
  expect(lines).toContain("crash of charger: RangeError: no card")
  expect(lines.slice(-2)).toEqual(["charged: 0", "0 listeners left"])
  expect(status).toBe(0)
})

test("attributed, that of a coroutine is its crash", () => {
  expect(run("attribute", "coroutine").lines).toContain("crash of sloppy: RangeError: in passing")
})

test("attributed, that of a process that is gone is a warning", () => {
  const { lines, status } = run("attribute", "late")
  expect(lines.some((line) => /^warning: .*threw after it had ended: RangeError: after the end$/.test(line))).toBe(true)
  expect(status).toBe(0)
})

test("attributed, that of another node in the thread is the other's alone", () => {
  const { lines, status } = run("attribute", "other")
  expect(lines.filter((line) => line.startsWith("crash"))).toEqual(["crash of charger: RangeError: no card"])
  expect(status).toBe(0)
})

test.each(["attribute", "no"])("one of no process ends the program, as Node.js does (%s)", (how) => {
  const { lines, stderr, status } = run(how, "nobody")
  expect(stderr).toContain("RangeError: nobody's")
  expect(lines).not.toContain("charged: 0")
  expect(status).toBe(1)
})

test("without attribution, one of a process ends the program too", () => {
  expect(run("no", "server").status).toBe(1)
})

test("who asks to be told is told, after it was reported", () => {
  const { lines, status } = run("end", "nobody")
  expect(lines).toContain("error: a rejection that nobody handled, of no process: RangeError: nobody's")
  expect(lines).toContain("told of RangeError: nobody's")
  expect(status).toBe(0)
})
