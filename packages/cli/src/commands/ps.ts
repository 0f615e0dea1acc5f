/** `umbel ps`: the processes of a node, once. */
import { paint, say } from "../project/files.ts"
import { type Whom, withNode } from "../remote/connect.ts"
import { drawn, rowsOf, type Sort } from "../remote/processes.ts"
import { UsageError } from "../usage-error.ts"

export interface PsOptions extends Whom {
  readonly sort: Sort
  readonly limit: string
  readonly json?: boolean
}

export async function ps(text: string | undefined, options: PsOptions): Promise<void> {
  const limit = countOf("--limit", options.limit)
  await withNode(options, async (visit) => {
    const { rows, matching } = await rowsOf(visit, options.sort, limit, text)
    if (options.json === true) return say(JSON.stringify(rows, null, 2))
    for (const line of drawn(rows, false, process.stdout.columns)) say(line)
    if (matching > rows.length) say(paint("dim", `${matching - rows.length} more; --limit shows up to 1000`))
  })
}

const COUNT_MAX = 1_000

/** @throws UsageError */
export function countOf(option: string, text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= COUNT_MAX) return count
  throw new UsageError(`${option} ${text} is no count`, `a whole number from 1 to ${COUNT_MAX}`)
}
