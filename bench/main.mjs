/**
 * `npm run bench`: Umbel beside the BEAM, JSON and HTTP, in one run on this machine.
 *
 *     npm run bench
 *     npm run bench -- --json local-call etf-encode
 *
 * How to read what it prints is in `README.md`. It ends with 1 when something could not be measured, or did not happen as often as asked;
 * never because of how fast something was.
 */
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { loadavg } from "node:os"
import { fileURLToPath } from "node:url"
import { findPeers } from "../scripts/peers.mjs"
import { busyWarning, chooseCores, describeCores, describeMachine, otpVersion } from "./harness/machine.mjs"
import { jsonLine, tableHead, tableLine } from "./harness/report.mjs"
import { interleaved, warmUp } from "./harness/rounds.mjs"
import { startSide } from "./harness/side.mjs"
import { inUnit, summarize } from "./harness/statistics.mjs"
import { prepare } from "./harness/surroundings.mjs"
import { HELP, readOptions, UsageError } from "./options.mjs"
import { ROW_NAMES, rowNames } from "./row-names.mjs"

/** @typedef {import("./options.mjs").Options} Options */

/**
 * What brings a peer that is not here.
 * @type {Partial<Record<import("./row-names.mjs").PeerName, string>>}
 */
const MISSING = {
  beam: "there is no Erlang here (on Debian: apt-get install erlang-base)",
  noex: "noex is in no registry; UMBEL_NOEX=FOLDER names one that was built",
}

try {
  const options = readOptions(process.argv.slice(2), rowNames)
  if (options.help)
    console.log([HELP, ...Object.entries(ROW_NAMES).map(([row, what]) => `  ${row.padEnd(20)} ${what}`)].join("\n"))
  else process.exitCode = await bench(options)
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`bench: ${error.message}`)
  process.exitCode = 2
}

/**
 * @param {Options} options
 * @returns {Promise<number>} The exit code.
 */
async function bench(options) {
  if (options.build && (await setUp()) !== 0) return 1
  const { ROWS } = await import("./rows.mjs")
  const cores = chooseCores()
  const erl = options.erl ?? findPeers().erlang
  const peers = describePeers(erl)
  // With --json nothing else may stand on standard output.
  const say = options.json ? console.error : console.log
  for (const line of header(options, cores, peers)) say(line)

  const prepared = await prepare(erl)
  const stopOnSignal = endOn(["SIGINT", "SIGTERM"], () => prepared.end())
  let failures = 0
  if (!options.json) say(`\n${tableHead()}`)
  try {
    for (const row of ROWS.filter(({ name }) => options.rows.includes(name))) {
      const peer = peers[row.peer]
      if (peer === undefined) {
        say(`${row.name} is left out: ${MISSING[row.peer] ?? row.peer}`)
        continue
      }
      try {
        const result = {
          row: row.name,
          peer,
          unit: row.unit,
          goal: row.goal,
          ...(await measure(row, prepared.surroundings, cores, Math.min(options.rounds, row.rounds ?? options.rounds))),
        }
        console.log(options.json ? jsonLine(result) : tableLine(result))
      } catch (error) {
        failures++
        console.error(`${row.name} failed: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  } finally {
    stopOnSignal()
    await prepared.end()
  }
  say(`\nload average at the end ${loadavg()[0]?.toFixed(2)}, of which about 1 is this run`)
  return failures === 0 ? 0 : 1
}

/**
 * @param {import("./rows.mjs").Row} row
 * @param {import("./harness/surroundings.mjs").Surroundings} surroundings
 * @param {import("./harness/machine.mjs").Cores} cores
 * @param {number} rounds
 */
async function measure(row, surroundings, cores, rounds) {
  const specs = row.sides(surroundings)
  /** @type {import("./harness/side.mjs").Side[]} */
  const started = []
  /** @param {import("./harness/side.mjs").SideSpec} spec */
  const side = async (spec) => {
    const { run, stop } = await startSide(spec, surroundings, cores)
    started.push({ run, stop })
    if (row.count === undefined) return { run, count: await warmUp(run) }
    // How many is given: one run warms up.
    await run(row.count)
    return { run, count: row.count }
  }
  try {
    const umbel = await side(specs.umbel)
    const other = await side(specs.other)
    const values = await interleaved(rounds, umbel, other)
    /**
     * @param {number} count
     * @param {readonly number[]} all
     */
    const converted = (count, all) => all.map((value) => inUnit(row.unit, count, value))
    return summarize(row.unit, converted(umbel.count, values.umbel), converted(other.count, values.other))
  } finally {
    await Promise.all(started.map(({ stop }) => stop()))
  }
}

/**
 * Who the others are; no entry for who is not here.
 * @param {string | undefined} erl
 */
function describePeers(erl) {
  /** @param {string} name */
  const major = (name) => createRequire(import.meta.url)(`${name}/package.json`).version.split(".")[0]
  return {
    beam: erl === undefined ? undefined : `OTP ${otpVersion(erl)}`,
    json: `JSON, Node ${process.versions.node}`,
    http: `Fastify ${major("fastify")}, undici ${major("undici")}`,
    nact: `nact ${major("nact")}`,
    noex: process.env.UMBEL_NOEX === undefined ? undefined : "noex",
    xstate: `XState ${major("xstate")}`,
    thousand: "1,000 processes",
  }
}

/**
 * @param {Options} options
 * @param {import("./harness/machine.mjs").Cores} cores
 * @param {ReturnType<typeof describePeers>} peers
 */
function header({ rounds }, cores, peers) {
  const warning = busyWarning()
  return [
    `Umbel on Node ${process.versions.node}, beside ${peers.beam ?? "no BEAM"}, ${peers.http}`,
    `${describeMachine()}; ${describeCores(cores)}; the BEAM with one scheduler a node (+S 1:1)`,
    `medians of ${rounds} rounds, interleaved; a ratio above 1 is in Umbel's favour`,
    ...(warning === undefined ? [] : [`warning: ${warning}`]),
  ]
}

/** Installs and builds. Answers the exit code. */
function setUp() {
  return new Promise((/** @type {(code: number) => void} */ resolve, reject) => {
    // What it prints is no result: to standard error with it.
    const child = spawn(process.execPath, [fileURLToPath(new URL("./set-up.mjs", import.meta.url))], {
      stdio: ["ignore", 2, 2],
    })
    child.on("error", reject)
    child.on("exit", (code) => resolve(code ?? 1))
  })
}

/**
 * Cleans up before the process ends by a signal. Workers end by themselves, when their input does.
 * @param {readonly NodeJS.Signals[]} signals
 * @param {() => Promise<void>} end
 * @returns {() => void} Leaves the signals alone again.
 */
function endOn(signals, end) {
  /** @param {NodeJS.Signals} signal */
  const handle = async (signal) => {
    await end()
    process.exit(signal === "SIGINT" ? 130 : 143)
  }
  for (const signal of signals) process.once(signal, handle)
  return () => {
    for (const signal of signals) process.off(signal, handle)
  }
}
