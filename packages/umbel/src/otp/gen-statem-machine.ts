/**
 * A running machine: a server whose definition is that of the state it is in.
 *
 * What a handler asks for (`next`, time-outs, events to insert) is noted, and done when it has returned, in the order of OTP: the event goes back if it is postponed;
 * the state changes; events are inserted; `enter` runs; time-outs begin.
 */
import {
  AWAITING,
  CALL,
  type Description,
  type Envelope,
  IDLE,
  type Node,
  PENDING,
  type Process,
  RUNNING,
  reasonOf,
} from "../runtime/index.ts"
import { atom, inspect, isAtom, Tuple, tuple } from "../term/index.ts"
import { formatted } from "./formatted.ts"
import type { ServerDefinition, StatusAbout } from "./gen-server.ts"
import type { MachineTime, MachineTimeout } from "./gen-statem.ts"
import { EventQueue, InternalEvent } from "./gen-statem-events.ts"
import type { Beginning, MachineDefinition, StateDefinition } from "./gen-statem-tables.ts"
import { checkTime, EVENT, STATE, TimeoutEvent, Timeouts } from "./gen-statem-timeouts.ts"
import { type Later, Postponed } from "./replies.ts"
import { Server } from "./server.ts"
import { isSystemMessage } from "./sys.ts"
import { CodeChangeFailed } from "./upgrade.ts"

const postponed = new Postponed()

interface Setting {
  readonly which: MachineTimeout
  readonly time: MachineTime
  readonly what: unknown
}

export class Machine extends Server {
  data: object = NO_DATA
  #machine: MachineDefinition
  readonly #events: EventQueue = new EventQueue(this)
  readonly #timeouts: Timeouts
  /** The state it is in; none before `init` has said where to begin. */
  #here: StateDefinition | undefined = undefined
  #entering = false
  #leaving = false
  // What the handler has asked for so far.
  #next: { readonly state: StateDefinition; readonly data: object | undefined } | undefined = undefined
  #postponing = false
  #repeating = false
  #inserted: InternalEvent[] | undefined = undefined
  #settings: Setting[] | undefined = undefined

  constructor(node: Node, parent: Process, definition: MachineDefinition, arg: unknown) {
    super(node, parent, definition, arg)
    this.#machine = definition
    this.#timeouts = new Timeouts(node.platform.clock, (event) => node.deliver(this, event))
  }

