/**
 * A BEAM node in numbers, for the view `system`: memory, scheduler utilisation, GC, I/O, limits.
 *
 * Read with three calls of `lists:map` over functions of `erlang`, so it needs nothing installed there. Whether `runtime_tools` is, for OTP's own
 * observer, is said.
 */
import { exported, tuple } from "umbel"
import { answersOf, atoms, charsOf, elementsOf, fieldsOf, numberOf } from "./beam-terms.ts"
import type { Context } from "./view.ts"
import { chart, fact, ratesOf, type SystemData } from "./views/system.ts"

const SYSTEM = [
  "system_version",
  "system_architecture",
  "logical_processors",
  "schedulers_online",
  "process_count",
  "process_limit",
  "port_count",
  "port_limit",
  "atom_count",
  "atom_limit",
  "ets_count",
  "ets_limit",
  "dist_buf_busy_limit",
  "schedulers",
  "logical_processors_available",
  "dirty_cpu_schedulers_online",
  "dirty_io_schedulers",
  "thread_pool_size",
] as const
/** Bytes of a word: inside of the emulator, and of a process. */
const WORDS = [tuple(...atoms("wordsize", "internal")), tuple(...atoms("wordsize", "external"))]
const STATISTICS = [
  "wall_clock",
  "io",
  "garbage_collection",
  "reductions",
  "total_run_queue_lengths",
  "runtime",
  "context_switches",
  "total_active_tasks",
] as const
const MEMORY = ["total", "processes", "system", "atom", "binary", "code", "ets"] as const
const MEMORY_LABELS: Readonly<Record<string, string>> = {
  total: "Together",
  processes: "Processes",
  system: "System",
  atom: "Atoms",
  binary: "Binaries",
  code: "Code",
  ets: "ETS tables",
}

export async function beamSystem(context: Context, node: string): Promise<SystemData> {
  const many = (name: string, items: readonly string[]) =>
    context.rpc(node, "lists", "map", [exported("erlang", name, 1), atoms(...items)])
  const words = context.rpc(node, "lists", "map", [exported("erlang", "system_info", 1), WORDS])
  const [systems, statistics, memories, tools] = await Promise.all([
    many("system_info", SYSTEM),
    many("statistics", STATISTICS),
    context.rpc(node, "erlang", "memory", []),
    context.rpc(node, "code", "which", atoms("observer_backend")),
  ])
  const [internalWord, externalWord] = answersOf(await words, WORDS.length).map(numberOf)
  const system = named(SYSTEM, systems)
  const statistic = named(STATISTICS, statistics)
  const memory = fieldsOf(memories)
  const number = (name: (typeof SYSTEM)[number]): number => numberOf(system.get(name))
  const [uptime] = elementsOf(statistic.get("wall_clock")).map(numberOf)
  const [input, output] = elementsOf(statistic.get("io")).map((pair) => numberOf(elementsOf(pair)[1]))
  const [collections] = elementsOf(statistic.get("garbage_collection")).map(numberOf)
  const [reductions] = elementsOf(statistic.get("reductions")).map(numberOf)
  const [cpuMs] = elementsOf(statistic.get("runtime")).map(numberOf)
  const at = Date.now()
  const rate = ratesOf(context.memory, at, {
    input: input ?? 0,
    output: output ?? 0,
    collections: collections ?? 0,
    reductions: reductions ?? 0,
    cpu: cpuMs ?? 0,
  })
  const queue = numberOf(statistic.get("total_run_queue_lengths"))
  const cpu = (rate.cpu ?? 0) / 1000
  const bytes = (name: string): number => numberOf(memory.get(name))
  return {
    node,
    kind: "beam",
    at,
    uptime: uptime ?? 0,
    groups: [
      {
        key: "work",
        title: "Work",
        note: "",
        facts: [
          fact("processes", "Processes", number("process_count"), "count", number("process_limit")),
          fact("run_queue", "Run queue", queue, "count"),
          fact("active", "Active tasks", numberOf(statistic.get("total_active_tasks")), "count"),
          fact("reductions", "Reductions", reductions ?? 0, "count"),
          fact("switches", "Context switches", numberOf(elementsOf(statistic.get("context_switches"))[0]), "count"),
          ...(rate.cpu === undefined
            ? []
            : [fact("cpu", "CPU, of one processor", cpu, "share", number("schedulers_online"))]),
        ],
      },
      {
        key: "memory",
        title: "Memory",
        note: "",
        facts: MEMORY.map((name) => fact(name, MEMORY_LABELS[name] ?? name, bytes(name), "bytes")),
      },
      {
        key: "limits",
        title: "Limits",
        note: "",
        facts: [
          fact("atoms", "Atoms", number("atom_count"), "count", number("atom_limit")),
          fact("ports", "Ports", number("port_count"), "count", number("port_limit")),
          fact("tables", "ETS tables", number("ets_count"), "count", number("ets_limit")),
          fact("dist_buffer", "Distribution buffer, busy at", number("dist_buf_busy_limit"), "bytes"),
        ],
      },
      {
        key: "traffic",
        title: "Input, output and garbage",
        note: "Since boot.",
        facts: [
          fact("input", "Read", input ?? 0, "bytes"),
          fact("output", "Written", output ?? 0, "bytes"),
          fact("collections", "Collections", collections ?? 0, "count"),
        ],
      },
      {
        key: "platform",
        title: "Platform",
        note: "",
        facts: [
          fact("version", "Version", charsOf(system.get("system_version")).trim(), "text"),
          fact("architecture", "Architecture", charsOf(system.get("system_architecture")), "text"),
          fact("emulator_word", "Word size, emulator", internalWord ?? 0, "bytes"),
          fact("process_word", "Word size, processes", externalWord ?? 0, "bytes"),
          fact("processors", "Processors", number("logical_processors"), "count"),
          fact("processors_available", "Processors available", number("logical_processors_available"), "count"),
          fact("schedulers", "Schedulers online", number("schedulers_online"), "count", number("schedulers")),
          fact("dirty_cpu", "Dirty CPU schedulers online", number("dirty_cpu_schedulers_online"), "count"),
          fact("dirty_io", "Dirty I/O schedulers", number("dirty_io_schedulers"), "count"),
          fact("threads", "Async threads", number("thread_pool_size"), "count"),
          fact(
            "runtime_tools",
            "runtime_tools",
            Array.isArray(tools) || typeof tools === "string"
              ? "there"
              : "not there: OTP's own observer cannot look at this node; this one can",
            "text",
          ),
        ],
      },
    ],
    charts: [
      chart("cpu", "CPU, of one processor", "share", null, [["cpu", "CPU", cpu]]),
      chart("reductions", "Reductions", "rate", null, [["reductions", "a second", rate.reductions ?? 0]]),
      chart("memory", "Memory", "bytes", null, [
        ["total", "together", bytes("total")],
        ["processes", "processes", bytes("processes")],
        ["binary", "binaries", bytes("binary")],
        ["ets", "ETS", bytes("ets")],
      ]),
      chart("io", "Input and output", "bytes", null, [
        ["input", "read a second", rate.input ?? 0],
        ["output", "written a second", rate.output ?? 0],
      ]),
      chart("processes", "Processes", "count", null, [
        ["processes", "live", number("process_count")],
        ["queue", "run queue", queue],
      ]),
      chart("gc", "Garbage collections", "rate", null, [["collections", "a second", rate.collections ?? 0]]),
    ],
  }
}

function named<K extends string>(names: readonly K[], answers: unknown): ReadonlyMap<K, unknown> {
  const values = answersOf(answers, names.length)
  return new Map(names.map((name, index) => [name, values[index]]))
}
