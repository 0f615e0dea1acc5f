/**
 * What the inspector can be asked to do: each action with what it would do, and the doing of it.
 *
 * ```ts
 * preview(node, { kind: "kill", pid })                  // whom it takes down, and who starts again
 * await perform(node, { kind: "kill", pid }, "ann")     // does it, and notes that ann did
 * ```
 *
 * An action that cannot be done is refused in words, in the preview and when it is performed. The node's own processes (`init`, `user`, the inspector, what
 * distribution needs) are not ended, suspended or written to by these.
 */
import { isOrderly, type Node, type Process } from "../../runtime/index.ts"
import { kill, Pid } from "../../term/index.ts"
import { type ApplicationController, applicationsOf, startApplication } from "../application-controller.ts"
import { Drain } from "../drain.ts"
import { Logger, type LogLevel } from "../logger.ts"
import { Keeping } from "../running-child.ts"
import { Server } from "../server.ts"
import type { SupervisorApi } from "../supervisor.ts"
import { Supervision } from "../supervisor-state.ts"
import { blastRadius, reasonText } from "./blast-radius.ts"
import { planFreeze, planPause } from "./freezing.ts"
import { titleOf } from "./kinds.ts"
import { found, named, one, type Plan, Refusal } from "./plan.ts"
import type { ActionEffect, ActionOutcome, ActionPreview, InspectorAction } from "./says/actions.ts"

const EFFECTS_SHOWN = 100
const LEVELS: ReadonlySet<unknown> = new Set(["debug", "info", "warning", "error"])
/** What it would do. Changes nothing, and throws nothing. */
export function preview(node: Node, action: InspectorAction): ActionPreview {
  try {
    const { summary, effects, destructive } = plan(node, action)
    const shown = effects.slice(0, EFFECTS_SHOWN)
    return { refused: undefined, summary, effects: shown, more: effects.length - shown.length, destructive }
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    return { refused: thrown.message, summary: thrown.message, effects: [], more: 0, destructive: false }
  }
}

/** Does it, and notes who did. What fails is said. */
export async function perform(node: Node, action: InspectorAction, by: string): Promise<ActionOutcome> {
  const who = String(by).slice(0, 200)
  try {
    const { summary, perform } = plan(node, action)
    node.reports.note(
      "info",
      "audit",
      `${who}: ${summary}`,
      "pid" in action && action.pid instanceof Pid ? action.pid : undefined,
    )
    await perform()
    return { done: true, text: summary }
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : String(thrown)
    node.reports.note("warning", "audit", `${who}: ${String(action?.kind)} failed: ${text}`)
    return { done: false, text }
  }
}

function plan(node: Node, action: InspectorAction): Plan {
  switch (action?.kind) {
    case "exit":
      return planEnd(node, found(node, action.pid), action.reason)
    case "kill":
      return planEnd(node, found(node, action.pid), kill)
    case "suspend":
    case "resume":
    case "step":
      return planPause(node, found(node, action.pid), action.kind)
    case "freeze":
    case "thaw":
      return planFreeze(node, action)
    case "send":
      return planSend(node, found(node, action.pid), action.message)
    case "restart_child":
    case "terminate_child":
      return planChild(node, action)
    case "start_application":
    case "stop_application":
      return planApplication(node, action)
    case "set_log_level":
      return planLevel(node, action)
    case "collect_garbage":
      return planCollection(node)
    case "drain":
    case "undrain":
      return planDrain(node, action.kind)
    case "disconnect":
      return planDisconnect(node, String(action.node))
    default:
      throw new Refusal(`there is no action ${JSON.stringify((action as { kind?: unknown } | undefined)?.kind)}`)
  }
}

function planEnd(node: Node, process: Process, reason: unknown): Plan {
  const dies = reason === kill || (!process.trapping && !(isOrderly(reason) && reasonText(reason) === ":normal"))
  const effects = dies
    ? blastRadius(node, process, reason === kill ? kill : reason)
    : one(process, "is told", process.trapping ? "it traps exits, and does as it likes" : "normal ends nobody")
  return {
    summary: reason === kill ? `kill ${named(process)}` : `exit ${named(process)} with ${reasonText(reason)}`,
    effects,
    destructive: true,
    perform: () => node.exit(process.pid, reason),
  }
}

function planSend(node: Node, process: Process, message: unknown): Plan {
  return {
    summary: `send ${reasonText(message)} to ${named(process)}`,
    effects: one(process, "receives", "as if any other process had sent it: one that knows no such message may crash"),
    destructive: true,
    perform: () => node.send(process.pid, message),
  }
}

