/**
 * What a supervisor decides, as pure functions: which children a death takes down, which are started again, and when it is
 * too often. `supervisor.ts` performs the decisions.
 *
 * ```ts
 * decide({ strategy: "rest_for_one", children, … }, { id: "b", reason, now })
 * // { kind: "restart", stop: ["c"], start: ["b", "c"] }
 * ```
 *
 * Rules: OTP's `supervisor` module.
 */
import { isOrderly } from "../runtime/index.ts"
import type { Restart } from "./child.ts"

export type Strategy = "one_for_one" | "rest_for_one" | "one_for_all"

/** At most `intensity` restarts in any `periodMs` milliseconds; one more and the supervisor gives up. */
export interface RestartBudget {
  readonly intensity: number
  readonly periodMs: number
  /** When restarts happened, oldest first, none older than the period at the last decision. */
  readonly restarts: readonly number[]
}

/** The restarts that still count at `now`. */
export function recentRestarts(budget: RestartBudget, now: number): readonly number[] {
  return budget.restarts.filter((at) => now - at < budget.periodMs)
}

/** Whether the end of significant children ends their supervisor: never, when one of them has ended, when all have. */
export type AutoShutdown = "never" | "any_significant" | "all_significant"

export interface Siblings {
  readonly strategy: Strategy
  readonly autoShutdown?: AutoShutdown | undefined
  /** In the order they are started. `running` is whether there is a process to stop. */
  readonly children: readonly Sibling[]
}
export interface Sibling {
  readonly id: string
  readonly restart: Restart
  readonly running: boolean
  readonly significant?: boolean | undefined
}

export type Decision =
  /** It stays down, and known: a transient or permanent child that ended in order keeps its place. */
  | { readonly kind: "leave" }
  /** It is forgotten: a temporary child. */
  | { readonly kind: "forget" }
  /** These are stopped, in this order, then those started, in that. */
  | {
      readonly kind: "restart"
      readonly stop: readonly string[]
      readonly start: readonly string[]
      readonly restarts: readonly number[]
    }
  /** Its work is done, and with it the supervisor's: that ends in order. */
  | { readonly kind: "shut-down" }
  /** Too many restarts: the supervisor ends, with all its children. */
  | { readonly kind: "give-up"; readonly restarts: readonly number[] }

/** What follows from the end of the child `id` with `reason` at `now` (milliseconds of the node's clock). */
export function decide(siblings: Siblings, budget: RestartBudget, id: string, reason: unknown, now: number): Decision {
  const index = siblings.children.findIndex((child) => child.id === id)
  const child = siblings.children[index]
  if (child === undefined) return { kind: "leave" }
  const done = child.restart === "temporary" || (child.restart === "transient" && isOrderly(reason))
  if (done && isLastSignificant(siblings, child)) return { kind: "shut-down" }
  if (child.restart === "temporary") return { kind: "forget" }
  if (done) return { kind: "leave" }
  return restart(siblings, budget, index, now)
}

function isLastSignificant({ autoShutdown, children }: Siblings, child: Sibling): boolean {
  if (child.significant !== true) return false
  if (autoShutdown === "any_significant") return true
  return (
    autoShutdown === "all_significant" &&
    !children.some((other) => other.significant === true && other.running && other.id !== child.id)
  )
}

/** The child could not be started again: that counts as one more restart. */
export function decideAgain(siblings: Siblings, budget: RestartBudget, id: string, now: number): Decision {
  const index = siblings.children.findIndex((child) => child.id === id)
  return index < 0 ? { kind: "leave" } : restart(siblings, budget, index, now)
}

function restart(siblings: Siblings, budget: RestartBudget, index: number, now: number): Decision {
  const restarts = [...recentRestarts(budget, now), now]
  if (restarts.length > budget.intensity) return { kind: "give-up", restarts }
  const { children, strategy } = siblings
  const affected =
    strategy === "one_for_one"
      ? [index, index + 1]
      : strategy === "rest_for_one"
        ? [index, children.length]
        : [0, children.length]
  const concerned = children.slice(affected[0], affected[1])
  const id = children[index]!.id
  return {
    kind: "restart",
    stop: concerned
      .filter((child) => child.id !== id && child.running)
      .map((child) => child.id)
      .reverse(),
    // A temporary sibling that is stopped is not started again (OTP deletes it).
    start: concerned.filter((child) => child.restart !== "temporary").map((child) => child.id),
    restarts,
  }
}
