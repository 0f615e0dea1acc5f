/**
 * Processes of a BEAM node, for the views `processes` and `find`: read by `erlang:process_info/2`, over all pids in one call a few thousand at a time.
 *
 * That runs in a process of that node and messages nobody. It costs that node some microseconds a process, so a list is kept for two seconds however
 * often it is looked at, and lists of more than {@link PROCESSES_MAX} are cut.
 */
import { exported, type Pid } from "umbel"
import { answersOf, atoms, callText, elementsOf, fieldsOf, moduleText, nameOf, numberOf, pidsOf } from "./beam-terms.ts"
import type { Context } from "./view.ts"
import type { FoundView } from "./views/find.ts"
import type { ProcessesData, ProcessesParams, ProcessRowView, ProcessSort } from "./views/processes.ts"

const PROCESSES_MAX = 200_000
const CHUNK = 5_000
const KEPT_MS = 2_000
const PATIENCE_MS = 10_000
/** `dictionary` would tell more, and cost a copy of it for each: the window's rows are asked for it. */
const ITEMS = [
  "registered_name",
  "initial_call",
  "current_function",
  "reductions",
  "message_queue_len",
  "memory",
  "status",
] as const

interface Row {
  readonly pid: Pid
  readonly name: string
  readonly initial: string
  readonly current: string
  readonly status: string
  readonly mailbox: number
  readonly mailboxRate: number
  readonly handled: number
  readonly handledRate: number
  readonly memory: number
}
interface Listed {
  readonly at: number
  readonly rateMs: number
  readonly rows: readonly Row[]
  readonly byKey: ReadonlyMap<string, Row>
}

export async function beamProcesses(context: Context, params: ProcessesParams): Promise<ProcessesData> {
  const { node, sort, ascending, filter, from, count } = params
  const { rows, rateMs } = await listed(context, node)
  const wanted = filter.trim().toLowerCase()
  const matching = wanted === "" ? [...rows] : rows.filter((row) => fits(row, wanted))
  const by = ORDERS[sort] ?? ORDERS.handledRate!
  matching.sort(ascending ? by : (a, b) => by(b, a))
  const window = matching.slice(from, from + count)
  const starts = await initialCalls(context, node, window)
  return {
    node,
    kind: "beam",
    total: rows.length,
    matching: matching.length,
    from,
    rateMs,
    tookMs: null,
    rows: window.map(
      (row, index): ProcessRowView => ({
        key: context.key(row.pid),
        pid: String(row.pid),
        title: row.name === "" ? (starts[index]?.text ?? row.initial) : row.name,
        module: starts[index]?.module ?? row.initial,
        kind: starts[index]?.module === "supervisor" ? "supervisor" : "worker",
        status: row.status,
        mailbox: row.mailbox,
        mailboxRate: row.mailboxRate,
        handled: row.handled,
        handledRate: row.handledRate,
        cpu: null,
        cpuRate: null,
        memory: row.memory,
        current: row.current,
      }),
    ),
  }
}

/** What each really started with, behind `proc_lib`: for the rows that are shown only. */
async function initialCalls(
  context: Context,
  node: string,
  rows: readonly Row[],
): Promise<readonly { readonly text: string; readonly module: string }[]> {
  if (rows.length === 0) return []
  const answers = await context.rpc(node, "lists", "map", [
    exported("proc_lib", "translate_initial_call", 1),
    rows.map(({ pid }) => pid),
  ])
  return answersOf(answers, rows.length).map((call, index) => {
    const text = callText(call)
    // What is no process of `proc_lib` is said to be this.
    if (text === "" || text === "proc_lib:init_p/5") return { text: rows[index]!.initial, module: rows[index]!.initial }
    return { text, module: moduleText(elementsOf(call)[0]) }
  })
}

const text =
  (of: (row: Row) => string) =>
  (a: Row, b: Row): number =>
    of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : 0
const number =
  (of: (row: Row) => number) =>
  (a: Row, b: Row): number =>
    of(a) - of(b)
const ORDERS: Readonly<Partial<Record<ProcessSort, (a: Row, b: Row) => number>>> = {
  handledRate: number(({ handledRate }) => handledRate),
  handled: number(({ handled }) => handled),
  mailbox: number(({ mailbox }) => mailbox),
  mailboxRate: number(({ mailboxRate }) => mailboxRate),
  memory: number(({ memory }) => memory),
  title: text(({ name, initial }) => (name === "" ? initial : name)),
  module: text(({ initial }) => initial),
  status: text(({ status }) => status),
  pid: number(({ pid }) => pid.serial * 2 ** 32 + pid.id),
}

const fits = ({ pid, name, initial, current }: Row, wanted: string): boolean =>
  [String(pid), name, initial, current].some((part) => part.toLowerCase().includes(wanted))

async function listed(context: Context, node: string): Promise<Listed> {
  const before = context.memory.get("listed") as Listed | undefined
  const now = Date.now()
  if (before !== undefined && now - before.at < KEPT_MS) return before
  const pids = pidsOf(await context.rpc(node, "erlang", "processes", [], PATIENCE_MS)).slice(0, PROCESSES_MAX)
  const rateMs = before === undefined ? 0 : now - before.at
  const rows: Row[] = []
  for (let first = 0; first < pids.length; first += CHUNK) {
    const some = pids.slice(first, first + CHUNK)
    const infos = await infosOf(context, node, some)
    some.forEach((pid, index) => {
      // One that has ended meanwhile is `undefined`.
      if (Array.isArray(infos[index])) rows.push(rowOf(pid, fieldsOf(infos[index]), before?.byKey.get(pid.key), rateMs))
    })
  }
  const made = { at: now, rateMs, rows, byKey: new Map(rows.map((row) => [row.pid.key, row])) }
  context.memory.set("listed", made)
  return made
}

async function infosOf(context: Context, node: string, pids: readonly Pid[]): Promise<readonly unknown[]> {
  const items = atoms(...ITEMS)
  const answers = await context.rpc(
    node,
    "lists",
    "zipwith",
    [exported("erlang", "process_info", 2), pids, pids.map(() => items)],
    PATIENCE_MS,
  )
  return answersOf(answers, pids.length)
}

function rowOf(pid: Pid, info: ReadonlyMap<string, unknown>, before: Row | undefined, rateMs: number): Row {
  const name = info.get("registered_name")
  const handled = numberOf(info.get("reductions"))
  const mailbox = numberOf(info.get("message_queue_len"))
  const rate = (value: number, earlier: number | undefined): number =>
    earlier === undefined || rateMs === 0 ? 0 : Math.round(((value - earlier) / rateMs) * 10_000) / 10
  return {
    pid,
    // Nothing registered is an empty list here.
    name: Array.isArray(name) ? "" : moduleText(name),
    initial: callText(info.get("initial_call")),
    current: callText(info.get("current_function")),
    status: nameOf(info.get("status")),
    mailbox,
    mailboxRate: rate(mailbox, before?.mailbox),
    handled,
    handledRate: rate(handled, before?.handled),
    memory: numberOf(info.get("memory")),
  }
}

export async function beamFind(
  context: Context,
  node: string,
  wanted: string,
  most: number,
): Promise<readonly FoundView[]> {
  const { rows } = await beamProcesses(context, {
    node,
    sort: "title",
    ascending: true,
    filter: wanted,
    application: "",
    from: 0,
    count: most,
  })
  return rows.map(({ key, pid, title, module }) => ({ key, pid, node, title, module }))
}
