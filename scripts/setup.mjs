/**
 * The set-up that `npm start` and `npm test` share: on a fresh machine it installs and builds, afterwards it sees in a
 * moment that nothing is to do. Written with what Node brings along, since nothing else is there yet.
 *
 *     import { setUp } from "./setup.mjs"
 *     await setUp()                          // packages, build
 *     await setUp({ peers: true, build: false })
 *
 * A step that fails shows its output and throws a {@link SetUpError}, whose message is one sentence for people.
 */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { PEERS } from "./peers.mjs"
import { bringRelease, findRelease, RELEASES } from "./releases.mjs"

/** The root of the repository. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

const NODE_NEEDED = { major: 20, minor: 19 }
/** Holds the hash of the lock that node_modules was installed from. */
const STAMP = join(ROOT, "node_modules", ".umbel-setup")

/**
 * Brings this machine to where the repository runs: packages, the build, and for tests the peers.
 * @param {{ build?: boolean, peers?: boolean }} options
 */
export async function setUp({ build = true, peers = false } = {}) {
  checkNode()
  await installPackages()
  if (peers) await installPeers()
  if (build) await buildAll()
}

/** Throws a SetUpError when Node is too old. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  if (major > NODE_NEEDED.major || (major === NODE_NEEDED.major && minor >= NODE_NEEDED.minor)) return
  throw new SetUpError(
    `Umbel needs Node ${NODE_NEEDED.major}.${NODE_NEEDED.minor} or later; this is ${process.versions.node} (${process.execPath}).`,
  )
}

/**
 * Installs the npm packages, unless node_modules was installed from this very lock.
 *
 * By `npm install --no-save`, which installs the versions of the lock and leaves the lock alone. Not by `npm ci`: it
 * refuses a lock without the native packages of every other platform, and a lock written behind a registry that
 * mirrors only some platforms has none of those.
 */
export async function installPackages() {
  const lock = join(ROOT, "package-lock.json")
  const source = existsSync(lock) ? lock : join(ROOT, "package.json")
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === hashOf(source)) return
  say(`installing the npm packages (${existsSync(STAMP) ? `${basename(source)} has changed` : "first time here"}) …`)
  const started = performance.now()
  // `npm test --silent` would silence this npm too, and with it the reason of a failure.
  const options = ["--no-audit", "--no-fund", "--loglevel=error", ...(source === lock ? ["--no-save"] : [])]
  await must("npm", ["install", ...options], "installing the npm packages failed")
  // Without a lock npm has just written one: the stamp is that of what is there now.
  writeFileSync(STAMP, hashOf(existsSync(lock) ? lock : source))
  say(`installed in ${seconds(performance.now() - started)}`)
}

/** What running the command needs: the packages, without their tests. */
const PACKAGES = ["cli/src", "observer/src", "web/src", "umbel/src/umbel", "umbel/src/nodejs"]

/** Builds what is not up to date of the packages. */
export async function buildAll() {
  // `tsc -b --dry` would say whether there is anything to do, at the price of what the build itself takes when there is not.
  const fresh = !existsSync(join(ROOT, "packages", "umbel", "dist"))
  if (fresh) say("building …")
  const started = performance.now()
  const projects = PACKAGES.map((project) => join(ROOT, "packages", ...project.split("/")))
  await must(process.execPath, [tsc(), "-b", ...projects], "the build failed")
  await must(
    process.execPath,
    [join(ROOT, "packages", "observer", "scripts", "build-page.mjs")],
    "building the observer page failed",
  )
  if (fresh) say(`built in ${seconds(performance.now() - started)}`)
}

/** The TypeScript compiler of this repository, by path, whichever others are installed. */
export function tsc() {
  return join(ROOT, "node_modules", "typescript", "bin", "tsc")
}

/**
 * Installs the peers that tests meet, where this machine allows it. Answers those that are missing in the end.
 * @returns {Promise<readonly import("./peers.mjs").PeerKind[]>}
 */
export async function installPeers() {
  const missing = PEERS.filter((peer) => peer.find() === undefined)
  if (missing.length === 0) return []
  const apt = await aptGet()
  if (apt.command === undefined) {
    say(`without these peers some tests are left out (${apt.reason}):`)
    for (const peer of missing)
      say(`  ${peer.name}: ${peer.why}; on Debian: apt-get install ${peer.packages.join(" ")}`)
    return missing
  }
  const packages = [...new Set(missing.flatMap((peer) => peer.packages))]
  say(`installing through apt-get: ${packages.join(" ")}`)
  for (const peer of missing) say(`  ${peer.name}: for ${peer.why}`)
  const options = { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } }
  // A failure is said, and shows below as peers that are still missing: the tests that need none of them can run.
  for (const task of [["update"], ["install", "-y", "--no-install-recommends", ...packages]]) {
    const code = await run(apt.command, [...apt.options, "-q", ...task], options)
    if (code !== 0) say(`apt-get ${task[0]} failed with exit code ${code}`)
  }
  bringReleases(apt)
  const still = missing.filter((peer) => peer.find() === undefined)
  for (const peer of still) say(`${peer.name} is still missing: tests that need it are left out`)
  return still
}

/**
 * Brings the releases of OTP that are missing, where this is root itself. A failure is said, like one of apt-get.
 * @param {{ options: readonly string[] }} apt
 */
function bringReleases(apt) {
  if (apt.options.length > 0) return say("further releases of OTP need root itself: sudo node scripts/releases.mjs")
  for (const release of RELEASES.filter(({ otp }) => findRelease(otp) === undefined)) {
    say(`bringing OTP ${release.otp} …`)
    try {
      bringRelease(release)
    } catch (error) {
      say(`OTP ${release.otp} could not be brought: ${error instanceof Error ? error.message : error}`)
    }
  }
}

/**
 * How apt-get can be run here without asking anybody, or why it cannot.
 * @returns {Promise<{ command?: undefined, reason: string } | { command: string, options: readonly string[], reason: string }>}
 */
async function aptGet() {
  if (!existsSync("/usr/bin/apt-get")) return { reason: "this machine has no apt-get" }
  if (process.getuid?.() === 0) return { command: "apt-get", options: [], reason: "" }
  const allowed = existsSync("/usr/bin/sudo") && (await run("sudo", ["-n", "true"], { stdio: "ignore" })) === 0
  if (!allowed) return { reason: "apt-get needs root, and sudo would ask for a password" }
  return { command: "sudo", options: ["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"], reason: "" }
}

/**
 * Runs a program in the root of the repository; answers its exit code (128 + n after signal n, 127 when there is no such program).
 * @param {string} program
 * @param {readonly string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 * @returns {Promise<number>}
 */
export function run(program, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: "inherit", ...options })
    child.on("error", (error) => {
      say(`${program} could not be run: ${error.message}`)
      resolve(127)
    })
    child.on("exit", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 143)))
  })
}

/** @param {string} program @param {readonly string[]} args @param {string} sentence */
async function must(program, args, sentence) {
  const code = await run(program, args)
  if (code !== 0) throw new SetUpError(`${sentence} (exit code ${code}).`)
}

/** @param {string} path */
function hashOf(path) {
  return createHash("sha256").update(readFileSync(path)).digest("hex")
}

/** @param {string} line */
export function say(line) {
  console.log(`umbel: ${line}`)
}

/** What kept this machine from being set up. */
export class SetUpError extends Error {
  /** @override */
  name = "SetUpError"
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
