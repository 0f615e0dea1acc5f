/**
 * How a BEAM node is, in the words of an Umbel node: read with two calls of ordinary functions, so it needs nothing installed there.
 *
 * ```ts
 * await beamVitals(rpc)      // { release: "Erlang/OTP 25", processes: 45, … }
 * ```
 */
import { exported } from "umbel"
import { answersOf, atoms, charsOf, elementsOf, listOf, nameOf, numberOf } from "./beam-terms.ts"
import type { Vitals } from "./cluster.ts"

/** Calls a function of one BEAM node. */
export type Rpc = (module: string, name: string, args: readonly unknown[]) => Promise<unknown>

const SYSTEM = ["otp_release", "process_count", "process_limit", "creation"] as const
const STATISTICS = ["wall_clock", "total_run_queue_lengths", "reductions"] as const
/** What is OTP's own, and not looked for first. */
export const OTP_APPLICATIONS: ReadonlySet<string> = new Set([
  "kernel",
  "stdlib",
  "compiler",
  "elixir",
  "logger",
  "sasl",
])

export async function beamVitals(rpc: Rpc): Promise<Vitals> {
  const many = (name: string, items: readonly string[]) =>
    rpc("lists", "map", [exported("erlang", name, 1), atoms(...items)])
  const [system, statistics, nodes, applications, loaded] = await Promise.all([
    many("system_info", SYSTEM),
    many("statistics", STATISTICS),
    rpc("erlang", "nodes", [atoms("connected")[0]]),
    rpc("application", "which_applications", []),
    rpc("application", "loaded_applications", []),
  ])
  const [otp, processes, limit, creation] = answersOf(system, SYSTEM.length)
  const [clock, runQueue, reductions] = answersOf(statistics, STATISTICS.length)
  const now = Date.now()
  const uptime = numberOf(elementsOf(clock)[0])
  const rows = listOf(applications).map((row) => {
    const [name, description, version] = elementsOf(row)
    return { name: nameOf(name), description: charsOf(description), version: charsOf(version) }
  })
  const running = new Set(rows.map(({ name }) => name))
  const elixir = rows.find(({ name }) => name === "elixir")
  return {
    bootedAt: now - uptime,
    uptime,
    release: `${elixir === undefined ? "" : `Elixir ${elixir.version}, `}Erlang/OTP ${charsOf(otp)}`,
    creation: numberOf(creation),
    processes: numberOf(processes),
    processLimit: numberOf(limit),
    zombies: 0,
    runQueue: numberOf(runQueue),
    turns: numberOf(elementsOf(reductions)[0]),
    crashes: null,
    connected: listOf(nodes).map(nameOf),
    draining: false,
    loaded: listOf(loaded).flatMap((row) => {
      const [name, description] = elementsOf(row)
      return running.has(nameOf(name)) ? [] : [{ key: nameOf(name), description: charsOf(description) }]
    }),
    applications: rows.reverse().map(({ name, description, version }) => ({
      key: name,
      name,
      description,
      version,
      type: OTP_APPLICATIONS.has(name) ? "OTP" : "",
      startedAt: 0,
      // Libraries have no processes, and asking each for its master would cost a call apiece: the tree says so.
      supervised: true,
    })),
  }
}
