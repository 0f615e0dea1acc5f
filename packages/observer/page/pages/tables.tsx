/** What a BEAM node keeps beside its processes: ETS tables, with some of their content when that is asked for, and ports. */
import { useState } from "preact/hooks"
import type { Snapshot } from "../../src/protocol.ts"
import type { PortRow, SocketRow } from "../../src/views/ports.ts"
import type { LinkView } from "../../src/views/process.ts"
import type { TableContent, TableRow } from "../../src/views/tables.ts"
import { bytes, count, counted } from "../model/format.ts"
import { useNavigation } from "../navigation.ts"
import { useLive, useWatch } from "../use-live.ts"
import { Empty } from "../views/bits.tsx"
import { Shown } from "../views/state.tsx"
import { type Column, Table } from "../views/table.tsx"
import { Term } from "../views/term.tsx"
import type { Page, PageProps } from "./page.ts"

export const tablesPage: Page = {
  id: "tables",
  title: "Tables and ports",
  scope: "node",
  letter: "b",
  icon: "M2 3h12v10H2zM2 6.500h12M2 10h12M6 3v10",
  needs: "tables",
  View: TablesPage,
}

function TablesPage({ route, node }: PageProps) {
  const { replace } = useNavigation()
  const name = node?.name ?? ""
  const { filter = "", table = "" } = route.query
  const tables = useWatch("tables", { node: name })
  const ports = useWatch("ports", { node: name })
  const wanted = filter.toLowerCase()
  return (
    <div class="page broad">
      <header class="page-head">
        <h1>Tables and ports</h1>
        <p>the ETS tables of a BEAM node, and what it has open to the outside</p>
      </header>
      <search class="filters">
        <input
          type="text"
          aria-label="Text in names"
          placeholder="containing …"
          value={filter}
          onInput={(event) => replace({ filter: event.currentTarget.value })}
        />
      </search>
      <Shown of={tables}>
        {({ rows, total }) => {
          const shown = rows.filter(({ key, name }) => `${key} ${name}`.toLowerCase().includes(wanted))
          return (
            <>
              {table !== "" && (
                <Content key={`${name} ${table}`} node={name} row={rows.find(({ key }) => key === table)} />
              )}
              {shown.length === 0 ? (
                <Empty title="Nothing fits">No table is called that.</Empty>
              ) : (
                <Table
                  label="ETS tables"
                  columns={TABLES}
                  rows={shown}
                  selected={table}
                  onOpen={({ key }) => replace({ table: key === table ? "" : key })}
                />
              )}
              <p class="muted small">
                {counted(total, "table")}; content is read only when it is asked for
                {total > rows.length && `; the first ${rows.length} were looked at`}.
              </p>
            </>
          )
        }}
      </Shown>
      {ports.status !== "unsupported" && (
        <section class="below">
          <h2>Ports</h2>
          <Shown of={ports}>
            {({ rows, sockets }) => (
              <>
                <Table
                  label="Ports"
                  columns={PORTS}
                  rows={rows.filter(({ name }) => name.toLowerCase().includes(wanted))}
                />
                <h2>Sockets</h2>
                <Sockets sockets={sockets} />
              </>
            )}
          </Shown>
        </section>
      )}
    </div>
  )
}

/** The first objects of a table: asked for by hand, once each time. */
function Content({ node, row }: { node: string; row: TableRow | undefined }) {
  const { can, live } = useLive()
  const [asked, setAsked] = useState<Snapshot<TableContent> | null>(null)
  if (row === undefined) return <Empty title="It is gone">There is no such table any more.</Empty>
  const ask = async (): Promise<void> =>
    setAsked((await live.ask("table", { node, table: row.key })) as Snapshot<TableContent>)
  return (
    <section class="card table-content">
      <h2>
        {row.name} <small class="muted">{row.key === row.name ? "" : row.key}</small>
      </h2>
      {can("inspect.state") ? (
        <button type="button" class="act" onClick={() => void ask()}>
          {asked === null ? "Show some of its content" : "Look again"}
        </button>
      ) : (
        <p class="muted small">Content is not for you to see.</p>
      )}
      {asked !== null && asked.data === null && (
        <p class="banner" role="status">
          {asked.text}
        </p>
      )}
      {asked !== null && asked.data !== null && (
        <>
          <ol class="messages" aria-label="Objects">
            {asked.data.objects.map(({ key, text }) => (
              <li key={key}>
                <Term text={text} empty="" />
              </li>
            ))}
          </ol>
          {asked.data.objects.length === 0 && <p class="muted">It is empty.</p>}
          {asked.data.more > 0 && <p class="muted">and {counted(asked.data.more, "more object")}</p>}
        </>
      )}
    </section>
  )
}

function Sockets({ sockets }: { sockets: readonly SocketRow[] | null }) {
  if (sockets === null) return <p class="muted">The node cannot list them just now.</p>
  if (sockets.length === 0) return <p class="muted">None of the socket module; those of gen_tcp are ports.</p>
  return <Table label="Sockets" columns={SOCKETS} rows={sockets} />
}

function Owner({ of }: { of: LinkView | null }) {
  const { open } = useNavigation()
  if (of === null) return <span class="muted">none</span>
  const { key, title } = of
  if (key === null) return <>{title}</>
  return (
    <button type="button" class="link" onClick={() => open(key)}>
      {title}
    </button>
  )
}

const TABLES: readonly Column<TableRow>[] = [
  { key: "name", title: "Table", cell: ({ name }) => <code>{name}</code> },
  { key: "objects", title: "Objects", number: true, cell: ({ objects }) => count(objects) },
  { key: "bytes", title: "Memory", number: true, cell: (row) => bytes(row.bytes) },
  { key: "owner", title: "Owner", cell: ({ owner }) => <Owner of={owner} /> },
  { key: "type", title: "Type", wide: true, cell: ({ type }) => type },
  {
    key: "protection",
    title: "Protection",
    hint: "Who may read and write it",
    wide: true,
    cell: ({ protection, compressed }) => `${protection}${compressed ? ", compressed" : ""}`,
  },
  {
    key: "id",
    title: "Id",
    wide: true,
    cell: ({ key, named }) => <code class="muted">{named ? "its name" : key}</code>,
  },
]

const PORTS: readonly Column<PortRow>[] = [
  { key: "id", title: "Port", cell: ({ key }) => <code>{key}</code> },
  { key: "name", title: "Name", cell: ({ name }) => <code>{name}</code> },
  { key: "owner", title: "Connected", cell: ({ owner }) => <Owner of={owner} /> },
  { key: "input", title: "Read", number: true, cell: ({ input }) => bytes(input) },
  { key: "output", title: "Written", number: true, cell: ({ output }) => bytes(output) },
  { key: "process", title: "Program", number: true, wide: true, cell: ({ process }) => process ?? "" },
]
const SOCKETS: readonly Column<SocketRow>[] = [
  { key: "id", title: "Socket", cell: ({ key }) => <code>{key}</code> },
  { key: "kind", title: "Kind", cell: ({ kind }) => kind },
  { key: "owner", title: "Owner", cell: ({ owner }) => <Owner of={owner} /> },
  { key: "state", title: "State", wide: true, cell: ({ state }) => state },
]
