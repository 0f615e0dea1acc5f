/**
 * `erlang:system_info/1`.
 *
 * The release is 25, since that is whose manners are followed here: tools that behave otherwise towards newer ones are answered as they expect.
 */
import { FULL_BYTES } from "../distribution/index.ts"
import type { Node, Vitals } from "../runtime/index.ts"
import { atom, atomCount, charlist, isAtomValue, Tuple, tuple } from "../term/index.ts"
import { textOfAtom } from "./answers.ts"
import { allocatorSizes } from "./vital-signs.ts"

export const OTP_RELEASE = "25"
/** V8's limit for the entries of a Map, which the tables of processes and atoms are. */
const ENTRIES_MAX = 2 ** 24
const WORD_BYTES = 8

type Item = (node: Node, vitals: Vitals) => unknown
const processors: Item = (_, vitals) => vitals.processors
const none: Item = () => 0
const no: Item = () => false
/** There is no such thing here, so no limit of it: tools print "Not available", and divide by nothing. */
const noLimit: Item = () => undefined

const ITEMS: Readonly<Record<string, Item>> = {
  alloc_util_allocators: () => [],
  allocator_sizes: (_, vitals) => allocatorSizes(vitals),
  atom_count: () => atomCount(),
  atom_limit: () => ENTRIES_MAX,
  build_type: () => atom("opt"),
  compat_rel: () => Number(OTP_RELEASE),
  creation: (node) => node.creation,
  dirty_cpu_schedulers: none,
  dirty_cpu_schedulers_online: none,
  dirty_io_schedulers: none,
  dist_buf_busy_limit: () => FULL_BYTES,
  ets_count: none,
  ets_limit: noLimit,
  kernel_poll: () => true,
  logical_processors: processors,
  logical_processors_available: processors,
  logical_processors_online: processors,
  multi_scheduling: () => atom("disabled"),
  otp_release: () => charlist(OTP_RELEASE),
  port_count: none,
  port_limit: noLimit,
  process_count: (node) => node.count,
  process_limit: () => ENTRIES_MAX,
  // One event loop. What is beyond one thread is another node.
  schedulers: () => 1,
  schedulers_online: () => 1,
  smp_support: no,
  system_architecture: (_, vitals) => charlist(vitals.architecture),
  system_version: (_, vitals) => charlist(`Umbel on ${vitals.runtime}\n`),
  thread_pool_size: none,
  threads: no,
  version: (_, vitals) => charlist(`Umbel on ${vitals.runtime}`),
  wordsize: () => WORD_BYTES,
}

/** @throws TypeError for an item that there is not */
export function systemInfo(node: Node, wanted: unknown): unknown {
  // `{wordsize, internal}`, `{allocator_sizes, Allocators}`: what comes second changes nothing here.
  const given = wanted instanceof Tuple && isAtomValue(wanted.elements[0]) ? wanted.elements[0] : wanted
  const name = textOfAtom(given, "erlang:system_info/1")
  if (!Object.hasOwn(ITEMS, name)) {
    throw new TypeError(`erlang:system_info/1 has no item ${name}; it has ${Object.keys(ITEMS).join(", ")}`)
  }
  return ITEMS[name]!(node, node.platform.vitals())
}

/** `[{Item, Value}]` of several items. */
export function systemInfos(node: Node, vitals: Vitals, names: readonly string[]): unknown[] {
  return names.map((name) => tuple(atom(name), ITEMS[name]!(node, vitals)))
}
