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
import {
  type Api,
  type ChildDescription,
  type Exit,
  isExit,
  type Node,
  type Process,
  StartFailed,
  type SupervisionDescription,
} from "../runtime/index.ts"
import { atom, inspect, isAtom, type Pid, shutdown, Tuple, tuple } from "../term/index.ts"
import { type Child, type ChildSpec, definition } from "./child.ts"
import { define, type GenServer } from "./gen-server.ts"
import { refuse } from "./replies.ts"
import {
  describeEnd,
  gone,
  newChild,
  type RunningChild,
  retry,
  retryLater,
  startChild,
  stopChild,
} from "./running-child.ts"
import type { Server } from "./server.ts"
import {
  type AutoShutdown,
  type Decision,
  decide,
  decideAgain,
  type RestartBudget,
  recentRestarts,
  type Strategy,
} from "./supervision.ts"

export interface SupervisorApi extends Api {
  calls: {
    children(): readonly { id: string; pid: Pid | "restarting" | undefined }[]
    /** Adds a child at the end and starts it. Refused when the id is taken or its `init` fails. */
    startChild(child: Child): Pid
    /** Stops a child; it stays known, and `restartChild` starts it again. A temporary one is forgotten. */
    terminateChild(id: string): "ok" | "not_found"
    /** Starts a child that was terminated or has ended. */
    restartChild(id: string): Pid
    /** Forgets a child that does not run. */
    deleteChild(id: string): "ok"
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
  children: readonly Child[] | ((arg: Arg) => readonly Child[])
}

const KEYS: ReadonlySet<string> = new Set(["strategy", "intensity", "period", "autoShutdown", "children"])
const STRATEGIES: ReadonlySet<unknown> = new Set(["one_for_one", "rest_for_one", "one_for_all"])

/** A supervisor's state. @internal */
export class Supervision {
  readonly strategy: Strategy
  readonly autoShutdown: AutoShutdown
  budget: RestartBudget
  children: RunningChild[] = []
  restarts = 0

  constructor(strategy: Strategy, intensity: number, periodMs: number, autoShutdown: AutoShutdown = "never") {
    this.strategy = strategy
    this.autoShutdown = autoShutdown
    this.budget = { intensity, periodMs, restarts: [] }
  }

