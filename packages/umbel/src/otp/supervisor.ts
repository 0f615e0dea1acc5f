/**
 * Supervisor: a server that starts its children in order, starts them again when they end, and stops them in reverse.
 *
 * ```ts
 * export const stores = supervisor("shop.stores", {
 *   strategy: "rest_for_one",
 *   intensity: 3,
 *   period: 5_000,
 *   children: (config: { limit: number }) => [
 *     child(counter, { arg: 0, name: COUNTER }),
 *     child(keyValue, { arg: { limit: config.limit }, restart: "transient" }),
 *   ],
 * })
 * ```
 *
 * What is decided is in `supervision.ts`. A restart starts nothing while something of the former life still runs. When a child fails too often
 * the supervisor stops the others and ends with `shutdown`, which is its own supervisor's matter then.
 */
import { type Api, type Exit, isExit, StartFailed } from "../runtime/index.ts"
import { inspect, type Pid, shutdown, Tuple } from "../term/index.ts"
import type { Child, ChildSpec } from "./child.ts"
import { define, type GenServer } from "./gen-server.ts"
import { ordinal, recordGiveUp } from "./give-ups.ts"
import { tellDecision } from "./inspection/decided.ts"
import { type Ignore, Ignored } from "./replies.ts"
import { describeEnd, gone, type RunningChild, retry, retryLater, startChild, stopChild } from "./running-child.ts"
import type { Server } from "./server.ts"
import { type AutoShutdown, type Decision, decide, decideAgain, type Strategy } from "./supervision.ts"
import {
  childSpec,
  count,
  deleteChild,
  erlangRequest,
  restartChild,
  startNew,
  stopSibling,
  terminateChild,
} from "./supervisor-requests.ts"
import { describeSupervision, supervisionOf as of, Supervision, type SupervisorRules } from "./supervisor-state.ts"
import { CodeChangeRefused } from "./upgrade.ts"

export interface SupervisorApi extends Api {
  calls: {
    children(): readonly { id: string; pid: Pid | "restarting" | undefined }[]
    /**
     * Adds a child at the end and starts it. Refused when the id is taken or its `init` fails, and with `ignore` when its `init` said that: it is known then, and
     * `restartChild` tries again, unless it is temporary.
     */
    startChild(child: Child): Pid
    /** Stops a child; it stays known, and `restartChild` starts it again. A temporary one is forgotten. */
    terminateChild(id: string): "ok" | "not_found"
    /** Starts a child that was terminated or has ended; refused with `ignore` as `startChild` is. */
    restartChild(id: string): Pid
    /** Forgets a child that does not run. */
    deleteChild(id: string): "ok"
    /** The specification it starts that child with, to start one like it elsewhere. */
    childSpec(id: string): Child
    countChildren(): { specs: number; active: number; supervisors: number; workers: number }
  }
  casts: {}
}

export interface SupervisorSpec<Arg> {
  /** Which siblings a death takes along; `one_for_one` unless told. */
  strategy?: Strategy
  /** At most `intensity` restarts in any `period` milliseconds (3 in 5,000 unless told); one more and the supervisor gives up. */
  intensity?: number
  period?: number
  /** `never` unless told. */
  autoShutdown?: AutoShutdown
  /** In the order they start. A function may say `ignore`: there is to be no supervisor then, and nothing is wrong. */
  children: readonly Child[] | ((arg: Arg) => readonly Child[] | Ignore)
}

type ChildrenOrIgnore = readonly ChildSpec[] | Ignored

const KEYS: ReadonlySet<string> = new Set(["strategy", "intensity", "period", "autoShutdown", "children"])
const STRATEGIES: ReadonlySet<unknown> = new Set(["one_for_one", "rest_for_one", "one_for_all"])

/** Defines a supervisor. @throws TypeError for an unknown key or value. */
export function supervisor<Arg = void>(module: string, spec: SupervisorSpec<Arg>): GenServer<Arg, SupervisorApi> {
  for (const key of Object.keys(spec)) {
    if (!KEYS.has(key)) throw new TypeError(`${module}: a supervisor has no ${key}; it has ${[...KEYS].join(", ")}`)
  }
  const { strategy = "one_for_one", intensity = 3, period = 5_000, autoShutdown = "never" } = spec
  if (!STRATEGIES.has(strategy))
    throw new TypeError(`${module}: no strategy ${strategy}; there are ${[...STRATEGIES].join(", ")}`)
  const rules: SupervisorRules = { strategy, intensity, periodMs: period, autoShutdown }
  const childrenFor = (arg: unknown): ChildrenOrIgnore =>
    (typeof spec.children === "function" ? spec.children(arg as Arg) : spec.children) as unknown as ChildrenOrIgnore
  const made = define(module, {
    kind: "supervisor",
    async init(arg, self) {
      self.trapExit(true)
      const specs = childrenFor(arg)
      if (specs instanceof Ignored) return specs
      const state = new Supervision(rules, arg)
      self.state = state
      state.change(rules, specs)
      await startAll(self, state)
      return state
    },
    codeChange: (state, _change, self) => changeChildren(self, state as Supervision, rules, childrenFor),
    calls: {
      children: (self) =>
        of(self).children.map(({ spec, pid, retrying, restarts }) => ({
          id: spec.id,
          pid: retrying === undefined ? pid : "restarting",
          restarts,
          restart: spec.restart,
        })),
      startChild: (self, child) => startNew(self, child as ChildSpec),
      terminateChild: (self, id) => terminateChild(self, String(id)),
      restartChild: (self, id) => restartChild(self, String(id)),
      deleteChild: (self, id) => deleteChild(of(self), String(id)),
      childSpec: (self, id) => childSpec(of(self), String(id)),
      countChildren: (self) => count(self),
    },
    request: (self, request) => erlangRequest(self, request),
    info(self, message) {
      if (isExit(message)) return childEnded(self, message)
      if (message instanceof Tuple && message.elements[0] === retry) {
        return tryAgain(self, message.elements[1], message.elements[2])
      }
      return undefined
    },
    terminate: (self) => stopAll(self),
    supervision: (state, now) => describeSupervision(state as Supervision, now),
  })
  return made as unknown as GenServer<Arg, SupervisorApi>
}

