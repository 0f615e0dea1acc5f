/**
 * One node in numbers: groups of facts, and lines to be charted. Umbel and BEAM nodes, and the recorder of the past, say different things in this shape, so
 * that one page, and one set of metrics, serves them all.
 *
 * ```ts
 * fact("rss", "Resident", 70_123_520, "bytes")
 * chart("loop", "Event loop", "share", 1, [["utilisation", "event loop", 0.4]])
 * ```
 */
import type { Sample } from "umbel/otp"

export interface SystemData {
  readonly node: string
  readonly kind: "umbel" | "beam"
  /** Milliseconds since 1970, by that node's clock. */
  readonly at: number
  readonly uptime: number
  readonly groups: readonly FactGroup[]
  readonly charts: readonly ChartView[]
  /** Of the past: what led to it, oldest first. */
  readonly samples?: readonly Sample[]
}
export interface FactGroup {
  readonly key: string
  readonly title: string
  /** What is to be known to read it. */
  readonly note: string
  readonly facts: readonly Fact[]
}
export interface Fact {
  readonly key: string
  readonly label: string
  readonly value: number | string
  readonly unit: Unit
  /** How much there may be; null for no limit, or none known. */
  readonly limit: number | null
}
/** `share` is 0 to 1; `rate` a second. */
export type Unit = "bytes" | "count" | "ms" | "share" | "rate" | "text"
export interface ChartView {
  readonly key: string
  readonly title: string
  readonly unit: Unit
  /** Where the scale ends, if it has an end. */
  readonly max: number | null
  readonly lines: readonly { readonly key: string; readonly label: string; readonly value: number }[]
}

export const fact = (key: string, label: string, value: number | string, unit: Unit, limit?: number): Fact => ({
  key,
  label,
  value: typeof value === "number" ? rounded(value) : value,
  unit,
  limit: limit ?? null,
})
const rounded = (value: number): number => (Number.isInteger(value) ? value : Math.round(value * 1000) / 1000)

export const chart = (
  key: string,
  title: string,
  unit: Unit,
  max: number | null,
  lines: readonly (readonly [key: string, label: string, value: number])[],
): ChartView => ({
  key,
  title,
  unit,
  max,
  lines: lines.map(([name, label, value]) => ({ key: name, label, value: rounded(value) })),
})

/** What the charts of an Umbel node show. Sizes are bytes, delays milliseconds. */
export interface NodeNumbers
  extends Pick<
    Sample,
    | "loopUtilisation"
    | "cpuShare"
    | "delayP50"
    | "delayP99"
    | "rss"
    | "heapUsed"
    | "external"
    | "messagesRate"
    | "processes"
    | "runQueue"
  > {
  /** Milliseconds of collection a second. */
  readonly gcRate: number
}

export const nodeCharts = (numbers: NodeNumbers): readonly ChartView[] => [
  chart("loop", "Event loop and CPU", "share", 1, [
    ["utilisation", "event loop", numbers.loopUtilisation],
    ["cpu", "CPU", numbers.cpuShare],
  ]),
  chart("delay", "Event loop delay", "ms", null, [
    ["p50", "half below", numbers.delayP50],
    ["p99", "99 % below", numbers.delayP99],
  ]),
  chart("memory", "Memory", "bytes", null, [
    ["rss", "resident", numbers.rss],
    ["heap", "heap", numbers.heapUsed],
    ["external", "outside", numbers.external],
  ]),
  chart("messages", "Messages handled", "rate", null, [["messages", "a second", numbers.messagesRate]]),
  chart("processes", "Processes", "count", null, [
    ["processes", "live", numbers.processes],
    ["queue", "run queue", numbers.runQueue],
  ]),
  chart("gc", "Garbage collection", "ms", null, [["pause", "ms a second", numbers.gcRate]]),
]

/** What counters grew by a second since the last read of this watch; nothing on the first. */
export function ratesOf<K extends string>(
  memory: Map<string, unknown>,
  at: number,
  counters: Readonly<Record<K, number>>,
): Partial<Record<K, number>> {
  const before = memory.get("counters") as { at: number; counters: Record<K, number> } | undefined
  memory.set("counters", { at, counters })
  if (before === undefined || at <= before.at) return (memory.get("rates") ?? {}) as Partial<Record<K, number>>
  const seconds = (at - before.at) / 1000
  const rates = Object.fromEntries(
    (Object.keys(counters) as K[]).map((key) => [key, Math.max(0, (counters[key] - before.counters[key]) / seconds)]),
  ) as Partial<Record<K, number>>
  memory.set("rates", rates)
  return rates
}
