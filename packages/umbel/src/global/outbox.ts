/**
 * What follows from an event, in its order, until it is taken.
 *
 * ```ts
 * out.cast("b@host", words.inSync, nodeAtom("a@host"), true)
 * out.take()                     // [{ kind: "cast", node: "b@host", message: {in_sync, 'a@host', true} }]
 * ```
 */
import { tuple } from "../term/index.ts"
import type { Effect } from "./events.ts"
import type { LockerMessage } from "./locker.ts"

export class Outbox {
  #effects: Effect[] = []

  do(effect: Effect): void {
    this.#effects.push(effect)
  }
  warn(text: string): void {
    this.do({ kind: "note", level: "warning", text })
  }
  locker(message: LockerMessage): void {
    this.do({ kind: "locker", message })
  }
  cast(node: string, ...message: readonly unknown[]): void {
    this.do({ kind: "cast", node, message: tuple(...message) })
  }
  send(node: string, ...message: readonly unknown[]): void {
    this.do({ kind: "send", node, message: tuple(...message) })
  }
  take(): readonly Effect[] {
    const effects = this.#effects
    this.#effects = []
    return effects
  }
}
