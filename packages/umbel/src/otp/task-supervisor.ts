/**
 * Tasks under supervisors: processes that a supervisor starts, and that compute their value when their owner asks for it.
 *
 * The owner asks once, with `{umbel.task, From, begin}`, as one asks a server, and is told the value or why the task ended, a lost connection included. So nothing is
 * done before somebody watches, on this node or on another one. A task whose owner ends before that has nothing to do.
 */
import {
  type Api,
  CallExit,
  Coroutine,
  type Creatable,
  create,
  type Definition,
  ENDED,
  type ExposedFunction,
  isDown,
  type Node,
  type Process,
  type Running,
} from "../runtime/index.ts"
import { atom, local, type Name, ok, Pid, Tuple, tuple } from "../term/index.ts"
import { type Child, type ChildOptions, child } from "./child.ts"
import { type DynamicSupervisorApi, type DynamicSupervisorSpec, dynamicSupervisor } from "./dynamic-supervisor.ts"
import type { GenServer, ServerDefinition } from "./gen-server.ts"
import { Server } from "./server.ts"
import type { Task, TaskCall, TaskChildOptions, TaskFunction, TaskOptions, TaskOutcome } from "./task.ts"

const taskAtom = atom("umbel.task")
const begin = atom("begin")

/** What a task is started with: `owner` is who will ask for its value, if anybody will. */
interface Work {
  readonly run: TaskFunction<unknown> | TaskCall
  readonly owner: Pid | undefined
}

/** A process for a function; it is up as soon as it exists, as a task has no `init`. */
class Runner extends Coroutine {
  override begin(): undefined {
    this.node.started(this)
    return super.begin()
  }
}
const runner: Creatable = {
  module: "umbel.task",
  [create]: (node: Node, parent: Process, work: unknown) =>
    new Runner(node, parent, (self) => perform(node, self, work as Work)),
}

async function perform(node: Node, self: Running, { run, owner }: Work): Promise<void> {
  const compute = (): unknown => (typeof run === "function" ? run(self) : called(node, self, run))
  if (owner === undefined) return void (await compute())
  const watch = self.monitor(owner)
  const first = await self.receive((message): message is unknown => isBegin(message) || isDown(message))
  if (!isBegin(first)) return
  self.demonitor(watch)
  const [pid, tag] = first.elements[1].elements
  node.calls.reply(self.pid, { pid, tag }, tuple(ok, await compute()))
}

/** @throws TypeError for what this node does not expose */
function called(node: Node, self: Running, call: TaskCall): unknown {
  const f: ExposedFunction | undefined = node.exposedFunction(call.module, call.function)
  if (f !== undefined) return f(self, ...(call.args ?? []))
  throw new TypeError(`${node.name} exposes no ${call.module}.${call.function}; name it in \`expose\` of its boot`)
}

type Begin = Tuple<readonly [typeof taskAtom, Tuple<readonly [Pid, unknown]>, typeof begin]>
const isBegin = (message: unknown): message is Begin =>
  message instanceof Tuple &&
  message.elements.length === 3 &&
  message.elements[0] === taskAtom &&
  message.elements[1] instanceof Tuple &&
  message.elements[1].elements[0] instanceof Pid

/** @internal */
export async function startUnder<T>(
  owner: Process,
  supervisor: Name<DynamicSupervisorApi>,
  run: TaskFunction<T> | TaskCall,
  options: TaskOptions | undefined,
  link: boolean,
): Promise<Task<T>> {
  const { node } = owner
  const pid = await owner.call(supervisor).startChild(supervisedChild(node, supervisor, run, options, owner.pid))
  // One that has ended meanwhile is nobody to be linked to; the task sees that by itself.
  if (link && owner.status !== ENDED) node.signals.link(owner, pid)
  const outcome = node.calls.askAs(taskAtom, owner, pid, begin, { timeout: "infinity" }).then(
    (answer): TaskOutcome<T> => ({ kind: "ok", value: (answer as Tuple<readonly [unknown, T]>).elements[1] }),
    (thrown: unknown): TaskOutcome<T> => {
      if (thrown instanceof CallExit) return { kind: "exit", reason: thrown.reason }
      throw thrown
    },
  )
  return { pid, owner: owner.pid, outcome }
}

/** @internal */
export function supervisedChild(
  node: Node | undefined,
  supervisor: Name<DynamicSupervisorApi> | undefined,
  run: TaskFunction<unknown> | TaskCall,
  options: TaskChildOptions = {},
  owner?: Pid,
): Child {
  if (typeof run === "function" && supervisor !== undefined && node?.isFar(supervisor)) {
    throw new TypeError(
      `${supervisor} is on another node, and functions do not go there: name one that it exposes, as { module, function, args }`,
    )
  }
  const work: Work = { run, owner }
  const { id, name, restart = "temporary", shutdown } = options
  const how = { id, name, restart, shutdown, arg: typeof run === "function" ? local(work) : work }
  return child(runner as unknown as Definition<Work, Api>, how as ChildOptions<Work, Api>)
}

/** Defines a supervisor of tasks: a dynamic supervisor whose children are tasks, of owners of its own node and of others. */
export function taskSupervisor(
  module: string,
  spec: DynamicSupervisorSpec = {},
): GenServer<void, DynamicSupervisorApi> {
  const base = dynamicSupervisor(module, spec) as unknown as ServerDefinition
  const definition: ServerDefinition = {
    ...base,
    init(arg, self) {
      // Tasks of other nodes come by their module.
      self.node.definitions.set(runner.module, runner)
      return base.init(arg, self)
    },
    [create]: (node: Node, parent: Process, arg: unknown) => new Server(node, parent, definition, arg),
  }
  return definition as never
}
