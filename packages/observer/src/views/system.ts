/** The view `system`: one node in numbers, by what Umbel nodes say of themselves. */
import { beamSystem } from "../beam-system.ts"
import { type Fact, fact, nodeCharts, ratesOf, type SystemData } from "../facts.ts"
import { systemThen } from "../past-system.ts"
import { type Context, here, textOf, type View } from "../view.ts"

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
    charts: nodeCharts({
      loopUtilisation: loop.utilisation,
      cpuShare: cpu.share,
      delayP50: loop.delayP50 ?? 0,
      delayP99: loop.delayP99 ?? 0,
      rss: memory.rss,
      heapUsed: memory.heapUsed,
      external: memory.external,
      messagesRate: rate.messages ?? 0,
      processes: counters.processes,
      runQueue: counters.runQueue,
      gcRate: rate.gc ?? 0,
    }),
  }
}
