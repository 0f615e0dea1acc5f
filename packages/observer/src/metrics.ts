/**
 * Numbers of every node in the text format of Prometheus, under its conventions: base units (seconds, bytes, ratios), counters that end in `_total`.
 *
 * ```
 * # HELP umbel_messages_handled_total Messages that processes have handled.
 * # TYPE umbel_messages_handled_total counter
 * umbel_messages_handled_total{node="a@h"} 120
 * ```
 *
 * Which number of a page is which metric stands in {@link FACTS}; what is not there is not exported, so that no change of a page renames a metric.
 */
import type { KnownNode } from "./cluster.ts"
import type { SystemData } from "./facts.ts"
import type { Context } from "./view.ts"
import { LINKS_VIEW, type LinkRow } from "./views/links.ts"
import { SYSTEM_VIEW } from "./views/system.ts"

type Labels = Readonly<Record<string, string>>
interface Metric {
  readonly name: string
  readonly help: string
  readonly type: "gauge" | "counter"
  readonly samples: readonly { readonly labels: Labels; readonly value: number }[]
}

export async function metricsText(context: Context, nodes: readonly KnownNode[]): Promise<string> {
  const up = nodes.filter(({ status }) => status === "up")
  const read = <T>(reading: Promise<{ data: T | null }>): Promise<T | null> =>
    reading.then(
      ({ data }) => data,
      // A node that does not answer now has no numbers now: `umbel_up` says so.
      () => null,
    )
  const fresh = (): Context => ({ ...context, memory: new Map() })
  const [links, ...systems] = await Promise.all([
    read(LINKS_VIEW.read(fresh(), { node: "" })),
    ...up.map(({ name }) => read(SYSTEM_VIEW.read(fresh(), { node: name }))),
  ])
  const metrics = [
    ...clusterMetrics(nodes),
    ...systemMetrics(systems.filter((system) => system !== null)),
    ...linkMetrics(links?.links ?? []),
  ]
  return metrics.map(printed).join("")
}

type Vitals = NonNullable<KnownNode["vitals"]>

function clusterMetrics(nodes: readonly KnownNode[]): readonly Metric[] {
  const of = (
    name: string,
    type: Metric["type"],
    help: string,
    value: (vitals: Vitals, kind: KnownNode["kind"]) => number | null,
  ): Metric => ({
    name,
    type,
    help,
    samples: nodes.flatMap(({ name: node, kind, status, vitals }) => {
      const number = status === "up" && vitals !== null ? value(vitals, kind) : null
      return number === null ? [] : [{ labels: { node }, value: number }]
    }),
  })
  return [
    {
      name: "umbel_up",
      type: "gauge",
      help: "Whether the node answers.",
      samples: nodes.map(({ name: node, kind, status }) => ({
        labels: { node, kind },
        value: status === "up" ? 1 : 0,
      })),
    },
    of("umbel_uptime_seconds", "gauge", "Since the node was booted.", ({ uptime }) => uptime / 1000),
    of("umbel_processes", "gauge", "Processes that live.", ({ processes }) => processes),
    of("umbel_zombies", "gauge", "Processes that have ended and still await something.", ({ zombies }, kind) =>
      kind === "umbel" ? zombies : null,
    ),
    of("umbel_run_queue", "gauge", "Processes that wait for a turn.", ({ runQueue }) => runQueue),
    of("umbel_turns_total", "counter", "Turns of processes.", ({ turns }, kind) => (kind === "umbel" ? turns : null)),
    of("umbel_reductions_total", "counter", "Reductions of a BEAM node.", ({ turns }, kind) =>
      kind === "beam" ? turns : null,
    ),
    of("umbel_crashes_total", "counter", "Processes that crashed.", ({ crashes }) => crashes),
    of("umbel_connected_nodes", "gauge", "Nodes it is connected to.", ({ connected }) => connected.length),
    of("umbel_applications", "gauge", "Applications that run.", ({ applications }) => applications.length),
  ]
}

interface Exported {
  readonly name: string
  readonly type?: "counter"
  readonly help: string
  readonly labels?: Labels
  /** From the unit of the page to the base unit. */
  readonly times?: number
  /** The metric that its limit is, where it has one. */
  readonly limit?: string
}
const SECONDS = 1 / 1000
const memory = (kind: string): Exported => ({
  name: "umbel_memory_bytes",
  help: "Memory of the node, by kind.",
  labels: { kind },
  limit: "umbel_memory_limit_bytes",
})
const delay = (quantile: string): Exported => ({
  name: "umbel_event_loop_delay_seconds",
  help: "How much later than due timers fire, over the last second.",
  labels: { quantile },
  times: SECONDS,
})
const cpu = (mode: string): Exported => ({
  name: "umbel_cpu_seconds_total",
  type: "counter",
  help: "CPU time of the operating-system process.",
  labels: { mode },
  times: SECONDS,
})
const io = (direction: string): Exported => ({
  name: "umbel_io_bytes_total",
  type: "counter",
  help: "Bytes that ports of a BEAM node have read and written.",
  labels: { direction },
})
const observing = (part: string): Exported => ({
  name: "umbel_observing_seconds_total",
  type: "counter",
  help: "Time on the thread that being observed took.",
  labels: { part },
  times: SECONDS,
})
const gauge = (name: string, help: string, limit?: string): Exported => ({
  name,
  help,
  ...(limit === undefined ? {} : { limit }),
})
const counter = (name: string, help: string, times = 1): Exported => ({ name, type: "counter", help, times })

