/**
 * DynamicSupervisor: children that come and go, each started on request, none known before.
 *
 * ```ts
 * export const readers = dynamicSupervisor("ingest.readers", { maxChildren: 64 })
 * const pid = await self.call(READERS).startChild(child(reader, { arg: path, restart: "temporary" }))
 * ```
 *
 * Its children are independent (`one_for_one`), found by pid, and may be very many. Rules: Elixir's `DynamicSupervisor`.
 */
import {
  type Api,
  isExit,
  pageOf,
  StartFailed,
  type SupervisionDescription,
  supervisionView,
} from "../runtime/index.ts"
import { atom, type Pid, shutdown, Tuple } from "../term/index.ts"
import type { Child, ChildSpec } from "./child.ts"
import { elixirRequest } from "./elixir-requests.ts"
import { define, type GenServer } from "./gen-server.ts"
import { recordGiveUp } from "./give-ups.ts"
import { tellDecision } from "./inspection/decided.ts"
import { refuse } from "./replies.ts"
import {
  childRow,
  describeEnd,
  gone,
  Keeping,
  newChild,
  type RunningChild,
  retry,
  retryLater,
  startChild,
  stopChild,
} from "./running-child.ts"
import type { Server } from "./server.ts"
import { type Decision, decide, decideAgain, type RestartBudget, recentRestarts, type Siblings } from "./supervision.ts"

export interface DynamicSupervisorApi extends Api {
  calls: {
    /** Starts a child and waits for its `init`. Refused with `max_children`, with the reason its `init` failed with, or with `ignore`. */
    startChild(child: Child): Pid
    terminateChild(pid: Pid): "ok" | "not_found"
    children(): readonly Pid[]
    countChildren(): { active: number }
  }
  casts: {}
}

export interface DynamicSupervisorSpec {
  /** At most so many children at a time; no bound unless told. */
  maxChildren?: number
  /** At most `intensity` restarts in any `period` milliseconds (3 in 5,000 unless told), over all children. */
  intensity?: number
  period?: number
  /** What the argument of each child has besides its own, which counts where both say something: the argument must be an object then, or none. */
  extra?: object
}

const KEYS: ReadonlySet<string> = new Set(["maxChildren", "intensity", "period", "extra"])
const maxChildrenAtom = atom("max_children")
const ignoreAtom = atom("ignore")

interface Rules {
  readonly max: number
  readonly intensity: number
  readonly periodMs: number
  readonly extra: object | undefined
}

class Children extends Keeping {
  /** By the key of their pid; one whose restart is being tried, by that of its former life. */
  readonly byPid = new Map<string, RunningChild>()
  rules: Rules
  budget: RestartBudget
  restarts = 0
  constructor(rules: Rules) {
    super()
    this.rules = rules
    this.budget = { intensity: rules.intensity, periodMs: rules.periodMs, restarts: [] }
  }
  known(): Iterable<RunningChild> {
    return this.byPid.values()
  }
  running(pid: Pid): RunningChild | undefined {
    return this.byPid.get(pid.key)
  }
  /** Other rules from now on; the children stay, be they too many. */
  change(rules: Rules): this {
    this.rules = rules
    this.budget = { ...this.budget, intensity: rules.intensity, periodMs: rules.periodMs }
    return this
  }
}

/** Defines a dynamic supervisor. @throws TypeError for an unknown key. */
export function dynamicSupervisor(
  module: string,
  spec: DynamicSupervisorSpec = {},
): GenServer<void, DynamicSupervisorApi> {
  for (const key of Object.keys(spec)) {
    if (!KEYS.has(key))
      throw new TypeError(`${module}: a dynamic supervisor has no ${key}; it has ${[...KEYS].join(", ")}`)
  }
  const { maxChildren = Number.POSITIVE_INFINITY, intensity = 3, period = 5_000, extra } = spec
  const rules: Rules = { max: maxChildren, intensity, periodMs: period, extra }
  const made = define(module, {
    kind: "dynamic supervisor",
    init(_arg, self) {
      self.trapExit(true)
      return new Children(rules)
    },
    codeChange: (state) => (state as Children).change(rules),
    calls: {
      startChild: (self, child) => startNew(self, child as ChildSpec),
      terminateChild: (self, pid) => terminate(self, pid as Pid),
      children: (self) => running(of(self)),
      countChildren: (self) => ({ active: running(of(self)).length }),
    },
    request: (self, request) =>
      elixirRequest(self, request, {
        all: of(self).byPid.values(),
        start: (child) => startNew(self, child),
        terminate: (pid) => terminate(self, pid),
      }),
    info(self, message) {
      if (isExit(message)) return ended(self, message.pid, message.reason)
      if (message instanceof Tuple && message.elements[0] === retry) {
        return tryAgain(self, message.elements[1] as Pid, message.elements[2])
      }
      return undefined
    },
    terminate: (self) => stopAll(self),
    supervision: (state, now) => describe(state as Children, now),
  })
  return made as unknown as GenServer<void, DynamicSupervisorApi>
}