  // ---- its mailbox: what is postponed is passed over ---------------------------------------------------------------------
  override step(): Promise<unknown> | undefined {
    if (this.#events.waiting > 0) return super.step()
    this.status = IDLE
    return undefined
  }
  override take(): Envelope {
    const before = this.#events.beforeTake()
    return before === undefined ? super.take() : this.takeMatching(before, any)!
  }

  // ---- events --------------------------------------------------------------------------------------------------------------
  protected override entered(): Promise<unknown> | undefined {
    const { state, data } = this.state as Beginning
    this.#settle(this.#machine.states.get(state)!)
    this.data = data
    this.#insert()
    try {
      return this.#enter(state)?.catch((thrown: unknown) => this.#crashing(thrown))
    } catch (thrown) {
      return this.#crashing(thrown)
    }
  }

  protected override handle(envelope: Envelope): Promise<unknown> | undefined {
    if (isSystemMessage(envelope)) {
      const work = super.handle(envelope)
      if (work !== undefined) return work.then(() => this.#arm())
    } else if (!this.#isOver(envelope)) {
      this.#timeouts.cancel(EVENT)
      const work = this.#dispatch(envelope)
      return work === undefined ? this.#afterEvent() : work.then(() => this.#afterEvent())
    }
    return this.#arm()
  }

  /** Whether it is no event any more: nobody waits for an answer, or the time-out was called off. */
  #isOver(envelope: Envelope): boolean {
    if (envelope.kind === CALL) return envelope.status !== PENDING
    return envelope instanceof TimeoutEvent && !this.#timeouts.expire(envelope)
  }

  #dispatch(envelope: Envelope): Promise<unknown> | undefined {
    const here = this.#here!
    if (envelope instanceof TimeoutEvent) {
      const { which, what } = envelope.running
      if (here.timeout === undefined) this.#noClause("timeout", envelope.value)
      return promiseOf(here.timeout(this, what, which))
    }
    if (envelope instanceof InternalEvent) {
      if (here.internal === undefined) this.#noClause("internal", envelope.value)
      return promiseOf(here.internal(this, envelope.event))
    }
    return super.handle(envelope)
  }
  #noClause(table: string, event: unknown): never {
    throw new TypeError(`${this.definition.module} has no ${table} for ${inspect(event)}`)
  }

  #afterEvent(): Promise<unknown> | undefined {
    if (this.#postponing) {
      this.#postponing = false
      this.#events.postpone(this.current!)
    }
    if (this.#leaving) return undefined
    const { state: from } = this.#here!
    const again = this.#change() || this.#repeating
    this.#repeating = false
    this.#insert()
    return again ? this.#enter(from) : this.#arm()
  }

  /** Whether the state is another one now. */
  #change(): boolean {
    const next = this.#next
    if (next === undefined) return false
    this.#next = undefined
    if (next.data !== undefined) this.data = next.data
    if (next.state === this.#here) return false
    this.#settle(next.state)
    this.#events.release()
    this.#timeouts.cancel(STATE)
    return true
  }
  #settle(state: StateDefinition): void {
    this.#here = state
    this.definition = state
    // A server's state is an object; a machine keeps that in `data`, and handlers read the name of its state here.
    this.state = state.state as unknown as object
  }

  #insert(): void {
    if (this.#inserted === undefined) return
    this.#events.insert(this.#inserted)
    this.#inserted = undefined
  }

  #enter(from: string): Promise<unknown> | undefined {
    const { enter } = this.#here!
    if (enter === undefined) return this.#arm()
    this.#entering = true
    const work = promiseOf(enter(this, from))
    return work === undefined ? this.#entered() : work.then(() => this.#entered())
  }
  #entered(): undefined {
    this.#entering = false
    return this.#arm()
  }

  /** Before the next event: the time-outs that were asked for begin; one of those that run out at once has its turn before what is new. */
  #arm(): undefined {
    if (this.#settings !== undefined) {
      for (const { which, time, what } of this.#settings) this.#timeouts.set(which, time, what)
      this.#settings = undefined
    }
    if (!this.#events.drained) return undefined
    const event = this.#timeouts.nextAtOnce()
    if (event !== undefined) this.#events.insert([event])
    return undefined
  }

  // ---- what handlers may do beyond any server --------------------------------------------------------------------------------
  next(state: string, data?: object): void {
    this.#forEvents("next")
    const definition = this.#stateCalled(state)
    if (data !== undefined && (typeof data !== "object" || data === null)) {
      throw new TypeError(`${this.#machine.module}: the data of a state is an object, not ${inspect(data)}`)
    }
    this.#next = { state: definition, data }
  }
  repeatState(): void {
    this.#forEvents("repeatState")
    this.#repeating = true
  }
  postpone(): Later<never> {
    this.#forEvents("postpone")
    this.#postponing = true
    return postponed as unknown as Later<never>
  }
  nextEvent(event: unknown): void {
    this.#forHandlers("nextEvent")
    if (this.#entering) this.#notIn("enter", "nextEvent")
    ;(this.#inserted ??= []).push(new InternalEvent(event))
  }
  stateTimeout(time: MachineTime, what?: unknown): void {
    this.#set("stateTimeout", STATE, time, what)
  }
  eventTimeout(time: MachineTime, what?: unknown): void {
    this.#set("eventTimeout", EVENT, time, what)
  }
  timer(name: string, time: MachineTime, what?: unknown): void {
    this.#set("timer", { kind: "timer", name }, time, what)
  }
  cancelTimer(name: string): void {
    this.timer(name, undefined)
  }
  override stop(reason?: unknown): void {
    super.stop(reason)
    this.#leaving = true
  }

  #set(verb: string, which: MachineTimeout, time: MachineTime, what: unknown): void {
    this.#forHandlers(verb)
    checkTime(`${this.#machine.module}: ${verb}`, time)
    ;(this.#settings ??= []).push({ which, time, what })
  }
  #stateCalled(state: string): StateDefinition {
    const { module, states } = this.#machine
    const definition = states.get(state)
    if (definition === undefined)
      throw new TypeError(`${module} has no state ${state}; it has ${[...states.keys()].join(", ")}`)
    return definition
  }
  #forHandlers(verb: string): void {
    this.alive()
    // It would be done at some later event, of another state perhaps.
    if (this.status !== RUNNING && this.status !== AWAITING) this.#notIn("what runs between events", verb)
  }
  #forEvents(verb: string): void {
    this.#forHandlers(verb)
    if (this.#here === undefined) this.#notIn("init", verb)
    if (this.#entering) this.#notIn("enter", verb)
  }
  #notIn(place: string, verb: string): never {
    throw new TypeError(`${this.#machine.module}: self.${verb} is not for ${place}; it is for handlers of events`)
  }

  // ---- tools, endings ----------------------------------------------------------------------------------------------------------
  /** `{State, Data}`, as of any `gen_statem`. To replace it is no change of state: nothing is entered, nothing comes again. */
  override get sysState(): unknown {
    return tuple(atom(this.#here!.state), this.data)
  }
  override set sysState(replaced: unknown) {
    const [state, data] = replaced instanceof Tuple ? replaced.elements : []
    if (typeof data !== "object" || data === null || !(isAtom(state) || typeof state === "string")) {
      throw new TypeError(`${this.#machine.module}: expected {State, Data}, got ${inspect(replaced)}`)
    }
    this.#settle(this.#stateCalled(isAtom(state) ? state.text : state))
    this.data = data
  }

  override get code(): MachineDefinition {
    return this.#machine
  }
  override get codeState(): unknown {
    return { state: this.#here!.state, data: this.data }
  }
  /** Nothing is entered, and time-outs and postponed events stay. */
  override adopt(next: ServerDefinition, changed: object | undefined): void {
    const { states, module } = next as MachineDefinition
    const { state, data } = (changed ?? this.codeState) as Beginning
    const settled = states.get(state)
    if (settled === undefined) {
      throw new CodeChangeFailed(
        module,
        `it has no state ${state} any more, and no codeChange that says where to go on`,
      )
    }
    this.#machine = next as MachineDefinition
    this.#settle(settled)
    this.data = data
  }

  override describe(about: StatusAbout = { why: "normal" }): Description {
    const { module, formatStatus } = this.#machine
    const { state } = this.#here ?? {}
    if (state === undefined) return { kind: "worker", module, state: undefined }
    const data = formatStatus === undefined ? this.data : formatted(formatStatus, this.data, state, about)
    return { kind: "worker", module, state: tuple(atom(state), data) }
  }

  async #crashing(thrown: unknown): Promise<never> {
    await this.#machine.spec.terminate?.(this, reasonOf(thrown))
    throw thrown
  }

  override onEnd(reason: unknown): void {
    super.onEnd(reason)
    this.#timeouts.cancelAll()
    // All callers in the mailbox are to hear of the end.
    this.#events.release()
  }
}

const NO_DATA: object = Object.freeze({})
const any = (): boolean => true

function promiseOf(value: unknown): Promise<unknown> | undefined {
  return typeof value === "object" && value !== null && "then" in value ? Promise.resolve(value) : undefined
}
