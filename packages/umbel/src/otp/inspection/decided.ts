/**
 * What supervisors tell those who look of their decisions: one line in each kind of supervisor, and nothing made where nobody listens.
 */
import type { Process } from "../../runtime/index.ts"
import type { Pid } from "../../term/index.ts"
import type { RunningChild } from "../running-child.ts"
import { type Decision, type RestartBudget, recentRestarts } from "../supervision.ts"

/** `pid` is the process that ended; `budget` the one before the decision. @internal */
export function tellDecision(
  supervisor: Process,
  child: RunningChild,
  pid: Pid,
  decision: Decision,
  budget: RestartBudget,
): void {
  const { reports, platform } = supervisor.node
  reports.decided(() => ({
    at: platform.clock.wallTime(),
    supervisor: supervisor.pid,
    supervisorTitle: supervisor.title,
    child: child.spec.id,
    pid,
    kind: decision.kind,
    generation: child.restarts + 1,
    restartsInPeriod:
      "restarts" in decision ? decision.restarts.length : recentRestarts(budget, platform.clock.now()).length,
    intensity: budget.intensity,
    periodMs: budget.periodMs,
    siblings: decision.kind === "restart" ? decision.stop : [],
  }))
}
