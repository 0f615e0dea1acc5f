/**
 * Why supervisors gave up: kept for a while by pid, so that the end of an application can be told from the child that began it.
 *
 * ```
 * shop.supervisor gave up: child stores ended with :shutdown, the 4th time within 5000 ms; shop.stores gave up: child counter ended with …
 * ```
 */

import type { Node } from "../runtime/index.ts"
import { reasonText } from "../runtime/index.ts"
import type { Pid } from "../term/index.ts"

/** @internal */
export interface GiveUp {
  readonly supervisor: string
  readonly child: string
  /** The child's last process: a supervisor that gave up itself, perhaps. */
  readonly childPid: Pid | undefined
  readonly reason: unknown
  /** How often children ended within the period. */
  readonly times: number
  readonly periodMs: number
}

const key = Symbol.for("umbel.give_ups")
const REMEMBERED = 100
const DEPTH_MAX = 20

/** By the key of the supervisor's pid, oldest first. */
function giveUpsOf(node: Node): Map<string, GiveUp> {
  const known = node.attachments.get(key) as Map<string, GiveUp> | undefined
  if (known !== undefined) return known
  const made = new Map<string, GiveUp>()
  node.attachments.set(key, made)
  return made
}

/** @internal */
export function recordGiveUp(node: Node, supervisor: Pid, giveUp: GiveUp): void {
  const all = giveUpsOf(node)
  all.set(supervisor.key, giveUp)
  const [oldest] = all.keys()
  if (all.size > REMEMBERED && oldest !== undefined) all.delete(oldest)
}

/** From that supervisor down to the child that began it; none where it did not give up. @internal */
export function giveUpsBelow(node: Node, supervisor: Pid): GiveUp[] {
  const all = giveUpsOf(node)
  const chain: GiveUp[] = []
  for (let at = all.get(supervisor.key); at !== undefined && chain.length < DEPTH_MAX; ) {
    chain.push(at)
    at = at.childPid === undefined ? undefined : all.get(at.childPid.key)
  }
  return chain
}

/** @internal */
export const describeGiveUp = ({ supervisor, child, reason, times, periodMs }: GiveUp): string =>
  `${supervisor} gave up: child ${child} ended with ${reasonText(reason)}, the ${ordinal(times)} time within ${periodMs} ms`

/** 1st, 2nd, 3rd, 4th, … @internal */
export const ordinal = (n: number): string => {
  const last = n % 100 > 10 && n % 100 < 14 ? 0 : n % 10
  return `${n}${["th", "st", "nd", "rd"][last] ?? "th"}`
}
