/**
 * What handlers return that is no value: "no" and "later" to a call, and `init`'s "there is nothing to do here".
 */
import { copy, type Pid } from "../term/index.ts"

declare const later: unique symbol
declare const refused: unique symbol
declare const ignored: unique symbol

/** A handler's way to say "the reply comes later". */
export interface Later<R> {
  readonly [later]: R
}

/** A handler's way to say "no", and live: `{error, Reason}` on the wire, a rejection with `CallRefused` at the caller. */
export interface Refused<Reason> {
  readonly [refused]: Reason
}

/** What {@link ignore} is. */
export interface Ignore {
  readonly [ignored]: true
}

/** The right to answer one call, once. A term: it can be stored and sent. */
export interface From<R> {
  readonly pid: Pid
  readonly tag: unknown
  readonly [later]?: R
}

/** What `refuse` makes. @internal */
export class Refusal {
  readonly reason: unknown
  constructor(reason: unknown) {
    this.reason = reason
  }
}

/** What `self.later` returns: there is nothing to send yet. @internal */
export class Postponed {}

/** What `ignore` is when it runs. @internal */
export class Ignored {}

/**
 * `return ignore` from `init`: there is to be no process, and nothing is wrong. Who starts it gets `StartIgnored`; a supervisor goes on, and keeps the child as one
 * that does not run, unless it is `temporary` (a dynamic supervisor forgets it).
 */
export const ignore: Ignore = Object.freeze(new Ignored()) as unknown as Ignore

/** `return refuse("full")`: the caller's promise rejects with `CallRefused`, and nothing has crashed. */
export function refuse<const Reason>(reason: Reason): Refused<Reason> {
  return new Refusal(copy(reason)) as unknown as Refused<Reason>
}
