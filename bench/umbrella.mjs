/**
 * `npm run bench:umbrella`: the umbrella of an article, made by `umbel new` and by `mix new`: `umbel test` beside `mix test`, interleaved, and how long
 * `umbel dev` takes from a saved file to the new answer.
 *
 *     npm run bench:umbrella
 *     npm run bench:umbrella -- --rounds 15 --reloads 300
 *
 * Nothing is believed that was not seen: tests are counted, every reload is asked for, and what servers have counted must still be there.
 * It ends with 1 when something did not happen; never because of how fast something was.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { commandLine } from "../scripts/command-line.mjs"
import { ROOT, run, SetUpError, setUp, tsc } from "../scripts/setup.mjs"
import { busyWarning, describeMachine } from "./harness/machine.mjs"
import { median } from "./harness/statistics.mjs"

const HELP = `npm run bench:umbrella: \`umbel test\` beside \`mix test\`, and the reload of \`umbel dev\`

  --rounds N     of each of the two, interleaved; 7 unless told
  --reloads N    saved files; 100 unless told
  --no-build     measure what is built already`

const UMBEL = join(ROOT, "packages", "cli", "bin", "umbel.mjs")
/** Tests of `a`, `b` and `c`, as the two generators make them. */
const TESTS = { umbel: 5, mix: 6 }
/** What a saved file may take, in milliseconds: DESIGN §6. */
const RELOAD_GOAL_MS = 500
const WAIT_MS = 30_000

/** Something did not happen that is measured here. Its message is for people. */
class Failed extends Error {}

try {
  const { values } = commandLine(
    {
      options: {
        rounds: { type: "string", default: "7" },
        reloads: { type: "string", default: "100" },
        "no-build": { type: "boolean", default: false },
      },
    },
    HELP,
  )
  await bench(count("--rounds", values.rounds), count("--reloads", values.reloads), !values["no-build"])
} catch (error) {
  if (!(error instanceof Failed) && !(error instanceof SetUpError)) throw error
  console.error(`bench: ${error.message}`)
  process.exitCode = 1
}

/**
 * @param {string} option
 * @param {string} text
 */
function count(option, text) {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new Failed(`${option}: expected a whole number from 1 on, got ${text}`)
}

/**
 * @param {number} rounds
 * @param {number} reloads
 * @param {boolean} build
 */
