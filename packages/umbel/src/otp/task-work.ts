/**
 * The work of a task that lives beside its owner: a promise of how it ended, settled by the function's value or the process's end.
 */
import type { Node, Process, Running } from "../runtime/index.ts"
import { copy, type Pid } from "../term/index.ts"
import type { TaskFunction, TaskOutcome } from "./task.ts"

export interface Work<T> {
  readonly outcome: Promise<TaskOutcome<T>>
  readonly run: (self: Running) => Promise<void>
  /** The task is there: watch it, and let it begin. Not before, so that no end is missed. */
  watch(owner: Process, pid: Pid): void
}

/** What a task does: settles `outcome` with the value of `run`, copied as it crosses from one process to another. */
export function work<T>(run: TaskFunction<T>): Work<T> {
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

/** Undefined when it takes longer. */
export function within<T>(node: Node, work: Promise<T>, ms: number | "infinity"): Promise<T | undefined> {
  if (ms === "infinity") return work
  return new Promise((resolve) => {
    const timer = node.platform.clock.after(ms, () => resolve(undefined))
    void work.then((value) => {
      timer.cancel()
      resolve(value)
    })
  })
}

/** How the task has ended already; undefined while it has not. */
export const soFar = <T>(outcome: Promise<TaskOutcome<T>>): Promise<TaskOutcome<T> | undefined> =>
  Promise.race([outcome, Promise.resolve(undefined)])
