/**
 * What is asked of a supervisor: to start, end, restart and forget children, and what there is of them. Also in the words of `supervisor` of BEAM nodes.
 */
import { type Node, type Process, StartFailed } from "../runtime/index.ts"
import { atom, inspect, isAtom, Pid, Tuple, tuple } from "../term/index.ts"
import { type ChildSpec, definition } from "./child.ts"
import { refuse } from "./replies.ts"
import { type RunningChild, startChild, stopChild } from "./running-child.ts"
import type { Server } from "./server.ts"
import { supervisionOf as of, type Supervision } from "./supervisor-state.ts"

/** @internal */
export async function startNew(self: Server, spec: ChildSpec): Promise<unknown> {
  const state = of(self)
  const known = state.find(spec.id)
  if (known?.retrying !== undefined) return refuse(tuple(alreadyStarted, restarting))
  if (known !== undefined) return refuse(known.pid === undefined ? alreadyPresent : tuple(alreadyStarted, known.pid))
  const child = state.add(spec)
  try {
    const pid = await startChild(self, child)
    if (pid !== undefined) return pid
    if (spec.restart === "temporary") state.forget(child)
    return refuse(ignoreAtom)
  } catch (thrown) {
    state.forget(child)
    if (thrown instanceof StartFailed) return refuse(thrown.reason)
    throw thrown
  }
}

/** @internal */
export async function stopSibling(self: Server, state: Supervision, id: string): Promise<void> {
  const sibling = state.find(id)
  if (sibling === undefined) return
  await stopChild(self, sibling)
  if (sibling.spec.restart === "temporary") state.forget(sibling)
}

/** @internal */
export async function terminateChild(self: Server, id: string): Promise<"ok" | "not_found"> {
  const state = of(self)
  if (state.find(id) === undefined) return "not_found"
  await stopSibling(self, state, id)
  return "ok"
}

/** @internal */
export async function restartChild(self: Server, id: string): Promise<unknown> {
  const child = of(self).find(id)
  if (child === undefined) return refuse(notFound)
  if (child.retrying !== undefined) return refuse(restarting)
  if (child.pid !== undefined) return refuse(running)
  try {
    return (await startChild(self, child)) ?? refuse(ignoreAtom)
  } catch (thrown) {
    if (thrown instanceof StartFailed) return refuse(thrown.reason)
    throw thrown
  }
}

/** @internal */
export function deleteChild(state: Supervision, id: string): unknown {
  const child = state.find(id)
  if (child === undefined) return refuse(notFound)
  if (child.retrying !== undefined) return refuse(restarting)
  if (child.pid !== undefined) return refuse(running)
  state.forget(child)
  return "ok"
}

/** @internal */
export const childSpec = (state: Supervision, id: string): unknown => state.find(id)?.spec ?? refuse(notFound)

/** @internal */
export function count(self: Server) {
  const { children } = of(self)
  const supervisors = children.filter((child) => isSupervisor(self.node, child)).length
  return {
    specs: children.length,
    active: children.filter((child) => child.pid !== undefined).length,
    supervisors,
    workers: children.length - supervisors,
  }
}

/** Whether a child is a supervisor, running or not. @internal */
export function isSupervisor(node: Node, { spec, pid }: Pick<RunningChild, "spec" | "pid">): boolean {
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
const ignoreAtom = atom("ignore")
const restarting = atom("restarting")

/** What `supervisor:get_childspec` gives. */
function erlangSpec(self: Server, child: RunningChild): unknown {
  const { id, start, restart, shutdown, significant } = child.spec
  const [module, arg] = start
  return {
    id: atom(id),
    start: tuple(atom(module), atom("start_link"), [arg]),
    restart: atom(restart),
    shutdown: typeof shutdown === "string" ? atom(shutdown) : shutdown,
    significant,
    type: isSupervisor(self.node, child) ? supervisorAtom : worker,
    modules: [atom(module)],
  }
}

/** What `supervisor:which_children` and `count_children` of a BEAM node ask. @internal */
export function erlangRequest(self: Server, request: unknown): unknown {
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
  if (request instanceof Tuple && request.elements.length === 2 && isAtom(request.elements[0])) {
    const [verb, given] = request.elements as readonly [{ text: string }, unknown]
    const id = isAtom(given) ? given.text : String(given)
    if (verb.text === "get_childspec") {
      const child = state.find(id)
      return child === undefined ? tuple(errorAtom, notFound) : tuple(ok, erlangSpec(self, child))
    }
    if (verb.text === "terminate_child") {
      return terminateChild(self, id).then((done) => (done === "ok" ? ok : tuple(errorAtom, notFound)))
    }
    if (verb.text === "restart_child") {
      return restartChild(self, id).then((done) => (done instanceof Pid ? tuple(ok, done) : done))
    }
    if (verb.text === "delete_child") {
      const done = deleteChild(state, id)
      return done === "ok" ? ok : done
    }
  }
  throw new TypeError(`a supervisor is not asked ${inspect(request)}`)
}

const supervisorAtom = atom("supervisor")
const worker = atom("worker")
const ok = atom("ok")
const errorAtom = atom("error")
