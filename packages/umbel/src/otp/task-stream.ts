/**
 * A task for each item of a sequence, some at a time.
 */
import type { Node, Process, ProcessCapability, Running } from "../runtime/index.ts"
import { type Name, timeout as timeoutAtom } from "../term/index.ts"
import type { Shutdown } from "./child.ts"
import type { DynamicSupervisorApi } from "./dynamic-supervisor.ts"
import { processOf } from "./node-of.ts"
import { Task, type TaskOutcome } from "./task.ts"
import { within } from "./task-work.ts"

export interface StreamOptions {
  /** Tasks at a time; 8 unless told. */
  readonly maxConcurrency?: number | undefined
  /** Outcomes in the order of the items (the default), or as they come. */
  readonly ordered?: boolean | undefined
  /** Milliseconds for each item; 5,000 unless told. A task that is late is ended, and its outcome is `exit` with `timeout`. */
  readonly timeout?: number | "infinity" | undefined
  /** The task supervisor of this node that they run under; they are their owner's only unless told. */
  readonly supervisor?: Name<DynamicSupervisorApi> | undefined
  /** Whether the tasks under a supervisor are linked to their owner as well; they are unless told. */
  readonly link?: boolean | undefined
  /** How the supervisor ends them. */
  readonly shutdown?: Shutdown | undefined
}

const TIMEOUT_MS = 5_000

/** @internal */
export async function* stream<I, T>(
  self: ProcessCapability | Node,
  items: Iterable<I> | AsyncIterable<I>,
  run: (item: I, self: Running) => T | Promise<T>,
  options: StreamOptions = {},
): AsyncGenerator<TaskOutcome<T>, void, undefined> {
  const { maxConcurrency = 8, ordered = true, timeout = TIMEOUT_MS, supervisor, link = true, shutdown } = options
  if (!Number.isInteger(maxConcurrency) || maxConcurrency < 1) {
    throw new RangeError(`maxConcurrency is a whole number from 1 on, not ${maxConcurrency}`)
  }
  const owner = processOf(self)
  const under = new Map<Task<T>, Promise<{ task: Task<T>; outcome: TaskOutcome<T> }>>()
  const start = (work: (its: Running) => T | Promise<T>): Task<T> | Promise<Task<T>> => {
    if (supervisor === undefined) return Task.async(self, work)
    return link
      ? Task.asyncUnder(self, supervisor, work, { shutdown })
      : Task.asyncNoLink(self, supervisor, work, { shutdown })
  }
  const begin = async (item: I): Promise<void> => {
    const task = await start((its) => run(item, its))
    under.set(task, finished(owner, task, timeout))
  }
  const next = async (): Promise<TaskOutcome<T>> => {
    const { task, outcome } = await (ordered ? under.values().next().value! : Promise.race(under.values()))
    under.delete(task)
    return outcome
  }
  try {
    for await (const item of items) {
      await begin(item)
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
