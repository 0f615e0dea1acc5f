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
 *
 * A task supervisor may be on another node. Functions do not go there: `{ module, function, args }` names one that the other node exposes.
 * Rules: Elixir's `Task` and `Task.Supervisor`.
 */
import { CallExit, type Node, type Process, type ProcessCapability, type Running } from "../runtime/index.ts"
import { kill, killed, type Name, type Pid, shutdown, timeout as timeoutAtom } from "../term/index.ts"
import type { Child, Restart, Shutdown } from "./child.ts"
import type { DynamicSupervisorApi } from "./dynamic-supervisor.ts"
import { nodeOf, processOf } from "./node-of.ts"
import { type StreamOptions, stream } from "./task-stream.ts"
import { startUnder, supervisedChild } from "./task-supervisor.ts"
import { soFar, within, work } from "./task-work.ts"

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

/** A function that the node of a task supervisor exposes, by name, and what it is called with: see `expose` of `boot`. */
export interface TaskCall {
  readonly module: string
  readonly function: string
  readonly args?: readonly unknown[] | undefined
}

export interface TaskOptions {
  /** How its supervisor ends it; 5,000 milliseconds unless told. */
  readonly shutdown?: Shutdown | undefined
}

export interface TaskChildOptions extends TaskOptions {
  /** Unique within its supervisor; `umbel.task` unless told. */
  readonly id?: string | undefined
  readonly name?: Name | undefined
  /** `temporary` unless told. A task that is started again does its work again. */
  readonly restart?: Restart | undefined
}

type Self = ProcessCapability | Node

export interface TaskApi {
  /** Starts a task that is linked to `self`. */
  async<T>(self: Self, run: TaskFunction<T>): Task<T>
  /**
   * Starts a task under a task supervisor, linked to `self` as well. Rejects with `CallRefused` when that has as many as it may have, and with
   * {@link CallExit} when it is not there.
   * @throws TypeError for a function that is to run on another node
   */
  asyncUnder<T>(
    self: Self,
    supervisor: Name<DynamicSupervisorApi>,
    run: TaskFunction<T> | TaskCall,
    options?: TaskOptions,
  ): Promise<Task<T>>
  /** The same, linked to its supervisor only: its crash is an outcome, and harms nobody. */
  asyncNoLink<T>(
    self: Self,
    supervisor: Name<DynamicSupervisorApi>,
    run: TaskFunction<T> | TaskCall,
    options?: TaskOptions,
  ): Promise<Task<T>>
  /** Starts a task whose result nobody waits for. */
  start(self: Self, run: TaskFunction<unknown>): Pid
  /** The same under a task supervisor. */
  startUnder(
    self: Self,
    supervisor: Name<DynamicSupervisorApi>,
    run: TaskFunction<unknown> | TaskCall,
    options?: TaskOptions & { readonly restart?: Restart | undefined },
  ): Promise<Pid>
  /** A task as a child of any supervisor of this node, whose result nobody waits for. */
  child(run: TaskFunction<unknown>, options?: TaskChildOptions): Child
  /** The task's value. Rejects with {@link CallExit} when it ended otherwise or is late (it then runs on). Only its owner may wait. */
  await<T>(self: Self, task: Task<T>, timeoutMs?: number | "infinity"): Promise<T>
  /** How the task ended, or undefined when it has not within `timeoutMs`; it may be asked again. */
  yield<T>(self: Self, task: Task<T>, timeoutMs?: number | "infinity"): Promise<TaskOutcome<T> | undefined>
  /**
   * Ends the task: with `shutdown`, and after `timeoutMs` with `kill`. Its outcome if it came to one of its own (a lost connection is one), else
   * undefined.
   */
  shutdown<T>(self: Self, task: Task<T>, timeoutMs?: number | "brutal_kill"): Promise<TaskOutcome<T> | undefined>
  /** Waits no more: the task runs on, unlinked. Its outcome if it has one already. */
  ignore<T>(self: Self, task: Task<T>): Promise<TaskOutcome<T> | undefined>
  /**
   * Runs a task for each item, some at a time. Ends those under way when the loop is left, and when a task supervisor refuses the next, which the
   * loop throws.
   */
  asyncStream<I, T>(
    self: Self,
    items: Iterable<I> | AsyncIterable<I>,
    run: (item: I, self: Running) => T | Promise<T>,
    options?: StreamOptions,
  ): AsyncGenerator<TaskOutcome<T>, void, undefined>
}

const AWAIT_MS = 5_000

function ownerOf(self: Self, task: Task<unknown>): Process {
  const owner = processOf(self)
  if (task.owner === owner.pid) return owner
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

  asyncUnder: (self, supervisor, run, options) => startUnder(processOf(self), supervisor, run, options, true),
  asyncNoLink: (self, supervisor, run, options) => startUnder(processOf(self), supervisor, run, options, false),

  start(self, run) {
    return nodeOf(self).spawn(async (task) => {
      await run(task)
    })
  },

  startUnder: (self, supervisor, run, { restart = "temporary", shutdown } = {}) =>
    processOf(self)
      .call(supervisor)
      .startChild(supervisedChild(nodeOf(self), supervisor, run, { restart, shutdown })),
  child: (run, options = {}) => supervisedChild(undefined, undefined, run, options),

  async await(self, task, timeoutMs = AWAIT_MS) {
    const { node } = ownerOf(self, task)
    const outcome = await within(node, task.outcome, timeoutMs)
    if (outcome?.kind === "ok") return outcome.value
    throw new CallExit(outcome === undefined ? timeoutAtom : outcome.reason, task.pid, "Task.await", timeoutMs)
  },

  async yield(self, task, timeoutMs = AWAIT_MS) {
    return within(ownerOf(self, task).node, task.outcome, timeoutMs)
  },

  async shutdown(self, task, timeoutMs = AWAIT_MS) {
    const { node, pid: ownerPid } = ownerOf(self, task)
    const { pid, outcome } = task
    const brutally = timeoutMs === "brutal_kill"
    const before = await soFar(outcome)
    if (before !== undefined) return isOurs(before, brutally ? kill : shutdown) ? undefined : before
    // Its end is no event for the owner any more.
    node.signals.unlink(ownerOf(self, task), pid)
    node.signals.exit(ownerPid, pid, brutally ? kill : shutdown)
    const intime = await within(node, outcome, brutally ? "infinity" : timeoutMs)
    if (intime !== undefined) return isOurs(intime, brutally ? kill : shutdown) ? undefined : intime
    node.signals.exit(ownerPid, pid, kill)
    const late = await outcome
    return isOurs(late, kill) ? undefined : late
  },

  async ignore(self, task) {
    const owner = ownerOf(self, task)
    owner.node.signals.unlink(owner, task.pid)
    return soFar(task.outcome)
  },

  asyncStream: stream,
}

/** Whether the task ended as such a signal ends it: then it came to no outcome of its own. */
function isOurs(outcome: TaskOutcome<unknown>, signal: unknown): boolean {
  return outcome.kind === "exit" && outcome.reason === (signal === kill ? killed : shutdown)
}
