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
import { type Api, type ChildDescription, isExit, StartFailed } from "../runtime/index.ts"
import { atom, type Pid, shutdown } from "../term/index.ts"
import type { Child, ChildSpec } from "./child.ts"
import { define, type GenServer } from "./gen-server.ts"
import { refuse } from "./replies.ts"
import { describeEnd, gone, newChild, type RunningChild, startChild, stopChild } from "./running-child.ts"
import type { Server } from "./server.ts"
import { decide, decideAgain, type RestartBudget, recentRestarts } from "./supervision.ts"

export interface DynamicSupervisorApi extends Api {
  calls: {
    /** Starts a child and waits for its `init`. Refused with `max_children`, or with the reason its `init` failed with. */
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
}

const KEYS: ReadonlySet<string> = new Set(["maxChildren", "intensity", "period"])
const maxChildrenAtom = atom("max_children")

class Children {
  readonly byPid = new Map<string, RunningChild>()
  readonly max: number
  budget: RestartBudget
  restarts = 0
  constructor(max: number, intensity: number, periodMs: number) {
    this.max = max
    this.budget = { intensity, periodMs, restarts: [] }
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
  const { maxChildren = Number.POSITIVE_INFINITY, intensity = 3, period = 5_000 } = spec
  const made = define(module, {
    init(_arg, self) {
      self.trapExit(true)
      return new Children(maxChildren, intensity, period)
    },
    calls: {
      startChild: (self, child) => startNew(self, child as ChildSpec),
      terminateChild: (self, pid) => terminate(self, pid as Pid),
      children: (self) => [...of(self).byPid.values()].map((child) => child.pid),
      countChildren: (self) => ({ active: of(self).byPid.size }),
    },
    info(self, message) {
      if (isExit(message)) return ended(self, message.pid, message.reason)
      return undefined
    },
    terminate: (self) => stopAll(self),
    supervision: (state, now) => describe(state as Children, now),
  })
  return made as unknown as GenServer<void, DynamicSupervisorApi>
}

const of = (self: Server): Children => self.state as Children

async function startNew(self: Server, spec: ChildSpec): Promise<unknown> {
  const state = of(self)
  if (state.byPid.size >= state.max) return refuse(maxChildrenAtom)
  const child = newChild(spec)
  try {
    const pid = await startChild(self, child)
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
  state.byPid.delete(pid.key)
  child.pid = undefined
  child.lastReason = reason
  const { id, restart } = child.spec
  const siblings = { strategy: "one_for_one", children: [{ id, restart, running: false }] } as const
  const decision = decide(siblings, state.budget, id, reason, self.node.platform.clock.now())
  // A child that stays down is forgotten here: nobody could ask for it again.
  if (decision.kind === "leave" || decision.kind === "forget") return undefined
  return restartChild(self, child, pid, decision, reason)
}

async function restartChild(
  self: Server,
  child: RunningChild,
  former: Pid,
  first: ReturnType<typeof decide>,
  reason: unknown,
): Promise<void> {
  const state = of(self)
  const { node } = self
  const { id, restart, shutdown: patience } = child.spec
  await gone(node, former, patience)
  for (let decision = first; ; ) {
    if (decision.kind === "give-up") {
      const { intensity, periodMs } = state.budget
      node.reports.note(
        "error",
        "supervisor",
        `${self.title} gives up: ${describeEnd(id, reason)}; more than ${intensity} restarts within ${periodMs} ms`,
        self.pid,
      )
      return self.stop(shutdown)
    }
    if (decision.kind !== "restart") return
    state.budget = { ...state.budget, restarts: decision.restarts }
    state.restarts++
    try {
      const pid = await startChild(self, child)
      child.restarts++
      state.byPid.set(pid.key, child)
      return
    } catch (thrown) {
      if (!(thrown instanceof StartFailed)) throw thrown
      node.reports.note("error", "supervisor", `${self.title}: ${thrown.message}`, self.pid)
      const siblings = { strategy: "one_for_one", children: [{ id, restart, running: false }] } as const
      decision = decideAgain(siblings, state.budget, id, node.platform.clock.now())
    }
  }
}

function describe(state: Children, now: number) {
  const children: ChildDescription[] = []
  for (const { spec, pid, restarts } of state.byPid.values())
    children.push({ id: spec.id, pid, restart: spec.restart, restarts })
  return {
    strategy: "one_for_one",
    intensity: state.budget.intensity,
    periodMs: state.budget.periodMs,
    restartsInPeriod: recentRestarts(state.budget, now).length,
    restarts: state.restarts,
    children,
  }
}
