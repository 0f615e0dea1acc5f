/** The module `erlang`: what may be asked of a node, and `exit/2`. */
import type { Node } from "../runtime/index.ts"
import { atomText, copy, inspect, isAtomValue, type Pid, tuple } from "../term/index.ts"
import { aritiesOf, atomOf, type Functions, overloaded, pidOf, processOf, proplist, textOfAtom } from "./answers.ts"
import { allInfo, someInfo } from "./process-info.ts"
import { statistics } from "./statistics.ts"
import { systemInfo } from "./system-info.ts"
import { type Counters, memory } from "./vital-signs.ts"

export function erlang(node: Node, counters: Counters): Functions {
  return {
    exit: (self, pid: unknown, reason: unknown) => {
      node.signals.exit(self.pid, pidOf(pid, "erlang:exit/2"), copy(reason))
      return true
    },
    function_exported: (_self, module: unknown, name: unknown, arity: unknown) => {
      const what = "erlang:function_exported/3"
      const f = node.exposedFunction(textOfAtom(module, what), textOfAtom(name, what))
      return f !== undefined && aritiesOf(f).includes(Number(arity))
    },
    // V8 collects by itself, and not process by process: that it was asked is all there is to it.
    garbage_collect: overloaded([0, 1], (_self, pid: unknown) => {
      return pid === undefined || processOf(node, pid, "erlang:garbage_collect/1") !== undefined
    }),
    is_process_alive: (_self, pid: unknown) => processOf(node, pid, "erlang:is_process_alive/1") !== undefined,
    memory: overloaded([0, 1], (_self, wanted: unknown) => memoryOf(node, wanted)),
    monotonic_time: overloaded([0, 1], (_self, unit: unknown) => inUnit(node.platform.clock.now(), unit)),
    node: () => atomOf(node.name),
    nodes: overloaded([0, 1], (_self, kind: unknown) => nodes(node, kind)),
    port_info: overloaded([1, 2], () => undefined),
    ports: () => [],
    process_info: overloaded([1, 2], (_self, pid: unknown, ...wanted: unknown[]) =>
      wanted.length === 0 ? allInfo(node, pid) : someInfo(node, pid, wanted[0]),
    ),
    processes: () => Array.from(node.all(), (process): Pid => process.pid),
    registered: () => Array.from(node.names.all(), ([name]) => atomOf(name)),
    statistics: (_self, item: unknown) => statistics(node, counters, item),
    system_info: (_self, item: unknown) => systemInfo(node, item),
    system_time: overloaded([0, 1], (_self, unit: unknown) => inUnit(node.platform.clock.wallTime(), unit)),
    timestamp: () => timestamp(node),
    whereis: (_self, name: unknown) => node.names.get(textOfAtom(name, "erlang:whereis/1"))?.pid,
  }
}

/** `{MegaSeconds, Seconds, MicroSeconds}` since 1970. */
export function timestamp(node: Node): unknown {
  const ms = node.platform.clock.wallTime()
  const seconds = Math.floor(ms / 1_000)
  return tuple(Math.floor(seconds / 1e6), seconds % 1e6, Math.floor((ms - seconds * 1_000) * 1_000))
}

const PER_MS: Readonly<Record<string, number>> = { second: 0.001, millisecond: 1, microsecond: 1e3, nanosecond: 1e6 }

/** In nanoseconds, the native unit of the BEAM on most machines, unless told. */
export function inUnit(ms: number, unit: unknown): number | bigint {
  const name = unit === undefined ? "nanosecond" : textOfAtom(unit, "the unit of a time")
  const perMs = Object.hasOwn(PER_MS, name) ? PER_MS[name] : undefined
  if (perMs === undefined) throw new TypeError(`a time has no unit ${name}; it has ${Object.keys(PER_MS).join(", ")}`)
  return BigInt(Math.floor(ms * perMs))
}

function memoryOf(node: Node, wanted: unknown): unknown {
  const all = memory(node.platform.vitals())
  if (wanted === undefined) return proplist(all)
  const one = (item: unknown): number => {
    const name = textOfAtom(item, "erlang:memory/1")
    if (!Object.hasOwn(all, name)) {
      throw new TypeError(`erlang:memory/1 has no item ${name}; it has ${Object.keys(all).join(", ")}`)
    }
    return all[name]!
  }
  return Array.isArray(wanted) ? wanted.map((item: unknown) => tuple(item, one(item))) : one(wanted)
}

/** Visible are those with which both ends are. */
function nodes(node: Node, kind: unknown): unknown[] {
  const connected = node.nodes.map(atomOf)
  const links = node.remote.traffic()
  const visible = links.filter(({ flags }) => flags.includes("PUBLISHED")).map((link) => atomOf(link.node))
  if (kind === undefined) return visible
  const all: unknown[] = []
  for (const one of Array.isArray(kind) ? kind : [kind]) {
    switch (isAtomValue(one) ? atomText(one) : "") {
      case "visible":
        all.push(...visible)
        break
      case "connected":
        all.push(...connected)
        break
      case "known":
        all.push(atomOf(node.name), ...connected)
        break
      case "this":
        all.push(atomOf(node.name))
        break
      case "hidden":
        all.push(...connected.filter((one) => !visible.includes(one)))
        break
      default:
        throw new TypeError(
          `erlang:nodes/1 knows visible, hidden, connected, known and this, not ${inspect(one, { limit: 10 })}`,
        )
    }
  }
  return [...new Set(all)]
}
