/** How processes of a node are found: process groups, registries, names. */
import type { GroupRow, GroupSection } from "../../src/views/groups.ts"
import { counted } from "../model/format.ts"
import { useNavigation } from "../navigation.ts"
import { useWatch } from "../use-live.ts"
import { Empty } from "../views/bits.tsx"
import { Shown } from "../views/state.tsx"
import { type Column, Table } from "../views/table.tsx"
import { TextFilter } from "../views/text-filter.tsx"
import type { Page, PageProps } from "./page.ts"

export const groupsPage: Page = {
  id: "groups",
  title: "Groups and names",
  scope: "node",
  letter: "r",
  icon: "M5 6a2 2 0 1 0 .01 0M11 6a2 2 0 1 0 .01 0M2 13c0-3 6-3 6 0M8 13c0-3 6-3 6 0",
  needs: "groups",
  unkept: "The flight recorder does not keep groups and names.",
  View: GroupsPage,
}

function GroupsPage({ route, node }: PageProps) {
  const { filter = "" } = route.query
  const watched = useWatch("groups", node === null ? null : { node: node.name, filter }, ["filter"])
  return (
    <div class="page broad">
      <header class="page-head">
        <h1>Groups and names</h1>
        <p>by which processes are found on this node</p>
      </header>
      <search class="filters">
        <TextFilter label="Text in names" of="filter" text={filter} />
      </search>
      <Shown of={watched}>
        {({ sections }) => {
          const shown = sections.filter(({ rows }) => rows.length > 0)
          if (shown.length === 0) return <Empty title="Nothing fits">No name, key or group contains that.</Empty>
          return shown.map((section) => <Section key={section.key} section={section} />)
        }}
      </Shown>
    </div>
  )
}

function Section({ section }: { section: GroupSection }) {
  const { open } = useNavigation()
  const { title, about, rows, more, kind } = section
  const columns: readonly Column<GroupRow>[] = [
    {
      key: "name",
      title: kind === "registry" ? "Key" : kind === "scope" ? "Group" : "Name",
      cell: ({ name }) => <code>{name}</code>,
    },
    {
      key: "members",
      title: kind === "scope" ? "Members" : "Process",
      cell: ({ members, more }) => (
        <>
          {members.map((member) => (
            <button
              key={member.process}
              type="button"
              class="link member"
              title={member.node}
              onClick={() => open(member.process)}
            >
              {member.title}
            </button>
          ))}
          {more > 0 && <span class="muted">and {counted(more, "other")}</span>}
        </>
      ),
    },
    ...(kind === "registry"
      ? [{ key: "value", title: "Value", wide: true, cell: ({ value }: GroupRow) => <code>{value}</code> }]
      : []),
  ]
  return (
    <section class="below">
      <h2>
        {title} <small class="muted">{about}</small>
      </h2>
      <Table label={title} columns={columns} rows={rows} />
      {more > 0 && <p class="muted">and {counted(more, "more entry", "more entries")}; narrow it by a text</p>}
    </section>
  )
}
