/**
 * One side of a row: one process, or a server and the one that asks it.
 */
import { fileURLToPath } from "node:url"
import { pinned } from "./machine.mjs"
import { WorkerProcess } from "./worker-process.mjs"

const WORKER = fileURLToPath(new URL("../worker.mjs", import.meta.url))

/**
 * How a side is made.
 * @typedef {NodeSide | BeamSide} SideSpec
 *
 * @typedef {object} NodeSide
 * @property {"node"} on
 * @property {string} job A module below `bench/`.
 * @property {Record<string, unknown>} args
 * @property {boolean} [allCores] Whether its processes are kept on no core.
 * @property {readonly string[]} [flags] Of Node.js.
 * @property {{ job: string, args: Record<string, unknown> }} [server] A process beside it; what that tells when it is ready is in the args
 *   as `server`, unless they say it themselves.
 *
 * @typedef {object} BeamSide
 * @property {"beam"} on
 * @property {string} job A row of `bench.erl`.
 * @property {readonly string[]} args
 * @property {boolean} [allCores] Whether its processes are kept on no core, and have as many schedulers as there are cores.
 * @property {{ job: string }} [server] A node beside it, called {@link BEAM_SERVER}.
 */

export const BEAM_SERVER = "beam_server@127.0.0.1"
/** As `umbel up` and releases run a node: see packages/cli/src/node-flags.ts. */
const NODE_FLAGS = ["--max-semi-space-size=64", "--max-inlined-bytecode-size-cumulative=3000"]
const BEAM_CALLER = "beam_caller@127.0.0.1"

/**
 * @typedef {object} Side
 * @property {(count: number) => Promise<number>} run
 * @property {() => Promise<void>} stop
 */

/**
 * Starts all its processes. Resolves once the last one is ready.
 * @param {SideSpec} spec
 * @param {import("./surroundings.mjs").Surroundings} surroundings
 * @param {import("./machine.mjs").Cores} cores
 * @returns {Promise<Side>}
 */
export async function startSide(spec, surroundings, cores) {
  const env = { ...process.env, ERL_EPMD_PORT: String(surroundings.epmdPort) }
  /** @type {WorkerProcess[]} */
  const processes = []
  /**
   * @param {"one" | "caller"} which
   * @param {string} title
   * @param {readonly string[]} command
   */
  const launch = (which, title, command) => {
    const worker = new WorkerProcess(title, spec.allCores ? command : pinned(cores, which, command), env)
    processes.push(worker)
    return worker.ready().then((info) => ({ worker, info }))
  }
  // The asking one first: it ends before the one it asks.
  const stop = async () => {
    for (const worker of processes.reverse()) await worker.stop()
  }
  try {
    const started = spec.on === "node" ? await startNode(spec, launch) : await startBeam(spec, surroundings, launch)
    return { run: (count) => started.run(count), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** @typedef {(which: "one" | "caller", title: string, command: readonly string[]) => Promise<{ worker: WorkerProcess, info: unknown }>} Launch */

/**
 * @param {NodeSide} spec
 * @param {Launch} launch
 */
async function startNode({ job, args, flags = [], server }, launch) {
  /**
   * @param {string} of
   * @param {unknown} given
   */
  const command = (of, given) => [
    process.execPath,
    ...(of.startsWith("umbel/") ? NODE_FLAGS : []),
    ...flags,
    WORKER,
    of,
    JSON.stringify(given),
  ]
  if (server === undefined) return (await launch("one", job, command(job, args))).worker
  const { info } = await launch("one", `${server.job} (server)`, command(server.job, server.args))
  return (await launch("caller", job, command(job, { server: info, ...args }))).worker
}

/**
 * @param {BeamSide} spec
 * @param {import("./surroundings.mjs").Surroundings} surroundings
 * @param {Launch} launch
 */
async function startBeam({ job, args, server, allCores = false }, { beam, cookie }, launch) {
  if (beam === undefined) throw new Error("there is no Erlang here")
  /**
   * One scheduler, as a Node.js process has one thread for its program, unless all cores are to be used.
   * @param {string | undefined} name
   * @param {string} of
   * @param {readonly string[]} given
   */
  const command = (name, of, given) => [
    ...[beam.erl, ...(allCores ? [] : ["+S", "1:1"]), "+P", "2000000", "-noshell", "-pa", beam.code],
    ...(name === undefined
      ? []
      : [
          "-name",
          name,
          "-setcookie",
          cookie,
          "-start_epmd",
          "false",
          "-kernel",
          "inet_dist_use_interface",
          "{127,0,0,1}",
        ]),
    ...["-run", "bench", "main", of, ...given],
  ]
  if (server === undefined) return (await launch("one", `the BEAM's ${job}`, command(undefined, job, args))).worker
  await launch("one", "the BEAM's server", command(BEAM_SERVER, server.job, []))
  return (await launch("caller", `the BEAM's ${job}`, command(BEAM_CALLER, job, args))).worker
}
