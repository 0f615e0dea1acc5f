/**
 * A BEAM node in numbers, for the view `system`: memory, scheduler utilisation, GC, I/O, limits.
 *
 * Read with three calls of `lists:map` over functions of `erlang`, so it needs nothing installed there. Whether `runtime_tools` is, for OTP's own
 * observer, is said.
 */
import { atom, exported, RpcFailed, tuple } from "umbel"
import { answersOf, atoms, charsOf, elementsOf, fieldsOf, listOf, nameOf, numberOf } from "./beam-terms.ts"
import { type ChartView, chart, type Fact, fact, ratesOf, type SystemData } from "./facts.ts"
import type { Context } from "./view.ts"

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
  "wordsize",
  "thread_pool_size",
  "dirty_cpu_schedulers_online",
  "dirty_io_schedulers",
  "alloc_util_allocators",
] as const
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
  const [systems, statistics, memories, tools] = await Promise.all([
    many("system_info", SYSTEM),
    many("statistics", STATISTICS),
    context.rpc(node, "erlang", "memory", []),
    context.rpc(node, "code", "which", atoms("observer_backend")),
  ])
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
  const schedulers = schedulerCharts(context, node)
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
        key: "allocators",
        title: "Memory allocators",
        note: "Blocks in use, of the carriers that hold them.",
        facts: await allocators(context, node, listOf(system.get("alloc_util_allocators")).map(nameOf)),
      },
      {
        key: "platform",
        title: "Platform",
        note: "",
        facts: [
          fact("version", "Version", charsOf(system.get("system_version")).trim(), "text"),
          fact("architecture", "Architecture", charsOf(system.get("system_architecture")), "text"),
          fact("processors", "Processors", number("logical_processors"), "count"),
          fact("schedulers", "Schedulers online", number("schedulers_online"), "count"),
          fact("dirty_cpu", "Dirty schedulers for CPU", number("dirty_cpu_schedulers_online"), "count"),
          fact("dirty_io", "Dirty schedulers for I/O", number("dirty_io_schedulers"), "count"),
          fact("async_threads", "Asynchronous threads", number("thread_pool_size"), "count"),
          fact("wordsize", "Word", number("wordsize"), "bytes"),
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
      ...schedulers,
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

/** Sizes of blocks and of carriers, over all instances of each allocator. */
async function allocators(context: Context, node: string, names: readonly string[]): Promise<Fact[]> {
  const items = names.map((name) => tuple(atom("allocator_sizes"), atom(name)))
  const answers = listOf(await context.rpc(node, "lists", "map", [exported("erlang", "system_info", 1), items]))
  return names.flatMap((name, index) => {
    let [blocks, carriers] = [0, 0]
    // `{instance, Number, [{mbcs, [{blocks, [{Allocator, [{size, Now, …}]}]}, {carriers_size, Now, …}]}, …]}`
    for (const instance of listOf(answers[index])) {
      for (const kind of listOf(elementsOf(instance)[2])) {
        for (const item of listOf(elementsOf(kind)[1])) {
          const [label, value] = elementsOf(item)
          if (nameOf(label) === "carriers_size") carriers += numberOf(value)
          if (nameOf(label) === "blocks")
            for (const owner of listOf(value))
              for (const size of listOf(elementsOf(owner)[1]))
                if (nameOf(elementsOf(size)[0]) === "size") blocks += numberOf(elementsOf(size)[1])
        }
      }
    }
    return carriers === 0 ? [] : [fact(name, name.replace(/_alloc$/, ""), blocks, "bytes", carriers)]
  })
}

/** Measured over a second, on the node: nobody waits for it here, it is part of the next look. */
function schedulerCharts(context: Context, node: string): ChartView[] {
  const measured = context.memory.get("schedulers") as Measured | undefined
  if (measured === undefined) {
    // Who looks once gets no more than that: measuring is for who watches.
    context.memory.set("schedulers", { running: false, lines: [] } satisfies Measured)
    return []
  }
  if (!measured.running) {
    measured.running = true
    void context
      .rpc(node, "scheduler", "utilization", [1], UTILISATION_MS)
      .then((answer) => {
        measured.lines = listOf(answer).flatMap((row) => {
          const [kind, id, share] = elementsOf(row)
          const prefix = SCHEDULERS[nameOf(kind)]
          return prefix === undefined || typeof share !== "number"
            ? []
            : [[`${nameOf(kind)}${nameOf(id)}`, `${prefix}${nameOf(id)}`, share] as const]
        })
      })
      .then(
        () => {
          measured.running = false
        },
        // A node without runtime_tools cannot tell: it has no such chart, and is not asked again. That it is away the next look says.
        (thrown: unknown) => {
          measured.lines = []
          measured.running = thrown instanceof RpcFailed
        },
      )
  }
  return measured.lines.length === 0
    ? []
    : [chart("schedulers", "Utilisation of schedulers", "share", 1, measured.lines)]
}
interface Measured {
  running: boolean
  lines: readonly (readonly [key: string, label: string, value: number])[]
}
const UTILISATION_MS = 5_000
const SCHEDULERS: Readonly<Record<string, string>> = { normal: "", cpu: "dirty " }

function named<K extends string>(names: readonly K[], answers: unknown): ReadonlyMap<K, unknown> {
  const values = answersOf(answers, names.length)
  return new Map(names.map((name, index) => [name, values[index]]))
}
