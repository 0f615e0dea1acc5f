/** The views `tables` and `table`: the ETS tables of a BEAM node with their sizes and owners, and some content of one when that is asked for. */
import { beamTable, beamTables } from "../beam-tables.ts"
import { here, missing, textOf, type View } from "../view.ts"
import type { LinkView } from "./process.ts"

export interface TablesData {
  /** The largest first. */
  readonly rows: readonly TableRow[]
  readonly total: number
}
export interface TableRow {
  /** Its name, or `#Ref<…>`: what the view `table` is asked with. */
  readonly key: string
  readonly name: string
  /** Whether it is found by its name. */
  readonly named: boolean
  readonly type: string
  readonly protection: string
  readonly objects: number
  readonly bytes: number
  readonly owner: LinkView | null
  readonly heir: LinkView | null
  readonly compressed: boolean
}
export interface TableContent {
  readonly table: string
  /** Printed, the first so many. */
  readonly objects: readonly { readonly key: string; readonly text: string }[]
  readonly more: number
}

const NONE = "Umbel nodes have no ETS tables; their registries stand under groups and names."

export const TABLES_VIEW: View<{ node: string }, TablesData> = {
  name: "tables",
  about: "The ETS tables of a BEAM `node`: objects, bytes, owner. Reads no content.",
  capability: "inspect",
  params: ({ node }) => (node === undefined ? undefined : { node: textOf(node) }),
  async read(context, { node }) {
    if ((await context.known(node)).kind !== "beam") return missing("unsupported", NONE)
    const { rows, total } = await beamTables(context, node)
    return here({ rows: [...rows].sort((a, b) => b.bytes - a.bytes || a.key.localeCompare(b.key)), total })
  },
}

export const TABLE_VIEW: View<{ node: string; table: string }, TableContent> = {
  name: "table",
  about: "The first objects of a `table` of a BEAM `node`, as the view tables names it; private ones cannot be read.",
  capability: "inspect.state",
  params: ({ node, table }) =>
    node === undefined || table === undefined ? undefined : { node: textOf(node), table: textOf(table) },
  async read(context, { node, table }) {
    if ((await context.known(node)).kind !== "beam") return missing("unsupported", NONE)
    return here(await beamTable(context, node, table))
  },
}
