/**
 * The module `observer_backend` of OTP's runtime_tools: what the observer and `etop` fetch from a node.
 *
 * The long lists are sent in parts to whoever asked, by a process that is linked to it and ends with it.
 */
import type { Node, Process, Running } from "../runtime/index.ts"
import { atom, charlist, inspect, ok, type Pid, tuple } from "../term/index.ts"
import { atomOf, type Functions, pidOf, proplist, textOfAtom } from "./answers.ts"
import { timestamp } from "./erlang.ts"
import { currentFunction, firstFunction } from "./process-kind.ts"
import { bytesOf } from "./process-memory.ts"
import { uptimeMs } from "./statistics.ts"
import { systemInfos } from "./system-info.ts"
import { allocatorSizes, type Counters, memory, schedulerTimes } from "./vital-signs.ts"

/** runtime_tools of OTP 25. */
const VSN = "1.19"
const CHUNK = 10_000
/** Milliseconds between two samples, at least. */
const SAMPLE_MIN_MS = 50

export function observerBackend(node: Node, counters: Counters): Functions {
  return {
    etop_collect: (self, collector: unknown) =>
      etopCollect(node, self, pidOf(collector, "observer_backend:etop_collect/1")),
    fetch_stats: (self, client: unknown, ms: unknown) =>
      fetchStats(node, counters, self, pidOf(client, "observer_backend:fetch_stats/2"), Number(ms)),
    // The program's ports and sockets are Node.js's, and not processes' as on a BEAM.
    get_port_list: () => [],
    get_socket_list: () => [],
    get_table: (_self, _client: unknown, table: unknown, kind: unknown) => {
      throw new TypeError(`there is no ${inspect(kind, { limit: 3 })} table ${inspect(table, { limit: 3 })} here`)
    },
    get_table_list: (_self, kind: unknown, _options: unknown) =>
      textOfAtom(kind, "observer_backend:get_table_list/2") === "ets"
        ? []
        : tuple(atom("error"), charlist(`Mnesia is not running on: ${node.name}`)),
    procs_info: (self, collector: unknown) => procsInfo(node, self, pidOf(collector, "observer_backend:procs_info/1")),
    socket_info: () => proplist(Object.fromEntries(SOCKET_COUNTS.map((name) => [name, 0]))),
    sys_info: () => sysInfo(node, counters),
    ttb_init_node: (_self, _file: unknown, _processInfo: unknown, _options: unknown) => {
      throw new TypeError("an Umbel node cannot be traced from a BEAM node; look at it with `umbel observer`")
    },
    vsn: () => tuple(ok, charlist(VSN)),
  }
}

const SOCKET_COUNTS = [
  "iov_max",
  "num_monitors",
  "num_cnt_bits",
  "num_sockets",
  "num_dinet",
  "num_dinet6",
  "num_dlocal",
  "num_tstreams",
  "num_tdgrams",
  "num_tseqpkgs",
  "num_pip",
  "num_psctp",
  "num_ptcp",
  "num_pudp",
]

const SYSTEM_ITEMS = [
  "logical_processors",
  "logical_processors_online",
  "logical_processors_available",
  "schedulers",
  "schedulers_online",
  "otp_release",
  "version",
  "system_architecture",
  "kernel_poll",
  "smp_support",
  "threads",
  "thread_pool_size",
  "process_count",
  "process_limit",
  "atom_count",
  "atom_limit",
  "port_count",
  "port_limit",
  "ets_count",
  "ets_limit",
  "dist_buf_busy_limit",
]

function sysInfo(node: Node, counters: Counters): unknown[] {
  const { received, sent } = counters.traffic()
  const vitals = node.platform.vitals()
  return [
    ...proplist({
      uptime: uptimeMs(node),
      run_queue: node.scheduler.ready,
      io_input: received,
      io_output: sent,
      schedulers_available: 1,
      wordsize_internal: 8,
      wordsize_external: 8,
      alloc_info: allocatorSizes(vitals),
    }),
    ...systemInfos(node, vitals, SYSTEM_ITEMS),
    ...proplist(memory(vitals)),
  ]
}

/** `{stats, 1, Schedulers, Io, Memory}` every `ms` milliseconds, until a message comes or whoever looks ends. */
async function fetchStats(node: Node, counters: Counters, self: Running, client: Pid, ms: number): Promise<void> {
  if (!(ms > 0)) throw new TypeError(`observer_backend:fetch_stats/2 needs milliseconds, not ${inspect(ms)}`)
  let told = false
  const anything = (_message: unknown): _message is unknown => {
    told = true
    return true
  }
  for (;;) {
    await self.receive(anything, { timeout: Math.max(SAMPLE_MIN_MS, ms) })
    if (told) return
    const vitals = node.platform.vitals()
    self.send(client, tuple(atom("stats"), 1, schedulerTimes(vitals), counters.io(), proplist(memory(vitals))))
    await self.ready(client)
  }
}

/** All processes but the one that collects, in parts. Its end is the sign that these were all. */
async function procsInfo(node: Node, self: Running, collector: Pid): Promise<void> {
  const processes = [...node.all()]
  for (let first = 0; first < processes.length; first += CHUNK) {
    const rows = rowsOf(node, processes.slice(first, first + CHUNK), self)
    self.send(collector, tuple(atom("procs_info"), self.pid, rows))
    await self.ready(collector)
  }
}

/** `{Pid, #etop_info{}}`. */
function etopCollect(node: Node, self: Running, collector: Pid): void {
  const rows = rowsOf(node, [...node.all()], self)
  const vitals = node.platform.vitals()
  const { total, processes, ets, atom: atoms, code, binary } = memory(vitals)
  const info = tuple(
    atom("etop_info"),
    timestamp(node),
    rows.length,
    // The load is read off the scheduler times, and the wall clock then not needed.
    undefined,
    schedulerTimes(vitals),
    node.scheduler.ready,
    [],
    proplist({ total, processes, ets, atom: atoms, code, binary }),
    rows,
  )
  self.send(collector, tuple(self.pid, info))
}

/** `#etop_proc_info{}`. A name is an atom or `{M, F, A}`: OTP 25 cannot sort others. */
function rowsOf(node: Node, processes: readonly Process[], self: Running): unknown[] {
  const rows: unknown[] = []
  for (const process of processes) {
    // Those that have ended while an earlier part was sent.
    if (process.pid === self.pid || node.find(process.pid) === undefined) continue
    rows.push(
      tuple(
        atom("etop_proc_info"),
        process.pid,
        bytesOf(process),
        Math.round(node.scheduler.meters.read(process.slot) * 1_000),
        process.registeredName === undefined ? firstFunction(process) : atomOf(process.registeredName),
        0,
        currentFunction(process),
        process.size,
      ),
    )
  }
  return rows
}
