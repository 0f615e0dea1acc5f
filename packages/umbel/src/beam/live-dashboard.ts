/**
 * What Phoenix LiveDashboard asks of a node it shows: the module `Phoenix.LiveDashboard.SystemInfo`, function by function, as of 2026.
 *
 * ```ts
 * liveDashboard(node, counters)     // { capabilities_callback, info_callback, processes_callback, … }
 * ```
 *
 * The dashboard calls these by `erpc`, after it has seen that the module is there. It pushes its own bytecode to nodes that do not say that they run
 * a dashboard themselves: so this one says so. Ports, tables and sockets of Erlang's kind there are none.
 */
import { applicationsOf } from "../otp/index.ts"
import { linkedPids, type Node, type Process } from "../runtime/index.ts"
import { atom, error, inspect, isAtomValue, ok, Pid, tuple } from "../term/index.ts"
import { atomOf, type Functions, processOf, proplist, textOfAtom } from "./answers.ts"
import { applicationBranches, applicationRows, topOf } from "./applications.ts"
import { someInfo } from "./process-info.ts"
import { behaviourOf, currentFunction, initialCall, moduleOf } from "./process-kind.ts"
import { bytesOf } from "./process-memory.ts"
import { uptimeMs } from "./statistics.ts"
import { systemInfo } from "./system-info.ts"
import { allocators, type Counters, memory } from "./vital-signs.ts"

/** The name of the module. */
export const SYSTEM_INFO = "Elixir.Phoenix.LiveDashboard.SystemInfo"
const PROCESS_DETAILS = atom(`${SYSTEM_INFO}.ProcessDetails`)
/** Bytecode that nobody has, so that nothing takes it for its own version. */
const NO_DIGEST = new Uint8Array(16)
/** Rows that are made for one page, at most. */
const ROWS_MAX = 5_000

/** What the window of one process shows, in the order the dashboard asks for it. */
const WINDOW = [
  ...["registered_name", "current_function", "status", "message_queue_len", "trap_exit", "error_handler", "priority"],
  ...["total_heap_size", "heap_size", "stack_size", "reductions", "garbage_collection", "suspending"],
  "current_stacktrace",
]

export function liveDashboard(node: Node, counters: Counters): Functions {
  return {
    app_tree_callback: (_self, name: unknown) => applicationTree(node, textOfAtom(name, "app_tree_callback/1")),
    applications_info_callback: (_self, search: unknown, sortBy: unknown, direction: unknown, limit: unknown) =>
      applications(node, search, sortBy, direction, limit),
    capabilities_callback: (_self, wanted: unknown) => capabilities(node, wanted),
    env_info_callback: (_self, keys: unknown) => environment(keys),
    ets_callback: (_self, _search: unknown, _sortBy: unknown, _direction: unknown, _limit: unknown) => tuple([], 0),
    ets_info_callback: (_self, _table: unknown) => error,
    info_callback: (_self, keys: unknown, _application: unknown) => ({
      system_info: {
        banner: systemInfo(node, atom("system_version")),
        elixir_version: "None",
        phoenix_version: "None",
        app_version: "None",
        system_architecture: systemInfo(node, atom("system_architecture")),
      },
      system_limits: {
        atoms: systemInfo(node, atom("atom_limit")),
        // The dashboard divides by it.
        ports: 1,
        processes: systemInfo(node, atom("process_limit")),
      },
      system_usage: usage(node, counters),
      environment: environment(keys),
    }),
    memory_allocators_callback: (_self, before: unknown) => memoryAllocators(node, before),
    os_mon_callback: () => {
      throw new Error("os_mon does not run on an Umbel node")
    },
    port_info_callback: (_self, _port: unknown) => error,
    ports_callback: (_self, _search: unknown, _sortBy: unknown, _direction: unknown, _limit: unknown) => tuple([], 0),
    process_info_callback: (_self, pid: unknown) => processWindow(node, pid),
    processes_callback: (
      _self,
      search: unknown,
      sortBy: unknown,
      direction: unknown,
      limit: unknown,
      before: unknown,
    ) => processes(node, search, sortBy, direction, limit, before),
    socket_info_callback: (_self, _port: unknown) => error,
    sockets_callback: (_self, _search: unknown, _sortBy: unknown, _direction: unknown, _limit: unknown) => tuple([], 0),
    usage_callback: () => usage(node, counters),
  }
}

