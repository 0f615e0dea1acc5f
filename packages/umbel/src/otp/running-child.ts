/**
 * Starting and stopping one child: the effects that both kinds of supervisor perform.
 */
import { type Api, type Creatable, type Definition, type Node, type Process, StartFailed } from "../runtime/index.ts"
import { atom, copy, inspect, kill, type Pid, shutdown as shutdownReason, tuple } from "../term/index.ts"
import { type ChildSpec, definition, type Shutdown } from "./child.ts"

/** A child of a supervisor, alive or not. */
export interface RunningChild {
  readonly spec: ChildSpec
  pid: Pid | undefined
  /** How often it was started anew. */
  restarts: number
  /** Why the last life ended. */
  lastReason: unknown
  /** Its restart failed, and this is the number of the {@link retry} message that will try again; undefined when none will. */
  retrying: number | undefined
}

export const newChild = (spec: ChildSpec): RunningChild => ({
  spec,
  pid: undefined,
  restarts: 0,
  lastReason: undefined,
  retrying: undefined,
})

/**
 * `{umbel.retry, Child, Number}`: what a supervisor sends itself when a restart has failed. Not a loop, as one that fails without end would keep the
 * supervisor from answering, and from ending when told to.
 */
export const retry = atom("umbel.retry")
/** Tries again once the messages that wait have been handled. `which` is how the supervisor will know the child. */
export function retryLater(supervisor: Process, child: RunningChild, which: unknown): void {
  child.retrying = supervisor.node.scheduler.turns
  supervisor.node.deliverTerm(supervisor, tuple(retry, which, child.retrying))
}

/** The node's definitions by module, for children that came without theirs. */
export type Definitions = ReadonlyMap<string, Creatable>

/**
 * Starts the child under `supervisor` and waits for its `init`.
 * @throws StartFailed
 */
export async function startChild(supervisor: Process, child: RunningChild): Promise<Pid> {
  const { node } = supervisor
  const [module, arg] = child.spec.start
  const found = child.spec[definition] ?? node.definitions.get(module)
  if (found === undefined) {
    throw new StartFailed(
      module,
      "unknown_module",
      new Error(`no definition ${module} is known on ${node.name}; list it under \`modules\` of its application`),
    )
  }
  // A fresh copy: what an earlier life did to its argument must not be seen by the next.
  const options = { arg: copy(arg, { fresh: true }), name: child.spec.name }
  const pid = await node.startFor(supervisor, found as Definition<unknown, Api>, options)
  child.pid = pid
  child.retrying = undefined
  return pid
}

/**
 * Ends the child as its `shutdown` says, and resolves when it is gone, JavaScript that it still awaited included (for as long as
 * `shutdown` allows). The link is taken off first, so its end is no event for the supervisor.
 */
export async function stopChild(supervisor: Process, child: RunningChild): Promise<void> {
  const { pid, spec } = child
  child.retrying = undefined
  if (pid === undefined) return
  child.pid = undefined
  const { node } = supervisor
  const ended = new Promise<void>((resolve) => {
    node.signals.watch(supervisor.pid, pid, (reason) => {
      child.lastReason = reason
      resolve()
    })
  })
  node.signals.unlink(supervisor, pid)
  if (spec.shutdown === "brutal_kill") node.signals.exit(supervisor.pid, pid, kill)
  else {
    node.signals.exit(supervisor.pid, pid, shutdownReason)
    if (!(await within(node, spec.shutdown, ended))) {
      node.reports.note(
        "warning",
        "supervisor",
        `${supervisor.title}: child ${spec.id} did not end within ${spec.shutdown} ms and was killed`,
        pid,
      )
      node.signals.exit(supervisor.pid, pid, kill)
    }
  }
  await ended
  await gone(node, pid, spec.shutdown)
}

/** Resolves when nothing of an ended process runs any more, or when its `shutdown` time is over. */
export async function gone(node: Node, pid: Pid, shutdown: Shutdown): Promise<void> {
  if (node.zombies.size === 0) return
  const settled = new Promise<void>((resolve) => node.zombies.whenGone(pid, resolve))
  if (await within(node, shutdown === "brutal_kill" ? 5_000 : shutdown, settled)) return
  node.reports.note(
    "warning",
    "supervisor",
    `what ${pid} was awaiting when it ended still runs; going on without it`,
    pid,
  )
}

/** Whether `work` was done within the time. */
function within(node: Node, shutdown: number | "infinity" | "brutal_kill", work: Promise<void>): Promise<boolean> {
  if (typeof shutdown !== "number") return work.then(() => true)
  return new Promise((resolve) => {
    const timer = node.platform.clock.after(shutdown, () => resolve(false))
    void work.then(() => {
      timer.cancel()
      resolve(true)
    })
  })
}

/** "counter crashed with …" for the notes of supervisors. */
export function describeEnd(id: string, reason: unknown): string {
  return `child ${id} ended with ${inspect(reason, { limit: 20 })}`
}
