/**
 * Functions that other nodes may run here: spawn requests, and `erpc` over them, which is how `rpc` and `erpc` of BEAM nodes call since OTP 23.
 *
 * A function runs in a process of its own. `erpc` gives its outcome as the reason that process ends with: `{Ref, return, Value}` and the like.
 */
import {
  Coroutine,
  type Description,
  ExitThrown,
  type ExposedFunction,
  type Node,
  ProcessEnded,
  type Running,
  reasonOf,
} from "../runtime/index.ts"
import { atom, atomValue, copy, error, inspect, isAtom, type Pid, Ref, Tuple, tuple } from "../term/index.ts"

const returned = atom("return")
const exited = atom("exit")
const undef = atom("undef")

/** A process that runs one function for another node. How it ends is its answer, and no crash. */
class Service extends Coroutine {
  readonly #title: string

  constructor(node: Node, request: SpawnRequest) {
    super(node, node.user, (self) => run(node, self, request))
    this.#title = titleOf(request)
  }

  override describe(): Description {
    return { kind: "worker", module: this.#title, state: undefined }
  }
  override get quiet(): boolean {
    return true
  }
  /** The function's exit is an outcome to be told: it only unwinds as far as whoever tells it. */
  override exit(reason: unknown): never {
    throw new ExitThrown(copy(reason))
  }
}

export interface SpawnRequest {
  readonly from: Pid
  readonly module: string
  readonly function: string
  readonly args: readonly unknown[]
}

/** The process that does what was asked. It runs once the caller is bound to it, in a turn of its own. */
export function serve(node: Node, request: SpawnRequest): Coroutine {
  const service = new Service(node, request)
  node.launch(service, node.user)
  return service
}

/** `module.function`: of what is called, not of the `erpc` around it. */
function titleOf({ module, function: name, args }: SpawnRequest): string {
  const [m, f] = module === "erpc" ? args.slice(-3) : []
  return isAtom(m) && isAtom(f) ? `${m.text}.${f.text}` : `${module}.${name}`
}

function run(node: Node, self: Running, request: SpawnRequest): Promise<void> {
  const { module, function: name, args } = request
  if (module === "erpc" && name === "execute_call" && args.length === 4) return answer(node, self, args)
  if (module === "erpc" && name === "execute_cast" && args.length === 3)
    return plain(node, self, args[0], args[1], args[2])
  return plain(node, self, atomValue(module), atomValue(name), args)
}

/** `erpc:execute_call(Ref, Module, Function, Args)`. */
async function answer(node: Node, self: Running, [ref, module, name, args]: readonly unknown[]): Promise<void> {
  const f = lookUp(node, module, name, args)
  if (f === undefined) self.exit(tuple(ref, error, undef, [tuple(module, name, args, [])]))
  let value: unknown
  try {
    value = copy(await f(self, ...(args as unknown[])))
  } catch (thrown) {
    if (thrown instanceof ProcessEnded) throw thrown
    const reason = reasonOf(thrown)
    if (reason instanceof Tuple && reason.elements[0] instanceof Error) self.exit(tuple(ref, error, ...reason.elements))
    self.exit(tuple(ref, exited, reason))
  }
  self.exit(tuple(ref, returned, value))
}

async function plain(node: Node, self: Running, module: unknown, name: unknown, args: unknown): Promise<void> {
  const f = lookUp(node, module, name, args)
  if (f === undefined) {
    node.reports.note("warning", "rpc", `${inspect(module)}.${inspect(name)} is not exposed here`, self.pid)
    self.exit(tuple(undef, [tuple(module, name, args, [])]))
  }
  await f(self, ...(args as unknown[]))
}

function lookUp(node: Node, module: unknown, name: unknown, args: unknown): ExposedFunction | undefined {
  if (!isAtom(module) || !isAtom(name) || !Array.isArray(args)) return undefined
  return node.exposedFunction(module.text, name.text)
}

/** How an `erpc` ended, read off the reason of its process. */
export type ErpcOutcome =
  | { readonly kind: "return"; readonly value: unknown }
  | { readonly kind: "error" | "exit" | "throw"; readonly reason: unknown; readonly stack: unknown }
  /** It never ran to an end: the node or the process was lost. */
  | { readonly kind: "lost"; readonly reason: unknown }

/** Reads `{Ref, return, V}`, `{Ref, throw, V}`, `{Ref, exit, R}`, `{Ref, error, R, Stack}` and `{Ref, error, {erpc, R}}`. */
export function readOutcome(ref: Ref, reason: unknown): ErpcOutcome {
  if (!(reason instanceof Tuple) || !(reason.elements[0] instanceof Ref) || reason.elements[0].key !== ref.key) {
    return { kind: "lost", reason }
  }
  const [, word, value, stack] = reason.elements
  switch (isAtom(word) ? word.text : "") {
    case "return":
      return { kind: "return", value }
    case "throw":
      return { kind: "throw", reason: value, stack: undefined }
    case "exit":
      return { kind: "exit", reason: value, stack: undefined }
    default:
      return { kind: "error", reason: value, stack }
  }
}
