/**
 * One process of a BEAM node, for the views `process` and `inside`.
 *
 * `erlang:process_info/2` tells everything but the state, and messages nobody. The state comes from `sys:get_state/2`, which does.
 */
import { inspect, Pid, RpcFailed, Tuple } from "umbel"
import { redact } from "umbel/otp"
import { atoms, callText, charsOf, elementsOf, fieldsOf, listOf, moduleText, nameOf, numberOf } from "./beam-terms.ts"
import { fact } from "./facts.ts"
import type { Context } from "./view.ts"
import type { InsideData } from "./views/inside.ts"
import { type LinkView, linkOf, type ProcessData, textLink } from "./views/process.ts"

const ITEMS = [
  "registered_name",
  "initial_call",
  "current_function",
  "current_stacktrace",
  "reductions",
  "message_queue_len",
  "memory",
  "status",
  "links",
  "monitors",
  "monitored_by",
  "trap_exit",
  "priority",
  "group_leader",
  "total_heap_size",
  "heap_size",
  "stack_size",
  "garbage_collection",
  "suspending",
] as const
const STACK_MAX = 30
const LIMITS = { limit: 60, text: 500, size: 20_000 }
const MESSAGE_LIMITS = { limit: 20, text: 200, size: 1_000 }
/** `process_info` copies the whole mailbox: a longer one is not asked for. */
const MAILBOX_MAX = 1_000
const MESSAGES_SHOWN = 20
/** How long a process may take to tell its state, in milliseconds. */
const STATE_MS = 1_000

async function info(
  context: Context,
  pid: Pid,
  items: readonly string[],
): Promise<ReadonlyMap<string, unknown> | undefined> {
  const answer = await context.rpc(pid.node, "erlang", "process_info", [pid, atoms(...items)])
  return Array.isArray(answer) ? fieldsOf(answer) : undefined
}

export async function beamProcess(context: Context, pid: Pid): Promise<ProcessData | undefined> {
  const [known, started] = await Promise.all([
    info(context, pid, [...ITEMS, "dictionary"]),
    context.rpc(pid.node, "proc_lib", "translate_initial_call", [pid]),
  ])
  if (known === undefined) return undefined
  const number = (name: string): number => numberOf(known.get(name))
  const registered = known.get("registered_name")
  const registeredName = Array.isArray(registered) ? null : moduleText(registered)
  const initial = callText(known.get("initial_call"))
  const start = callText(started)
  const dictionary = fieldsOf(known.get("dictionary"))
  const ancestors = listOf(dictionary.get("$ancestors"))
  const collected = fieldsOf(known.get("garbage_collection"))
  const parent = ancestors[0]
  const module = start === "" || start === "proc_lib:init_p/5" ? initial : moduleText(elementsOf(started)[0])
  return {
    key: context.key(pid),
    pid: String(pid),
    node: pid.node,
    of: "beam",
    title: registeredName ?? labelOf(dictionary) ?? (module === initial ? initial : start),
    module,
    kind:
      module === "supervisor" || nameOf(elementsOf(dictionary.get("$initial_call"))[0]) === "supervisor"
        ? "supervisor"
        : "worker",
    status: nameOf(known.get("status")),
    registeredName,
    mailbox: number("message_queue_len"),
    handled: number("reductions"),
    cpu: null,
    memory: number("memory"),
    trapExit: known.get("trap_exit") === true,
    ancestors: ancestors.map((ancestor) => (ancestor instanceof Pid ? String(ancestor) : moduleText(ancestor))),
    parent:
      parent instanceof Pid
        ? linkOf(context, parent)
        : parent === undefined
          ? null
          : textLink(nameOf(parent), pid.node),
    links: listOf(known.get("links")).map((link) => related(context, link, pid.node)),
    monitors: listOf(known.get("monitors")).map((monitor) => related(context, elementsOf(monitor)[1], pid.node)),
    watchedBy: listOf(known.get("monitored_by")).map((watcher) => related(context, watcher, pid.node)),
    watchers: listOf(known.get("monitored_by")).length,
    facts: [
      fact("current", "Current function", callText(known.get("current_function")), "text"),
      fact("initial", "Initial call", start === "" ? initial : start, "text"),
      fact("priority", "Priority", nameOf(known.get("priority")), "text"),
      fact("leader", "Group leader", nameOf(known.get("group_leader")), "text"),
      fact("heap", "Heap, words", number("heap_size"), "count"),
      fact("total_heap", "Heap with stack, words", number("total_heap_size"), "count"),
      fact("stack", "Stack, words", number("stack_size"), "count"),
      fact("minor", "Minor collections", numberOf(collected.get("minor_gcs")), "count"),
    ],
    stack: listOf(known.get("current_stacktrace")).slice(0, STACK_MAX).map(frameText),
  }
}

/** Since OTP 27. */
function labelOf(dictionary: ReadonlyMap<string, unknown>): string | undefined {
  const label = dictionary.get("$process_label")
  return label === undefined ? undefined : inspect(label, MESSAGE_LIMITS)
}

/** A pid, a port, a name, or a name on a node. */
function related(context: Context, term: unknown, node: string): LinkView {
  if (term instanceof Pid) return linkOf(context, term)
  if (term instanceof Tuple) return textLink(nameOf(term.elements[0]), nameOf(term.elements[1]))
  return textLink(nameOf(term), node)
}

/** `{Module, Function, Arity, [{file, …}, {line, …}]}` as one line. */
function frameText(frame: unknown): string {
  const [module, name, arity, place] = elementsOf(frame)
  const at = fieldsOf(place)
  const file = charsOf(at.get("file") ?? "")
  const call = `${moduleText(module)}:${nameOf(name)}/${Array.isArray(arity) ? arity.length : nameOf(arity)}`
  return file === "" ? call : `${call} (${file}:${numberOf(at.get("line"))})`
}

export async function beamInside(context: Context, pid: Pid, withState: boolean): Promise<InsideData | undefined> {
  const first = await info(context, pid, ["message_queue_len", "dictionary"])
  if (first === undefined) return undefined
  const waiting = numberOf(first.get("message_queue_len"))
  const mailbox = waiting > 0 && waiting <= MAILBOX_MAX ? await info(context, pid, ["messages"]) : undefined
  const messages = listOf(mailbox?.get("messages")).slice(0, MESSAGES_SHOWN)
  const { state, stateNote } = withState ? await stateOf(context, pid, first.get("dictionary")) : NOT_ASKED
  return {
    state,
    stateNote,
    messages: messages.map((message) => inspect(redact(message), MESSAGE_LIMITS)),
    waiting,
    current: null,
    dictionary: inspect(redact(first.get("dictionary")), LIMITS),
  }
}

const NOT_ASKED = {
  state: null,
  stateNote: "The state of a process on a BEAM node can only be had by asking the process itself.",
}

async function stateOf(
  context: Context,
  pid: Pid,
  dictionary: unknown,
): Promise<Pick<InsideData, "state" | "stateNote">> {
  // What was not started by `proc_lib` does not understand the question, and would find it in its mailbox.
  if (!fieldsOf(dictionary).has("$initial_call"))
    return { state: null, stateNote: "It is no OTP process: it has no state that could be asked for." }
  try {
    const state = await context.rpc(pid.node, "sys", "get_state", [pid, STATE_MS], STATE_MS + 1_000)
    return { state: inspect(redact(state), LIMITS), stateNote: "" }
  } catch (thrown) {
    if (!(thrown instanceof RpcFailed)) throw thrown
    return {
      state: null,
      stateNote: `It did not tell its state within ${STATE_MS} ms: ${thrown.message.slice(0, 300)}`,
    }
  }
}
