/**
 * Messages of one process to another arrive in the order in which they were sent.
 *
 * It looks at messages that say their place: `tuple(stamp, self.pid, n)`, with n growing for each receiver.
 */
import { MESSAGE } from "../../runtime/index.ts"
import { atom, Pid, Tuple } from "../../term/index.ts"
import type { Invariant } from "./invariant.ts"

export const stamp = atom("umbel_sim_stamp")

export class Order implements Invariant {
  readonly name = "messages of a pair stay in order"
  readonly #latest = new Map<string, number>()

  event(...[, event]: Parameters<NonNullable<Invariant["event"]>>): string | undefined {
    if (event.kind !== "deliver" || event.envelope.kind !== MESSAGE) return undefined
    const { value } = event.envelope
    if (!(value instanceof Tuple) || value.elements.length !== 3) return undefined
    const [tag, from, count] = value.elements
    if (tag !== stamp || !(from instanceof Pid) || typeof count !== "number") return undefined
    const pair = `${from.key} ${event.pid.key}`
    const before = this.#latest.get(pair) ?? Number.NEGATIVE_INFINITY
    if (count <= before) return `${event.pid} got message ${count} of ${from} after ${before}`
    this.#latest.set(pair, count)
    return undefined
  }
}
