/** The views `tables` and `table`: ETS of a BEAM node, the registries of an Umbel node; and, only when asked for, the first rows of one. */
import type { RegistryView } from "umbel/otp"
import { beamTable, beamTables } from "../beam-tables.ts"
import type { PidKey } from "../protocol.ts"
import { type Context, here, textOf, Unavailable, type View } from "../view.ts"

export interface TablesData {
  readonly kind: "umbel" | "beam"
  /** The largest first. */
  readonly tables: readonly TableRow[]
}
export interface TableRow {
  readonly key: string
  readonly name: string
  /** Whether it can be used by its name. */
  readonly named: boolean
  readonly kind: string
  /** Rows. */
  readonly size: number
  /** Null where nobody counts them. */
  readonly bytes: number | null
  readonly owner: { readonly process: PidKey; readonly title: string } | null
  readonly readable: boolean
}
export interface TableContent {
  readonly rows: readonly { readonly key: string; readonly text: string }[]
  readonly more: number
}

export const TABLES_VIEW: View<{ node: string }, TablesData> = {
  name: "tables",
  about: "The tables of a `node`: ETS of a BEAM node, registries of an Umbel node; with size, memory and owner.",
  capability: "inspect",
  unkept: "The flight recorder does not keep tables.",
  params: ({ node }) => (node === undefined ? undefined : { node: textOf(node) }),
  async read(context, { node }) {
    const beam = (await context.known(node)).kind === "beam"
    const tables = beam ? await beamTables(context, node) : (await registries(context, node)).map(rowOf)
    const sorted = [...tables].sort((a, b) => (b.bytes ?? b.size) - (a.bytes ?? a.size))
    return here({ kind: beam ? "beam" : "umbel", tables: sorted })
  },
}

export const TABLE_VIEW: View<{ node: string; table: string }, TableContent> = {
  name: "table",
  about: "The first rows of a `table` of a `node`, named by its key in `tables`.",
  capability: "inspect.state",
  unkept: "The flight recorder does not keep tables.",
  params: ({ node, table }) =>
    node === undefined || table === undefined ? undefined : { node: textOf(node), table: textOf(table) },
  async read(context, { node, table }) {
    if ((await context.known(node)).kind === "beam") return here(await beamTable(context, node, table))
    const registry = (await registries(context, node)).find((one) => one.registry === table)
    if (registry === undefined) throw new Unavailable("gone", "There is no such registry any more.")
    const { entries, more } = registry
    return here({
      rows: entries.map(({ key, value, member: { pid } }, index) => ({
        key: String(index),
        text: `${key} → ${pid}${value === ":undefined" || value === "" ? "" : `, ${value}`}`,
      })),
      more,
    })
  },
}

const registries = async (context: Context, node: string): Promise<readonly RegistryView[]> =>
  (await context.umbel(node).groups({ limit: 50 })).registries

const rowOf = ({ registry, keys, size }: RegistryView): TableRow => ({
  key: registry,
  name: registry,
  named: true,
  kind: `registry, ${keys} keys`,
  size,
  bytes: null,
  owner: null,
  readable: true,
})