const of = (self: Server): Children => self.state as Children
const running = ({ byPid }: Children): Pid[] =>
  [...byPid.values()].flatMap(({ pid }) => (pid === undefined ? [] : [pid]))

async function startNew(self: Server, spec: ChildSpec): Promise<unknown> {
  const state = of(self)
  if (state.byPid.size >= state.rules.max) return refuse(maxChildrenAtom)
  const child = newChild(spec)
  try {
    const pid = await startChild(self, child, state.rules.extra)
    if (pid === undefined) return refuse(ignoreAtom)
    state.byPid.set(pid.key, child)
    return pid
  } catch (thrown) {
    if (thrown instanceof StartFailed) return refuse(thrown.reason)
    throw thrown
  }
}

async function terminate(self: Server, pid: Pid): Promise<"ok" | "not_found"> {
  const state = of(self)
  const child = state.byPid.get(pid.key)
  if (child === undefined) return "not_found"
  state.byPid.delete(pid.key)
  await stopChild(self, child)
  return "ok"
}

/** All at once: they do not know of one another. */
async function stopAll(self: Server): Promise<void> {
  await Promise.all([...of(self).byPid.values()].map((child) => stopChild(self, child)))
}

function ended(self: Server, pid: Pid, reason: unknown): Promise<void> | undefined {
  const state = of(self)
  const child = state.byPid.get(pid.key)
  if (child === undefined) return undefined
  child.pid = undefined
  child.lastReason = reason
  const decision = decide(alone(child), state.budget, child.spec.id, reason, self.node.platform.clock.now())
  tellDecision(self, child, pid, decision, state.budget)
  if (decision.kind === "give-up" || decision.kind === "restart") return restartChild(self, child, pid, decision)
  // A child that stays down is forgotten here: nobody could ask for it again.
  state.byPid.delete(pid.key)
  return undefined
}

/** Children here do not know of one another. */
const alone = ({ spec: { id, restart } }: RunningChild): Siblings => ({
  strategy: "one_for_one",
  children: [{ id, restart, running: false }],
})

/** A restart that had failed is due again, unless somebody has stopped the child meanwhile. */
function tryAgain(self: Server, former: Pid, attempt: unknown): Promise<void> | undefined {
  const state = of(self)
  const child = state.byPid.get(former.key)
  if (child?.retrying === undefined || child.retrying !== attempt) return undefined
  child.retrying = undefined
  const decision = decideAgain(alone(child), state.budget, child.spec.id, self.node.platform.clock.now())
  return restartChild(self, child, former, decision)
}

async function restartChild(self: Server, child: RunningChild, former: Pid, decision: Decision): Promise<void> {
  const state = of(self)
  const { node } = self
  const { id } = child.spec
  if (decision.kind === "give-up") {
    const { intensity, periodMs } = state.budget
    const end = describeEnd(id, child.lastReason)
    recordGiveUp(node, self.pid, {
      supervisor: self.title,
      child: id,
      childPid: former,
      reason: child.lastReason,
      times: decision.restarts.length,
      periodMs,
    })
    const text = `${self.title} gives up: ${end}; more than ${intensity} restarts within ${periodMs} ms`
    node.reports.note("error", "supervisor", text, self.pid)
    return self.stop(shutdown)
  }
  if (decision.kind !== "restart") return
  state.budget = { ...state.budget, restarts: decision.restarts }
  state.restarts++
  await gone(node, former, child.spec)
  try {
    const pid = await startChild(self, child, state.rules.extra)
    child.restarts++
    state.byPid.delete(former.key)
    // Where its init says that there is nothing to do any more it is forgotten.
    if (pid !== undefined) state.byPid.set(pid.key, child)
  } catch (thrown) {
    if (!(thrown instanceof StartFailed)) throw thrown
    node.reports.note("error", "supervisor", `${self.title}: ${thrown.message}`, self.pid)
    retryLater(self, child, former)
  }
}

function describe({ budget, restarts, byPid }: Children, now: number): SupervisionDescription {
  const { intensity, periodMs } = budget
  const restartsInPeriod = recentRestarts(budget, now).length
  return supervisionView(
    { strategy: "one_for_one", intensity, periodMs, restartsInPeriod, restarts },
    byPid.size,
    (from, limit) => pageOf(byPid.values(), from, limit).map(childRow),
  )
}