async function bench(rounds, reloads, build) {
  if (build) {
    await setUp({ build: false })
    const projects = ["packages/umbel/src/testing", "packages/cli/src"]
    if ((await run(process.execPath, [tsc(), "-b", ...projects])) !== 0) throw new SetUpError("the build failed.")
  }
  const home = await mkdtemp(join(tmpdir(), "umbel-bench-umbrella-"))
  try {
    const umbel = await umbelProject(home)
    const mix = await mixProject(home)
    console.log(`Node ${process.versions.node}, ${mix === undefined ? "no mix" : mix.version}; ${describeMachine()}`)
    console.log(`medians of ${rounds} rounds, interleaved, in milliseconds; a ratio above 1 is in Umbel's favour`)
    const busy = busyWarning()
    if (busy !== undefined) console.log(`warning: ${busy}`)
    console.log(`\n${line("row", "umbel", "mix", "ratio", "rounds")}`)
    for (const cold of [true, false]) await tests(cold ? "test-cold" : "test-warm", cold, rounds, umbel, mix)
    await reload(umbel.root, reloads)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

// ---- the two umbrellas -------------------------------------------------------------------------------------------------------

/**
 * @typedef {object} Project
 * @property {string} root
 * @property {string} version
 * @property {readonly string[]} built What is made anew where it is gone.
 * @property {() => Promise<void>} test Runs the tests. Rejects when they were not as many as there are.
 */

/**
 * @param {string} home
 * @returns {Promise<Project>}
 */
async function umbelProject(home) {
  const root = join(home, "umbel", "abc")
  await succeeds(home, "mkdir", ["umbel"])
  /** @param {string} cwd @param {readonly string[]} args */
  const made = (cwd, ...args) => succeeds(cwd, process.execPath, [UMBEL, "new", ...args])
  await made(join(home, "umbel"), "abc", "--umbrella", "--no-install", "--no-git")
  await made(join(root, "apps"), "a", "--no-install")
  await made(join(root, "apps"), "b", "--sup", "--no-install")
  await made(join(root, "apps"), "c", "--sup")
  return {
    root,
    version: "",
    built: [".umbel", "dist", "node_modules/.vite", "node_modules/.vite-temp", "node_modules/.vitest"],
    async test() {
      const out = await succeeds(root, process.execPath, [UMBEL, "test"])
      expect(sum(out, /^ {2}[abc] {2}(\d+) tests?, 0 failures$/gm), TESTS.umbel, out)
    },
  }
}

/**
 * Undefined where there is no Elixir.
 * @param {string} home
 * @returns {Promise<Project | undefined>}
 */
async function mixProject(home) {
  const mix = (process.env.PATH ?? "").split(delimiter).find((folder) => existsSync(join(folder, "mix")))
  if (mix === undefined) return undefined
  const root = join(home, "mix", "abc")
  await succeeds(home, "mkdir", ["mix"])
  await succeeds(join(home, "mix"), "mix", ["new", "abc", "--umbrella"])
  await succeeds(join(root, "apps"), "mix", ["new", "a"])
  await succeeds(join(root, "apps"), "mix", ["new", "b", "--sup"])
  await succeeds(join(root, "apps"), "mix", ["new", "c", "--sup"])
  const version = /^Mix (\S+)/m.exec(await succeeds(root, "mix", ["--version"]))?.[1] ?? "?"
  return {
    root,
    version: `mix ${version}`,
    built: ["_build"],
    async test() {
      const out = await succeeds(root, "mix", ["test"])
      expect(sum(out, /^(\d+) doctest, (\d+) tests?, 0 failures$/gm), TESTS.mix, out)
    },
  }
}

/**
 * @param {string} text
 * @param {RegExp} numbers
 */
function sum(text, numbers) {
  let total = 0
  for (const [, ...found] of text.matchAll(numbers)) for (const number of found) total += Number(number)
  return total
}

/**
 * @param {number} found
 * @param {number} wanted
 * @param {string} out
 */
function expect(found, wanted, out) {
  if (found !== wanted) throw new Failed(`${found} tests were run, not ${wanted}:\n${out}`)
}

// ---- tests -------------------------------------------------------------------------------------------------------------------

/**
 * @param {string} row
 * @param {boolean} cold Whether what was compiled and remembered is thrown away before each.
 * @param {number} rounds
 * @param {Project} umbel
 * @param {Project | undefined} mix
 */
async function tests(row, cold, rounds, umbel, mix) {
  /** @type {{ umbel: number[], mix: number[] }} */
  const took = { umbel: [], mix: [] }
  if (!cold) for (const project of [umbel, mix]) await project?.test()
  for (let round = 0; round < rounds; round++) {
    took.umbel.push(await timed(umbel, cold))
    if (mix !== undefined) took.mix.push(await timed(mix, cold))
  }
  if (mix === undefined) return console.log(line(row, milliseconds(median(took.umbel)), "", "", ""))
  const ratios = took.umbel.map((ms, round) => /** @type {number} */ (took.mix[round]) / ms)
  const spread = `${times(Math.min(...ratios))} to ${times(Math.max(...ratios))}`
  const medians = [median(took.umbel), median(took.mix)]
  const [ours = 0, theirs = 0] = medians
  console.log(line(row, milliseconds(ours), milliseconds(theirs), times(theirs / ours), spread))
}

/**
 * @param {Project} project
 * @param {boolean} cold
 */
async function timed({ root, built, test }, cold) {
  const apps = ["a", "b", "c"].map((name) => join("apps", name, "dist"))
  if (cold) for (const path of [...built, ...apps]) await rm(join(root, path), { recursive: true, force: true })
  const from = performance.now()
  await test()
  return performance.now() - from
}

// ---- reloads -----------------------------------------------------------------------------------------------------------------

/**
 * Milliseconds from a saved file to the first answer of the new code, as another node is given it.
 * @param {string} root
 * @param {number} reloads
 */
async function reload(root, reloads) {
  const epmd = await freePort()
  const env = { ...surroundings(), ERL_EPMD_PORT: String(epmd), UMBEL_COOKIE: "bench" }
  const dev = spawn(process.execPath, [UMBEL, "dev", "--no-observer"], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  })
  let out = ""
  for (const stream of [dev.stdout, dev.stderr]) stream.on("data", (text) => (out += text))
  const ended = once(dev, "exit")
  const { name } = await import("umbel")
  const { boot } = await import("umbel/nodejs")
  let stopNode = async () => {}
  try {
    await until(
      () => out.includes("Ctrl-C stops"),
      () => out,
    )
    const node = await boot({ name: "bench@127.0.0.1", cookie: "bench", epmdPort: epmd, hidden: true, report() {} })
    stopNode = () => node.stop()
    /** @typedef {import("umbel").Name<{ calls: { greet(who: string): string, greeted(): number }, casts: {} }>} Greeter */
    const at = (/** @type {string} */ who) => node.call(/** @type {Greeter} */ (name(who).at("all@127.0.0.1")))
    await at("c").greet("Joe")
    const file = join(root, "apps", "b", "src", "server.ts")
    const text = await readFile(file, "utf8")
    const took = []
    let asked = 0
    for (let i = 1; i <= reloads; i++) {
      const from = performance.now()
      await writeFile(file, text.replace("who}`", `who} (${i})\``))
      const wanted = `hello, Joe (${i})`
      await until(
        async () => ++asked > 0 && (await at("b").greet("Joe")) === wanted,
        () => out,
      )
      took.push(performance.now() - from)
      // Until the file's errors have been looked for as well: the next save is a new one.
      await until(
        () => (out.match(/reloaded b in/g) ?? []).length >= i,
        () => out,
      )
    }
    // `b` has counted on through all of it, and `c` was never touched.
    const kept = [await at("b").greeted(), await at("c").greeted()]
    if (kept[0] !== asked || kept[1] !== 1) throw new Failed(`b counted ${kept[0]} of ${asked}, c ${kept[1]} of 1`)
    const worst = Math.max(...took)
    const goal = `of ${reloads}; the design allows ${RELOAD_GOAL_MS}`
    console.log(`dev-reload: ${milliseconds(median(took))} ms, at worst ${milliseconds(worst)} ms, ${goal}`)
  } finally {
    await stopNode()
    dev.kill("SIGINT")
    await ended
  }
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address())
  server.close()
  await once(server, "close")
  return port
}

