/** Modules beside `erlang` of which tools ask next to nothing. */
import { distributionOf } from "../distribution/index.ts"
import type { Node } from "../runtime/index.ts"
import { atom, charlist, ok, tuple } from "../term/index.ts"
import { TICK_MS } from "../wire/index.ts"
import { type Functions, overloaded } from "./answers.ts"
import { inUnit, timestamp } from "./erlang.ts"

export function odds(node: Node): Readonly<Record<string, Functions>> {
  return {
    // The relay of a tracer: whoever wants to trace is told why not, and the observer shows an empty trace.
    dbg: {
      do_relay: overloaded([2, 3], (self) => self.exit(atom("umbel_nodes_cannot_be_traced"))),
    },
    // There are no tables.
    ets: { all: () => [], info: overloaded([1, 2], () => undefined) },
    init: {
      get_argument: (_self, _flag: unknown) => atom("error"),
      get_arguments: () => [],
      get_plain_arguments: () => [],
      get_status: () => tuple(atom("started"), atom("started")),
    },
    net_kernel: {
      // Seconds.
      get_net_ticktime: () => Math.round((distributionOf(node)?.tickMs ?? TICK_MS) / 1_000),
      longnames: () => true,
    },
    os: {
      getpid: () => charlist(String(node.platform.vitals().processId)),
      system_time: overloaded([0, 1], (_self, unit: unknown) => inUnit(node.platform.clock.wallTime(), unit)),
      timestamp: () => timestamp(node),
      type: () => {
        const { os } = node.platform.vitals()
        return tuple(atom(os === "windows" ? "win32" : "unix"), atom(os))
      },
    },
    // No log files are kept for `rb` to look through.
    rb: { rescan: overloaded([0, 1], () => ok), grep: (_self, _pattern: unknown) => ok },
  }
}
