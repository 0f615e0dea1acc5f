/**
 * What Elixir's `DynamicSupervisor` and `Task.Supervisor` ask of one of ours, in their own words.
 *
 * ```
 * iex> DynamicSupervisor.which_children({:rooms, :"a@host"})
 * iex> Task.await(Task.Supervisor.async({:tasks, :"a@host"}, :shop, :total, [[1, 2]]))     # of what the node exposes
 * ```
 *
 * Functions do not cross nodes: a task is a module, a function and arguments. Rules: `Task.Supervised` of Elixir 1.14.
 */
import {
  type Api,
  Coroutine,
  type Creatable,
  create,
  type Definition,
  isDown,
  type Node,
  type Process,
  type Running,
} from "../runtime/index.ts"
import { atom, inspect, isAtom, local, ok, Pid, Ref, shutdown, Tuple, timeout, tuple } from "../term/index.ts"
import { type ChildSpec, child } from "./child.ts"
import type { RunningChild } from "./running-child.ts"
import type { Server } from "./server.ts"
import { isSupervisor } from "./supervisor-requests.ts"

const error = atom("error")
const notFound = atom("not_found")
const restarting = atom("restarting")
const supervisorAtom = atom("supervisor")
const worker = atom("worker")

/** Milliseconds that a task waits to be told what to do. */
const TOLD_MS = 5_000

/** What a dynamic supervisor can do for those who ask. */
export interface DynamicChildren {
  readonly all: Iterable<RunningChild>
  /** The pid, or a refusal. */
  start(child: ChildSpec): Promise<unknown>
  terminate(pid: Pid): Promise<"ok" | "not_found">
}

/** @internal */
export function elixirRequest(self: Server, request: unknown, children: DynamicChildren): unknown {
  if (isAtom(request) && request.text === "which_children") {
    return Array.from(children.all, (one) =>
      tuple(undefined, one.pid ?? restarting, typeOf(self, one), [atom(one.spec.start[0])]),
    )
  }
  if (isAtom(request) && request.text === "count_children") {
    const all = [...children.all]
    const supervisors = all.filter((one) => typeOf(self, one) === supervisorAtom).length
    const active = all.filter(({ pid }) => pid !== undefined).length
    const counts = { specs: all.length, active, supervisors, workers: all.length - supervisors }
    return Object.entries(counts).map(([key, value]) => tuple(atom(key), value))
  }
  if (request instanceof Tuple && isAtom(request.elements[0])) {
    const [verb, first, second, third] = request.elements as readonly [{ text: string }, ...unknown[]]
    if (verb.text === "terminate_child" && first instanceof Pid) {
      return children.terminate(first).then((done) => (done === "ok" ? ok : tuple(error, notFound)))
    }
    if (verb.text === "start_task" && Array.isArray(first)) {
      const started = children.start(taskChild(first, second, third))
      return started.then((pid) => (pid instanceof Pid ? tuple(ok, pid) : pid))
    }
  }
  throw new TypeError(
    `a dynamic supervisor is not asked ${inspect(request, { limit: 20 })}, but for startChild, terminateChild, children and countChildren`,
  )
}

const typeOf = (self: Server, { spec, pid }: RunningChild): unknown =>
  isSupervisor(self.node, { spec, pid }) ? supervisorAtom : worker

/** A process that does what an Elixir node tells it; it is up as soon as it exists. */
class Supervised extends Coroutine {
  override begin(): undefined {
    this.node.started(this)
    return super.begin()
  }
}

/** `[Owner, monitor | nomonitor]` for a task whose owner tells it later what to do, `[Owner, Callers, {M, F, A}]` for one without an answer. */
const supervised: Creatable = {
  module: "Elixir.Task.Supervised",
  [create]: (node: Node, parent: Process, args: unknown) =>
    new Supervised(node, parent, (self) => perform(node, self, args as readonly unknown[])),
}

function taskChild(args: readonly unknown[], restart: unknown, patience: unknown): ChildSpec {
  const how = {
    restart: isAtom(restart) ? restart.text : "temporary",
    shutdown: typeof patience === "number" ? patience : isAtom(patience) ? patience.text : 5_000,
    arg: local(args),
  }
  return child(supervised as unknown as Definition<unknown, Api>, how as never) as unknown as ChildSpec
}

async function perform(node: Node, self: Running, [owner, how, mfa]: readonly unknown[]): Promise<void> {
  if (mfa !== undefined) return void (await called(node, self, mfa))
  const pid = owner instanceof Tuple ? owner.elements[2] : undefined
  if (!(pid instanceof Pid)) throw new TypeError(`the owner of a task is {Node, Name, Pid}, not ${inspect(owner)}`)
  const watch = isAtom(how) && how.text === "monitor" ? self.monitor(pid) : undefined
  const wanted = (message: unknown): message is unknown => isDown(message) || toldBy(pid, message)
  const told = await self.receive(wanted, { timeout: TOLD_MS })
  if (told === undefined) return self.exit(timeout)
  if (isDown(told)) return self.exit(tuple(shutdown, told.reason))
  if (watch !== undefined) self.demonitor(watch)
  const [, ref, replyTo, , what] = (told as Tuple).elements
  const value = await called(node, self, what)
  self.send(replyTo as Pid | Ref, tuple(ref, value))
}

/** `{Owner, Ref, ReplyTo, Callers, {M, F, A}}`. */
const toldBy = (owner: Pid, message: unknown): boolean =>
  message instanceof Tuple &&
  message.elements.length === 5 &&
  message.elements[0] instanceof Pid &&
  message.elements[0].key === owner.key &&
  (message.elements[2] instanceof Pid || message.elements[2] instanceof Ref)

const called = (node: Node, self: Running, mfa: unknown): unknown => exposedCall(node, mfa)(self)

/**
 * `{Module, Function, Args}` as a function of whoever runs it and of what stands before the arguments.
 * @throws TypeError for what is none, and for what this node does not expose
 */
export function exposedCall(node: Node, mfa: unknown): (self: unknown, ...before: unknown[]) => unknown {
  const [module, name, args] = mfa instanceof Tuple && mfa.elements.length === 3 ? mfa.elements : []
  if (!isAtom(module) || !isAtom(name) || !Array.isArray(args)) {
    throw new TypeError(`functions do not cross nodes: give a module, a function and arguments, not ${inspect(mfa)}`)
  }
  const f = node.exposedFunction(module.text, name.text)
  if (f === undefined) {
    throw new TypeError(`${node.name} exposes no ${module.text}.${name.text}; name it in \`expose\` of its boot`)
  }
  return (self, ...before) => f(self as Running, ...before, ...(args as unknown[]))
}
