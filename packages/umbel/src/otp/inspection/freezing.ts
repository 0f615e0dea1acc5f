/**
 * Suspending: one process, or all of a subtree or an application at once; and a suspended one that takes a single message.
 *
 * ```ts
 * await inspector.perform({ kind: "freeze", application: "shop" }, "ann")
 * await inspector.perform({ kind: "step", pid }, "ann")          // it handles the message that is next, and waits again
 * await inspector.perform({ kind: "thaw", application: "shop" }, "ann")
 * ```
 *
 * A suspended process gets no turn: no code of its own runs, it is sent nothing for it, and any kind of process can be. What a handler awaits goes on outside of it; it still can be
 * ended. `sys:suspend`, which servers of both kinds of nodes know, is something else: such a server is resumed here, too.
 */
import { AWAITING, ENDED, type Node, type Process } from "../../runtime/index.ts"
import { Pid } from "../../term/index.ts"
import { applicationsOf } from "../application-controller.ts"
import { Server } from "../server.ts"
import { Sys } from "../sys.ts"
import { titleOf } from "./kinds.ts"
import { found, isOwn, named, one, type Plan, Refusal } from "./plan.ts"
import type { ActionEffect, InspectorAction } from "./says/actions.ts"

/** Milliseconds that a server may take to answer `sys:resume`. */
const PATIENCE_MS = 10_000
const frozenKey = Symbol.for("umbel.frozen")

/** Those that were suspended from here: each once, however often it was asked for. */
function frozenOf(node: Node): Set<Process> {
  const known = node.attachments.get(frozenKey) as Set<Process> | undefined
  const frozen = known ?? new Set<Process>()
  if (known === undefined) node.attachments.set(frozenKey, frozen)
  for (const process of frozen) if (process.status === ENDED) frozen.delete(process)
  return frozen
}

function freeze(node: Node, process: Process): void {
  const frozen = frozenOf(node)
  if (frozen.has(process)) return
  frozen.add(process)
  node.scheduler.suspend(process)
}
function thaw(node: Node, process: Process): void {
  if (frozenOf(node).delete(process)) node.scheduler.resume(process)
}

// ---- one process ---------------------------------------------------------------------------------------------------------
export function planPause(node: Node, process: Process, kind: "suspend" | "resume" | "step"): Plan {
  const isFrozen = frozenOf(node).has(process)
  if (kind === "step") return planStep(node, process, isFrozen)
  if (kind === "suspend") {
    if (process.extras?.essential === true) throw new Refusal(`${named(process)} is a part of the node itself`)
    const why = "messages wait until it is resumed; calls to it may time out"
    return {
      summary: `suspend ${named(process)}`,
      effects: one(process, "is suspended", why),
      destructive: true,
      perform: () => freeze(node, process),
    }
  }
  if (!isFrozen && !(process instanceof Server)) throw new Refusal(`${named(process)} is not suspended`)
  return {
    summary: `resume ${named(process)}`,
    effects: one(process, "is resumed", "what waited is handled"),
    destructive: false,
    // One that was suspended by `sys`, from somewhere else.
    perform: () => (isFrozen ? thaw(node, process) : Sys.resume(node, process.pid, PATIENCE_MS)),
  }
}

function planStep(node: Node, process: Process, isFrozen: boolean): Plan {
  if (!isFrozen) throw new Refusal(`${named(process)} is not suspended: suspend it first`)
  if (process.status === AWAITING) throw new Refusal(`${named(process)} still has the last message in hand`)
  if (process.size === 0) throw new Refusal(`no message waits for ${named(process)}`)
  return {
    summary: `let ${named(process)} handle one message`,
    effects: one(process, "is resumed", `for one of ${process.size} messages, and is suspended again`),
    destructive: false,
    perform: () => step(node, process),
  }
}

/** While it takes its next message it is suspended again, so that its turn ends with that one. */
function step(node: Node, process: Process): void {
  if (Object.hasOwn(process, "step")) return
  const own = process as { step?: Process["step"] }
  own.step = () => {
    delete own.step
    freeze(node, process)
    return process.step()
  }
  thaw(node, process)
}

// ---- many of them ----------------------------------------------------------------------------------------------------------
export function planFreeze(node: Node, action: Extract<InspectorAction, { kind: "freeze" | "thaw" }>): Plan {
  const { kind } = action
  const { root, name } = rootOf(node, action)
  const all = below(node, root)
  const some = kind === "freeze" ? all : all.filter((process) => frozenOf(node).has(process))
  if (some.length === 0) throw new Refusal(`nothing of ${name} is suspended`)
  const part = some.find((process) => isOwn(process) || process.extras?.essential === true)
  if (part !== undefined) throw new Refusal(`${named(part)} is a part of the node itself, which cannot be frozen`)
  const what: ActionEffect["what"] = kind === "freeze" ? "is suspended" : "is resumed"
  const why =
    kind === "freeze" ? "messages wait, timers too; calls from outside may time out" : "what waited is handled"
  return {
    summary: `${kind} ${name}: ${some.length} ${some.length === 1 ? "process" : "processes"}`,
    effects: some.map((process) => ({ pid: process.pid, title: titleOf(process), what, why })),
    destructive: kind === "freeze",
    perform() {
      for (const process of some) (kind === "freeze" ? freeze : thaw)(node, process)
    },
  }
}

function rootOf(
  node: Node,
  { application, pid }: { application?: unknown; pid?: unknown },
): { root: Process; name: string } {
  if (application === undefined) {
    const root = found(node, pid)
    return { root, name: `${named(root)} and all below it` }
  }
  const running = applicationsOf(node).find(({ name }) => name === application)
  const top = running?.supervisor instanceof Pid ? node.find(running.supervisor) : undefined
  if (top === undefined) throw new Refusal(`no application ${String(application)} with processes runs on ${node.name}`)
  return { root: top, name: `application ${String(application)}` }
}

/** Itself and its offspring, from the top. */
function below(node: Node, root: Process): Process[] {
  const known = new Map<Process, boolean>([[root, true]])
  const isBelow = (process: Process): boolean => {
    const passed: Process[] = []
    let above: Process | undefined = process
    let answer: boolean | undefined
    for (; above !== undefined && answer === undefined; above = above.parent) {
      answer = known.get(above)
      passed.push(above)
    }
    for (const one of passed) known.set(one, answer === true)
    return answer === true
  }
  return [root, ...[...node.all()].filter((process) => process !== root && isBelow(process))]
}
