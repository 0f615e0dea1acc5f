/**
 * Changing code: running processes go on with new definitions, and keep their state.
 *
 * ```ts
 * const { counter } = await import("./counter.ts?2")              // the module again, as it is now
 * await changeCode(node, [counter])
 * // [{ module: "shop.counter", pid, outcome: "changed" }]
 * ```
 *
 * Each definition becomes its node's current one of that module: what starts from now on, by whatever older definition or child spec, starts with it. Each
 * process that runs an older one changes between two messages, through `codeChange` of the new definition where it has that. One that cannot change ends,
 * and its supervisor starts it anew. Nothing keeps the older definition after that.
 *
 * How one server changes is in `upgrade.ts`. Rules: OTP's `release_handler` and `sys:change_code`.
 */
import { type Api, CallExit, type Definition, type Node, type Process } from "../runtime/index.ts"
import { atom, copy, ok, type Pid, system, Tuple, timeout, tuple } from "../term/index.ts"
import { changed } from "./child.ts"
import type { ServerDefinition } from "./gen-server.ts"
import { isKeeping, type Keeping, type RunningChild } from "./running-child.ts"
import { Server } from "./server.ts"
import { changeNow } from "./sys.ts"

/** What has become of one process. */
export interface CodeChange {
  readonly module: string
  readonly pid: Pid
  /**
   * `changed`: it runs the new definition. `restarted`: it could not change and has ended; its supervisor has started it anew. `failed`: it runs the older
   * one still (a supervisor that refused, a server that is late), or has ended and nobody started it anew.
   */
  readonly outcome: "changed" | "restarted" | "failed"
  /** Why it did not just change. */
  readonly reason?: unknown
}

export interface CodeChangeOptions {
  /** What `codeChange` gets as `extra`. */
  readonly extra?: unknown
  /** Milliseconds for each process; 5,000 unless told. One that is late is `failed`, and changes when its handler returns. */
  readonly timeoutMs?: number | undefined
}

/** How many servers change at a time. */
const AT_ONCE = 1_000
/** How many attempts of a supervisor to start one anew are waited for. */
const ATTEMPTS = 20

/**
 * Makes these the current definitions of the node, and changes every process that runs an older one. Not from a process that is to change itself: it would wait
 * for itself.
 * @throws TypeError for two definitions of one module; NotATerm for an `extra` that is none
 */
export async function changeCode(
  node: Node,
  definitions: readonly Definition<never, Api>[],
  options: CodeChangeOptions = {},
): Promise<readonly CodeChange[]> {
  const current = byModule(definitions as readonly unknown[] as readonly ServerDefinition[])
  // Before anything has changed: what cannot be sent is refused.
  const extra = copy(options.extra)
  for (const [module, definition] of current) {
    node.definitions.set(module, definition)
    node.changedModules.add(module)
  }
  const older: Server[] = []
  for (const process of node.all()) {
    if (!(process instanceof Server)) continue
    if (isKeeping(process.state)) forgetOlder(process.state, current)
    const definition = current.get(process.code.module)
    if (definition !== undefined && definition !== process.code) older.push(process)
  }
  // Supervisors last: a child that they start then is to find the others changed.
  const supervises = (server: Server): boolean => server.code.spec.supervision !== undefined
  const order = [...older.filter((server) => !supervises(server)), ...older.filter(supervises)]
  const changes: CodeChange[] = []
  for (let i = 0; i < order.length; i += AT_ONCE) {
    changes.push(
      ...(await Promise.all(
        order.slice(i, i + AT_ONCE).map((server) => changeOne(node, server, extra, options.timeoutMs)),
      )),
    )
  }
  return changes
}

function byModule(definitions: readonly ServerDefinition[]): ReadonlyMap<string, ServerDefinition> {
  const current = new Map<string, ServerDefinition>()
  for (const definition of definitions) {
    const { module } = definition
    if (current.has(module) && current.get(module) !== definition) {
      throw new TypeError(
        `two definitions are called ${module}: a module has one that is current; give one another name`,
      )
    }
    current.set(module, definition)
  }
  return current
}

/** Child specs hold the definitions they were made from: from now on the current ones, so that nothing holds an older one. */
function forgetOlder(supervisor: Keeping, current: ReadonlyMap<string, ServerDefinition>): void {
  for (const child of supervisor.known()) {
    const definition = current.get(child.spec.start[0])
    if (definition !== undefined) child.spec = changed(child.spec, {}, definition)
  }
}

async function changeOne(
  node: Node,
  server: Server,
  extra: unknown,
  timeoutMs: number | undefined,
): Promise<CodeChange> {
  const { pid, parent } = server
  const { module } = server.code
  const place = placeOf(parent, pid)
  const request = tuple(changeNow, extra)
  try {
    const answer = await node.calls.askAs(system, node.root, pid, request, { timeout: timeoutMs })
    if (answer === ok) return { module, pid, outcome: "changed" }
    return { module, pid, outcome: "failed", reason: answer instanceof Tuple ? answer.elements[1] : answer }
  } catch (thrown) {
    if (!(thrown instanceof CallExit)) throw thrown
    const { reason } = thrown
    if (place === undefined || reason === timeout) return { module, pid, outcome: "failed", reason }
    const successor = await startedAnew(node, place.supervisor, place.child)
    return { module, pid, outcome: successor === undefined ? "failed" : "restarted", reason }
  }
}

function placeOf(
  parent: Process | undefined,
  pid: Pid,
): { readonly supervisor: Process; readonly child: RunningChild } | undefined {
  if (!(parent instanceof Server) || !isKeeping(parent.state)) return undefined
  const child = parent.state.running(pid)
  return child === undefined ? undefined : { supervisor: parent, child }
}

/** The child's next process. Its supervisor has heard of the end already, and answers when it has done what follows from that. */
async function startedAnew(node: Node, supervisor: Process, child: RunningChild): Promise<Pid | undefined> {
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await node.calls.askAs(system, node.root, supervisor.pid, STILL_THERE)
      if (child.retrying === undefined) break
    }
    return child.pid
  } catch (thrown) {
    // It has given up, and its own supervisor says so.
    if (thrown instanceof CallExit) return undefined
    throw thrown
  }
}

/** A question whose answer does not matter. */
const STILL_THERE = tuple(atom("debug"), tuple(atom("statistics"), atom("get")))
