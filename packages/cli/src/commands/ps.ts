/** `umbel ps`: the processes of a node, once. */
import { paint, say } from "../project/files.ts"
import { type BeamRow, onBeam } from "../remote/beam.ts"
import { shortPid, type Visit, withNode } from "../remote/connect.ts"
import { type ObserverOptions, observerOf, rowsSeen, throughObserver } from "../remote/observer.ts"
import { drawn, type Rows, rowsOf, type Sort } from "../remote/processes.ts"
import { type Column, table } from "../remote/table.ts"
import { UsageError } from "../usage-error.ts"

export interface PsOptions extends ObserverOptions {
  readonly sort: Sort
  readonly limit: string
  readonly json?: boolean
}

export async function ps(text: string | undefined, options: PsOptions): Promise<void> {
  const limit = countOf("--limit", options.limit)
  if (observerOf(options) !== undefined) {
    return throughObserver(options, async (look) => show(await rowsSeen(look, options.sort, limit, text), options))
  }
  await withNode(
    options,
    async (visit) => show(await rowsOf(visit, options.sort, limit, text), options),
    (visit) => beamPs(visit, text, limit, options),
  )
}

function show({ rows, matching }: Rows, { json }: PsOptions): void {
  if (json === true) return say(JSON.stringify(rows, null, 2))
  for (const line of drawn(rows, false, process.stdout.columns)) say(line)
  more(matching - rows.length)
}

/** By reductions, whatever else was asked for: that is what a BEAM node counts. */
async function beamPs(visit: Visit, text = "", limit: number, { json }: PsOptions): Promise<void> {
  const all = await onBeam(visit).ps(text)
  const rows = all.slice(0, limit).map((row) => ({ ...row, pid: shortPid(row.pid) }))
  if (json === true) return say(JSON.stringify(rows, null, 2))
  const [titles = "", ...lines] = table(BEAM_COLUMNS, rows, process.stdout.columns)
  for (const line of [paint("bold", titles), ...lines]) say(line)
  more(all.length - rows.length)
}

const BEAM_COLUMNS: readonly Column<Omit<BeamRow, "pid"> & { readonly pid: string }>[] = [
  { title: "PID", of: ({ pid }) => pid },
  { title: "MAILBOX", of: ({ mailbox }) => mailbox, right: true },
  { title: "REDUCTIONS", of: ({ reductions }) => reductions, right: true },
  { title: "NAME OR FIRST CALL", of: ({ title }) => title },
]

const more = (count: number): void => {
  if (count > 0) say(paint("dim", `${count} more; --limit shows up to 1000`))
}

const COUNT_MAX = 1_000

/** @throws UsageError */
export function countOf(option: string, text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= COUNT_MAX) return count
  throw new UsageError(`${option} ${text} is no count`, `a whole number from 1 to ${COUNT_MAX}`)
}