/** Which of the pages with requirements can be shown: those of an application or a registered process that runs here. */
function capabilities(node: Node, wanted: unknown): unknown {
  const running = new Set(applicationsOf(node).map(({ name }) => name))
  const required = (kind: string): string[] =>
    (Array.isArray(wanted) ? wanted : []).flatMap((requirement: unknown) => {
      const [which, what] = elementsOf(requirement)
      return isAtomValue(which) && textOfAtom(which, "capabilities_callback/1") === kind && isAtomValue(what)
        ? [textOfAtom(what, "capabilities_callback/1")]
        : []
    })
  return {
    system_info: NO_DIGEST,
    "dashboard_running?": true,
    applications: required("application")
      .filter((name) => running.has(name))
      .map(atomOf),
    modules: required("module")
      .filter((name) => node.exposed.has(name) || node.definitions.has(name))
      .map(atomOf),
    processes: required("process")
      .filter((name) => node.names.get(name) !== undefined)
      .map(atomOf),
  }
}

const elementsOf = (term: unknown): readonly unknown[] =>
  typeof term === "object" && term !== null && "elements" in term ? (term.elements as readonly unknown[]) : []

/** The variables are the machine's owner's: what they hold is not told. */
function environment(keys: unknown): unknown {
  return Array.isArray(keys) ? keys.map((key) => tuple(key, null)) : null
}

function usage(node: Node, counters: Counters): unknown {
  const vitals = node.platform.vitals()
  const { total, processes, atom: atoms, binary, code, ets } = memory(vitals) as Record<string, number>
  const known = processes! + atoms! + binary! + code! + ets!
  const { received, sent } = counters.traffic()
  return {
    atoms: systemInfo(node, atom("atom_count")),
    ports: 0,
    processes: node.count,
    io: tuple(received, sent),
    uptime: uptimeMs(node),
    memory: { total, process: processes, atom: atoms, binary, code, ets, other: Math.max(0, total! - known) },
    total_run_queue: node.scheduler.ready,
    cpu_run_queue: node.scheduler.ready,
  }
}

/** `{[#{name, block_size, carrier_size, max_carrier_size}], #{Name => Max}}`, with the sum of all in front. */
function memoryAllocators(node: Node, before: unknown): unknown {
  const sizes = allocators(node.platform.vitals()).map(
    ({ name, blocks, carriers }) => [name, blocks, carriers] as const,
  )
  const sum = (place: 1 | 2): number => sizes.reduce((all, one) => all + one[place], 0)
  const maxima: Record<string, number> = {}
  const rows = [["total", sum(1), sum(2)] as const, ...sizes].map(([name, blocks, carriers]) => {
    const known = typeof before === "object" && before !== null ? (before as Record<string, unknown>)[name] : undefined
    maxima[name] = Math.max(carriers, typeof known === "number" ? known : 0)
    return { name: atom(name), block_size: blocks, carrier_size: carriers, max_carrier_size: maxima[name] }
  })
  return tuple(rows, maxima)
}

// ---- applications ----------------------------------------------------------------------------------------------------------
function applications(node: Node, search: unknown, sortBy: unknown, direction: unknown, limit: unknown): unknown {
  const text = searchOf(search)
  const rows = applicationRows(node)
    .filter(({ name, description }) => text === undefined || `${name} ${description}`.toLowerCase().includes(text))
    .map(({ name, description, top }) => ({
      name,
      description,
      version: "",
      state: "started",
      tree: top !== undefined,
    }))
  const key = textOfAtom(sortBy, "applications_info_callback/4") === "description" ? "description" : "name"
  rows.sort((a, b) => signOf(direction) * (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : 0))
  const shown = rows
    .slice(0, limitOf(limit))
    .map(({ name, description, version, state, tree }) =>
      proplist({ name: atomOf(name), description, version, state: atom(state), "tree?": tree }),
    )
  return tuple(shown, rows.length)
}

/** `{{master, Pid, []}, [{{supervisor, Pid, NameOrLabel}, [Branch]}]}`. */
function applicationTree(node: Node, name: string): unknown {
  const pid = topOf(node, name)
  const top = pid === undefined ? undefined : node.find(pid)
  if (top === undefined) return error
  const branches = applicationBranches(node, name)
  const branch = (process: Process): unknown => {
    const kind = behaviourOf(process)?.text === "supervisor" || process === node.root ? "supervisor" : "worker"
    // One without a name or a label would be shown as its pid: its module says more.
    const label =
      process.registeredName === undefined ? (labelOf(process) ?? moduleOf(process)) : atomOf(process.registeredName)
    return tuple(tuple(atom(kind), process.pid, label), (branches.get(process) ?? []).map(branch))
  }
  return tuple(tuple(atom("master"), top.pid, []), [branch(top)])
}

