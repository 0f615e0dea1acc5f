/**
 * The registrar: the process that changes names on all known nodes, one change after the other, each under the lock on `global`.
 *
 * ```ts
 * self.send(registrar, { kind: "change", change: { kind: "register", name, pid, method }, from })
 * ```
 *
 * It never ends, so a change is made on all nodes even if whoever asked for it has gone. Rules: OTP's `global`.
 */
import type { Running } from "../runtime/index.ts"
import { type Pid, tuple } from "../term/index.ts"
import {
  bossOf,
  deleteGlobalLock,
  deleteLock,
  type LockHost,
  type LockId,
  multiCall,
  pause,
  setLock,
} from "./locking.ts"
import { words } from "./protocol.ts"
import { GLOBAL_RESOURCE } from "./tables.ts"

export type NameChange =
  | { readonly kind: "register" | "reRegister"; readonly name: unknown; readonly pid: Pid; readonly method: unknown }
  | { readonly kind: "unregister"; readonly name: unknown }

export interface ChangeRequest {
  readonly kind: "change"
  readonly change: NameChange
  /** Who waits for it to be made; undefined for nobody. */
  readonly from: { readonly pid: Pid; readonly tag: unknown } | undefined
}

export interface RegistrarHost extends LockHost {
  readonly known: readonly string[]
  /** The process of that name, unless it has ended. */
  locate(name: unknown): Pid | undefined
}

const isRequest = (message: unknown): message is ChangeRequest =>
  typeof message === "object" && message !== null && (message as { kind?: unknown }).kind === "change"

export async function runRegistrar(self: Running, host: RegistrarHost): Promise<void> {
  const id: LockId = { resource: GLOBAL_RESOURCE, requester: self.pid }
  const me = host.node.name
  for (;;) {
    const { change, from } = await self.receive(isRequest)
    const nodes = await lockAllKnown(self, host, id)
    try {
      const made = await make(self, host, nodes, change)
      if (from !== undefined) host.node.calls.reply(self.pid, from, made)
    } finally {
      await deleteGlobalLock(self, me, id, nodes)
    }
  }
}

/** Locks every known node, the boss first; all over again when another one has become known meanwhile. */
async function lockAllKnown(self: Running, host: RegistrarHost, id: LockId): Promise<readonly string[]> {
  const me = host.node.name
  for (let times = 0; ; times++) {
    const { known } = host
    const nodes = [me, ...known]
    const boss = bossOf(nodes)
    if (await setLock(self, host, id, [boss], 0)) {
      if (await setLock(self, host, id, nodes, 0)) {
        if (host.known.every((node) => known.includes(node))) return nodes
        await deleteGlobalLock(self, me, id, nodes)
      } else await deleteLock(self, me, id, [boss])
    }
    await pause(host.node, times)
  }
}

/** Whether it was made. */
async function make(
  self: Running,
  host: RegistrarHost,
  nodes: readonly string[],
  change: NameChange,
): Promise<boolean> {
  const me = host.node.name
  if (change.kind === "unregister") {
    await multiCall(self, me, nodes, tuple(words.unregister, change.name))
    return true
  }
  const { name, pid, method } = change
  if (change.kind === "register") {
    if (host.locate(name) !== undefined) return false
    if (host.tables.isNamed(pid)) {
      host.node.reports.note("error", "global", `${pid} has a global name already; a process has one at most`)
      return false
    }
  }
  await multiCall(self, me, nodes, tuple(words.register, name, pid, method))
  return true
}