/** By group and key of the facts of the system page. */
const FACTS: Readonly<Record<string, Exported>> = {
  "work.messages": counter("umbel_messages_handled_total", "Messages that processes have handled."),
  "work.pending_calls": gauge("umbel_pending_calls", "Calls under way."),
  "work.names": gauge("umbel_registered_names", "Registered names."),
  "work.active": gauge("umbel_active_tasks", "Processes and ports of a BEAM node that are ready or run."),
  "work.switches": counter("umbel_context_switches_total", "Context switches of a BEAM node."),
  ...Object.fromEntries(
    ["heap_used", "heap_total", "rss", "external", "array_buffers", "code"].map((kind) => [
      `memory.${kind}`,
      memory(kind),
    ]),
  ),
  ...Object.fromEntries(
    ["total", "processes", "system", "atom", "binary", "ets"].map((kind) => [`memory.${kind}`, memory(kind)]),
  ),
  "event_loop.utilisation": gauge(
    "umbel_event_loop_utilisation_ratio",
    "Share of the time the event loop worked, over the last second.",
  ),
  "event_loop.delay_p50": delay("0.5"),
  "event_loop.delay_p99": delay("0.99"),
  "event_loop.delay_max": delay("1"),
  "event_loop.cpu_user": cpu("user"),
  "event_loop.cpu_system": cpu("system"),
  "gc.count": counter("umbel_gc_collections_total", "Garbage collections."),
  "gc.major": counter("umbel_gc_major_collections_total", "Garbage collections of the whole heap."),
  "gc.pause": counter("umbel_gc_pause_seconds_total", "Time that garbage collections took.", SECONDS),
  "gc.longest": { name: "umbel_gc_longest_pause_seconds", help: "The longest pause since boot.", times: SECONDS },
  "platform.open_files": gauge("umbel_open_files", "Files and sockets that are open.", "umbel_open_files_limit"),
  "limits.atoms": gauge("umbel_atoms", "Atoms of a BEAM node.", "umbel_atoms_limit"),
  "limits.ports": gauge("umbel_ports", "Ports of a BEAM node.", "umbel_ports_limit"),
  "limits.tables": gauge("umbel_ets_tables", "ETS tables of a BEAM node.", "umbel_ets_tables_limit"),
  "traffic.input": io("in"),
  "traffic.output": io("out"),
  "traffic.collections": counter("umbel_gc_collections_total", "Garbage collections."),
  "observing.recorder": observing("recorder"),
  "observing.answers": observing("answers"),
  "observing.rings": gauge("umbel_recorder_bytes", "Memory of the flight recorder."),
}

class Collected {
  readonly #metrics = new Map<string, Metric & { samples: { labels: Labels; value: number }[] }>()
  add(name: string, type: Metric["type"], help: string, labels: Labels, value: number): void {
    const metric = this.#metrics.get(name) ?? { name, help, type, samples: [] }
    metric.samples.push({ labels, value })
    this.#metrics.set(name, metric)
  }
  get all(): readonly Metric[] {
    return [...this.#metrics.values()]
  }
}

function systemMetrics(systems: readonly SystemData[]): readonly Metric[] {
  const collected = new Collected()
  for (const { node, groups } of systems) {
    for (const group of groups) {
      for (const fact of group.facts) {
        const exported = FACTS[`${group.key}.${fact.key}`]
        if (exported === undefined || typeof fact.value !== "number") continue
        const { name, type = "gauge", help, labels = {}, times = 1, limit } = exported
        collected.add(name, type, help, { node, ...labels }, fact.value * times)
        if (limit !== undefined && fact.limit !== null)
          collected.add(limit, "gauge", `The most there may be of ${name}.`, { node, ...labels }, fact.limit * times)
      }
    }
  }
  return collected.all
}

/** As each side tells: bytes of Umbel nodes, packets of BEAM nodes. */
function linkMetrics(links: readonly LinkRow[]): readonly Metric[] {
  const collected = new Collected()
  for (const { from: node, to: peer, unit, received, sent, queued } of links) {
    const name = `umbel_link_${unit}_total`
    const help = `What went over the connection to a peer, in ${unit}.`
    collected.add(name, "counter", help, { node, peer, direction: "in" }, received)
    collected.add(name, "counter", help, { node, peer, direction: "out" }, sent)
    if (queued !== null)
      collected.add(
        "umbel_link_queued_bytes",
        "gauge",
        "Bytes that the system has not taken yet.",
        { node, peer },
        queued,
      )
  }
  return collected.all
}

function printed({ name, help, type, samples }: Metric): string {
  if (samples.length === 0) return ""
  const lines = samples.map(({ labels, value }) => `${name}{${Object.entries(labels).map(label).join(",")}} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`
}

const label = ([name, value]: [string, string]): string =>
  `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`
