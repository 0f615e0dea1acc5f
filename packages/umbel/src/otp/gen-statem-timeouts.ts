/**
 * The time-outs of a machine: one of the state, one until the next event, and any number by name.
 *
 * Each is a timer of the platform's clock that puts an envelope into the mailbox. Between that and its turn the time-out may still be called off or replaced;
 * the envelope then stands for nothing, and is dropped.
 */
import { type Clock, type Envelope, Message, type Timer } from "../runtime/index.ts"
import { atom, tuple } from "../term/index.ts"
import type { MachineTime, MachineTimeout } from "./gen-statem.ts"

const stateTimeout = atom("state_timeout")
const timeout = atom("timeout")

export const STATE: MachineTimeout = Object.freeze({ kind: "state" })
export const EVENT: MachineTimeout = Object.freeze({ kind: "event" })

/** The tag that OTP gives such an event. */
const tagOf = (which: MachineTimeout): unknown => {
  if (which.kind === "timer") return tuple(timeout, which.name)
  return which.kind === "state" ? stateTimeout : timeout
}
/** State and event time-outs have no name, so none can be taken for them. */
const keyOf = (which: MachineTimeout): string => (which.kind === "timer" ? `timer ${which.name}` : which.kind)

class Running {
  readonly which: MachineTimeout
  what: unknown
  timer: Timer | undefined
  constructor(which: MachineTimeout, what: unknown) {
    this.which = which
    this.what = what
    this.timer = undefined
  }
}

/** A time-out has run out. */
export class TimeoutEvent extends Message {
  readonly running: Running
  /** Whether it has had its turn: a postponed one comes again, and nothing can call it off any more. */
  over: boolean
  constructor(running: Running) {
    super(tuple(tagOf(running.which), running.what))
    this.running = running
    this.over = false
  }
}

export class Timeouts {
  readonly #clock: Clock
  readonly #deliver: (event: Envelope) => void
  readonly #running = new Map<string, Running>()
  /** Those that run out at once, in the order in which they were set. */
  readonly #atOnce: Running[] = []

  /** `deliver` puts an event into the machine's mailbox. */
  constructor(clock: Clock, deliver: (event: Envelope) => void) {
    this.#clock = clock
    this.#deliver = deliver
  }

  set(which: MachineTimeout, time: MachineTime, what: unknown): void {
    if (time === undefined) return this.cancel(which)
    if (time === "update") {
      const now = this.#running.get(keyOf(which))
      if (now === undefined) this.#set(which, 0, what)
      else now.what = what
    } else this.#set(which, time, what)
  }

  #set(which: MachineTimeout, ms: number, what: unknown): void {
    this.cancel(which)
    const running = new Running(which, what)
    this.#running.set(keyOf(which), running)
    if (ms === 0) this.#atOnce.push(running)
    else running.timer = this.#clock.after(ms, () => this.#deliver(new TimeoutEvent(running)))
  }

  cancel(which: MachineTimeout): void {
    const key = keyOf(which)
    this.#running.get(key)?.timer?.cancel()
    this.#running.delete(key)
  }

  /** The event of the first that runs out at once. */
  nextAtOnce(): TimeoutEvent | undefined {
    for (let first = this.#atOnce.shift(); first !== undefined; first = this.#atOnce.shift()) {
      if (this.#running.get(keyOf(first.which)) === first) return new TimeoutEvent(first)
    }
    return undefined
  }

  /** Whether that event is to be handled: not when its time-out was called off or replaced in the meantime. */
  expire(event: TimeoutEvent): boolean {
    if (event.over) return true
    const key = keyOf(event.running.which)
    if (this.#running.get(key) !== event.running) return false
    this.#running.delete(key)
    event.over = true
    return true
  }

  cancelAll(): void {
    for (const { timer } of this.#running.values()) timer?.cancel()
    this.#running.clear()
  }
}

/** @throws RangeError for what is no time */
export function checkTime(verb: string, time: MachineTime): void {
  if (time === undefined || time === "update" || (typeof time === "number" && time >= 0 && time < Infinity)) return
  throw new RangeError(`${verb}: a time is milliseconds from 0 on, "update" or undefined, not ${String(time)}`)
}
