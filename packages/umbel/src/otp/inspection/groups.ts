/**
 * How processes are found: names, registries, groups, read off the tables of the processes that keep them.
 *
 * ```ts
 * groupsOf(node, { filter: "room" }).scopes
 * ```
 */
import { type Node, Process } from "../../runtime/index.ts"
import { inspect, type Pid, redact } from "../../term/index.ts"
import { PgState } from "../pg-state.ts"
import { RegistryServer } from "../registry-server.ts"
import { Server } from "../server.ts"
import { titleOf } from "./kinds.ts"
import type { GlobalView, GroupsQuery, GroupsView, MemberView, PgScopeView, RegistryView } from "./says/groups.ts"

const LIMIT_MAX = 1_000
const MEMBERS_MAX = 100
const PRINTED = { limit: 20, text: 200, size: 500 }

/** Names of the whole cluster, by whoever keeps them on this node: put under this key among the node's attachments. */
export const globalNamesKey = Symbol.for("umbel.global_names")
export type GlobalNames = () => Iterable<readonly [name: string, pid: Pid]>

export function groupsOf(node: Node, query: GroupsQuery): GroupsView {
  const { filter = "", limit = 200 } = query ?? {}
  const wanted = String(filter).toLowerCase()
  const most = Math.max(0, Math.min(Math.floor(Number(limit)) || 0, LIMIT_MAX))
  const has = (text: string): boolean => wanted === "" || text.toLowerCase().includes(wanted)
  const scopes: PgScopeView[] = []
  const registries: RegistryView[] = []
  const names = new Shown<{ name: string; member: MemberView }>(most)
  for (const [name, process] of node.names.all()) {
    if (process instanceof RegistryServer) registries.push(registryOf(name, process, has, most))
    else if (process instanceof Server && isScope(process.state)) scopes.push(scopeOf(node, process.state, has, most))
    if (has(name)) names.add(() => ({ name, member: memberOf(node, process) }))
  }
  return { node: node.name, names: names.list(), scopes, registries, global: globalOf(node, has, most) }
}

/** The first so many of a list, and how many there are beyond. */
class Shown<T> {
  readonly #entries: T[] = []
  readonly #max: number
  #more = 0
  constructor(max: number) {
    this.#max = max
  }
  add(make: () => T): void {
    if (this.#entries.length < this.#max) this.#entries.push(make())
    else this.#more++
  }
  list(): { entries: readonly T[]; more: number } {
    return { entries: this.#entries, more: this.#more }
  }
}

function memberOf(node: Node, member: Pid | Process): MemberView {
  const process = member instanceof Process ? member : node.find(member)
  const pid = member instanceof Process ? member.pid : member
  return { pid, node: pid.node, title: process === undefined ? "" : titleOf(process) }
}

interface Scope {
  readonly groups: PgState
  readonly scope: string
}
const isScope = (state: object): state is Scope => "groups" in state && state.groups instanceof PgState

function scopeOf(node: Node, { groups, scope }: Scope, has: (text: string) => boolean, most: number): PgScopeView {
  const shown = new Shown<PgScopeView["groups"][number]>(most)
  for (const group of groups.groups()) {
    const text = inspect(group, PRINTED)
    if (!has(text) && !has(scope)) continue
    shown.add(() => {
      const pids = groups.members(group)
      const members = pids.slice(0, MEMBERS_MAX).map((pid) => memberOf(node, pid))
      return { group: text, members, more: pids.length - members.length }
    })
  }
  const { entries, more } = shown.list()
  return { scope, peers: groups.peers.map((pid) => pid.node), groups: entries, more }
}

function registryOf(name: string, server: RegistryServer, has: (text: string) => boolean, most: number): RegistryView {
  const { table } = server
  const shown = new Shown<RegistryView["entries"][number]>(most)
  for (const { key, value, process } of table) {
    const text = inspect(key, PRINTED)
    if (!has(text) && !has(name)) continue
    shown.add(() => ({
      key: text,
      value: value === undefined ? "" : inspect(redact(value), PRINTED),
      member: memberOf(server.node, process),
    }))
  }
  const keys = server.keys
  return { registry: name, keys, size: table.size, ...shown.list() }
}

function globalOf(node: Node, has: (text: string) => boolean, most: number): GlobalView | undefined {
  const names = node.attachments.get(globalNamesKey) as GlobalNames | undefined
  if (names === undefined) return undefined
  const shown = new Shown<GlobalView["entries"][number]>(most)
  for (const [name, pid] of names()) if (has(name)) shown.add(() => ({ name, member: memberOf(node, pid) }))
  return shown.list()
}
