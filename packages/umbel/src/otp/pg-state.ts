/**
 * Process groups: what a scope knows, and what it tells others. Pure: events in, what is to be sent out.
 *
 * ```ts
 * const state = new PgState()
 * state.join("rooms", [pid])            // to be told to all peers
 * state.peerJoined(peer, "rooms", [far])
 * state.members("rooms")                // [pid, far]
 * ```
 *
 * Each node has one process per scope, and knows the members of its own node for certain and those of others by what their scopes tell. A process may be in a
 * group several times. Rules: OTP's `pg`.
 */
import { defaultStructs, keyText, type Pid } from "../term/index.ts"

/** Group (any term) to its members, in the order they joined. */
class Groups {
  readonly #groups = new Map<string, { readonly group: unknown; pids: Pid[] }>()

  join(group: unknown, pids: readonly Pid[]): void {
    const key = keyText(group, defaultStructs)
    const entry = this.#groups.get(key)
    if (entry === undefined) this.#groups.set(key, { group, pids: [...pids] })
    else entry.pids.push(...pids)
  }

  /** Takes out one membership for each of `pids`; those that were there. */
  leave(group: unknown, pids: readonly Pid[]): Pid[] {
    const key = keyText(group, defaultStructs)
    const entry = this.#groups.get(key)
    if (entry === undefined) return []
    const left = pids.filter((pid) => {
      const index = entry.pids.findIndex((member) => member.key === pid.key)
      if (index >= 0) entry.pids.splice(index, 1)
      return index >= 0
    })
    if (entry.pids.length === 0) this.#groups.delete(key)
    return left
  }

  /** The groups it is in, once for each membership. */
  groupsOf(pid: Pid): unknown[] {
    return [...this.#groups.values()].flatMap(({ group, pids }) =>
      pids.filter((member) => member.key === pid.key).map(() => group),
    )
  }
  members(group: unknown): readonly Pid[] {
    return this.#groups.get(keyText(group, defaultStructs))?.pids ?? []
  }
  all(): readonly { readonly group: unknown; readonly pids: readonly Pid[] }[] {
    return [...this.#groups.values()]
  }
}

/** A change of a group's members. */
export interface PgChange {
  readonly kind: "join" | "leave"
  readonly group: unknown
  readonly pids: readonly Pid[]
}

export class PgState {
  readonly #local = new Groups()
  /** By the key of the peer's scope process. */
  readonly #peers = new Map<string, { readonly scope: Pid; groups: Groups }>()

  /** The scope processes of other nodes. */
  get peers(): readonly Pid[] {
    return [...this.#peers.values()].map((peer) => peer.scope)
  }
  members(group: unknown): readonly Pid[] {
    return [...this.#local.members(group), ...[...this.#peers.values()].flatMap(({ groups }) => groups.members(group))]
  }
  localMembers(group: unknown): readonly Pid[] {
    return this.#local.members(group)
  }
  /** All groups that have members anywhere. */
  groups(): readonly unknown[] {
    const found = new Map<string, unknown>()
    for (const groups of [this.#local, ...[...this.#peers.values()].map((peer) => peer.groups)]) {
      for (const { group } of groups.all()) found.set(keyText(group, defaultStructs), group)
    }
    return [...found.values()]
  }
  /** What a peer is told of this node: `[{Group, Pids}]`. */
  localGroups(): readonly { readonly group: unknown; readonly pids: readonly Pid[] }[] {
    return this.#local.all()
  }

  join(group: unknown, pids: readonly Pid[]): PgChange {
    this.#local.join(group, pids)
    return { kind: "join", group, pids }
  }
  /** Undefined when none of them was in the group. */
  leave(group: unknown, pids: readonly Pid[]): PgChange | undefined {
    const left = this.#local.leave(group, pids)
    return left.length === 0 ? undefined : { kind: "leave", group, pids: left }
  }
  /** A member of this node has ended: it leaves each of its groups, as often as it was in it. */
  ended(pid: Pid): readonly PgChange[] {
    return this.#local.groupsOf(pid).map((group) => {
      this.#local.leave(group, [pid])
      return { kind: "leave", group, pids: [pid] }
    })
  }

  knows(scope: Pid): boolean {
    return this.#peers.has(scope.key)
  }
  /** A peer tells all its members: that replaces whatever was known of it. */
  peerSynced(scope: Pid, told: readonly (readonly [group: unknown, pids: readonly Pid[]])[]): readonly PgChange[] {
    const before = this.#peers.get(scope.key)?.groups.all() ?? []
    const groups = new Groups()
    for (const [group, pids] of told) groups.join(group, pids)
    this.#peers.set(scope.key, { scope, groups })
    const change = (kind: PgChange["kind"], group: unknown, pids: readonly Pid[]): PgChange[] =>
      pids.length === 0 ? [] : [{ kind, group, pids }]
    const gone = before.flatMap(({ group, pids }) => change("leave", group, without(pids, groups.members(group))))
    const known = new Groups()
    for (const { group, pids } of before) known.join(group, pids)
    const come = told.flatMap(([group, pids]) => change("join", group, without(pids, known.members(group))))
    return [...gone, ...come]
  }
  /** From a peer that has not told all its members yet, a single change means nothing. */
  peerJoined(scope: Pid, group: unknown, pids: readonly Pid[]): PgChange | undefined {
    const peer = this.#peers.get(scope.key)
    if (peer === undefined) return undefined
    peer.groups.join(group, pids)
    return { kind: "join", group, pids }
  }
  peerLeft(scope: Pid, pids: readonly Pid[], groups: readonly unknown[]): readonly PgChange[] {
    const peer = this.#peers.get(scope.key)
    if (peer === undefined) return []
    return groups.flatMap((group) => {
      const left = peer.groups.leave(group, pids)
      return left.length === 0 ? [] : [{ kind: "leave" as const, group, pids: left }]
    })
  }
  /** The peer's scope process, or its node, is gone, and its members with it. */
  peerGone(scope: Pid): readonly PgChange[] {
    const peer = this.#peers.get(scope.key)
    if (peer === undefined) return []
    this.#peers.delete(scope.key)
    return peer.groups.all().map(({ group, pids }) => ({ kind: "leave", group, pids }))
  }
}

/** `pids` less one for each of `others`. */
function without(pids: readonly Pid[], others: readonly Pid[]): readonly Pid[] {
  const left = others.map((pid) => pid.key)
  return pids.filter((pid) => {
    const index = left.indexOf(pid.key)
    if (index >= 0) left.splice(index, 1)
    return index < 0
  })
}