// ---- processes -------------------------------------------------------------------------------------------------------------
const SORTERS: Readonly<Record<string, (row: Row) => number>> = {
  memory: (row) => row.memory,
  reductions: (row) => row.reductions,
  reductions_diff: (row) => row.difference,
  message_queue_len: (row) => row.process.size,
}
interface Row {
  readonly process: Process
  readonly memory: number
  readonly reductions: number
  readonly difference: number
}

/** `{[Row], Count, #{Pid => Reductions}}`: the last is handed back the next time, so that differences can be told. */
function processes(
  node: Node,
  search: unknown,
  sortBy: unknown,
  direction: unknown,
  limit: unknown,
  before: unknown,
): unknown {
  const text = searchOf(search)
  const reductionsBefore = new Map(
    before instanceof Map ? [...before].map(([pid, count]) => [pid instanceof Pid ? pid.key : "", Number(count)]) : [],
  )
  const sorter = SORTERS[textOfAtom(sortBy, "processes_callback/5")] ?? SORTERS["memory"]!
  const next = new Map<Pid, number>()
  const rows: Row[] = []
  for (const process of node.all()) {
    if (text !== undefined && !`${process.pid} ${nameOf(process)}`.toLowerCase().includes(text)) continue
    const reductions = Math.round(node.scheduler.meters.read(process.slot) * 1_000)
    const difference = reductions - (reductionsBefore.get(process.pid.key) ?? 0)
    rows.push({ process, memory: bytesOf(process), reductions, difference })
    next.set(process.pid, reductions)
  }
  const sign = signOf(direction)
  rows.sort((a, b) => sign * (sorter(a) - sorter(b)))
  const shown = rows.slice(0, limitOf(limit)).map(({ process, memory, reductions, difference }) =>
    proplist({
      pid: process.pid,
      name_or_initial_call: nameOf(process),
      reductions_diff: difference,
      memory,
      reductions,
      message_queue_len: process.size,
      current_function: currentFunction(process),
    }),
  )
  return tuple(shown, rows.length, next)
}

function processWindow(node: Node, pid: unknown): unknown {
  const process = processOf(node, pid, "process_info_callback/1")
  if (process === undefined) return error
  const items = someInfo(
    node,
    pid,
    WINDOW.map((item) => atom(item)),
  ) as unknown[]
  const ancestors: unknown[] = []
  for (let above = process.parent; above !== undefined && ancestors.length < 20; above = above.parent)
    ancestors.push(details(node, above.pid))
  const monitored = [...(process.extras?.monitors?.values() ?? [])].map(({ target }) =>
    details(node, target instanceof Pid ? target : node.findTarget(target)?.pid),
  )
  const watchers = [...(process.extras?.watchers?.all() ?? [])].map(({ from }) => details(node, from))
  return tuple(ok, [
    tuple(atom("initial_call"), initialCall(process)),
    ...items,
    tuple(
      atom("links"),
      linkedPids(process).map((linked) => details(node, linked)),
    ),
    tuple(atom("monitors"), monitored),
    tuple(atom("monitored_by"), watchers),
    tuple(atom("group_leader"), details(node, node.user.pid)),
    tuple(atom("ancestors"), ancestors),
    tuple(atom("label"), labelOf(process)),
  ])
}

/** `%ProcessDetails{}`: what another process is called; of one on another node only its pid is known. */
function details(node: Node, pid: Pid | undefined): unknown {
  const process = pid === undefined ? undefined : node.find(pid)
  return {
    __struct__: PROCESS_DETAILS,
    pid: pid ?? null,
    name_or_initial_call: process === undefined ? null : nameOf(process),
    initial_call: process === undefined ? null : initialCall(process),
  }
}

const nameOf = (process: Process): string => {
  if (process.registeredName !== undefined) return `:${process.registeredName}`
  return labelOf(process) ?? moduleOf(process)
}
function labelOf(process: Process): string | null {
  const label = process.extras?.label
  if (label === undefined) return null
  return typeof label === "string" ? label : inspect(label, { limit: 20 })
}

// ---- arguments ---------------------------------------------------------------------------------------------------------------
const searchOf = (search: unknown): string | undefined =>
  typeof search === "string" && search !== "" ? search.toLowerCase() : undefined
const limitOf = (limit: unknown): number =>
  typeof limit === "number" && limit > 0 ? Math.min(limit, ROWS_MAX) : ROWS_MAX
const signOf = (direction: unknown): 1 | -1 =>
  isAtomValue(direction) && textOfAtom(direction, "the order") === "asc" ? 1 : -1
