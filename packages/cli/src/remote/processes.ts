/** The processes of a node as rows, sorted over there and drawn here: for `umbel ps` and `umbel top`. */
import { INSPECTOR, type InspectorApi } from "umbel/otp"
import { paint } from "../project/files.ts"
import { shortPid, type Visit } from "./connect.ts"
import { bytes, type Column, table, time } from "./table.ts"

/** By what people sort. */
export type Sort = "cpu" | "memory" | "mailbox" | "handled" | "title"
export interface Row {
  readonly pid: string
  readonly title: string
  readonly module: string
  readonly kind: string
  readonly status: string
  readonly mailbox: number
  readonly handled: number
  readonly cpuMs: number
  /** An estimate. */
  readonly memory: number
  /** Per second. */
  readonly handledRate: number
  /** Milliseconds per second. */
  readonly cpuRate: number
}
export interface Rows {
  readonly rows: readonly Row[]
  /** How many there are that fit. */
  readonly matching: number
}

/** What rows are sorted by: with `rates`, by what happens now instead of what has happened so far. */
export const sortedBy = (sort: Sort, rates: boolean): Sort | "cpuRate" | "handledRate" =>
  rates && (sort === "cpu" || sort === "handled") ? `${sort}Rate` : sort

/** With `rates`, by what happens now: see {@link sortedBy}. */
export async function rowsOf(
  { visitor, name }: Visit,
  sort: Sort,
  count: number,
  filter = "",
  rates = false,
): Promise<Rows> {
  const page = await visitor
    .call<InspectorApi>(INSPECTOR.at(name))
    .list({ sort: sortedBy(sort, rates), count, ...(filter === "" ? {} : { filter }) })
  const rows = page.rows.map(
    ({ pid, title, module, kind, status, mailbox, handled, cpuMs, memory, handledRate, cpuRate }) => {
      return { pid: shortPid(pid), title, module, kind, status, mailbox, handled, cpuMs, memory, handledRate, cpuRate }
    },
  )
  return { rows, matching: page.matching }
}

const title: Column<Row> = {
  title: "PROCESS",
  of: ({ title, module }) => (title === module ? title : `${title} (${module})`),
}
const COMMON: readonly Column<Row>[] = [
  { title: "PID", of: ({ pid }) => pid },
  { title: "STATE", of: ({ status }) => status },
  { title: "MAILBOX", of: ({ mailbox }) => mailbox, right: true },
  { title: "MEMORY", of: ({ memory }) => bytes(memory), right: true },
]
const SO_FAR: readonly Column<Row>[] = [
  ...COMMON,
  { title: "HANDLED", of: ({ handled }) => handled, right: true },
  { title: "CPU", of: ({ cpuMs }) => time(cpuMs), right: true },
  title,
]
const NOW: readonly Column<Row>[] = [
  ...COMMON,
  { title: "HANDLED/S", of: ({ handledRate }) => Math.round(handledRate), right: true },
  { title: "CPU", of: ({ cpuRate }) => `${(cpuRate / 10).toFixed(1)} %`, right: true },
  title,
]

/** Lines, the titles first. */
export function drawn(rows: readonly Row[], rates: boolean, width?: number): readonly string[] {
  const [titles = "", ...lines] = table(rates ? NOW : SO_FAR, rows, width)
  return [paint("bold", titles), ...lines]
}
