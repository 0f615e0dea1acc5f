/**
 * Numbers of every node in the text format of Prometheus.
 *
 * ```
 * # HELP umbel_processes Processes that live.
 * # TYPE umbel_processes gauge
 * umbel_processes{node="a@h"} 120
 * ```
 */
import type { KnownNode } from "./cluster.ts"
import type { Context } from "./view.ts"
import { SYSTEM_VIEW, type SystemData } from "./views/system.ts"

interface Metric {
  readonly name: string
  readonly help: string
  readonly type: "gauge" | "counter"
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

export async function metricsText(context: Context, nodes: readonly KnownNode[]): Promise<string> {
  const systems = await Promise.all(
    nodes
      .filter(({ status }) => status === "up")
      .map(({ name }) =>
        SYSTEM_VIEW.read({ ...context, memory: new Map() }, { node: name }).then(
          ({ data }) => data,
          // A node that does not answer now has no numbers now: `umbel_up` says so.
          () => null,
        ),
      ),
  )
  return [...clusterMetrics(nodes), ...systemMetrics(systems.filter((system) => system !== null))].map(printed).join("")
}

function clusterMetrics(nodes: readonly KnownNode[]): readonly Metric[] {
  const of = (
    name: string,
    type: Metric["type"],
    help: string,
    value: (vitals: NonNullable<KnownNode["vitals"]>) => number | null,
  ): Metric => ({
    name,
    type,
    help,
    samples: nodes.flatMap(({ name: node, status, vitals }) => {
      const number = status === "up" && vitals !== null ? value(vitals) : null
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
    of("umbel_zombies", "gauge", "Processes that have ended and still await something.", ({ zombies }) => zombies),
    of("umbel_run_queue", "gauge", "Processes that wait for a turn.", ({ runQueue }) => runQueue),
    of("umbel_turns_total", "counter", "Turns of processes; of a BEAM node, reductions.", ({ turns }) => turns),
    of("umbel_crashes_total", "counter", "Processes that crashed.", ({ crashes }) => crashes),
    of("umbel_connected_nodes", "gauge", "Nodes it is connected to.", ({ connected }) => connected.length),
    of("umbel_applications", "gauge", "Applications that run.", ({ applications }) => applications.length),
  ]
}

/** Every number of the system page, by its group and key. */
function systemMetrics(systems: readonly SystemData[]): readonly Metric[] {
  const metrics = new Map<string, Metric & { samples: { labels: Record<string, string>; value: number }[] }>()
  for (const { node, groups } of systems) {
    for (const { key, title, facts } of groups) {
      for (const fact of facts) {
        if (typeof fact.value !== "number") continue
        const name = `umbel_${key}_${fact.unit}`.replaceAll(/[^a-z0-9_]/g, "_")
        const metric = metrics.get(name) ?? { name, help: `${title}, in ${fact.unit}.`, type: "gauge", samples: [] }
        metric.samples.push({ labels: { node, name: fact.key }, value: fact.value })
        metrics.set(name, metric)
      }
    }
  }
  return [...metrics.values()]
}

function printed({ name, help, type, samples }: Metric): string {
  if (samples.length === 0) return ""
  const lines = samples.map(({ labels, value }) => `${name}{${Object.entries(labels).map(label).join(",")}} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`
}

const label = ([name, value]: [string, string]): string =>
  `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`
