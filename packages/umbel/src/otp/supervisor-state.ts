/**
 * What a supervisor knows: its rules, and its children in the order they are started.
 */
import type { SupervisionDescription } from "../runtime/index.ts"
import { pageOf, supervisionView } from "../runtime/index.ts"
import type { Pid } from "../term/index.ts"
import type { ChildSpec } from "./child.ts"
import { childRow, Keeping, newChild, type RunningChild } from "./running-child.ts"
import type { Server } from "./server.ts"
import { type AutoShutdown, type RestartBudget, recentRestarts, type Siblings, type Strategy } from "./supervision.ts"

/** A supervisor's rules, as its definition gives them. @internal */
export interface SupervisorRules {
  readonly strategy: Strategy
  readonly intensity: number
  readonly periodMs: number
  readonly autoShutdown: AutoShutdown
}

/** A supervisor's state. @internal */
export class Supervision extends Keeping {
  rules: SupervisorRules
  /** What it was started with: the function that says its children is asked again when the code changes. */
  readonly arg: unknown
  budget: RestartBudget
  children: RunningChild[] = []
  /** The children its definition says, whatever has become of them. */
  listed: ReadonlySet<string> = new Set()
  restarts = 0

  constructor(rules: SupervisorRules, arg: unknown) {
    super()
    this.rules = rules
    this.arg = arg
    this.budget = { intensity: rules.intensity, periodMs: rules.periodMs, restarts: [] }
  }

  get siblings(): Siblings {
    return {
      strategy: this.rules.strategy,
      autoShutdown: this.rules.autoShutdown,
      children: this.children.map(({ spec, pid, retrying }) => ({
        id: spec.id,
        restart: spec.restart,
        running: pid !== undefined || retrying !== undefined,
        significant: spec.significant,
      })),
    }
  }
  find(id: string): RunningChild | undefined {
    return this.children.find((child) => child.spec.id === id)
  }
  known(): Iterable<RunningChild> {
    return this.children
  }
  running(pid: Pid): RunningChild | undefined {
    return this.children.find((child) => child.pid === pid)
  }
  forget(child: RunningChild): void {
    this.children = this.children.filter((other) => other !== child)
  }
  /** @throws TypeError when the id is taken */
  add(spec: ChildSpec): RunningChild {
    if (this.find(spec.id) !== undefined) throw twice(spec.id)
    const child = newChild(spec)
    this.children.push(child)
    return child
  }

  /** Other rules and children from now on: those it has are kept, with what is said of them now, and those that are new come back, to be started. */
  change(rules: SupervisorRules, specs: readonly ChildSpec[]): RunningChild[] {
    const listed = new Set<string>()
    for (const { id } of specs) {
      if (listed.has(id)) throw twice(id)
      listed.add(id)
    }
    this.rules = rules
    this.budget = { ...this.budget, intensity: rules.intensity, periodMs: rules.periodMs }
    const kept = this.children.filter((child) => !listed.has(child.spec.id))
    const added: RunningChild[] = []
    const order = specs.flatMap((spec) => {
      const known = this.find(spec.id)
      if (known !== undefined) {
        known.spec = spec
        return [known]
      }
      // One that was listed before has ended for good, or was deleted.
      if (this.listed.has(spec.id)) return []
      const child = newChild(spec)
      added.push(child)
      return [child]
    })
    this.children = [...kept, ...order]
    this.listed = listed
    return added
  }
}

const twice = (id: string): TypeError => new TypeError(`two children are called ${id}; give one of them an \`id\``)

/** @internal */
export const supervisionOf = (self: Server): Supervision => self.state as Supervision

/** @internal */
export function describeSupervision(
  { rules, budget, restarts, children }: Supervision,
  now: number,
): SupervisionDescription {
  const { strategy, intensity, periodMs } = rules
  const restartsInPeriod = recentRestarts(budget, now).length
  return supervisionView(
    { strategy, intensity, periodMs, restartsInPeriod, restarts },
    children.length,
    (from, limit) => pageOf(children, from, limit).map(childRow),
  )
}
