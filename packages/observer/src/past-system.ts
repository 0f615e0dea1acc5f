/** A node in numbers, as its flight recorder has them of one moment: fewer than of now, in the same shape. */
import type { Sample } from "umbel/otp"
import { fact, nodeCharts, type SystemData } from "./facts.ts"
import { pastOf, unkept } from "./past.ts"
import type { Context } from "./view.ts"

export async function systemThen(context: Context, node: string, at: number): Promise<SystemData> {
  const { sample, samples, bootedAt, applications, by } = await pastOf(context, node, at, { samples: true })
  if (by !== null) throw unkept(`${by} kept the trees of ${node}, and not its numbers.`)
  if (sample === undefined) throw unkept(`The recorder of ${node} has no numbers of that moment.`)
  return {
    node,
    kind: "umbel",
    at: sample.at,
    uptime: Math.max(1, sample.at - bootedAt),
    groups: [
      ...groupsOf(sample),
      {
        key: "applications",
        title: "Applications",
        note: "Messages handled a second, over the ten seconds before.",
        facts: applications.map(({ application, handledRate }) =>
          fact(`of_${application}`, application === "" ? "outside of them" : application, handledRate, "rate"),
        ),
      },
    ].filter(({ facts }) => facts.length > 0),
    charts: nodeCharts({ ...sample, gcRate: (sample.gcMs * 1_000) / sample.intervalMs }),
    samples,
  }
}

function groupsOf(sample: Sample): SystemData["groups"] {
  const over = `Over the ${Math.max(1, Math.round(sample.intervalMs / 1_000))} s before.`
  return [
    {
      key: "work",
      title: "Work",
      note: over,
      facts: [
        fact("processes", "Processes", sample.processes, "count"),
        fact("run_queue", "Run queue", sample.runQueue, "count"),
        fact("zombies", "Zombies", sample.zombies, "count"),
        fact("message_rate", "Messages a second", sample.messagesRate, "rate"),
        fact("turn_rate", "Turns a second", sample.turnsRate, "rate"),
        fact("new_crashes", "Crashes", sample.crashes, "count"),
      ],
    },
    {
      key: "memory",
      title: "Memory",
      note: "Of the whole operating-system process.",
      facts: [
        fact("heap_used", "Heap used", sample.heapUsed, "bytes"),
        fact("rss", "Resident", sample.rss, "bytes"),
        fact("external", "Outside the heap", sample.external, "bytes"),
      ],
    },
    {
      key: "event_loop",
      title: "Event loop",
      note: `${over} A delay is how much later than due a timer fires.`,
      facts: [
        fact("utilisation", "Utilisation", sample.loopUtilisation, "share", 1),
        fact("delay_p50", "Delay, half below", sample.delayP50, "ms"),
        fact("delay_p99", "Delay, 99 % below", sample.delayP99, "ms"),
        fact("delay_max", "Delay, worst", sample.delayMax, "ms"),
        fact("cpu", "CPU, of one processor", sample.cpuShare, "share"),
      ],
    },
    {
      key: "gc",
      title: "Garbage collection",
      note: over,
      facts: [
        fact("new_count", "Collections", sample.gcCount, "count"),
        fact("new_pause", "Pauses, together", sample.gcMs, "ms"),
      ],
    },
    {
      key: "links",
      title: "Connections",
      note: over,
      facts: [
        fact("connected", "Nodes connected", sample.connected, "count"),
        fact("in_rate", "Bytes in, a second", sample.bytesInRate, "bytes"),
        fact("out_rate", "Bytes out, a second", sample.bytesOutRate, "bytes"),
      ],
    },
  ]
}
