/**
 * Process groups over the cluster, Erlang's `pg`: any process may join any group, and every node that runs the scope knows the members.
 *
 * ```ts
 * child(pgScope("pg"))                                   // the scope, under a supervisor
 * await Pg.join(self, "pg", "rooms")                     // this process
 * for (const pid of Pg.members(self, "pg", "rooms")) self.send(pid, "hello")
 * ```
 *
 * BEAM nodes that run the same scope (`pg:start_link()` for `pg`) see our members, and we see theirs. Reading is local and asks nobody. Groups are
 * eventually the same everywhere: there is no lock and no order between nodes. What is decided is in `pg-state.ts`.
 */
import { type Api, isDown, type Node, type ProcessCapability } from "../runtime/index.ts"
import { $gen_cast, atom, equal, makeName, type Name, Pid, Tuple, tuple } from "../term/index.ts"
import { define, type GenServer, name } from "./gen-server.ts"
import { nodeOf, processOf } from "./node-of.ts"
import { type PgChange, PgState } from "./pg-state.ts"
import type { Server } from "./server.ts"

export interface PgApi extends Api {
  calls: {
    /** Processes of this scope's own node join a group. */
    join(group: unknown, pids: readonly Pid[]): "ok"
    /** `not_joined` when none of them is in it. */
    leave(group: unknown, pids: readonly Pid[]): "ok" | "not_joined"
    /** From now on the caller is sent a {@link PgNews} for each change, and gets the members there are. */
    monitor(group: unknown, watcher: Pid): readonly Pid[]
    demonitor(watcher: Pid): "ok"
  }
  casts: {}
}

/** What a process that monitors a group is sent. */
export interface PgNews {
  readonly kind: "pg"
  readonly change: "join" | "leave"
  readonly group: unknown
  readonly pids: readonly Pid[]
}

interface Scope {
  readonly groups: PgState
  readonly scope: string
  readonly watchers: Map<string, { readonly pid: Pid; readonly group: unknown }[]>
  /** Nodes that are asked for their scope again after a while. */
  readonly sought: Set<string>
  stop: (() => void) | undefined
}

const discover = atom("discover")
const sync = atom("sync")
const join = atom("join")
const leave = atom("leave")

/** Defines a scope. Its process bears the scope's name; one a node. */
export function pgScope(scope: string): GenServer<void, PgApi> {
  const made = define(`umbel.pg.${scope}`, {
    init(_arg, self) {
      self.register(makeName(scope, undefined))
      self.cold.essential = true
      const state: Scope = { groups: new PgState(), scope, watchers: new Map(), sought: new Set(), stop: undefined }
      const { remote } = self.node
      self.own({ [Symbol.dispose]: () => state.stop?.() })
      state.stop = remote.onNodes((node, up) => {
        if (up) self.node.deliverTerm(self, tuple(nodeUp, node))
      })
      for (const node of remote.nodes()) discoverAt(self, state, node)
      return state
    },
    calls: {
      join: (self, group, pids) => joinLocal(self, group, pids as readonly Pid[]),
      leave: (self, group, pids) => leaveLocal(self, group, pids as readonly Pid[]),
      monitor: (self, group, watcher) => watchGroup(self, group, watcher as Pid),
      demonitor: (self, watcher) => {
        of(self).watchers.delete((watcher as Pid).key)
        return "ok"
      },
    },
    info: (self, message) => heard(self, message),
    // `sync` comes as a cast whose words are no request of ours: `{sync, Pid, Groups}`.
    casts: { sync: (self, scopePid, groups) => synced(self, scopePid, groups) },
    formatStatus: (state) => ({
      groups: (state as Scope).groups.groups(),
      peers: (state as Scope).groups.peers.map((pid) => pid.node),
    }),
  })
  return made as unknown as GenServer<void, PgApi>
}

const nodeUp = atom("umbel.node_up")
const of = (self: Server): Scope => self.state as Scope

