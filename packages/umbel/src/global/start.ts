/**
 * Makes a node take part in `global`: a visible node must, or it would hold up the names of all others.
 *
 * ```ts
 * const distribution = new Distribution(node, transport, { cookie, md5, hidden: false })
 * await startGlobal(node, distribution, { tickMs: distribution.tickMs })      // before anybody can connect
 * await distribution.start()
 * ```
 */
import { child, type GlobalNames, globalNamesKey, supervisor } from "../otp/index.ts"
import type { Node } from "../runtime/index.ts"
import { inspect } from "../term/index.ts"
import { globalModule } from "./expose.ts"
import { Global } from "./global.ts"
import { GLOBAL, type GlobalRemote, nameServer, nameServerOf } from "./name-server.ts"

export interface GlobalStart {
  /** Milliseconds of silence until a peer is given up. */
  readonly tickMs: number
  /** OTP's `prevent_overlapping_partitions`, which must be the same on all nodes: on unless told. */
  readonly preventOverlappingPartitions?: boolean | undefined
}

/** Starts the name server under a supervisor of its own, and exposes the module `global`. */
export async function startGlobal(node: Node, remote: GlobalRemote, options: GlobalStart): Promise<void> {
  const { tickMs, preventOverlappingPartitions: prevent = true } = options
  node.exposed.set("global", { ...globalModule(node), ...node.exposed.get("global") })
  // For the inspector, which knows nothing of this room.
  const names: GlobalNames = () =>
    Global.names(node).flatMap((name) => {
      const pid = Global.whereis(node, name)
      return pid === undefined ? [] : [[inspect(name), pid] as const]
    })
  node.attachments.set(globalNamesKey, names)
  const server = child(nameServer({ remote, tickMs, prevent }), { name: GLOBAL as never })
  await node.startFor(node.root, supervisor("umbel.global", { children: [server] }), undefined)
  // Before the connections go: their loss is no news then.
  node.onStop(() => nameServerOf(node)?.event({ kind: "stopping" }))
}
