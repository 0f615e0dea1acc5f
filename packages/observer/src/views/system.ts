/**
 * The view `system`: one node in numbers, as groups of facts and as lines to be charted. Umbel and BEAM nodes say different things in the same shape, so
 * that one page, and one set of metrics, serves both.
 */
import type { Sample } from "umbel/otp"
import { beamSystem } from "../beam-system.ts"
import { systemThen } from "../past-system.ts"
import { type Context, here, textOf, type View } from "../view.ts"

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

export const SYSTEM_VIEW: View<{ node: string }, SystemData> = {
  name: "system",
  about: "One node in numbers: memory, event loop, garbage collection, limits.",
  capability: "inspect",
  params: ({ node }) => (node === undefined ? undefined : { node: textOf(node) }),
  async read(context, { node }) {
    const { kind } = await context.known(node)
    return here(kind === "beam" ? await beamSystem(context, node) : await umbelSystem(context, node))
  },
  async past(context, { node }, at) {
    return here(await systemThen(context, node, at))
  },
}

export const fact = (key: string, label: string, value: number | string, unit: Unit, limit?: number): Fact => ({
  key,
  label,
  value: typeof value === "number" ? rounded(value) : value,
  unit,
  limit: limit ?? null,
})
const rounded = (value: number): number => (Number.isInteger(value) ? value : Math.round(value * 1000) / 1000)

async function umbelSystem(context: Context, node: string): Promise<SystemData> {
  const view = await context.umbel(node).system()
  const { memory, cpu, loop, gc, counters, limits, platform, observing } = view
  const uptime = Math.max(1, view.at - view.bootedAt)
  const rate = ratesOf(context.memory, view.at, {
    turns: counters.turns,
    messages: counters.messages,
    gc: gc.pauseMs,
    observing: observing.answersMs + observing.recorderMs,
  })
  const maybe = (value: number | undefined, make: (known: number) => Fact): Fact[] =>
    value === undefined ? [] : [make(value)]
  return {
    node,
    kind: "umbel",
    at: view.at,
    uptime,
    groups: [
      {
        key: "work",
        title: "Work",
        note: "",
        facts: [
          fact("processes", "Processes", counters.processes, "count"),
          fact("run_queue", "Run queue", counters.runQueue, "count"),
          fact("zombies", "Zombies", counters.zombies, "count"),
          fact("messages", "Messages handled", counters.messages, "count"),
          fact("turns", "Turns", counters.turns, "count"),
          fact("crashes", "Crashes", counters.crashes, "count"),
          fact("pending_calls", "Calls under way", counters.pendingCalls, "count"),
          fact("names", "Registered names", counters.registeredNames, "count"),
        ],
      },
      {
        key: "memory",
        title: "Memory",
        note: "Of the whole operating-system process.",
        facts: [
          fact("heap_used", "Heap used", memory.heapUsed, "bytes", memory.heapLimit),
          fact("heap_total", "Heap reserved", memory.heapTotal, "bytes"),
          fact("rss", "Resident", memory.rss, "bytes"),
          fact("external", "Outside the heap", memory.external, "bytes"),
          fact("array_buffers", "Array buffers", memory.arrayBuffers, "bytes"),
          fact("code", "Compiled code", memory.code, "bytes"),
        ],
      },
      {
        key: "event_loop",
        title: "Event loop",
        note: `Over the last ${Math.round(loop.intervalMs / 100) / 10} s. A delay is how much later than due a timer fires.`,
        facts: [
          fact("utilisation", "Utilisation", loop.utilisation, "share", 1),
          ...maybe(loop.delayP50, (value) => fact("delay_p50", "Delay, half below", value, "ms")),
          ...maybe(loop.delayP99, (value) => fact("delay_p99", "Delay, 99 % below", value, "ms")),
          ...maybe(loop.delayMax, (value) => fact("delay_max", "Delay, worst", value, "ms")),
          fact("cpu", "CPU, of one processor", cpu.share, "share", cpu.processors),
          fact("cpu_user", "CPU time, user", cpu.userMs, "ms"),
          fact("cpu_system", "CPU time, system", cpu.systemMs, "ms"),
        ],
      },
      {
        key: "gc",
        title: "Garbage collection",
        note: "Since boot.",
        facts: [
          fact("count", "Collections", gc.count, "count"),
          fact("major", "Of the whole heap", gc.majorCount, "count"),
          fact("pause", "Pauses, together", gc.pauseMs, "ms"),
          fact("longest", "Longest pause", gc.longestMs, "ms"),
          fact("share", "Share of the time", gc.pauseMs / uptime, "share", 1),
        ],
      },
      {
        key: "platform",
        title: "Platform",
        note: "",
        facts: [
          fact("release", "Umbel", platform.release, "text"),
          fact("runtime", "Runtime", platform.runtime, "text"),
          fact("architecture", "Architecture", platform.architecture, "text"),
          fact("processors", "Processors", cpu.processors, "count"),
          fact("process_id", "Process id", String(platform.processId), "text"),
          ...maybe(limits.openFiles, (value) => fact("open_files", "Open files", value, "count", limits.openFilesMax)),
        ],
      },
      {
        key: "observing",
        title: "Being observed",
        note: "What this node spends on it, since boot.",
        facts: [
          fact("recorder", "Flight recorder", observing.recorderMs, "ms"),
          fact("answers", "Answers", observing.answersMs, "ms"),
          fact("rings", "Memory of the recorder", observing.recorderBytes, "bytes"),
          ...maybe(rate.observing, (value) => fact("share", "Share of the time, now", value / 1000, "share", 1)),
        ],
      },
    ],
    charts: [
      chart("loop", "Event loop and CPU", "share", 1, [
        ["utilisation", "event loop", loop.utilisation],
        ["cpu", "CPU", cpu.share],
      ]),
      chart("delay", "Event loop delay", "ms", null, [
        ["p50", "half below", loop.delayP50 ?? 0],
        ["p99", "99 % below", loop.delayP99 ?? 0],
      ]),
      chart("memory", "Memory", "bytes", null, [
        ["rss", "resident", memory.rss],
        ["heap", "heap", memory.heapUsed],
        ["external", "outside", memory.external],
      ]),
      chart("messages", "Messages handled", "rate", null, [["messages", "a second", rate.messages ?? 0]]),
      chart("processes", "Processes", "count", null, [
        ["processes", "live", counters.processes],
        ["queue", "run queue", counters.runQueue],
      ]),
      chart("gc", "Garbage collection", "ms", null, [["pause", "ms a second", rate.gc ?? 0]]),
    ],
  }
}

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