/**
 * Shows itself to the scope of that node, again and again until there is one: a BEAM node tells hidden nodes nothing of a scope that it starts later.
 */
function discoverAt(self: Server, state: Scope, node: string, waitMs = AGAIN_MS): void {
  const { groups, sought, scope } = state
  self.send(makeName(scope, node), tuple(discover, self.pid))
  if (sought.has(node)) return
  sought.add(node)
  self.node.platform.clock.after(waitMs, () => {
    sought.delete(node)
    if (self.node.find(self.pid) === undefined || !self.node.nodes.includes(node)) return
    if (groups.peers.some((pid) => pid.node === node)) return
    discoverAt(self, state, node, Math.min(2 * waitMs, AGAIN_MAX_MS))
  })
}

function tell(self: Server, message: unknown): void {
  for (const peer of of(self).groups.peers) self.send(peer, message)
}

// ---- members of this node --------------------------------------------------------------------------------------------------
function joinLocal(self: Server, group: unknown, pids: readonly Pid[]): "ok" {
  const far = pids.find((pid) => self.node.isFar(pid))
  if (far !== undefined) throw new TypeError(`${far} of ${far.node} can join only through the scope of its own node`)
  for (const pid of pids) {
    if (self.node.find(pid) !== undefined) self.monitor(pid)
  }
  const alive = pids.filter((pid) => self.node.find(pid) !== undefined)
  if (alive.length > 0) {
    changed(self, [of(self).groups.join(group, alive)])
    tell(self, tuple(join, self.pid, group, alive))
  }
  return "ok"
}

function leaveLocal(self: Server, group: unknown, pids: readonly Pid[]): "ok" | "not_joined" {
  const change = of(self).groups.leave(group, pids)
  if (change === undefined) return "not_joined"
  changed(self, [change])
  tell(self, tuple(leave, self.pid, change.pids, [group]))
  return "ok"
}

function watchGroup(self: Server, group: unknown, watcher: Pid): readonly Pid[] {
  const { watchers, groups } = of(self)
  self.monitor(watcher)
  watchers.set(watcher.key, [...(watchers.get(watcher.key) ?? []), { pid: watcher, group }])
  return groups.members(group)
}

function changed(self: Server, changes: readonly PgChange[]): void {
  const { watchers } = of(self)
  if (watchers.size === 0) return
  for (const { kind, group, pids } of changes) {
    for (const watched of watchers.values()) {
      for (const one of watched) {
        if (equal(one.group, group)) self.send(one.pid, { kind: "pg", change: kind, group, pids } satisfies PgNews)
      }
    }
  }
}

// ---- other nodes -----------------------------------------------------------------------------------------------------------
function heard(self: Server, message: unknown): void {
  if (isDown(message)) return message.target instanceof Pid ? ended(self, message.target) : undefined
  if (!(message instanceof Tuple)) return
  const [tag, first, second, third] = message.elements
  if (tag === nodeUp) return discoverAt(self, of(self), String(first))
  if (!(first instanceof Pid)) return
  // OTP 28 may add a version as a third element.
  if (tag === discover) return discovered(self, first)
  const { groups } = of(self)
  if (tag === join) {
    const pids = second === undefined ? [] : pidsOf(third)
    const change = groups.peerJoined(first, second, pids)
    if (change !== undefined) changed(self, [change])
  } else if (tag === leave && Array.isArray(third)) changed(self, groups.peerLeft(first, pidsOf(second), third))
}

const pidsOf = (term: unknown): readonly Pid[] =>
  (Array.isArray(term) ? term : [term]).filter((pid): pid is Pid => pid instanceof Pid)

/** A scope of another node shows itself: it is told our members, and, unless we know it, asked for its own. */
function discovered(self: Server, scopePid: Pid): void {
  const { groups } = of(self)
  const ours = groups.localGroups().map(({ group, pids }) => tuple(group, pids))
  self.send(scopePid, tuple($gen_cast, tuple(sync, self.pid, ours)))
  if (!groups.knows(scopePid)) {
    changed(self, groups.peerSynced(scopePid, []))
    self.monitor(scopePid)
    self.send(scopePid, tuple(discover, self.pid))
  }
}

