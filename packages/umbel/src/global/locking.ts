/**
 * Locks on many nodes: taken on all of them or on none.
 *
 * ```ts
 * const host = { node, tables: state.tables }
 * if (await setLock(self, host, { resource: "job", requester: self.pid }, ["a@h", "b@h"], 0)) …
 * ```
 *
 * A node that is gone, or has no `global`, does not count: it can neither give the lock nor hold it. Rules: OTP's `global:set_lock`.
 */
import type { Node, ProcessCapability } from "../runtime/index.ts"
import { atom, compare, makeName, tuple } from "../term/index.ts"
import { NAME_SERVER, words } from "./protocol.ts"
import type { Tables } from "./tables.ts"

export interface LockId {
  readonly resource: unknown
  readonly requester: unknown
}

/** Where a lock is asked for: the node, and its own tables, which can be read without asking. */
export interface LockHost {
  readonly node: Node
  readonly tables: Tables
}

/** `gen_server:multi_call`: the same request to the name servers of all these nodes. The answers of those that gave one. */
export async function multiCall(
  self: ProcessCapability,
  me: string,
  nodes: readonly string[],
  request: unknown,
): Promise<ReadonlyMap<string, unknown>> {
  const asked = nodes.map(async (node) => {
    const server = makeName(NAME_SERVER, node === me ? undefined : node)
    // A node that is gone or silent until it is given up has no answer: that is its answer.
    const reply = await self.ask(server, request, { timeout: "infinity" }).catch(() => undefined)
    return [node, reply] as const
  })
  return new Map((await Promise.all(asked)).filter(([, reply]) => reply !== undefined))
}

const idTerm = ({ resource, requester }: LockId): unknown => tuple(resource, requester)

/** Once: on all of the nodes or, as soon as one refuses, on none. */
async function tryLock(
  self: ProcessCapability,
  host: LockHost,
  id: LockId,
  nodes: readonly string[],
): Promise<boolean> {
  if (nodes.length === 0) return true
  const me = host.node.name
  // Asking here first costs nothing, and saves the others a lock that is taken back at once.
  if (nodes.length > 1 && nodes.includes(me) && !host.tables.isFree(id.resource, id.requester)) return false
  const replies = await multiCall(self, me, nodes, tuple(words.setLock, idTerm(id)))
  if (![...replies.values()].includes(false)) return true
  if (replies.size > 1) {
    const given = [...replies].filter(([, reply]) => reply === true).map(([node]) => node)
    await deleteLock(self, me, id, given)
  }
  return false
}

/** Up to `retries` times more, with pauses that grow. */
export async function setLock(
  self: ProcessCapability,
  host: LockHost,
  id: LockId,
  nodes: readonly string[],
  retries: number,
): Promise<boolean> {
  for (let times = 1; ; times++) {
    if (await tryLock(self, host, id, nodes)) return true
    if (times > retries) return false
    await pause(host.node, times)
  }
}

export async function deleteLock(
  self: ProcessCapability,
  me: string,
  id: LockId,
  nodes: readonly string[],
): Promise<void> {
  await multiCall(self, me, nodes, tuple(words.deleteLock, idTerm(id)))
}

/** A quarter of a second at most at first, then twice as long, up to 8 seconds: by chance, so that two do not meet again and again. */
export function pause(node: Node, times: number): Promise<void> {
  const { random, clock } = node.platform
  const most = times > 5 ? 8_000 : (2 ** times * 1_000) / 8
  const ms = 1 + (random.uint32() % most)
  return new Promise((resolve) => void clock.after(ms, resolve))
}

/** The greatest node: whoever wants to lock many asks it first, so that two do not each get a part. */
export const bossOf = (nodes: readonly string[]): string =>
  nodes.reduce((boss, node) => (compare(atom(node), atom(boss)) > 0 ? node : boss))

/** The boss last: until then nobody else gets far. */
export async function deleteGlobalLock(
  self: ProcessCapability,
  me: string,
  id: LockId,
  nodes: readonly string[],
): Promise<void> {
  const boss = bossOf(nodes)
  await deleteLock(
    self,
    me,
    id,
    nodes.filter((node) => node !== boss),
  )
  await deleteLock(self, me, id, [boss])
}
