/**
 * The node's own two processes: `init`, the root of everything, and `user`, under which lives what code outside processes starts,
 * so that nothing is unsupervised.
 *
 * They keep, and do not restart: what ends is gone. Messages sent to them are dropped, calls fail.
 */
import { atom } from "../term/index.ts"
import { CALL } from "./envelope.ts"
import { linksOf } from "./links.ts"
import type { Node } from "./node.ts"
import { type ChildDescription, type Description, Process } from "./process.ts"
import { supervisionView } from "./supervision-view.ts"

const badarg = atom("badarg")

export class Keeper extends Process {
  constructor(node: Node, parent: Process | undefined) {
    super(node, parent)
    this.trapping = true
    this.begun = true
  }

  override begin(): undefined {
    return undefined
  }

  override step(): undefined {
    const envelope = this.take()
    this.handled++
    // Exits of what it kept, and whatever anybody sends: nothing follows from either.
    if (envelope.kind === CALL) this.node.calls.fail(envelope, badarg)
    return undefined
  }

  /** What it keeps, oldest first. */
  kept(): Process[] {
    return linksOf(this).filter((process) => process.parent === this)
  }

  override describe(): Description {
    const kept = this.kept()
    const row = (process: Process): ChildDescription => ({
      id: process.title,
      pid: process.pid,
      restart: "temporary",
      restarts: 0,
    })
    return {
      kind: "supervisor",
      module: this.registeredName ?? "keeper",
      state: undefined,
      supervision: supervisionView(
        { strategy: "one_for_one", intensity: 0, periodMs: 0, restartsInPeriod: 0, restarts: 0 },
        kept.length,
        (from, limit) => kept.slice(from, from + limit).map(row),
      ),
    }
  }
}