/** In order; when one fails the started ones are stopped again, and the failure is the supervisor's own. */
async function startAll(self: Server, state: Supervision): Promise<void> {
  for (const child of [...state.children]) {
    try {
      await startChild(self, child)
      if (child.pid === undefined && child.spec.restart === "temporary") state.forget(child)
    } catch (thrown) {
      await stopAll(self)
      throw thrown
    }
  }
}

/**
 * Its code has changed: the children that are new start, after the others where one does not. Those it has go on, and those that are no longer listed stay until
 * somebody deletes them.
 */
async function changeChildren(
  self: Server,
  state: Supervision,
  rules: SupervisorRules,
  childrenFor: (arg: unknown) => ChildrenOrIgnore,
): Promise<Supervision> {
  let added: RunningChild[]
  try {
    const specs = childrenFor(state.arg)
    if (specs instanceof Ignored) return state
    added = state.change(rules, specs)
  } catch (thrown) {
    throw new CodeChangeRefused(`${self.title} keeps its children: ${inspect(String(thrown))}`, { cause: thrown })
  }
  const failed = await startAgain(
    self,
    state,
    added.map(({ spec }) => spec.id),
  )
  if (failed !== undefined) {
    self.node.reports.note("error", "supervisor", `${self.title}: ${failed.error.message}`, self.pid)
    retryLater(self, failed.child, failed.child.spec.id)
  }
  return state
}

async function stopAll(self: Server): Promise<void> {
  for (const child of [...of(self).children].reverse()) await stopChild(self, child)
}

async function childEnded(self: Server, { pid, reason }: Exit): Promise<void> {
  const state = of(self)
  const child = state.running(pid)
  // The exit of a child that was stopped meanwhile, or of some other linked process.
  if (child === undefined) return
  child.pid = undefined
  child.formerPid = pid
  child.lastReason = reason
  const { node } = self
  const decision = decide(state.siblings, state.budget, child.spec.id, reason, node.platform.clock.now())
  tellDecision(self, child, pid, decision, state.budget)
  if (decision.kind === "restart") await gone(node, pid, child.spec)
  await perform(self, state, child, decision, reason)
}

/** A restart that had failed is due again, unless somebody has stopped or started the child meanwhile. */
function tryAgain(self: Server, id: unknown, attempt: unknown): Promise<void> | undefined {
  const state = of(self)
  const child = state.find(String(id))
  if (child?.retrying === undefined || child.retrying !== attempt) return undefined
  child.retrying = undefined
  const decision = decideAgain(state.siblings, state.budget, child.spec.id, self.node.platform.clock.now())
  return perform(self, state, child, decision, child.lastReason)
}

async function perform(
  self: Server,
  state: Supervision,
  child: RunningChild,
  decision: Decision,
  reason: unknown,
): Promise<void> {
  const { node } = self
  const { id } = child.spec
  switch (decision.kind) {
    case "leave":
      return
    case "forget":
      state.forget(child)
      return
    case "shut-down":
      self.stop(shutdown)
      return
    case "give-up":
      state.budget = { ...state.budget, restarts: decision.restarts }
      recordGiveUp(node, self.pid, {
        supervisor: self.title,
        child: id,
        childPid: child.formerPid,
        reason,
        times: decision.restarts.length,
        periodMs: state.budget.periodMs,
      })
      node.reports.note(
        "error",
        "supervisor",
        `${self.title} gives up: ${describeEnd(id, reason)}, the ${ordinal(decision.restarts.length)} time within ${state.budget.periodMs} ms (${state.budget.intensity} are allowed)`,
        self.pid,
      )
      self.stop(shutdown)
      return
    case "restart": {
      state.budget = { ...state.budget, restarts: decision.restarts }
      state.restarts++
      for (const other of decision.stop) await stopSibling(self, state, other)
      const failed = await startAgain(self, state, decision.start)
      if (failed === undefined) return
      node.reports.note("error", "supervisor", `${self.title}: ${failed.error.message}`, self.pid)
      retryLater(self, failed.child, failed.child.spec.id)
    }
  }
}

/** Starts those of `ids` that do not run, after a death or as they are new; the one that failed, if one did. */
async function startAgain(
  self: Server,
  state: Supervision,
  ids: readonly string[],
): Promise<{ child: RunningChild; error: StartFailed } | undefined> {
  for (const id of ids) {
    const child = state.find(id)
    if (child === undefined || child.pid !== undefined) continue
    try {
      const again = child.begun
      await startChild(self, child)
      if (again) child.restarts++
      self.node.reports.note("info", "supervisor", `${self.title} ${again ? "restarted" : "started"} ${id}`, child.pid)
      if (child.pid === undefined && child.spec.restart === "temporary") state.forget(child)
    } catch (thrown) {
      if (thrown instanceof StartFailed) return { child, error: thrown }
      throw thrown
    }
  }
  return undefined
}
