/**
 * A machine's definition as it runs: for each state a server's definition of its own, so that to change the state is to change the definition.
 *
 * Each has what the table of its state says, and where that says nothing what `any` says.
 */
import { create, type Node, type Process } from "../runtime/index.ts"
import { inspect } from "../term/index.ts"
import type { Schemas } from "./checks.ts"
import { define, type Handler, type LooseSpec, type ServerDefinition, type StatusAbout } from "./gen-server.ts"
import type { MachineTimeout } from "./gen-statem.ts"
import { Machine } from "./gen-statem-machine.ts"
import { isPromise } from "./handlers.ts"
import { Ignored } from "./replies.ts"
import type { Server } from "./server.ts"
import type { CodeChanging } from "./upgrade.ts"

type OrPostpone<H> = H | "postpone"
type Table = Readonly<Record<string, OrPostpone<Handler>>>

/** A state's table whose types have done their work. */
interface LooseTable {
  readonly calls?: Table
  readonly casts?: Table
  readonly info?: OrPostpone<Handler>
  readonly internal?: OrPostpone<Handler>
  readonly timeout?: OrPostpone<Handler>
  readonly request?: Handler
  readonly enter?: (self: Server, from: string) => unknown
}

interface LooseStatemSpec {
  readonly init: (arg: unknown, self: Server) => unknown
  readonly states: Readonly<Record<string, LooseTable>>
  readonly any?: LooseTable
  readonly checks?: Readonly<Record<string, Schemas>>
  readonly terminate?: LooseSpec["terminate"]
  readonly formatStatus?: (data: object, state: string, about: StatusAbout) => unknown
  readonly version?: string | number
  readonly codeChange?: (was: unknown, change: CodeChanging) => unknown
}

/** What a machine does in one state. */
export interface StateDefinition extends ServerDefinition {
  readonly state: string
  readonly enter: ((self: Machine, from: string) => unknown) | undefined
  readonly internal: Handler | undefined
  readonly timeout: ((self: Machine, what: unknown, which: MachineTimeout) => unknown) | undefined
}

export interface MachineDefinition extends ServerDefinition {
  readonly states: ReadonlyMap<string, StateDefinition>
  readonly formatStatus: LooseStatemSpec["formatStatus"]
}

/** Where `init` begins. */
export interface Beginning {
  readonly state: string
  readonly data: object
}

const SPEC_KEYS = ["init", "states", "any", "checks", "terminate", "formatStatus", "version", "codeChange"]
const ANY_KEYS = ["calls", "casts", "info", "internal", "timeout", "request"]
const STATE_KEYS = [...ANY_KEYS, "enter"]

function checkKeys(whose: string, given: object, known: readonly string[]): void {
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) throw new TypeError(`${whose} has no ${key}; it has ${known.join(", ")}`)
  }
}

/** @throws TypeError for an unknown key, or without states */
export function machineDefinition(module: string, spec: LooseStatemSpec): MachineDefinition {
  checkKeys(`${module}: a machine`, spec, SPEC_KEYS)
  const { any = {}, terminate, checks } = spec
  checkKeys(`${module}: any`, any, ANY_KEYS)
  const entries = Object.entries(spec.states)
  if (entries.length === 0) throw new TypeError(`${module}: a machine needs a state to be in`)
  const init = (arg: unknown, self: Server): object | Promise<object> => {
    const beginning = spec.init(arg, self)
    return beginning instanceof Promise ? beginning.then(checkStart) : checkStart(beginning)
  }
  const checkStart = (beginning: unknown): object =>
    beginning instanceof Ignored ? beginning : checkBeginning(beginning, "init")
  const common = { init, ...(terminate && { terminate }), ...(checks && { checks }) }
  const states = new Map(entries.map(([state, table]) => [state, stateDefinition(module, state, table, any, common)]))

  function checkBeginning(beginning: unknown, whose: string): Beginning {
    const { state, data } = Object(beginning) as Partial<Beginning>
    if (state === undefined || !states.has(state) || typeof data !== "object" || data === null) {
      const names = [...states.keys()].join(", ")
      throw new TypeError(
        `${whose} of ${module} must return { state, data }, a state of ${names} and an object; got ${inspect(beginning)}`,
      )
    }
    return { state, data }
  }

  const change = spec.codeChange
  const codeChange =
    change &&
    ((was: unknown, changing: CodeChanging): object | Promise<object> => {
      const changed = change(was, changing)
      return isPromise(changed)
        ? changed.then((beginning) => checkBeginning(beginning, "codeChange"))
        : checkBeginning(changed, "codeChange")
    })
  const definition: MachineDefinition = {
    ...define(module, {
      ...common,
      kind: "state machine",
      ...(spec.version !== undefined && { version: spec.version }),
      ...(codeChange && { codeChange }),
    }),
    states,
    formatStatus: spec.formatStatus,
    [create]: (node: Node, parent: Process, arg: unknown) => new Machine(node, parent, definition, arg),
  }
  return definition
}

function stateDefinition(
  module: string,
  state: string,
  table: LooseTable,
  any: LooseTable,
  common: LooseSpec,
): StateDefinition {
  checkKeys(`${module}: state ${state}`, table, STATE_KEYS)
  const info = handlerOf(table.info ?? any.info)
  const request = table.request ?? any.request
  const definition = define(`${module} (${state})`, {
    ...common,
    calls: handlersOf({ ...any.calls, ...table.calls }),
    casts: handlersOf({ ...any.casts, ...table.casts }),
    ...(info && { info }),
    ...(request && { request: request as NonNullable<LooseSpec["request"]> }),
  })
  return {
    ...definition,
    state,
    enter: table.enter,
    internal: handlerOf(table.internal ?? any.internal),
    timeout: handlerOf(table.timeout ?? any.timeout),
  }
}

const postponing: Handler = (self) => (self as Machine).postpone()
const handlerOf = (handler: OrPostpone<Handler> | undefined): Handler | undefined =>
  handler === "postpone" ? postponing : handler
const handlersOf = (table: Table): Record<string, Handler> =>
  Object.fromEntries(Object.entries(table).map(([request, handler]) => [request, handlerOf(handler)!]))
