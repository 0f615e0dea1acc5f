/**
 * What the rows share: an Erlang with the compiled modules, an EPMD on a port of its own, a cookie. All of it goes when the run ends.
 *
 * With an Erlang the EPMD is the BEAM's own, and both sides register there; without one the Umbel nodes bring theirs.
 */
import { execFileSync, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const SOURCES = fileURLToPath(new URL("../beam/", import.meta.url))
/** Milliseconds until EPMD listens. */
const EPMD_MS = 5_000

/**
 * @typedef {object} Surroundings
 * @property {{ erl: string, code: string } | undefined} beam `code`: the folder of the compiled modules.
 * @property {number} epmdPort
 * @property {string} cookie
 */

/** @implements {AsyncDisposable} */
export class Prepared {
  /** @type {Surroundings} */
  surroundings
  #remove
  #epmd

  /**
   * @param {Surroundings} surroundings
   * @param {string | undefined} folder
   * @param {import("node:child_process").ChildProcess | undefined} epmd
   */
  constructor(surroundings, folder, epmd) {
    this.surroundings = surroundings
    this.#remove = folder
    this.#epmd = epmd
  }

  async end() {
    this.#epmd?.kill()
    if (this.#remove !== undefined) rmSync(this.#remove, { recursive: true, force: true })
  }
  [Symbol.asyncDispose]() {
    return this.end()
  }
}

/** @param {string | undefined} erl */
export async function prepare(erl) {
  const epmdPort = await freePort()
  const cookie = randomBytes(12).toString("hex")
  if (erl === undefined) return new Prepared({ beam: undefined, epmdPort, cookie }, undefined, undefined)
  const code = mkdtempSync(join(tmpdir(), "umbel-bench-"))
  const sources = readdirSync(SOURCES).filter((file) => file.endsWith(".erl"))
  execFileSync(beside(erl, "erlc"), ["-Werror", "-o", code, ...sources.map((file) => join(SOURCES, file))], {
    stdio: ["ignore", 2, 2],
  })
  const epmd = spawn(beside(erl, "epmd"), ["-address", "127.0.0.1", "-port", String(epmdPort)], { stdio: "ignore" })
  await listening(epmd, epmdPort)
  return new Prepared({ beam: { erl, code }, epmdPort, cookie }, code, epmd)
}

/**
 * A program of the same OTP.
 * @param {string} erl
 * @param {string} program
 */
function beside(erl, program) {
  const path = join(dirname(erl), program)
  return existsSync(path) ? path : program
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address())
      server.close(() => resolve(port))
    })
  })
}

/**
 * @param {import("node:child_process").ChildProcess} epmd
 * @param {number} port
 */
async function listening(epmd, port) {
  /** @type {string | undefined} */
  let failed
  epmd.on("error", (error) => (failed = error.message))
  epmd.on("exit", (code) => (failed = `exit code ${code}`))
  for (const until = Date.now() + EPMD_MS; Date.now() < until; ) {
    if (failed !== undefined) throw new Error(`epmd could not be started: ${failed}`)
    if (await answers(port)) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  epmd.kill()
  throw new Error(`epmd does not listen on port ${port} after ${EPMD_MS} ms`)
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on("error", () => resolve(false))
  })
}
