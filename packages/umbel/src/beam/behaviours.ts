/** The modules `sys`, `supervisor` and `proc_lib`, for processes of this node. */
import { Sys } from "../otp/index.ts"
import { Keeper, type Node, type Running } from "../runtime/index.ts"
import { atom, atomText, inspect, isAtomValue, tuple } from "../term/index.ts"
import { atomOf, type Functions, localTarget, overloaded, processOf, sendable } from "./answers.ts"
import { labelOf } from "./process-info.ts"
import { behaviourOf, firstFunction, initialCall, moduleOf } from "./process-kind.ts"

/**
 * A bare process has no state to show, and never answers: the call exits with `{timeout, _}`, as it does in Erlang.
 */
export function sys(node: Node): Functions {
  return {
    get_state: overloaded([1, 2], async (self, process: unknown, timeout: unknown) =>
      sendable(await Sys.getState(self, localTarget(node, process, "sys:get_state"), milliseconds(timeout))),
    ),
    get_status: overloaded([1, 2], async (self, process: unknown, timeout: unknown) =>
      sendable(await Sys.getStatus(self, localTarget(node, process, "sys:get_status"), milliseconds(timeout))),
    ),
  }
}

function milliseconds(given: unknown): number | undefined {
  if (given === undefined || typeof given === "number") return given
  if (isAtomValue(given) && atomText(given) === "infinity") return Number.POSITIVE_INFINITY
  throw new TypeError(`a timeout is milliseconds or infinity, not ${inspect(given, { limit: 10 })}`)
}

export function supervisor(node: Node): Functions {
  const ask = (self: Running, given: unknown, request: string): unknown => {
    const target = localTarget(node, given, `supervisor:${request}/1`)
    const process = node.findTarget(target)
    // The node's own two keepers answer no calls.
    return process instanceof Keeper ? KEEPER[request]!(process) : self.ask(target, atom(request))
  }
  return {
    count_children: (self, supervisor: unknown) => ask(self, supervisor, "count_children"),
    which_children: (self, supervisor: unknown) => ask(self, supervisor, "which_children"),
  }
}

const kindOf = (process: Parameters<typeof behaviourOf>[0]): "worker" | "supervisor" =>
  process instanceof Keeper || behaviourOf(process)?.text === "supervisor" ? "supervisor" : "worker"

const KEEPER: Readonly<Record<string, (keeper: Keeper) => unknown>> = {
  which_children: (keeper) =>
    keeper
      .kept()
      .reverse()
      .map((kept) =>
        tuple(
          kept.registeredName === undefined ? undefined : atomOf(kept.registeredName),
          kept.pid,
          atom(kindOf(kept)),
          [atomOf(moduleOf(kept))],
        ),
      ),
  count_children: (keeper) => {
    const kept = keeper.kept()
    const supervisors = kept.filter((process) => kindOf(process) === "supervisor").length
    return [
      tuple(atom("specs"), kept.length),
      tuple(atom("active"), kept.length),
      tuple(atom("supervisors"), supervisors),
      tuple(atom("workers"), kept.length - supervisors),
    ]
  },
}

export function procLib(node: Node): Functions {
  const what = "proc_lib:translate_initial_call/1"
  return {
    get_label: (_self, pid: unknown) => labelOf(processOf(node, pid, "proc_lib:get_label/1")),
    initial_call: (_self, pid: unknown) => {
      const process = processOf(node, pid, "proc_lib:initial_call/1")
      return process === undefined ? false : firstFunction(process)
    },
    translate_initial_call: (_self, pid: unknown) => {
      const process = processOf(node, pid, what)
      return process === undefined ? tuple(atom("proc_lib"), atom("init_p"), 5) : initialCall(process)
    },
  }
}
