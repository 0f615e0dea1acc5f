/**
 * `rpc` from here: `erpc:call` to another node, and the same on this very node, without the wire.
 */
import { CallExit, type Node, RpcFailed } from "../runtime/index.ts"
import { atom, copy, makeName, type Pid, timeout } from "../term/index.ts"
import { type ErpcOutcome, readOutcome, serve } from "./functions.ts"
import type { Peer } from "./peer.ts"

/** A function of another node, and what it is called with. */
export interface FarCall {
  readonly caller: Pid
  /** The group leader of what runs over there. */
  readonly leader: Pid
  readonly module: string
  readonly name: string
  readonly args: readonly unknown[]
  /** May be infinite. */
  readonly timeoutMs: number
}

/** @throws RpcFailed; CallExit when the node is out of reach or late; as rejections */
export function callFar(mine: Node, peer: Peer, call: FarCall): Promise<unknown> {
  const { caller, leader, module, name, args, timeoutMs } = call
  const node = peer.name
  return new Promise((resolve, reject) => {
    const late = Number.isFinite(timeoutMs) ? mine.platform.clock.after(timeoutMs, () => lost(timeout)) : undefined
    const lost = (reason: unknown): void => {
      late?.cancel()
      forget()
      const limit = timeoutMs === Number.POSITIVE_INFINITY ? "infinity" : timeoutMs
      reject(new CallExit(reason, makeName(module, node), name, limit))
    }
    const done = (outcome: ErpcOutcome): void => {
      late?.cancel()
      if (outcome.kind === "return") resolve(outcome.value)
      else if (outcome.kind === "lost") lost(outcome.reason)
      else reject(new RpcFailed(`${module}:${name} on ${node}`, outcome.kind, outcome.reason, outcome.stack))
    }
    const request = { ref: mine.identities.ref(), module, name, args: copy(args) }
    const forget = peer.erpc(caller, leader, request, done)
  })
}

/** The same on this very node, without the wire. */
export async function callHere(
  node: Node,
  caller: Pid,
  module: string,
  name: string,
  args: readonly unknown[],
): Promise<unknown> {
  const ref = node.identities.ref()
  const request = {
    from: caller,
    module: "erpc",
    function: "execute_call",
    args: [ref, atom(module), atom(name), copy(args)],
  }
  const reason = await new Promise<unknown>((resolve) => {
    const service = serve(node, request)
    node.signals.watch(caller, service.pid, resolve)
  })
  const outcome = readOutcome(ref, reason)
  if (outcome.kind === "return") return outcome.value
  if (outcome.kind === "lost") throw new CallExit(outcome.reason, makeName(module, node.name), name, "infinity")
  throw new RpcFailed(`${module}:${name} on ${node.name}`, outcome.kind, outcome.reason, outcome.stack)
}
