/**
 * `erlang:process_info/1,2`: what the observer's process windows show, item by item.
 *
 * What V8 does not know of a single process (heap, stack, garbage collections) is 0, as Erlang's tools insist on a number. `reductions` are
 * microseconds of handlers: a measure of work done, which is what reductions are for. `memory` is an estimate. Messages
 * are shown with secrets covered, the first thousand of them.
 */
import { redact } from "../otp/index.ts"
import {
  CALL,
  type Envelope,
  linkedPids,
  type Node,
  type Process,
  READY,
  RUNNING,
  requestTerm,
  SUSPENDED,
  termOf,
} from "../runtime/index.ts"
import { atom, inspect, isAtomValue, Name, type Target, tuple } from "../term/index.ts"
import { atomOf, processOf, sendable, textOfAtom } from "./answers.ts"
import { currentFunction, firstFunction, initialCall } from "./process-kind.ts"
import { bytesOf } from "./process-memory.ts"

const MESSAGES_MAX = 1_000
const WORD_BYTES = 8
const genCall = atom("$gen_call")
const processAtom = atom("process")

type Item = (process: Process, node: Node) => unknown

const ITEMS: Readonly<Record<string, Item>> = {
  async_dist: () => false,
  // Binaries are garbage collected like everything else: none is counted by process.
  binary: () => [],
  catchlevel: () => 0,
  current_function: currentFunction,
  current_location: (process) => tuple(...currentFunction(process).elements, []),
  // JavaScript's stack is empty between turns, and this process is not in its turn while another looks at it.
  current_stacktrace: (process) => [tuple(...currentFunction(process).elements, [])],
  dictionary,
  error_handler: () => atom("error_handler"),
  fullsweep_after: () => 0,
  garbage_collection: () => [
    tuple(atom("max_heap_size"), { error_logger: true, include_shared_binaries: false, kill: true, size: 0 }),
    tuple(atom("min_bin_vheap_size"), 0),
    tuple(atom("min_heap_size"), 0),
    tuple(atom("fullsweep_after"), 0),
    tuple(atom("minor_gcs"), 0),
  ],
  garbage_collection_info: () => [],
  group_leader: (_, node) => node.user.pid,
  heap_size: (process) => Math.round(bytesOf(process) / WORD_BYTES),
  initial_call: firstFunction,
  last_calls: () => false,
  links: linkedPids,
  memory: bytesOf,
  message_queue_data: () => atom("on_heap"),
  message_queue_len: (process) => process.size,
  messages,
  min_bin_vheap_size: () => 0,
  min_heap_size: () => 0,
  monitored_by: (process) => [...(process.extras?.watchers?.all() ?? [])].map((watch) => watch.from),
  monitors: (process, node) =>
    [...(process.extras?.monitors?.values() ?? [])].map(({ target }) => tuple(processAtom, monitored(target, node))),
  parent: (process) => process.parent?.pid,
  priority: () => atom("normal"),
  reductions: (process, node) => Math.round(node.scheduler.meters.read(process.slot) * 1_000),
  registered_name: (process) => (process.registeredName === undefined ? [] : atomOf(process.registeredName)),
  sequential_trace_token: () => [],
  stack_size: () => 0,
  // One whose handler awaits something waits, as one that is in `receive` inside a callback does in Erlang.
  status: ({ status }) =>
    atom(
      status === READY ? "runnable" : status === RUNNING ? "running" : status === SUSPENDED ? "suspended" : "waiting",
    ),
  suspending: () => [],
  total_heap_size: (process) => Math.round(bytesOf(process) / WORD_BYTES),
  trace: () => 0,
  trap_exit: (process) => process.trapping,
}

/** What `process_info/1` gives, in OTP's order, after the name of those that have one. */
const DEFAULT_ITEMS = [
  "current_function",
  "initial_call",
  "status",
  "message_queue_len",
  "links",
  "dictionary",
  "trap_exit",
  "error_handler",
  "priority",
  "group_leader",
  "total_heap_size",
  "heap_size",
  "stack_size",
  "reductions",
  "garbage_collection",
  "suspending",
]

/** `process_info(Pid)`; undefined for one that has ended. @throws TypeError */
export function allInfo(node: Node, pid: unknown): unknown {
  const process = processOf(node, pid, "erlang:process_info/1")
  if (process === undefined) return undefined
  const items = process.registeredName === undefined ? DEFAULT_ITEMS : ["registered_name", ...DEFAULT_ITEMS]
  return items.map((item) => tuple(atom(item), ITEMS[item]!(process, node)))
}

/** `process_info(Pid, Item)` and `process_info(Pid, [Item])`. @throws TypeError for an item that there is not */
export function someInfo(node: Node, pid: unknown, wanted: unknown): unknown {
  const process = processOf(node, pid, "erlang:process_info/2")
  if (Array.isArray(wanted)) {
    const items = wanted.map(itemOf)
    return process === undefined ? undefined : items.map(([name, item]) => tuple(atom(name), item(process, node)))
  }
  const [name, item] = itemOf(wanted)
  if (process === undefined) return undefined
  // The one item that is left out when there is nothing to tell, as Erlang has it.
  if (name === "registered_name" && process.registeredName === undefined) return []
  return tuple(atom(name), item(process, node))
}

function itemOf(wanted: unknown): readonly [string, Item] {
  const name = textOfAtom(wanted, "erlang:process_info/2")
  const item = Object.hasOwn(ITEMS, name) ? ITEMS[name] : undefined
  if (item === undefined) {
    throw new TypeError(`erlang:process_info/2 has no item ${name}; it has ${Object.keys(ITEMS).join(", ")}`)
  }
  return [name, item]
}

/** Its own, with secrets covered, after what OTP keeps in the dictionaries of its processes. */
function dictionary(process: Process): unknown {
  const ancestors: unknown[] = []
  for (let above = process.parent; above !== undefined && ancestors.length < 20; above = above.parent) {
    ancestors.push(above.registeredName === undefined ? above.pid : atomOf(above.registeredName))
  }
  const label = process.extras?.label
  const own = redact(process.extras?.dictionary ?? new Map()) as Map<unknown, unknown>
  return [
    tuple(atom("$initial_call"), initialCall(process)),
    tuple(atom("$ancestors"), ancestors),
    ...(label === undefined ? [] : [tuple(atom("$process_label"), sendable(label))]),
    ...Array.from(own, ([key, value]) => tuple(sendable(key), sendable(value))),
  ]
}

function messages(process: Process): unknown {
  const shown: unknown[] = []
  for (let envelope = process.head; envelope !== undefined && shown.length < MESSAGES_MAX; envelope = envelope.next) {
    shown.push(sendable(redact(look(envelope))))
  }
  return shown
}

/** The message, without making a reference for a call that has none yet. */
function look(envelope: Envelope): unknown {
  if (envelope.kind !== CALL) return termOf(envelope)
  const { from, caller, ref } = envelope
  return tuple(
    genCall,
    tuple(from?.pid ?? caller, from?.tag ?? ref ?? []),
    requestTerm(envelope.request, envelope.args),
  )
}

function monitored(target: Target, node: Node): unknown {
  if (!(target instanceof Name)) return target
  if (target.key !== undefined) return inspect(target)
  return tuple(atomOf(target.name), atomOf(target.node ?? node.name))
}

/** The label, for `proc_lib:get_label/1`. */
export function labelOf(process: Process | undefined): unknown {
  const label = process?.extras?.label
  return isAtomValue(label) ? label : sendable(label)
}
