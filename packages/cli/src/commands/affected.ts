/** `umbel affected [BASE]`: the applications that differ from a branch of git, or need one that does; for scripts that build or deploy only those. */
import { readGraph } from "../graph/graph.ts"
import { paint, say } from "../project/files.ts"
import { here } from "../project/workspace.ts"
import { changedSince } from "../testing/changed.ts"
import { affected as affectedBy } from "../testing/selection.ts"

export interface AffectedOptions {
  readonly json?: boolean
}

export async function affected(base: string | undefined, options: AffectedOptions): Promise<void> {
  const { workspace } = await here()
  const rows = affectedBy(await readGraph(workspace), changedSince(workspace.root, base ?? true))
  if (options.json === true) return say(JSON.stringify(rows, null, 2))
  if (rows.length === 0) return say("no application is affected")
  const width = Math.max(...rows.map(({ application }) => application.length))
  for (const { application, reason } of rows) say(`${application.padEnd(width)}  ${paint("dim", reason)}`)
}
