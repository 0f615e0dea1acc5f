/** The view `groups`: how processes of a node are found: names, registries, `pg` groups, global names. */
import type { GroupsView, MemberView } from "umbel/otp"
import type { PidKey } from "../protocol.ts"
import { type Context, here, missing, textOf, type View } from "../view.ts"

export interface GroupsData {
  readonly sections: readonly GroupSection[]
}
export interface GroupSection {
  readonly key: string
  readonly kind: "names" | "registry" | "scope" | "global"
  readonly title: string
  readonly about: string
  readonly rows: readonly GroupRow[]
  readonly more: number
}
export interface GroupRow {
  readonly key: string
  readonly name: string
  readonly value: string
  readonly members: readonly { readonly process: PidKey; readonly title: string; readonly node: string }[]
  readonly more: number
}

export const GROUPS_VIEW: View<{ node: string; filter: string }, GroupsData> = {
  name: "groups",
  about: "Registered names, registries, pg groups and global names of a `node`, narrowed by `filter`.",
  capability: "inspect",
  unkept: "The recorder does not keep groups and names.",
  params: ({ node, filter }) => (node === undefined ? undefined : { node: textOf(node), filter: textOf(filter) }),
  async read(context, { node, filter }) {
    const { kind } = await context.known(node)
    if (kind === "beam") return missing("unsupported", "Groups and names are read from Umbel nodes.")
    return here({ sections: sectionsOf(context, await context.umbel(node).groups({ filter, limit: 300 })) })
  },
}

function sectionsOf(context: Context, { names, registries, scopes, global }: GroupsView): GroupSection[] {
  const member = ({ pid, node, title }: MemberView) => ({
    process: context.key(pid),
    title: title === "" ? String(pid) : title,
    node,
  })
  const named = (entries: readonly { name: string; member: MemberView }[]): GroupRow[] =>
    entries.map(({ name, member: one }) => ({ key: name, name, value: "", members: [member(one)], more: 0 }))
  return [
    ...scopes.map(({ scope, peers, groups, more }) => ({
      key: `scope ${scope}`,
      kind: "scope" as const,
      title: scope,
      about: peers.length === 0 ? "process groups, of this node alone" : `process groups, with ${peers.join(", ")}`,
      rows: groups.map(({ group, members, more }) => ({
        key: group,
        name: group,
        value: "",
        members: members.map(member),
        more,
      })),
      more,
    })),
    ...registries.map(({ registry, keys, size, entries, more }) => ({
      key: `registry ${registry}`,
      kind: "registry" as const,
      title: registry,
      about: `registry with ${keys} keys, ${size} ${size === 1 ? "entry" : "entries"}`,
      rows: entries.map(({ key, value, member: one }, index) => ({
        key: `${key} ${index}`,
        name: key,
        value,
        members: [member(one)],
        more: 0,
      })),
      more,
    })),
    ...(global === undefined
      ? []
      : [
          {
            key: "global",
            kind: "global" as const,
            title: "Global names",
            about: "known by every node of the cluster",
            rows: named(global.entries),
            more: global.more,
          },
        ]),
    {
      key: "names",
      kind: "names" as const,
      title: "Registered names",
      about: "of this node",
      rows: named(names.entries),
      more: names.more,
    },
  ]
}
