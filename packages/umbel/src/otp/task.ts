/**
 * Task: a process that computes one value for its owner.
 *
 * ```ts
 * const sizes = Task.async(self, () => measure(files))
 * doSomethingElse()
 * const total = await Task.await(self, sizes)
 *
 * for await (const outcome of Task.asyncStream(self, urls, fetchOne, { maxConcurrency: 8 })) …
 * ```
 *
 * A task is linked to its owner: should it crash, the owner does too, unless it traps exits; should the owner end, so does the task. Work that may fail
 * without harm runs under a task supervisor, unlinked: {@link TaskApi.asyncNoLink}. What the function gets as its `self` is the task's own.
 * Rules: Elixir's `Task` and `Task.Supervisor`.
 */
import {
  type Api,
  CallExit,
  Coroutine,
  type Creatable,
  create,
  type Definition,
  type Node,
  type Process,
  type ProcessCapability,
  type Running,
} from "../runtime/index.ts"
import { copy, kill, local, type Name, normal, type Pid, shutdown, timeout as timeoutAtom } from "../term/index.ts"
import { child } from "./child.ts"
import { type DynamicSupervisorApi, dynamicSupervisor } from "./dynamic-supervisor.ts"
import type { GenServer } from "./gen-server.ts"
import { nodeOf, processOf } from "./node-of.ts"

/** What a task computes with. */
export type TaskFunction<T> = (self: Running) => T | Promise<T>

/** A task that was started, for its owner to wait for. */
export interface Task<T> {
  readonly pid: Pid
  readonly owner: Pid
  /** @internal */ readonly outcome: Promise<TaskOutcome<T>>
}

/** How a task ended. */
export type TaskOutcome<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "exit"; readonly reason: unknown }

export interface StreamOptions {
  /** Tasks at a time; 8 unless told. */
  readonly maxConcurrency?: number | undefined
  /** Outcomes in the order of the items (the default), or as they come. */
  readonly ordered?: boolean | undefined
  /** Milliseconds for each item; 5,000 unless told. A task that is late is ended, and its outcome is `exit` with `timeout`. */
  readonly timeout?: number | "infinity" | undefined
}

export interface TaskApi {
  /** Starts a task that is linked to `self`. */
  async<T>(self: ProcessCapability | Node, run: TaskFunction<T>): Task<T>
  /** Starts a task under a task supervisor, linked to its supervisor only: its crash is an outcome, and harms nobody. */
  asyncNoLink<T>(
    self: ProcessCapability | Node,
    supervisor: Name<DynamicSupervisorApi>,
    run: TaskFunction<T>,
  ): Promise<Task<T>>
  /** Starts a task whose result nobody waits for. */
  start(self: ProcessCapability | Node, run: TaskFunction<unknown>): Pid
  /** The task's value. Rejects with {@link CallExit} when it ended otherwise or is late (it then runs on). Only its owner may wait. */
  await<T>(self: ProcessCapability | Node, task: Task<T>, timeoutMs?: number | "infinity"): Promise<T>
  /** How the task ended, or undefined when it has not within `timeoutMs`; it may be asked again. */
  yield<T>(
    self: ProcessCapability | Node,
    task: Task<T>,
    timeoutMs?: number | "infinity",
  ): Promise<TaskOutcome<T> | undefined>
  /** Ends the task: with `shutdown`, and after `timeoutMs` with `kill`. Its outcome if it came to one before, else undefined. */
  shutdown<T>(
    self: ProcessCapability | Node,
    task: Task<T>,
    timeoutMs?: number | "brutal_kill",
  ): Promise<TaskOutcome<T> | undefined>
  /** Runs a task for each item, some at a time. Ends those under way when the loop is left. */
  asyncStream<I, T>(
    self: ProcessCapability | Node,
    items: Iterable<I> | AsyncIterable<I>,
    run: (item: I, self: Running) => T | Promise<T>,
    options?: StreamOptions,
  ): AsyncGenerator<TaskOutcome<T>, void, undefined>
}

const AWAIT_MS = 5_000

interface Work<T> {
  readonly outcome: Promise<TaskOutcome<T>>
  readonly run: Body
  /** The task is there: watch it, and let it begin. Not before, so that no end is missed. */
  watch(owner: Process, pid: Pid): void
}

/** What a task does: settles `outcome` with the value of `run`, copied as it crosses from one process to another. */
function work<T>(run: TaskFunction<T>): Work<T> {
  let settle: (outcome: TaskOutcome<T>) => void = () => {}
  let begin: () => void = () => {}
  const outcome = new Promise<TaskOutcome<T>>((resolve) => {
    settle = resolve
  })
  const watched = new Promise<void>((resolve) => {
    begin = resolve
  })
  return {
    outcome,
    async run(self) {
      await watched
      settle({ kind: "ok", value: copy(await run(self)) })
    },
    watch(owner, pid) {
      // After a value its end settles nothing any more.
      owner.node.signals.watch(owner.pid, pid, (reason) => settle({ kind: "exit", reason }))
      begin()
    },
  }
}

function within<T>(node: Node, work: Promise<T>, ms: number | "infinity"): Promise<T | undefined> {
  if (ms === "infinity") return work
  return new Promise((resolve) => {
    const timer = node.platform.clock.after(ms, () => resolve(undefined))
    void work.then((value) => {
      timer.cancel()
      resolve(value)
    })
  })
}

