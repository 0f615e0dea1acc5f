/**
 * What a node's inspector keeps: the recorder, the ledgers, the traces. Made when the node boots, and told of every report from then on.
 *
 * It ticks once a second where the platform has {@link Diagnostics}; the simulator has none, so that a world comes to rest.
 */
import type {
  HeldStack,
  Node,
  Process,
  ProgressReport,
  Report,
  ReportListener,
  SupervisionReport,
} from "../../runtime/index.ts"
import type { Pid } from "../../term/index.ts"
import { type Refused, refuse } from "../replies.ts"
import { CrashLedger } from "./crash-ledger.ts"
import { LastViews } from "./last-views.ts"
import { LogRing } from "./log-ring.ts"
import { LongHandlers } from "./long-handlers.ts"
import { LongStacks } from "./long-stacks.ts"
import { ProcessList } from "./process-list.ts"
import { flameOf, sharesOf, TurnGrid } from "./profile-tree.ts"
import { Recorder, TICK_MS } from "./recorder.ts"
import type { Profile, ProfileOptions, Retained } from "./says/profiling.ts"
import { Tracer } from "./tracer.ts"

/** Bytes of heap above which a snapshot must be confirmed. */
const CONFIRM_BYTES = 100 * 2 ** 20
const PROFILE = { ms: 5_000, msMax: 60_000, intervalUs: 1_000, intervalUsMin: 100 }

export class Inspection implements ReportListener, Disposable {
  readonly recorder: Recorder
  readonly crashes = new CrashLedger()
  readonly longHandlers = new LongHandlers()
  readonly #longStacks: LongStacks
  readonly log = new LogRing()
  readonly list: ProcessList
  readonly tracer: Tracer
  readonly lastViews: LastViews
  /** Milliseconds of answers since boot. */
  answersMs = 0
  #profiling = false
  readonly #node: Node
  readonly #end: (() => void)[] = []

  constructor(node: Node) {
    this.#node = node
    this.#longStacks = new LongStacks(node, this.longHandlers)
    this.recorder = new Recorder(node)
    this.list = new ProcessList(node)
    this.tracer = new Tracer(node)
    this.lastViews = new LastViews(node, this.recorder)
    this.#end.push(node.reports.listen(this))
    const ticking = node.platform.diagnostics?.every(TICK_MS, () => this.tick())
    this.#end.push(() => ticking?.cancel())
  }

  tick(): void {
    const { clock } = this.#node.platform
    this.list.rates.expire(clock.now())
    this.#longStacks.tick(clock.wallTime())
    if (!this.recorder.tick()) return
    const began = clock.now()
    this.lastViews.tell()
    this.recorder.costMs += clock.now() - began
  }

  [Symbol.dispose](): void {
    this.tracer.stopAll()
    this.#longStacks[Symbol.dispose]()
    for (const end of this.#end.splice(0)) end()
  }

  reported(report: Exclude<Report, ProgressReport>, id: number): void {
    this.log.add(report, id)
    this.recorder.reported(report)
    if (report.kind === "crash") this.crashes.crashed(report, id)
    else if (report.kind === "long-handler") this.#longStacks.held(report, this.longHandlers.held(report))
  }
  heldAt(stack: HeldStack): void {
    this.longHandlers.heldAt(stack)
  }
  decided(decision: SupervisionReport): void {
    this.crashes.decided(decision)
    this.recorder.decided(decision)
  }

  /** The exact size of a process. A large heap is only looked at when confirmed, as the node stands still meanwhile. */
  async retained(pid: Pid, confirmed: boolean): Promise<Retained> {
    const { diagnostics } = this.#node.platform
    if (diagnostics === undefined) return { kind: "unavailable", why: "this platform takes no snapshots of its heap" }
    const process = this.#node.find(pid)
    if (process === undefined) return { kind: "unavailable", why: `${pid} is no live process of ${this.#node.name}` }
    const { heapUsed } = this.#node.platform.vitals()
    if (!confirmed && heapUsed > CONFIRM_BYTES) {
      return { kind: "confirm", heapBytes: heapUsed, expectedPauseMs: diagnostics.snapshotPauseMs(heapUsed) }
    }
    return { kind: "retained", pid, ...(await diagnostics.retained(process)) }
  }

  async profile(options: ProfileOptions): Promise<Profile | Refused<string>> {
    const { name, platform, scheduler } = this.#node
    const { diagnostics, clock } = platform
    if (diagnostics === undefined) return { kind: "unavailable", why: "this platform does not profile" }
    if (this.#profiling) return refuse(`${name} is being profiled already`)
    const ms = Math.max(1, Math.min(Number(options?.ms ?? PROFILE.ms) || PROFILE.ms, PROFILE.msMax))
    const wanted = Number(options?.intervalUs ?? PROFILE.intervalUs) || PROFILE.intervalUs
    const only: Process | undefined = options?.pid === undefined ? undefined : this.#node.find(options.pid)
    if (options?.pid !== undefined && only === undefined) return refuse(`${options.pid} is no live process of ${name}`)
    const grid = new TurnGrid(clock.now(), ms + 2_000)
    this.#profiling = true
    scheduler.turnListeners.add(grid.turn)
    try {
      const sampled = await diagnostics.profile(ms, Math.max(wanted, PROFILE.intervalUsMin))
      const owner = only === undefined ? undefined : grid.ownerOf(only)
      return {
        kind: "profile",
        node: name,
        at: clock.wallTime(),
        ms: sampled.endedAt - sampled.startedAt,
        samples: sampled.samples.length,
        root: flameOf(sampled, (sample) => owner === undefined || grid.ownerAt(sampled.times[sample]!) === owner),
        processes: sharesOf(sampled, grid),
      }
    } finally {
      this.#profiling = false
      scheduler.turnListeners.delete(grid.turn)
    }
  }
}