  get siblings() {
    return {
      strategy: this.strategy,
      autoShutdown: this.autoShutdown,
      children: this.children.map(({ spec, pid, retrying }) => ({
        id: spec.id,
        restart: spec.restart,
        running: pid !== undefined || retrying !== undefined,
        significant: spec.significant,
      })),
    }
  }
  find(id: string): RunningChild | undefined {
    return this.children.find((child) => child.spec.id === id)
  }
}

/** Defines a supervisor. @throws TypeError for an unknown key or value. */
export function supervisor<Arg = void>(module: string, spec: SupervisorSpec<Arg>): GenServer<Arg, SupervisorApi> {
  for (const key of Object.keys(spec)) {
    if (!KEYS.has(key)) throw new TypeError(`${module}: a supervisor has no ${key}; it has ${[...KEYS].join(", ")}`)
  }
  const { strategy = "one_for_one", intensity = 3, period = 5_000, autoShutdown = "never" } = spec
  if (!STRATEGIES.has(strategy))
    throw new TypeError(`${module}: no strategy ${strategy}; there are ${[...STRATEGIES].join(", ")}`)
  const made = define(module, {
    async init(arg, self) {
      self.trapExit(true)
      const state = new Supervision(strategy, intensity, period, autoShutdown)
      self.state = state
      const specs = typeof spec.children === "function" ? spec.children(arg as Arg) : spec.children
      for (const one of specs) add(state, one as unknown as ChildSpec)
      await startAll(self, state)
      return state
    },
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
    supervision: (state, now) => describe(state as Supervision, now),
  })
  return made as unknown as GenServer<Arg, SupervisorApi>
}

const of = (self: Server): Supervision => self.state as Supervision

function add(state: Supervision, spec: ChildSpec): RunningChild {
  if (state.find(spec.id) !== undefined) {
    throw new TypeError(`two children are called ${spec.id}; give one of them an \`id\``)
  }
  const child = newChild(spec)
  state.children.push(child)
  return child
}

/** In order; when one fails the started ones are stopped again, and the failure is the supervisor's own. */
async function startAll(self: Server, state: Supervision): Promise<void> {
  for (const child of state.children) {
    try {
      await startChild(self, child)
    } catch (thrown) {
      await stopAll(self)
      throw thrown
    }
  }
}

async function stopAll(self: Server): Promise<void> {
  for (const child of [...of(self).children].reverse()) await stopChild(self, child)
}

async function childEnded(self: Server, { pid, reason }: Exit): Promise<void> {
  const state = of(self)
  const child = state.children.find((candidate) => candidate.pid === pid)
  // The exit of a child that was stopped meanwhile, or of some other linked process.
  if (child === undefined) return
  child.pid = undefined
  child.lastReason = reason
  const { node } = self
  const decision = decide(state.siblings, state.budget, child.spec.id, reason, node.platform.clock.now())
  if (decision.kind === "restart") await gone(node, pid, child.spec.shutdown)
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
      state.children = state.children.filter((other) => other !== child)
      return
    case "shut-down":
      self.stop(shutdown)
      return
    case "give-up":
      state.budget = { ...state.budget, restarts: decision.restarts }
      node.reports.note(
        "error",
        "supervisor",
        `${self.title} gives up: ${describeEnd(id, reason)}, the ${decision.restarts.length}th time within ${state.budget.periodMs} ms (${state.budget.intensity} are allowed)`,
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

async function stopSibling(self: Server, state: Supervision, id: string): Promise<void> {
  const sibling = state.find(id)
  if (sibling === undefined) return
  await stopChild(self, sibling)
  if (sibling.spec.restart === "temporary") state.children = state.children.filter((other) => other !== sibling)
}

/** Starts those of `ids` that do not run; the one that failed, if one did. */
async function startAgain(
  self: Server,
  state: Supervision,
  ids: readonly string[],
): Promise<{ child: RunningChild; error: StartFailed } | undefined> {
  for (const id of ids) {
    const child = state.find(id)
    if (child === undefined || child.pid !== undefined) continue
    try {
      await startChild(self, child)
      child.restarts++
      self.node.reports.note("info", "supervisor", `${self.title} restarted ${id}`, child.pid)
    } catch (thrown) {
      if (thrown instanceof StartFailed) return { child, error: thrown }
      throw thrown
    }
  }
  return undefined
}

// ---- requests --------------------------------------------------------------------------------------------------------------
async function startNew(self: Server, spec: ChildSpec): Promise<unknown> {
  const state = of(self)
  const known = state.find(spec.id)
  if (known?.retrying !== undefined) return refuse(tuple(alreadyStarted, restarting))
  if (known !== undefined) return refuse(known.pid === undefined ? alreadyPresent : tuple(alreadyStarted, known.pid))
  const child = add(state, spec)
  try {
    return await startChild(self, child)
  } catch (thrown) {
    state.children = state.children.filter((other) => other !== child)
    if (thrown instanceof StartFailed) return refuse(thrown.reason)
    throw thrown
  }
}

async function terminateChild(self: Server, id: string): Promise<"ok" | "not_found"> {
  const state = of(self)
  if (state.find(id) === undefined) return "not_found"
  await stopSibling(self, state, id)
  return "ok"
}

async function restartChild(self: Server, id: string): Promise<unknown> {
  const child = of(self).find(id)
  if (child === undefined) return refuse(notFound)
  if (child.retrying !== undefined) return refuse(restarting)
  if (child.pid !== undefined) return refuse(running)
  try {
    return await startChild(self, child)
  } catch (thrown) {
    if (thrown instanceof StartFailed) return refuse(thrown.reason)
    throw thrown
  }
}

function deleteChild(state: Supervision, id: string): unknown {
  const child = state.find(id)
  if (child === undefined) return refuse(notFound)
  if (child.retrying !== undefined) return refuse(restarting)
  if (child.pid !== undefined) return refuse(running)
  state.children = state.children.filter((other) => other !== child)
  return "ok"
}

function count(self: Server) {
  const { children } = of(self)
  const supervisors = children.filter((child) => isSupervisor(self.node, child)).length
  return {
    specs: children.length,
    active: children.filter((child) => child.pid !== undefined).length,
    supervisors,
    workers: children.length - supervisors,
  }
}

function isSupervisor(node: Node, { spec, pid }: Pick<RunningChild, "spec" | "pid">): boolean {
  const process: Process | undefined = pid === undefined ? undefined : node.find(pid)
  if (process !== undefined) return process.describe().kind === "supervisor"
  const made = (spec[definition] ?? node.definitions.get(spec.start[0])) as
    | { spec?: { supervision?: unknown } }
    | undefined
  return made?.spec?.supervision !== undefined
}

const alreadyPresent = atom("already_present")
const alreadyStarted = atom("already_started")
const notFound = atom("not_found")
const running = atom("running")
const restarting = atom("restarting")

/** What `supervisor:which_children` and `count_children` of a BEAM node ask. */
function erlangRequest(self: Server, request: unknown): unknown {
  const state = of(self)
  if (isAtom(request) && request.text === "which_children") {
    return state.children
      .map(({ spec, pid, retrying }) =>
        tuple(
          atom(spec.id),
          retrying === undefined ? pid : restarting,
          isSupervisor(self.node, { spec, pid }) ? supervisorAtom : worker,
          [atom(spec.start[0])],
        ),
      )
      .reverse()
  }
  if (isAtom(request) && request.text === "count_children") {
    return Object.entries(count(self)).map(([key, value]) => tuple(atom(key), value))
  }
  if (
    request instanceof Tuple &&
    request.elements.length === 2 &&
    isAtom(request.elements[0]) &&
    request.elements[0].text === "terminate_child"
  ) {
    const id = request.elements[1]
    return terminateChild(self, isAtom(id) ? id.text : String(id)).then((done) =>
      done === "ok" ? ok : tuple(errorAtom, notFound),
    )
  }
  throw new TypeError(`a supervisor is not asked ${inspect(request)}`)
}

const supervisorAtom = atom("supervisor")
const worker = atom("worker")
const ok = atom("ok")
const errorAtom = atom("error")

function describe(state: Supervision, now: number): SupervisionDescription {
  return {
    strategy: state.strategy,
    intensity: state.budget.intensity,
    periodMs: state.budget.periodMs,
    restartsInPeriod: recentRestarts(state.budget, now).length,
    restarts: state.restarts,
    children: state.children.map(
      ({ spec, pid, restarts }): ChildDescription => ({ id: spec.id, pid, restart: spec.restart, restarts }),
    ),
  }
}
