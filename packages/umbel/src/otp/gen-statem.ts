/**
 * GenStatem: a process that is always in one of a few named states, and answers by the table of the state it is in.
 *
 * ```ts
 * export interface DoorApi extends Api {
 *   calls: { unlock(code: string): "ok"; open(): "ok" }
 *   casts: { lock(): void }
 * }
 * export const door = genStatem<DoorApi>()("shop.door", {
 *   init: (code: string) => ({ state: "locked", data: { code } }),
 *   states: {
 *     locked: {
 *       calls: {
 *         unlock(self, code) {
 *           if (code !== self.data.code) return refuse("wrong code")
 *           self.next("closed")
 *           return "ok"
 *         },
 *         open: "postpone",                                   // waits in the mailbox until the state changes
 *       },
 *     },
 *     closed: {
 *       enter: (self) => self.stateTimeout(5_000, "relock"),   // called off by any change of state
 *       timeout: (self) => self.next("locked"),
 *       calls: { open: () => "ok" },
 *       casts: { lock: (self) => self.next("locked") },
 *     },
 *   },
 *   any: { calls: { unlock: () => "ok" } },                   // where a state's own table has no entry
 * })
 * const pid = await node.start(door, { arg: "1234" })
 * await node.call(pid).unlock("1234")
 * ```
 *
 * Its requests are an {@link Api}, as not every state answers all of them; to callers, supervisors and BEAM nodes it is a server like any other. `self` is
 * that of a GenServer, with `state` the name of the state and `data` what the machine keeps. Where each state keeps something else, say so:
 * `genStatem<DoorApi, { locked: { tries: number }; closed: {} }>()`; then `self.data` has the type of its state, and `next` demands what the next one needs.
 *
 * **A change of state** takes effect when the handler has returned: postponed events come again in their order, before newer ones; the state time-out is called
 * off; `enter` of the new state runs. `next` to the state it is in changes the data only. A request that no table has crashes the machine, as an event without a
 * clause does in OTP. How it runs is in `gen-statem-machine.ts`; rules: OTP's `gen_statem` with state functions and state enter calls.
 */
import type { Api, ExitReason, ProcessCapability } from "../runtime/index.ts"
import type { Checks } from "./checks.ts"
import type { GenServer, Self, StatusAbout } from "./gen-server.ts"
import { machineDefinition } from "./gen-statem-tables.ts"
import type { From, Ignore, Later, Refused } from "./replies.ts"
import type { CodeChanging } from "./upgrade.ts"

type Named<States> = keyof States & string

/** Which time-out has run out. */
export type MachineTimeout =
  | { readonly kind: "state" | "event"; readonly name?: undefined }
  | { readonly kind: "timer"; readonly name: string }

/**
 * When a time-out runs out: in so many milliseconds, and with 0 before anything that has not been received yet; `undefined` calls it off; `"update"` leaves the
 * time and changes what it brings (when none runs, it runs out at once).
 */
export type MachineTime = number | "update" | undefined

/** The time-outs of a machine. Each replaces the earlier one of its kind or name, and begins when the handler has returned. */
export interface MachineTimers {
  /** Belongs to the state: a change of state calls it off. Set together with `next`, it belongs to the new one. */
  stateTimeout(time: MachineTime, what?: unknown): void
  /** Called off by any event. */
  eventTimeout(time: MachineTime, what?: unknown): void
  /** Runs whatever happens, until it runs out or is cancelled. */
  timer(name: string, time: MachineTime, what?: unknown): void
  cancelTimer(name: string): void
}

/** The `self` of `init`: there is no state yet. */
export interface MachineInitialising extends ProcessCapability, MachineTimers {
  /** Inserts an event that `internal` gets before anything in the mailbox; several of one handler in their order. Not in `enter`. */
  nextEvent(event: unknown): void
}

type NextData<Here, There> = [Here] extends [There] ? [data?: There] : [data: There]

/** The `self` of a machine's handlers in state `S`. Its verbs of states and events are for handlers: from anywhere else they throw a TypeError. */
export interface MachineSelf<States, S extends Named<States>>
  extends MachineInitialising,
    Pick<Self<object>, "stop" | "later" | "reply"> {
  /** The state this handler runs in, also after `next`. */
  readonly state: S
  /** The machine's own: mutate it or replace it. Nobody else sees it. */
  data: States[S]
  /** The state once this handler has returned, and its data where that is to be another. Not in `enter`. */
  next<T extends Named<States>>(state: T, ...data: NextData<States[S], States[T]>): void
  /** Runs `enter` again once this handler has returned. Nothing else: the state has not changed. */
  repeatState(): void
  /** Leaves the event in hand for the next state: `return self.postpone()`. Not in `enter`. */
  postpone(): Later<never>
}

type Answer<R> = R | Refused<unknown> | Later<R | Refused<unknown>>
/** `"postpone"` leaves the event for the next state. */
type OrPostpone<Handler> = Handler | "postpone"

