/**
 * `npm test`: sets this machine up, then lint and format, types, all tests, and fresh seeds of the simulated cluster (a minute of them in CI).
 *
 *     npm test                                  everything
 *     npm test -- packages/umbel/test/etf       only these tests: the arguments go to vitest, lint and types are left out
 *
 * Names the tests that were left out for want of a peer; under `CI=true` each of them is a failure. The last line is
 * `N passed, N failed`: tests, and each other step that failed counts as one. The exit code says the same.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { PEERS } from "./peers.mjs"
import { ROOT, run, SetUpError, say, seconds, setUp, tsc } from "./setup.mjs"

const args = process.argv.slice(2)
const strict = process.env.CI === "true"
/** @type {{ name: string, ok: boolean, note: string, took: number }[]} */
const steps = []
let passed = 0
let failed = 0
/** @type {string[]} */
let leftOut = []
/** What vitest calls a test that did not run. */
const SKIPPED = new Set(["skipped", "pending", "todo", "disabled"])

const ready = await step("set-up", async () => {
  await setUp({ build: false, peers: true })
  return { ok: true, note: "" }
})
if (ready && args.length === 0) {
  await step("lint and format", () => program(join(ROOT, "node_modules", ".bin", "biome"), ["check", "."]))
  await step("types", () => program(process.execPath, [tsc(), "-b"]))
}
if (ready) await step("tests", tests)
if (ready && args.length === 0) {
  // Fresh ones each time: what a run finds, `npm run sim -- SEED` shows again.
  const seedSeconds = strict ? 60 : 10
  await step("simulation", () =>
    program(process.execPath, [join(ROOT, "scripts", "sim.mjs"), "--seconds", String(seedSeconds)]),
  )
}

if (leftOut.length > 0) {
  const missing = PEERS.filter((peer) => peer.find() === undefined)
  const why = missing.map((peer) => `${peer.name} (apt-get install ${peer.packages.join(" ")})`).join(", ")
  say(`left out${why ? `, and missing on this machine: ${why}` : ""}:`)
  for (const name of leftOut) say(`  ${name}`)
  if (strict) {
    say("under CI=true a test that is left out is a failure")
    failed += leftOut.length
  }
}

console.log("")
const width = Math.max(...steps.map(({ name }) => name.length))
for (const { name, ok, note, took } of steps) {
  console.log(`${ok ? "ok    " : "FAILED"}  ${name.padEnd(width)}  ${seconds(took).padStart(8)}  ${note}`.trimEnd())
}
// Not process.exit: that would cut a pipe short.
process.exitCode = failed === 0 ? 0 : 1
console.log(`\n${passed} passed, ${failed} failed`)

/**
 * Does one step and notes how it went. One that throws has failed, like one that says so.
 * @param {string} name
 * @param {() => Promise<{ ok: boolean, note: string }>} work
 */
async function step(name, work) {
  const started = performance.now()
  let result
  try {
    result = await work()
  } catch (error) {
    if (!(error instanceof SetUpError)) console.error(error)
    result = { ok: false, note: error instanceof Error ? error.message : String(error) }
  }
  steps.push({ name, ...result, took: performance.now() - started })
  // The step of tests counts its own failures.
  if (!result.ok && work !== tests) failed++
  return result.ok
}

/**
 * Whether a program ends well.
 * @param {string} path
 * @param {readonly string[]} args
 */
async function program(path, args) {
  const code = await run(path, args)
  return { ok: code === 0, note: code === 0 ? "" : `exit code ${code}` }
}

/** Runs vitest, showing what it says, and reads its report. */
async function tests() {
  const folder = mkdtempSync(join(tmpdir(), "umbel-test-"))
  const report = join(folder, "report.json")
  try {
    const vitest = join(ROOT, "node_modules", ".bin", "vitest")
    const code = await run(vitest, [
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...args,
    ])
    const { files, broken } = read(report)
    const all = files.flatMap((file) => file.tests)
    const bad = all.filter((test) => test.status === "failed").length + broken.length
    passed += all.filter((test) => test.status === "passed").length
    // With no failed test, an exit code other than 0 is an error outside of any test, or that there was no test at all.
    failed += bad === 0 && code !== 0 ? 1 : bad
    // A filter by name skips whatever it does not match: then a skipped test says nothing about peers.
    const byName = args.some((arg) => arg === "-t" || arg.startsWith("--testNamePattern"))
    if (!byName) leftOut = all.filter((test) => SKIPPED.has(test.status)).map((test) => test.name)
    const ran = all.filter((test) => !SKIPPED.has(test.status))
    const note = [
      `${ran.length} tests in ${files.length} files`,
      bad > 0 ? `${bad} failed` : "",
      code !== 0 && bad === 0 ? `exit code ${code}` : "",
      leftOut.length > 0 ? `${leftOut.length} left out` : "",
    ]
    return {
      ok: code === 0 && bad === 0 && !(strict && leftOut.length > 0),
      note: note.filter((part) => part !== "").join(", "),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * What vitest's JSON report says: the tests of each file, and the files that did not even load.
 * @param {string} path
 */
function read(path) {
  let text = '{ "testResults": [] }'
  try {
    text = readFileSync(path, "utf8")
  } catch (error) {
    // vitest did not come as far as writing it, and its exit code says so.
    say(`vitest wrote no report: ${error instanceof Error ? error.message : error}`)
  }
  /** @type {{ testResults: { name: string, status: string, assertionResults: { status: string, ancestorTitles: string[], title: string }[] }[] }} */
  const report = JSON.parse(text)
  const files = report.testResults.map((file) => ({
    status: file.status,
    tests: file.assertionResults.map((test) => ({
      status: test.status,
      name: [relative(ROOT, file.name), ...test.ancestorTitles, test.title].join(" > "),
    })),
  }))
  return {
    files,
    broken: files.filter((file) => file.status === "failed" && file.tests.every((test) => test.status !== "failed")),
  }
}
