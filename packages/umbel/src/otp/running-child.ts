/**
 * Starting and stopping one child: the effects that both kinds of supervisor perform.
 */
import {
  type Api,
  type ChildDescription,
  type Definition,
  type Node,
  type Process,
  reasonText,
  StartFailed,
  StartIgnored,
} from "../runtime/index.ts"
import { atom, copy, inspect, isPlainObject, kill, type Pid, shutdown as shutdownReason, tuple } from "../term/index.ts"
import { type ChildSpec, changed, definition } from "./child.ts"

const badarg = atom("badarg")

/** A child of a supervisor, alive or not. */
export interface RunningChild {
  /** Another one when the code of its module, or of its supervisor, has changed. */
  spec: ChildSpec
  pid: Pid | undefined
  /** Its process before `pid`, once that has ended. */
  formerPid: Pid | undefined
  /** Whether it was started before. */
  begun: boolean
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
  formerPid: undefined,
  begun: false,
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

/** The state of a supervisor of either kind. */
export abstract class Keeping {
  /** All that it knows, running or not. */
  abstract known(): Iterable<RunningChild>
  /** The one that runs as that process. */
  abstract running(pid: Pid): RunningChild | undefined
}
export const isKeeping = (state: unknown): state is Keeping => state instanceof Keeping

/** What the observer shows of a child. */
export const childRow = ({ spec, pid, restarts, lastReason }: RunningChild): ChildDescription => ({
  id: spec.id,
  pid,
  restart: spec.restart,
  restarts,
  lastReason,
})

/**
 * Starts the child under `supervisor` and waits for its `init`. `extra` is what the supervisor adds to its argument. Undefined when `init` said
 * `ignore`: there is no process then, and no fault.
 * @throws StartFailed
 */
export async function startChild(
  supervisor: Process,
  child: RunningChild,
  extra?: object | undefined,
): Promise<Pid | undefined> {
  const { node } = supervisor
  const { name, start, startTimeoutMs } = child.spec
  const [module, own] = start
  const arg = extra === undefined ? own : withExtra(module, extra, own)
  const found = child.spec[definition] ?? node.definitions.get(module)
  if (found === undefined) {
    throw new StartFailed(
      module,
      "unknown_module",
      new Error(`no definition ${module} is known on ${node.name}; list it under \`modules\` of its application`),
    )
  }
  const current = node.currentOf(found)
  // Nothing is to keep an older definition than the one that counts.
  if (current !== found) child.spec = changed(child.spec, {}, current)
  // A fresh copy: what an earlier life did to its argument must not be seen by the next.
  const options = { arg: copy(arg, { fresh: true }), name, timeoutMs: startTimeoutMs }
  child.retrying = undefined
  child.begun = true
  try {
    child.pid = await node.startFor(supervisor, current as Definition<unknown, Api>, options)
  } catch (thrown) {
    if (!(thrown instanceof StartIgnored)) throw thrown
    child.pid = undefined
  }
  return child.pid
}

/** @throws StartFailed for an argument that nothing can be added to */
function withExtra(module: string, extra: object, arg: unknown): object {
  if (arg === undefined) return extra
  if (typeof arg === "object" && arg !== null && isPlainObject(arg)) return { ...extra, ...arg }
  const problem = `its supervisor has \`extra\` for the argument of each child, so that must be an object, not ${inspect(arg)}`
  throw new StartFailed(module, badarg, new TypeError(problem))
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
  await gone(node, pid, spec)
}

/** Resolves when nothing of an ended process runs any more, or when its `shutdown` time is over; at once where lives may overlap. */
export async function gone(node: Node, pid: Pid, { shutdown, overlap }: ChildSpec): Promise<void> {
  if (node.zombies.size === 0 || overlap === true) return
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
  return `child ${id} ended with ${reasonText(reason)}`
}