/** What a state, or any state, answers. */
export interface EventTable<A extends Api, States, S extends Named<States>> {
  readonly calls?: {
    readonly [K in keyof A["calls"]]?: OrPostpone<
      (
        self: MachineSelf<States, S>,
        ...args: Parameters<A["calls"][K]>
      ) => Answer<ReturnType<A["calls"][K]>> | Promise<Answer<ReturnType<A["calls"][K]>>>
    >
  }
  readonly casts?: {
    readonly [K in keyof A["casts"]]?: OrPostpone<
      (self: MachineSelf<States, S>, ...args: Parameters<A["casts"][K]>) => unknown
    >
  }
  /** Every other message: `Down`, `Exit`, plain sends. */
  readonly info?: OrPostpone<(self: MachineSelf<States, S>, message: unknown) => unknown>
  /** What `self.nextEvent(event)` inserted. */
  readonly internal?: OrPostpone<(self: MachineSelf<States, S>, event: unknown) => unknown>
  /** A time-out has run out: what it brings, and which it was. */
  readonly timeout?: OrPostpone<(self: MachineSelf<States, S>, what: unknown, which: MachineTimeout) => unknown>
  /** Calls outside the table, for protocols that exist already. */
  readonly request?: (self: MachineSelf<States, S>, request: unknown, from: From<unknown>) => unknown
}

export interface StateTable<A extends Api, States, S extends Named<States>> extends EventTable<A, States, S> {
  /** Runs when the machine has come to this state, before any event; `from` is this state itself at the beginning and after `repeatState`. */
  readonly enter?: (self: MachineSelf<States, S>, from: Named<States>) => unknown
}

/** Where a machine begins. */
export type MachineBeginning<States> = {
  [S in Named<States>]: { readonly state: S; readonly data: States[S] }
}[Named<States>]

interface Common<A extends Api, States> {
  readonly states: { readonly [S in Named<States>]: StateTable<A, States, S> }
  /** Where the table of the state has no entry. */
  readonly any?: EventTable<A, States, Named<States>>
  /** Schemas for the arguments of requests, as a GenServer has them. */
  readonly checks?: Checks<keyof A["calls"] | keyof A["casts"]>
  /** Runs when the machine stops by itself, crashes, or (if it traps exits) is told to by its supervisor. */
  readonly terminate?: (self: MachineSelf<States, Named<States>>, reason: ExitReason) => void | Promise<void>
  /** What the observer, crash reports and `sys:get_status` may show of the data. */
  readonly formatStatus?: (data: States[Named<States>], state: Named<States>, about: StatusAbout) => unknown
  /** Which edition of the definition this is; the next one's `codeChange` is told. */
  readonly version?: string | number
  /**
   * Where running machines go on that an older definition made: see `changeCode`. Without it state and data are kept; a state that is no more ends the machine,
   * and its supervisor starts it anew. Nothing is entered.
   */
  readonly codeChange?: (
    was: { readonly state: string; readonly data: unknown },
    change: CodeChanging,
  ) => NoInfer<MachineBeginning<States>> | Promise<NoInfer<MachineBeginning<States>>>
}

/** A machine whose states each have data of their own. */
export interface GenStatemSpec<A extends Api, States, Arg> extends Common<A, States> {
  /** Says where to begin, or `ignore`. `arg` is a fresh copy at each start. */
  readonly init: (
    arg: Arg,
    self: MachineInitialising,
  ) => MachineBeginning<States> | Ignore | Promise<MachineBeginning<States> | Ignore>
}

type Start<Names, Data> = { readonly state: NoInfer<Names>; readonly data: Data }

/** A machine whose states are the keys of `states`, and whose data is what `init` makes. */
export interface InferredStatemSpec<A extends Api, Names extends string, Data, Arg>
  extends Common<A, { readonly [S in Names]: Data }> {
  readonly init: (
    arg: Arg,
    self: MachineInitialising,
  ) => Start<Names, Data> | Ignore | Promise<Start<Names, Data> | Ignore>
  readonly states: { readonly [S in Names]: StateTable<A, { readonly [N in Names]: Data }, S> }
}

/** To callers and supervisors a server like any other. */
export interface GenStatem<Arg, A extends Api> extends GenServer<Arg, A> {}

/**
 * Defines a machine for the requests of `A`. Nothing runs until it is started.
 * @throws TypeError for a spec or a state with an unknown key
 */
export function genStatem<A extends Api>(): <Names extends string, Data extends object, Arg = void>(
  module: string,
  spec: InferredStatemSpec<A, Names, Data, Arg>,
) => GenStatem<Arg, A>
/** Defines a machine each state of which has data of its own: `States` tells them by name. */
export function genStatem<A extends Api, States extends { [S in keyof States]: object }>(): <Arg = void>(
  module: string,
  spec: GenStatemSpec<A, States, Arg>,
) => GenStatem<Arg, A>
export function genStatem() {
  return (module: string, spec: object) => machineDefinition(module, spec as never) as never
}
