/**
 * What the inspector says of how processes are found: registered names, registries, `pg` groups, global names.
 *
 * ```ts
 * const { scopes, registries } = await node.call(INSPECTOR).groups()
 * scopes[0].groups[0].members      // [{ pid, node, title }, …]
 * ```
 *
 * Lists are bounded; `more` says how many entries there are beyond what is shown.
 */
import type { Pid } from "../../../term/index.ts"

export interface GroupsView {
  readonly node: string
  readonly names: NamesView
  readonly scopes: readonly PgScopeView[]
  readonly registries: readonly RegistryView[]
  /** Names of the whole cluster; undefined where this node does not take part in `global`. */
  readonly global: GlobalView | undefined
}

/** A process as it stands in a list. `title` is empty for one of another node. */
export interface MemberView {
  readonly pid: Pid
  readonly node: string
  readonly title: string
}

export interface NamesView {
  readonly entries: readonly { readonly name: string; readonly member: MemberView }[]
  readonly more: number
}

export interface PgScopeView {
  readonly scope: string
  /** The nodes that run it besides this one. */
  readonly peers: readonly string[]
  readonly groups: readonly PgGroupView[]
  readonly more: number
}
export interface PgGroupView {
  /** The group's name, printed. */
  readonly group: string
  readonly members: readonly MemberView[]
  readonly more: number
}

export interface RegistryView {
  readonly registry: string
  readonly keys: "unique" | "duplicate"
  readonly size: number
  readonly entries: readonly { readonly key: string; readonly value: string; readonly member: MemberView }[]
  readonly more: number
}

export interface GlobalView {
  readonly entries: readonly { readonly name: string; readonly member: MemberView }[]
  readonly more: number
}

/** What lists of {@link GroupsView} are narrowed to. */
export interface GroupsQuery {
  /** Only names, groups and keys that contain this, whatever the case. */
  readonly filter?: string | undefined
  /** Entries of each list, 1,000 at most; 200 unless told. */
  readonly limit?: number | undefined
}