function planChild(node: Node, { kind, supervisor, child }: Extract<InspectorAction, { supervisor: Pid }>): Plan {
  const process = supervisor instanceof Pid ? node.find(supervisor) : undefined
  const state = process instanceof Server ? process.state : undefined
  if (process === undefined || !(state instanceof Supervision)) {
    const why = state instanceof Keeping ? "its children have no ids; end the child itself" : "it is no supervisor"
    throw new Refusal(`${String(supervisor)} cannot be asked for a child by id: ${why}`)
  }
  const known = state.find(String(child))
  if (known === undefined) throw new Refusal(`${titleOf(process)} has no child ${String(child)}`)
  const { id } = known.spec
  const below = known.pid === undefined ? undefined : node.find(known.pid)
  if (below === undefined && kind === "terminate_child") throw new Refusal(`${id} does not run`)
  const effects: ActionEffect[] =
    below === undefined ? [] : one(below, "ends", `${titleOf(process)} stops it, with all below it`)
  if (kind === "restart_child") {
    effects.push({
      pid: undefined,
      title: id,
      what: "starts",
      why: "a new life with an empty mailbox; the budget is not touched",
    })
  }
  return {
    summary: `${kind === "restart_child" ? "restart" : "terminate"} ${id} under ${titleOf(process)}`,
    effects,
    destructive: true,
    async perform() {
      const asked = node.call<SupervisorApi>(process.pid as Pid<SupervisorApi>, { timeout: "infinity" })
      if (below !== undefined) await asked.terminateChild(id)
      if (kind === "restart_child") await asked.restartChild(id)
    },
  }
}

const controllerKey = Symbol.for("umbel.application_controller")

function planApplication(
  node: Node,
  { kind, application }: Extract<InspectorAction, { application: string; kind: `${string}_application` }>,
): Plan {
  const name = String(application)
  const controller = node.attachments.get(controllerKey) as ApplicationController | undefined
  if (controller === undefined) throw new Refusal(`${node.name} runs no applications`)
  const running = applicationsOf(node).find((one) => one.name === name)
  if (kind === "start_application") return planStart(node, controller, name, running !== undefined)
  if (running === undefined) throw new Refusal(`application ${name} does not run on ${node.name}`)
  const top = running.supervisor === undefined ? undefined : node.find(running.supervisor)
  return {
    summary: `stop application ${name}`,
    effects:
      top === undefined ? [] : one(top, "ends", "and everything below it; applications that need it go on without"),
    destructive: true,
    perform: () => controller.stop(name),
  }
}
function planStart(node: Node, controller: ApplicationController, name: string, runs: boolean): Plan {
  if (runs) throw new Refusal(`application ${name} runs already on ${node.name}`)
  const known = controller.known(name)
  if (known === undefined)
    throw new Refusal(`${node.name} knows no application ${name}: give it to boot under load, or start it once`)
  return {
    summary: `start application ${name}`,
    effects: [{ pid: undefined, title: name, what: "starts", why: "with what it needs" }],
    destructive: false,
    perform: () => startApplication(node, known),
  }
}

function planLevel(node: Node, { level, application, pid }: Extract<InspectorAction, { kind: "set_log_level" }>): Plan {
  if (level !== undefined && !LEVELS.has(level))
    throw new Refusal(`levels are ${[...LEVELS].join(", ")}, not ${String(level)}`)
  const process = pid === undefined ? undefined : found(node, pid)
  const where =
    process !== undefined ? { process: process.pid } : application !== undefined ? { application } : undefined
  if (level === undefined && where === undefined) throw new Refusal("the node always has a level: give one")
  const whose =
    process !== undefined ? named(process) : application !== undefined ? `application ${application}` : node.name
  return {
    summary: level === undefined ? `take the log level of ${whose} back` : `set the log level of ${whose} to ${level}`,
    effects: [{ pid: process?.pid, title: whose, what: "changes", why: "which lines of it are written" }],
    destructive: false,
    perform() {
      if (level !== undefined) Logger.setLevel(node, level as LogLevel, where)
      else if (where !== undefined) Logger.unsetLevel(node, where)
    },
  }
}

function planCollection(node: Node): Plan {
  const { diagnostics } = node.platform
  if (diagnostics === undefined) throw new Refusal("this platform collects garbage when it likes")
  return {
    summary: `collect garbage on ${node.name}`,
    effects: [{ pid: undefined, title: node.name, what: "changes", why: "the whole node stands still meanwhile" }],
    destructive: false,
    perform() {
      if (!diagnostics.collectGarbage()) throw new Refusal("the engine does not let programs collect garbage")
    },
  }
}

function planDrain(node: Node, kind: "drain" | "undrain"): Plan {
  const drains = kind === "drain"
  if (Drain.isOn(node) === drains) throw new Refusal(`${node.name} ${drains ? "drains already" : "does not drain"}`)
  const why = drains
    ? "it wants no more work: /ready of a release answers 503, so load balancers send nothing new; what runs goes on, and nothing ends"
    : "it wants work again: /ready of a release answers 200"
  return {
    summary: drains ? `drain ${node.name}` : `let ${node.name} have work again`,
    effects: [{ pid: undefined, title: node.name, what: "changes", why }],
    destructive: drains,
    perform: () => (drains ? Drain.begin(node) : Drain.end(node)),
  }
}

function planDisconnect(node: Node, peer: string): Plan {
  if (!node.nodes.includes(peer)) throw new Refusal(`${node.name} is not connected to ${peer}`)
  const why =
    "links, monitors and calls between the two nodes end with noconnection; the next message connects them again"
  return {
    summary: `disconnect ${node.name} from ${peer}`,
    effects: [{ pid: undefined, title: peer, what: "is lost", why }],
    destructive: true,
    perform: () => node.disconnect(peer),
  }
}