/**
 * @param {() => boolean | Promise<boolean>} holds
 * @param {() => string} said
 */
async function until(holds, said) {
  const late = performance.now() + WAIT_MS
  while (!(await holds())) {
    if (performance.now() > late) throw new Failed(`nothing has happened for ${WAIT_MS / 1_000} s:\n${said()}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

// ---- the rest ----------------------------------------------------------------------------------------------------------------

/** Without what npm and a surrounding test run set. */
function surroundings() {
  const own = Object.entries(process.env).filter(
    ([key]) => !/^(npm_|VITEST|NODE_ENV$|NODE_OPTIONS$|FORCE_COLOR$|MIX_)/.test(key),
  )
  return { ...Object.fromEntries(own), NO_COLOR: "1", LANG: "C.UTF-8" }
}

/**
 * What a command printed. Rejects when it did not exit with 0.
 * @param {string} cwd
 * @param {string} command
 * @param {readonly string[]} args
 */
async function succeeds(cwd, command, args) {
  const child = spawn(command, args, { cwd, env: surroundings(), stdio: ["ignore", "pipe", "pipe"] })
  let out = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (out += text))
  const [code] = await once(child, "close")
  if (code !== 0) throw new Failed(`${command} ${args.join(" ")} ended with ${code}:\n${out}`)
  return out
}

/** @param {readonly string[]} cells */
function line(...cells) {
  const [row = "", ...rest] = cells
  return `${row.padEnd(10)}${rest.map((cell, i) => cell.padStart(i === 3 ? 18 : 9)).join("")}`.trimEnd()
}
/** @param {number} ms */
function milliseconds(ms) {
  return Math.round(ms).toLocaleString("en")
}
/** @param {number} ratio */
function times(ratio) {
  return `${ratio.toFixed(2)}×`
}
