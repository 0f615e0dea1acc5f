/**
 * `umbel top`: the busiest processes of a node, drawn anew every second; plain lines, once, where there is no terminal.
 *
 * Keys: c, m, b, h, t sort by CPU, memory, mailbox, handled, title; q quits. CPU and handled are those of the last second.
 */
import { paint, say } from "../project/files.ts"
import { inspectorAt, type Visit, withNode } from "../remote/connect.ts"
import { LiveScreen } from "../remote/live-screen.ts"
import {
  type Look,
  nodesSeen,
  type ObserverOptions,
  observerOf,
  rowsSeen,
  throughObserver,
} from "../remote/observer.ts"
import { drawn, type Rows, rowsOf, type Sort } from "../remote/processes.ts"
import { duration } from "../remote/table.ts"
import { Unreachable, UsageError } from "../usage-error.ts"

export interface TopOptions extends ObserverOptions {
  readonly sort: Sort
  readonly every: string
  readonly once?: boolean
  readonly json?: boolean
}

const KEYS: Readonly<Record<string, Sort>> = { c: "cpu", m: "memory", b: "mailbox", h: "handled", t: "title" }
const ROWS_PLAIN = 20

export async function top(options: TopOptions): Promise<void> {
  const seconds = Number(options.every)
  if (!(seconds >= 0.1 && seconds <= 3_600)) {
    throw new UsageError(`--every ${options.every} is no time`, "0.1 to 3600 seconds")
  }
  if (observerOf(options) !== undefined) return throughObserver(options, (look) => show(seen(look), options, seconds))
  await withNode(options, (visit) => show(asked(visit), options, seconds))
}

/** Where it is read: a node itself, or an observer. */
interface Source {
  rows(sort: Sort, count: number, rates: boolean): Promise<Rows>
  vitals(): Promise<Vitals>
}
interface Vitals {
  readonly name: string
  /** Milliseconds. */
  readonly uptime: number
  readonly processes: number
  readonly turns: number | null
  readonly runQueue: number
  /** Null where nobody counts them. */
  readonly crashes: number | null
  readonly connected: readonly string[]
}

const asked = (visit: Visit): Source => ({
  rows: (sort, count, rates) => rowsOf(visit, sort, count, "", rates),
  async vitals() {
    const { now, bootedAt, connected, ...rest } = await inspectorAt(visit).overview()
    const others = connected.filter((name) => name !== visit.visitor.name)
    return { ...rest, name: visit.name, uptime: now - bootedAt, connected: others }
  },
})
const seen = (look: Look): Source => ({
  rows: (sort, count, rates) => rowsSeen(look, sort, count, "", rates),
  async vitals() {
    const node = (await nodesSeen(look.client)).find(({ name }) => name === look.name)
    if (node?.vitals == null)
      throw new Unreachable(`${look.name} does not answer the observer`, "umbel nodes shows who is there")
    return { ...node.vitals, name: look.name }
  },
})

async function show(source: Source, options: TopOptions, seconds: number): Promise<void> {
  const terminal = process.stdout.isTTY === true && process.stdin.isTTY === true
  if (terminal && options.once !== true && options.json !== true) return live(source, options.sort, seconds * 1_000)
  const { rows } = await source.rows(options.sort, ROWS_PLAIN, false)
  if (options.json === true) return say(JSON.stringify(rows, null, 2))
  say([...head(await source.vitals()), ...drawn(rows, false, process.stdout.columns)].join("\n"))
}

async function live(source: Source, first: Sort, everyMs: number): Promise<void> {
  await using screen = new LiveScreen()
  let sort = first
  while (!screen.over) {
    const { rows } = await source.rows(sort, Math.max(1, process.stdout.rows), true)
    const lines = [...head(await source.vitals()), ...drawn(rows, true, screen.columns)]
    screen.draw(lines, paint("dim", `by ${sort}; c cpu, m memory, b mailbox, h handled, t title; q quits`))
    const key = await screen.key(everyMs)
    sort = (key === undefined ? undefined : KEYS[key]) ?? sort
  }
}

function head({ name, uptime, processes, runQueue, crashes, connected, turns }: Vitals): readonly string[] {
  const crashed = crashes === null ? "" : `${crashText(crashes)} since it booted, `
  return [
    `${paint("bold", name)}  up for ${duration(uptime)}, ${processes} processes, ${turns ?? "–"} turns, ${runQueue} wait for one`,
    `${crashed}connected to ${connected.join(", ") || "no other node"}`,
    "",
  ]
}

const crashText = (crashes: number): string =>
  crashes === 0 ? "no crash" : paint("red", `${crashes} ${crashes === 1 ? "crash" : "crashes"}`)
