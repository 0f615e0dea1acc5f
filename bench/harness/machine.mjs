/**
 * The machine: which cores there are, how a process is kept on one, and how busy it is.
 */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { availableParallelism, cpus, loadavg } from "node:os"

/** A load above this much beside us makes figures doubtful. */
const BUSY = 0.5

/**
 * @typedef {object} Cores
 * @property {number} one For rows of one process, and for the asked side of the others.
 * @property {number} caller For the asking side. The same as `one` where there is only one core.
 * @property {boolean} pinned Whether processes are kept there.
 */

/**
 * The last two of the cores that this process may use: the first ones serve most interrupts.
 * @returns {Cores}
 */
export function chooseCores() {
  const allowed = allowedCores()
  const one = /** @type {number} */ (allowed.at(-1))
  const taskset = allowed.length > 0 && ["/usr/bin/taskset", "/bin/taskset"].some((path) => existsSync(path))
  return { one, caller: allowed.at(-2) ?? one, pinned: taskset }
}

/** @returns {readonly number[]} */
function allowedCores() {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]
    if (list !== undefined) return parseCores(list)
  } catch (error) {
    // No Linux, no list: nothing is pinned there anyway.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ENOENT") throw error
  }
  return Array.from({ length: availableParallelism() }, (_, core) => core)
}

/**
 * `0-2,5` is 0, 1, 2 and 5.
 * @param {string} list
 */
export function parseCores(list) {
  return list.split(",").flatMap((range) => {
    const [first, last] = range.split("-").map(Number)
    const from = /** @type {number} */ (first)
    return Array.from({ length: (last ?? from) - from + 1 }, (_, i) => from + i)
  })
}

/**
 * The command, kept on a core.
 * @param {Cores} cores
 * @param {"one" | "caller"} which
 * @param {readonly string[]} command
 */
export function pinned(cores, which, command) {
  return cores.pinned ? ["taskset", "-c", String(cores[which]), ...command] : command
}

/** @param {Cores} cores */
export function describeCores({ one, caller, pinned: isPinned }) {
  if (!isPinned) return "nothing is pinned (no taskset here)"
  if (one === caller) return `everything on core ${one}, the only one`
  return `one process a side: core ${one}; two a side: the asking one on core ${caller}, the asked one on core ${one}`
}

export function describeMachine() {
  return `${cpus()[0]?.model.trim() ?? "unknown processor"}, ${cpus().length} cores`
}

/** A sentence when others use the machine, too. */
export function busyWarning(load = loadavg()[0] ?? 0) {
  if (load <= BUSY) return undefined
  return `the load average of the last minute is ${load.toFixed(2)}: others use this machine, so mind how far the rounds lie apart`
}

/**
 * The release of an Erlang, as "25.2.3".
 * @param {string} erl
 */
export function otpVersion(erl) {
  const tell =
    'R = erlang:system_info(otp_release), F = filename:join([code:root_dir(), "releases", R, "OTP_VERSION"]), ' +
    "case file:read_file(F) of {ok, V} -> io:put_chars(string:trim(V)); _ -> io:put_chars(R) end, halt()."
  return execFileSync(erl, ["-noshell", "-eval", tell], { encoding: "utf8" }).trim()
}
