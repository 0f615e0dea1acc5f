/**
 * `umbel top`: the busiest processes of a node, drawn anew every second; plain lines, once, where there is no terminal.
 *
 * Keys: c, m, b, h, t sort by CPU, memory, mailbox, handled, title; q quits. CPU and handled are those of the last second.
 */
import { paint, say } from "../project/files.ts"
import { inspectorAt, type Visit, type Whom, withNode } from "../remote/connect.ts"
import { LiveScreen } from "../remote/live-screen.ts"
import { drawn, rowsOf, type Sort } from "../remote/processes.ts"
import { duration } from "../remote/table.ts"
import { UsageError } from "../usage-error.ts"

export interface TopOptions extends Whom {
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
  await withNode(options, async (visit) => {
    const terminal = process.stdout.isTTY === true && process.stdin.isTTY === true
    if (terminal && options.once !== true && options.json !== true) return live(visit, options.sort, seconds * 1_000)
    const { rows } = await rowsOf(visit, options.sort, ROWS_PLAIN)
    if (options.json === true) return say(JSON.stringify(rows, null, 2))
    say([...(await head(visit)), ...drawn(rows, false, process.stdout.columns)].join("\n"))
  })
}

async function live(visit: Visit, first: Sort, everyMs: number): Promise<void> {
  await using screen = new LiveScreen()
  let sort = first
  while (!screen.over) {
    const { rows } = await rowsOf(visit, sort, Math.max(1, process.stdout.rows), "", true)
    const lines = [...(await head(visit)), ...drawn(rows, true, screen.columns)]
    screen.draw(lines, paint("dim", `by ${sort}; c cpu, m memory, b mailbox, h handled, t title; q quits`))
    const key = await screen.key(everyMs)
    sort = (key === undefined ? undefined : KEYS[key]) ?? sort
  }
}

async function head(visit: Visit): Promise<readonly string[]> {
  const { now, bootedAt, processes, runQueue, crashes, connected, turns } = await inspectorAt(visit).overview()
  return [
    `${paint("bold", visit.name)}  up for ${duration(now - bootedAt)}, ${processes} processes, ${turns} turns, ${runQueue} wait for one`,
    `${crashes === 0 ? "no crash" : paint("red", `${crashes} ${crashes === 1 ? "crash" : "crashes"}`)} since it booted, connected to ${connected.filter((name) => name !== visit.visitor.name).join(", ") || "no other node"}`,
    "",
  ]
}