function checkOwner(self: Process, task: Task<unknown>): void {
  if (task.owner !== self.pid)
    throw new TypeError(`the task ${task.pid} belongs to ${task.owner}; only its owner can wait for it`)
}

export const Task: TaskApi = {
  async(self, run) {
    const owner = processOf(self)
    const task = work(run)
    const { pid } = owner.node.spawnUnder(owner, task.run)
    task.watch(owner, pid)
    return { pid, owner: owner.pid, outcome: task.outcome }
  },

  async asyncNoLink(self, supervisor, run) {
    const owner = processOf(self)
    const task = work(run)
    const pid = await owner.call(supervisor).startChild(runnerChild(task.run))
    task.watch(owner, pid)
    return { pid, owner: owner.pid, outcome: task.outcome }
  },

  start(self, run) {
    return nodeOf(self).spawn(async (task) => {
      await run(task)
    })
  },

  async await(self, task, timeoutMs = AWAIT_MS) {
    const owner = processOf(self)
    checkOwner(owner, task)
    const outcome = await within(owner.node, task.outcome, timeoutMs)
    if (outcome?.kind === "ok") return outcome.value
    throw new CallExit(outcome === undefined ? timeoutAtom : outcome.reason, task.pid, "Task.await", timeoutMs)
  },

  yield(self, task, timeoutMs = AWAIT_MS) {
    const owner = processOf(self)
    checkOwner(owner, task)
    return within(owner.node, task.outcome, timeoutMs)
  },

  async shutdown(self, task, timeoutMs = AWAIT_MS) {
    const owner = processOf(self)
    checkOwner(owner, task)
    const { node } = owner
    // Its end is no event for the owner any more.
    node.signals.unlink(owner, task.pid)
    node.signals.exit(owner.pid, task.pid, timeoutMs === "brutal_kill" ? kill : shutdown)
    let outcome = await within(node, task.outcome, timeoutMs === "brutal_kill" ? "infinity" : timeoutMs)
    if (outcome === undefined) {
      node.signals.exit(owner.pid, task.pid, kill)
      outcome = await task.outcome
    }
    return outcome.kind === "ok" || !endedByUs(outcome.reason) ? outcome : undefined
  },

  asyncStream: stream,
}

const endedByUs = (reason: unknown): boolean =>
  reason === shutdown ||
  reason === normal ||
  (typeof reason === "object" && reason !== null && "text" in reason && reason.text === "killed")

async function* stream<I, T>(
  self: ProcessCapability | Node,
  items: Iterable<I> | AsyncIterable<I>,
  run: (item: I, self: Running) => T | Promise<T>,
  options: StreamOptions = {},
): AsyncGenerator<TaskOutcome<T>, void, undefined> {
  const { maxConcurrency = 8, ordered = true, timeout = AWAIT_MS } = options
  if (!Number.isInteger(maxConcurrency) || maxConcurrency < 1) {
    throw new RangeError(`maxConcurrency is a whole number from 1 on, not ${maxConcurrency}`)
  }
  const owner = processOf(self)
  const under = new Map<Task<T>, Promise<{ task: Task<T>; outcome: TaskOutcome<T> }>>()
  const begin = (item: I): void => {
    const task = Task.async(self, (its) => run(item, its))
    under.set(task, finished(owner, task, timeout))
  }
  const next = async (): Promise<TaskOutcome<T>> => {
    const { task, outcome } = await (ordered ? under.values().next().value! : Promise.race(under.values()))
    under.delete(task)
    return outcome
  }
  try {
    for await (const item of items) {
      begin(item)
      if (under.size >= maxConcurrency) yield await next()
    }
    while (under.size > 0) yield await next()
  } finally {
    await Promise.all([...under.keys()].map((task) => Task.shutdown(self, task, "brutal_kill")))
  }
}

/** Never rejects: that a task is late is an outcome too. */
async function finished<T>(
  owner: Process,
  task: Task<T>,
  timeout: number | "infinity",
): Promise<{ task: Task<T>; outcome: TaskOutcome<T> }> {
  const outcome = await within(owner.node, task.outcome, timeout)
  if (outcome !== undefined) return { task, outcome }
  const late = await Task.shutdown(owner, task, "brutal_kill")
  return { task, outcome: late ?? { kind: "exit", reason: timeoutAtom } }
}

// ---- supervised tasks --------------------------------------------------------------------------------------------------------
type Body = (self: Running) => Promise<void>

/** A process for a function; it is up as soon as it exists, as a task has no `init`. */
class Runner extends Coroutine {
  override begin(): undefined {
    this.node.started(this)
    return super.begin()
  }
}
const runner: Creatable = {
  module: "umbel.task",
  [create]: (node: Node, parent: Process, body: unknown) => new Runner(node, parent, body as Body),
}
const runnerChild = (body: Body) =>
  child(runner as unknown as Definition<Body, Api>, { arg: local(body), restart: "temporary" })

/** Defines a supervisor of tasks: a dynamic supervisor whose children are tasks of {@link TaskApi.asyncNoLink}. */
export function taskSupervisor(
  module: string,
  spec: { maxChildren?: number } = {},
): GenServer<void, DynamicSupervisorApi> {
  return dynamicSupervisor(module, spec)
}
