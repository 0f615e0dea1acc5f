/**
 * `erlang:statistics/1`.
 *
 * `reductions` are microseconds of CPU, as everywhere here; `runtime` is CPU in milliseconds, both of the whole operating-system process.
 */
import type { Node } from "../runtime/index.ts"
import { tuple } from "../term/index.ts"
import { textOfAtom } from "./answers.ts"
import { type Counters, micros, schedulerTimes } from "./vital-signs.ts"

type Item = (node: Node, counters: Counters) => unknown

const cpuMs = (node: Node): number => {
  const { cpuUserMs, cpuSystemMs } = node.platform.vitals()
  return cpuUserMs + cpuSystemMs
}
const schedulers: Item = (node) => schedulerTimes(node.platform.vitals())
const runQueue: Item = (node) => node.scheduler.ready

const ITEMS: Readonly<Record<string, Item>> = {
  active_tasks: (node) => [node.scheduler.ready],
  // The second number is always 0 in Erlang.
  context_switches: (node) => tuple(node.scheduler.turns, 0),
  exact_reductions: (node, counters) => counters.pair("exact_reductions", micros(cpuMs(node))),
  // V8 collects when it likes and does not tell.
  garbage_collection: () => tuple(0, 0, 0),
  io: (_, counters) => counters.io(),
  reductions: (node, counters) => counters.pair("reductions", micros(cpuMs(node))),
  run_queue: runQueue,
  run_queue_lengths: (node) => [node.scheduler.ready],
  runtime: (node, counters) => counters.pair("runtime", Math.round(cpuMs(node))),
  scheduler_wall_time: schedulers,
  scheduler_wall_time_all: schedulers,
  total_active_tasks: runQueue,
  total_run_queue_lengths: runQueue,
  wall_clock: (node, counters) => counters.pair("wall_clock", uptimeMs(node)),
}

/** Milliseconds since the node was booted. */
export function uptimeMs(node: Node): number {
  return Math.max(0, Math.round(node.platform.clock.wallTime() - node.bootedAt))
}

/** @throws TypeError for an item that there is not */
export function statistics(node: Node, counters: Counters, wanted: unknown): unknown {
  const name = textOfAtom(wanted, "erlang:statistics/1")
  if (!Object.hasOwn(ITEMS, name)) {
    throw new TypeError(`erlang:statistics/1 has no item ${name}; it has ${Object.keys(ITEMS).join(", ")}`)
  }
  return ITEMS[name]!(node, counters)
}
