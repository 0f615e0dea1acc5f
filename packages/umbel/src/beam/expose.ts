/**
 * A node as Erlang's tools see it.
 *
 * ```ts
 * await exposeBeam(node)
 * // erl> rpc:call('a@host', erlang, process_info, [Pid, messages]).      observer:start(), then its Nodes menu
 * ```
 *
 * The observer, `etop`, `erl_call` and LiveDashboard know nothing of Umbel: they call functions of certain modules of OTP by name. Here those functions are, each
 * as OTP 25 answers it. Everything only reads, but for `erlang:exit/2`; nothing runs code of users, but `formatStatus` where a status is asked for.
 * Tracing is refused: nothing here follows a process step by step.
 */
import type { Node } from "../runtime/index.ts"
import type { Functions } from "./answers.ts"
import { applicationModules } from "./applications.ts"
import { appmonInfo } from "./appmon-info.ts"
import { procLib, supervisor, sys } from "./behaviours.ts"
import { erlang } from "./erlang.ts"
import { liveDashboard, SYSTEM_INFO } from "./live-dashboard.ts"
import { code, moduleInfo } from "./modules.ts"
import { observerBackend } from "./observer-backend.ts"
import { odds } from "./odds.ts"
import { REX, rex } from "./rex.ts"
import { Counters } from "./vital-signs.ts"

/** All modules with their functions, by name. */
export function beamModules(node: Node): Readonly<Record<string, Functions>> {
  const counters = new Counters(node)
  return {
    ...applicationModules(node),
    ...odds(node),
    appmon_info: appmonInfo(node),
    code: code(node),
    erlang: erlang(node, counters),
    observer_backend: observerBackend(node, counters),
    proc_lib: procLib(node),
    [SYSTEM_INFO]: liveDashboard(node, counters),
    supervisor: supervisor(node),
    sys: sys(node),
  }
}

/** Exposes the modules, and starts `rex`. A function that the node exposes already under the same name stays what it is. */
export async function exposeBeam(node: Node): Promise<void> {
  for (const [module, functions] of Object.entries(beamModules(node))) {
    node.exposed.set(module, { ...functions, ...node.exposed.get(module) })
  }
  node.exposedElse = (module, name) => moduleInfo(node, module, name)
  await node.startFor(node.root, rex as never, { name: REX })
}
