/** `umbel trace PROCESS`: what a process and whoever talks to it say to each other, as it happens, for a bounded time. */
import type { ViewData } from "@umbel/observer/client"
import { paint, say } from "../project/files.ts"
import { findProcess, inspectorAt, shortPid, withNode } from "../remote/connect.ts"
import { type ObserverOptions, observerOf, processSeen, throughObserver } from "../remote/observer.ts"
import { plainJson, time } from "../remote/table.ts"
import { UsageError } from "../usage-error.ts"
import { countOf } from "./ps.ts"

export interface TraceOptions extends ObserverOptions {
  readonly limit: string
  readonly for: string
  readonly below?: boolean
  readonly json?: boolean
}

/** Milliseconds between two looks at what was traced. */
const LOOK_MS = 200
const SECONDS_MAX = 600

export async function trace(typed: string, options: TraceOptions): Promise<void> {
  const events = countOf("--limit", options.limit)
  const seconds = Number(options.for)
  if (!(seconds > 0 && seconds <= SECONDS_MAX))
    throw new UsageError(`--for ${options.for} is no time`, `up to ${SECONDS_MAX} seconds`)
  if (observerOf(options) !== undefined) return traceSeen(typed, options, events, seconds)
  await withNode(options, async (visit) => {
    const inspector = inspectorAt(visit)
    const pid = await findProcess(visit, typed)
    const limits = { events, ms: seconds * 1_000 }
    const { id, targets } = await inspector.trace({
      ...(options.below === true ? { subtrees: [pid] } : { pids: [pid] }),
      limits,
    })
    let asked = false
    const ask = (): void => {
      asked = true
    }
    process.once("SIGINT", ask)
    if (options.json !== true) bounds(`${targets} ${targets === 1 ? "process" : "processes"}`, seconds, events)
    try {
      let since = 0
      for (;;) {
        const page = await inspector.traced(id, since)
        if (page === undefined) return
        for (const event of page.events)
          say(options.json === true ? plainJson(event).replace(/\n\s*/g, "") : drawn(event))
        since = page.next
        if (asked || (page.stopped !== undefined && page.events.length === 0)) break
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      }
    } finally {
      process.off("SIGINT", ask)
      await inspector.untrace(id)
    }
  })
}

const bounds = (whom: string, seconds: number, events: number): void =>
  void process.stderr.write(paint("dim", `${whom}, for ${seconds} s or ${events} events; Ctrl-C stops it\n`))

/** Through an observer: it ends by its bounds, or as one leaves. */
async function traceSeen(typed: string, options: TraceOptions, events: number, seconds: number): Promise<void> {
  await throughObserver(options, async (look) => {
    const { client, name } = look
    const { pid } = await processSeen(look, typed)
    if (options.json !== true) bounds(pid, seconds, events)
    const shown = new Set<string>()
    let asked = false
    const ask = (): void => {
      asked = true
      void client[Symbol.asyncDispose]()
    }
    process.once("SIGINT", ask)
    try {
      const params = { node: name, pid, seconds, events, below: options.below === true }
      for await (const page of client.watch("trace", params)) {
        for (const event of page.events) {
          if (shown.has(event.key)) continue
          shown.add(event.key)
          say(options.json === true ? plainJson(event).replace(/\n\s*/g, "") : drawnSeen(event))
        }
        if (page.state !== "running") break
      }
    } catch (fault) {
      if (!asked) throw fault
    } finally {
      process.off("SIGINT", ask)
    }
  })
}

type SeenEvent = ViewData["trace"]["events"][number]

const drawnSeen = ({ at, kind, from, to, text, ms }: SeenEvent): string =>
  line(at, kind, from?.title ?? "", to?.title ?? "", text, ms ?? undefined)

type Traced = NonNullable<Awaited<ReturnType<ReturnType<typeof inspectorAt>["traced"]>>>["events"][number]

/** `12:03:04.567  counter ← <0.9.0> web   call {increment, 2}` */
function drawn({ at, kind, from, fromTitle, to, toTitle, toName, text, ms }: Traced): string {
  const left = fromTitle || (from === undefined ? "" : shortPid(from))
  const right = toTitle || toName || (to === undefined ? "" : shortPid(to))
  return line(at, kind, left, right, text, ms)
}

function line(at: number, kind: string, left: string, right: string, text: string, ms: number | undefined): string {
  const clock = new Date(at).toISOString().slice(11, 23)
  const way = [left, right].filter((one) => one !== "").join(" → ")
  return `${paint("dim", clock)}  ${paint("cyan", kind.padEnd(8))} ${way}  ${text}${ms === undefined ? "" : paint("dim", ` (${time(ms)})`)}`
}
