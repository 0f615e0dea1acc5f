/**
 * What the end of a process takes down: the linked that do not trap exits, and what supervisors make of it, up to where it stops.
 *
 * ```ts
 * blastRadius(node, process, kill)    // [{ pid, title: "shop.counter", what: "ends", … }, { …, what: "restarts", why: "shop.stores starts it again (2 of 3)" }]
 * ```
 *
 * Decisions are those of the supervisors themselves, from their own state (`supervision.ts`); nothing is performed. What user code does with an exit it traps, or
 * with news of a monitor, nobody can know beforehand.
 */
import { Keeper, linksOf, type Node, type Process } from "../../runtime/index.ts"
import { inspect, isAtom, type Pid, shutdown } from "../../term/index.ts"
import { Keeping, type RunningChild } from "../running-child.ts"
import { Server } from "../server.ts"
import { type Decision, decide, type RestartBudget, type Siblings } from "../supervision.ts"
import { Supervision } from "../supervisor-state.ts"
import { titleOf } from "./kinds.ts"
import type { ActionEffect } from "./says/actions.ts"

const EFFECTS_MAX = 500

/** Nearest first; bounded. */
export function blastRadius(node: Node, process: Process, reason: unknown): ActionEffect[] {
  const blast = new Blast(node)
  blast.end(process, reason, "it is what you end")
  return blast.run()
}

interface Ending {
  readonly process: Process
  readonly reason: unknown
  readonly why: string
}

class Blast {
  readonly #node: Node
  readonly #effects: ActionEffect[] = []
  /** What comes up again comes last. */
  readonly #again: ActionEffect[] = []
  readonly #ended = new Set<Process>()
  readonly #queue: Ending[] = []

  constructor(node: Node) {
    this.#node = node
  }

  end(process: Process, reason: unknown, why: string): void {
    if (this.#ended.has(process)) return
    this.#ended.add(process)
    this.#queue.push({ process, reason, why })
  }

  run(): ActionEffect[] {
    for (let i = 0; i < this.#queue.length && this.#effects.length < EFFECTS_MAX; i++) this.#one(this.#queue[i]!)
    return [...this.#effects, ...this.#again]
  }

  #say(process: Process, what: ActionEffect["what"], why: string): void {
    if (this.#effects.length < EFFECTS_MAX) this.#effects.push({ pid: process.pid, title: titleOf(process), what, why })
  }

  #one({ process, reason, why }: Ending): void {
    this.#say(process, "ends", why)
    const title = titleOf(process)
    for (const other of linksOf(process)) {
      // The node's own keepers do nothing about an end.
      if (this.#ended.has(other) || other instanceof Keeper) continue
      if (supervises(other, process)) this.#supervisor(other as Server, process, reason)
      else if (other.trapping) this.#say(other, "is told", `it is linked to ${title}, and traps exits`)
      else if (!isNormal(reason)) this.end(other, reason, `it is linked to ${title}`)
    }
    for (const watch of process.extras?.watchers?.all() ?? []) {
      const watcher = this.#node.find(watch.from)
      if (watcher !== undefined && watcher !== this.#node.root) this.#say(watcher, "is told", `it monitors ${title}`)
    }
    for (const far of process.extras?.farLinks?.values() ?? []) this.#far(far, title)
  }
  #far(pid: Pid, title: string): void {
    if (this.#effects.length >= EFFECTS_MAX) return
    this.#effects.push({
      pid: undefined,
      title: `${pid} on ${pid.node}`,
      what: "is told",
      why: `it is linked to ${title}`,
    })
  }

  /** What a supervisor does when this child of it ends. */
  #supervisor(server: Server, process: Process, reason: unknown): void {
    const { state } = server
    const child = state instanceof Keeping ? state.running(process.pid) : undefined
    if (child === undefined) return
    const { id } = child.spec
    const its = titleOf(server)
    const decision = decisionOf(server, child, reason)
    switch (decision?.kind) {
      case "restart": {
        const why = `${its} starts it again, restart ${decision.restarts.length} of ${budgetOf(state)?.intensity} allowed`
        if (!(state instanceof Supervision)) return this.#restarts(process, why)
        for (const sibling of decision.stop) this.#stopped(state, sibling, its)
        for (const started of decision.start) this.#starts(state, started, why)
        return
      }
      case "give-up":
        return this.end(server, shutdown, `${id} would have ended too often: it gives up`)
      case "shut-down":
        return this.end(server, shutdown, `${id} was what it was there for`)
      default:
        this.#say(server, "is told", `it leaves ${id} down`)
    }
  }
  #stopped(state: Supervision, id: string, supervisor: string): void {
    const process = this.#child(state, id)
    if (process === undefined || this.#ended.has(process)) return
    this.#ended.add(process)
    this.#say(process, "ends", `${supervisor} stops it along with its sibling`)
  }
  #starts(state: Supervision, id: string, why: string): void {
    const process = this.#child(state, id)
    if (process !== undefined) this.#restarts(process, why)
    else if (this.#again.length < EFFECTS_MAX) this.#again.push({ pid: undefined, title: id, what: "starts", why })
  }
  #restarts(process: Process, why: string): void {
    if (this.#again.length < EFFECTS_MAX)
      this.#again.push({ pid: process.pid, title: titleOf(process), what: "restarts", why })
  }
  #child(state: Supervision, id: string): Process | undefined {
    const pid = state.find(id)?.pid
    return pid === undefined ? undefined : this.#node.find(pid)
  }
}

/** Both kinds of supervisor have one. */
const budgetOf = (state: object): RestartBudget | undefined =>
  "budget" in state ? (state.budget as RestartBudget) : undefined

function decisionOf(server: Server, { spec }: RunningChild, reason: unknown): Decision | undefined {
  const { state } = server
  const now = server.node.platform.clock.now()
  const budget = budgetOf(state)
  if (budget === undefined) return undefined
  const siblings: Siblings =
    state instanceof Supervision
      ? state.siblings
      : { strategy: "one_for_one", children: [{ id: spec.id, restart: spec.restart, running: false }] }
  return decide(siblings, budget, spec.id, reason, now)
}

const supervises = (supervisor: Process, process: Process): boolean =>
  supervisor instanceof Server && process.parent === supervisor && supervisor.state instanceof Keeping

const isNormal = (reason: unknown): boolean => isAtom(reason) && reason.text === "normal"

/** A reason in words. */
export const reasonText = (reason: unknown): string => inspect(reason, { limit: 10, text: 200, size: 300 })