function synced(self: Server, scopePid: unknown, told: unknown): void {
  if (!(scopePid instanceof Pid) || !Array.isArray(told)) return
  const { groups } = of(self)
  if (!groups.knows(scopePid)) self.monitor(scopePid)
  const pairs = told
    .filter((pair): pair is Tuple => pair instanceof Tuple && pair.elements.length === 2)
    .map(({ elements }) => [elements[0], pidsOf(elements[1])] as const)
  changed(self, groups.peerSynced(scopePid, pairs))
}

function ended(self: Server, pid: Pid): void {
  const { groups, watchers } = of(self)
  watchers.delete(pid.key)
  if (groups.knows(pid)) {
    changed(self, groups.peerGone(pid))
    // The scope may have ended without its node, and be started again there.
    if (self.node.nodes.includes(pid.node)) discoverAt(self, of(self), pid.node)
    return
  }
  const changes = groups.ended(pid)
  if (changes.length === 0) return
  changed(self, changes)
  tell(
    self,
    tuple(
      leave,
      self.pid,
      pid,
      changes.map(({ group }) => group),
    ),
  )
}

/** Milliseconds until a scope that is not there is looked for again: at first, and at most. */
const AGAIN_MS = 1_000
const AGAIN_MAX_MS = 8_000

// ---- what everybody uses -----------------------------------------------------------------------------------------------------
export interface PgFunctions {
  /** `self` joins the group, or the `pids` given, of this node. */
  join(self: ProcessCapability | Node, scope: string, group: unknown, pids?: readonly Pid[]): Promise<"ok">
  leave(
    self: ProcessCapability | Node,
    scope: string,
    group: unknown,
    pids?: readonly Pid[],
  ): Promise<"ok" | "not_joined">
  /** All members, of this node first. Asks nobody. Empty where the scope does not run. */
  members(self: ProcessCapability | Node, scope: string, group: unknown): readonly Pid[]
  localMembers(self: ProcessCapability | Node, scope: string, group: unknown): readonly Pid[]
  groups(self: ProcessCapability | Node, scope: string): readonly unknown[]
  /** The members now; a {@link PgNews} comes for each change. */
  monitor(self: ProcessCapability, scope: string, group: unknown): Promise<readonly Pid[]>
  demonitor(self: ProcessCapability, scope: string): Promise<"ok">
}

const scopeName = (scope: string): Name<PgApi> => name<PgApi>(scope)

function stateOf(self: ProcessCapability | Node, scope: string): PgState | undefined {
  const process = nodeOf(self).names.get(scope)
  const state = (process as { state?: unknown } | undefined)?.state as Partial<Scope> | undefined
  return state?.groups
}

export const Pg: PgFunctions = {
  join: (self, scope, group, pids) =>
    processOf(self)
      .call(scopeName(scope))
      .join(group, pids ?? [processOf(self).pid]),
  leave: (self, scope, group, pids) =>
    processOf(self)
      .call(scopeName(scope))
      .leave(group, pids ?? [processOf(self).pid]),
  members: (self, scope, group) => stateOf(self, scope)?.members(group) ?? [],
  localMembers: (self, scope, group) => stateOf(self, scope)?.localMembers(group) ?? [],
  groups: (self, scope) => stateOf(self, scope)?.groups() ?? [],
  monitor: (self, scope, group) => self.call(scopeName(scope)).monitor(group, self.pid),
  demonitor: (self, scope) => self.call(scopeName(scope)).demonitor(self.pid),
}

export const isPgNews = (message: unknown): message is PgNews =>
  typeof message === "object" && message !== null && (message as PgNews).kind === "pg" && "change" in message
