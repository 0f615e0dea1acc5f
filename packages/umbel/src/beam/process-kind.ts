/**
 * What Erlang would call a process: the module it runs, its behaviour, its first function. Read off the records, without `describe()`, which may
 * run the `formatStatus` of users.
 */
import { Server } from "../otp/index.ts"
import { AWAITING, CALL, CAST, type Process, RUNNING } from "../runtime/index.ts"
import { type Atom, atom, isAtom, Tuple, tuple } from "../term/index.ts"
import { atomOf } from "./answers.ts"

const genServer = atom("gen_server")
const genStatem = atom("gen_statem")
const supervisor = atom("supervisor")
const procLib = tuple(atom("proc_lib"), atom("init_p"), 5)

/** The module of its definition; for a bare process what there is to go by. */
export function moduleOf(process: Process): string {
  if (!(process instanceof Server)) return process.describe().module
  const { definition } = process
  const state = stateName(definition)
  return state === undefined ? definition.module : definition.module.slice(0, -` (${state})`.length)
}

/** Undefined for bare processes. */
export function behaviourOf(process: Process): Atom | undefined {
  if (!(process instanceof Server)) return undefined
  const { definition } = process
  if ("states" in definition || stateName(definition) !== undefined) return genStatem
  return definition.spec.supervision === undefined ? genServer : supervisor
}

/** A state machine runs the definition of the state it is in, `module (state)`. */
function stateName(definition: object): string | undefined {
  return "state" in definition && typeof definition.state === "string" ? definition.state : undefined
}

/** The state of a server as it is: not for the eyes of others. */
export function stateOf(process: Process): unknown {
  // A machine has none before `init` has said where to begin.
  return process instanceof Server && !("states" in process.definition) ? process.sysState : undefined
}

/**
 * `{Module, init, 1}` for servers, `{supervisor, Module, 1}` for supervisors of every kind, as `supervisor:init/1` notes it. `{proc_lib, init_p, 5}` for
 * bare processes, which tells tools not to ask for a state.
 */
export function initialCall(process: Process): Tuple {
  if (!(process instanceof Server)) return procLib
  const module = atomOf(moduleOf(process))
  return behaviourOf(process) === supervisor ? tuple(supervisor, module, 1) : tuple(module, atom("init"), 1)
}

/** What stands in lists for one without a name. */
export function firstFunction(process: Process): Tuple {
  return process instanceof Server ? initialCall(process) : tuple(atomOf(moduleOf(process)), atom("spawn"), 1)
}

/** The request in hand as `{Module, Request, Arity}`; `{Module, idle, 0}` where there is none. */
export function currentFunction(process: Process): Tuple {
  const module = atomOf(moduleOf(process))
  const { current, status } = process
  if (current === undefined || (status !== RUNNING && status !== AWAITING)) return tuple(module, atom("idle"), 0)
  if (current.kind !== CALL && current.kind !== CAST) return tuple(module, atom("info"), 1)
  if (current.request !== undefined) return tuple(module, atomOf(current.request), current.args.length)
  // It came as a term: `{increment, 2}`, or the atom `get`.
  const [request] = current.args
  const [name, ...args] = request instanceof Tuple ? request.elements : [request]
  return isAtom(name) ? tuple(module, name, args.length) : tuple(module, atom("request"), 1)
}
