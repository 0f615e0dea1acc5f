/**
 * The view `processes`: a window of the processes of one node, filtered and sorted there; a page of 100,000 gets the fifty it shows.
 *
 * Both kinds of nodes fill the same rows; what a kind cannot tell is null.
 */
import { RECORDER_SCENES } from "umbel/otp"
import { beamProcesses } from "../beam-processes.ts"
import { keyThen, noScene, pastOf, unkept } from "../past.ts"
import type { PidKey } from "../protocol.ts"
import { type Context, countOf, flagOf, here, oneOf, textOf, type View } from "../view.ts"

export interface ProcessesParams {
  readonly node: string
  readonly sort: ProcessSort
  readonly ascending: boolean
  readonly filter: string
  readonly application: string
  readonly from: number
  readonly count: number
}
/** `memory` and those before it are totals; the rates are changes a second. */
export const PROCESS_SORTS = [
  "cpuRate",
  "handledRate",
  "mailbox",
  "mailboxRate",
  "memory",
  "cpu",
  "handled",
  "title",
  "module",
  "status",
  "pid",
] as const
export type ProcessSort = (typeof PROCESS_SORTS)[number]

export interface ProcessesData {
  readonly node: string
  readonly kind: "umbel" | "beam"
  readonly total: number
  readonly matching: number
  readonly from: number
  readonly rows: readonly ProcessRowView[]
  /** Milliseconds that the rates are over; 0 while there are none yet. */
  readonly rateMs: number
  /** How long making the list held that node, in milliseconds; null where it is not known. */
  readonly tookMs: number | null
  /** Of the past: when these rows were recorded. There are only those that stood out then. */
  readonly recordedAt?: number
}
export interface ProcessRowView {
  readonly key: PidKey
  readonly pid: string
  readonly title: string
  readonly module: string
  readonly kind: "worker" | "supervisor"
  readonly status: string
  readonly mailbox: number
  readonly mailboxRate: number
  /** Messages; of a BEAM node, reductions. */
  readonly handled: number
  readonly handledRate: number
  /** Milliseconds, and milliseconds a second. */
  readonly cpu: number | null
  readonly cpuRate: number | null
  /** Bytes. */
  readonly memory: number | null
  /** Where it is now: of BEAM nodes. */
  readonly current: string | null
}

const WINDOW_MAX = 300

export const PROCESSES_VIEW: View<ProcessesParams, ProcessesData> = {
  name: "processes",
  about: `Processes of a node: \`sort\` (${PROCESS_SORTS.join(", ")}), \`ascending\`, \`filter\`, \`application\`, \`from\`, \`count\`.`,
  capability: "inspect",
  params: ({ node, sort, ascending, filter, application, from, count }) =>
    node === undefined
      ? undefined
      : {
          node: textOf(node),
          sort: oneOf(sort, PROCESS_SORTS),
          ascending: flagOf(ascending),
          filter: textOf(filter).slice(0, 200),
          application: textOf(application),
          from: countOf(from, 0, 10_000_000),
          count: countOf(count, 50, WINDOW_MAX),
        },
  async read(context, params) {
    const { kind } = await context.known(params.node)
    return here(await (kind === "beam" ? beamProcesses : umbelProcesses)(context, params))
  },
  async past(context, params, at) {
    return here(await processesThen(context, params, at))
  },
}

/** Those that stood out then. */
async function processesThen(context: Context, params: ProcessesParams, at: number): Promise<ProcessesData> {
  const { node, sort, ascending, filter, application, from, count } = params
  const past = await pastOf(context, node, at, { processes: true })
  const { scene, sample, by } = past
  if (by !== null) throw unkept(`${by} kept the trees of ${node}, and no list of its processes.`)
  if (scene === undefined) throw noScene(node)
  const wanted = filter.toLowerCase()
  const rows = scene.rows
    .filter((row) => application === "" || row.application === application)
    .filter(({ pid, title, module }) => `${pid} ${title} ${module}`.toLowerCase().includes(wanted))
    .map(
      ({ application: _application, cpuMs, ...row }): ProcessRowView => ({
        ...row,
        key: keyThen(context, past, row.pid),
        cpu: cpuMs,
        memory: null,
        current: null,
      }),
    )
    .sort((a, b) => compared(a[sort], b[sort]) * (ascending ? 1 : -1))
  return {
    node,
    kind: "umbel",
    total: sample?.processes ?? scene.rows.length,
    matching: rows.length,
    from,
    rows: rows.slice(from, from + count),
    rateMs: RECORDER_SCENES.everyMs,
    tookMs: null,
    recordedAt: scene.at,
  }
}
const compared = (a: string | number | null, b: string | number | null): number =>
  typeof a === "number" && typeof b === "number" ? a - b : String(a ?? "").localeCompare(String(b ?? ""))

async function umbelProcesses(context: Context, params: ProcessesParams): Promise<ProcessesData> {
  const { node, sort, ascending, filter, application, from, count } = params
  const page = await context.umbel(node).list({
    sort: sort === "mailboxRate" ? "mailboxRate" : sort,
    descending: !ascending,
    from,
    count,
    ...(filter === "" ? {} : { filter }),
    ...(application === "" ? {} : { application }),
  })
  return {
    node,
    kind: "umbel",
    total: page.total,
    matching: page.matching,
    from: page.from,
    rateMs: Math.round(page.rateMs),
    tookMs: Math.round(page.tookMs * 10) / 10,
    rows: page.rows.map((row) => ({
      key: context.key(row.pid),
      pid: String(row.pid),
      title: row.title,
      module: row.module,
      kind: row.kind,
      status: row.status,
      mailbox: row.mailbox,
      mailboxRate: tenths(row.mailboxRate),
      handled: row.handled,
      handledRate: tenths(row.handledRate),
      cpu: tenths(row.cpuMs),
      cpuRate: tenths(row.cpuRate),
      memory: row.memory,
      current: null,
    })),
  }
}

export const tenths = (value: number): number => Math.round(value * 10) / 10
