/** The tables of a node: ETS of a BEAM node with its ports and sockets, the registries of an Umbel node; the first rows of one when asked for. */
import { useState } from "preact/hooks"
import type { PortRow, SocketRow } from "../../src/views/ports.ts"
import type { TableContent, TableRow } from "../../src/views/tables.ts"
import { bytes, count, counted } from "../model/format.ts"
import { useNavigation } from "../navigation.ts"
import { useLive, useWatch } from "../use-live.ts"
import { Empty } from "../views/bits.tsx"
import { Shown } from "../views/state.tsx"
import { type Column, Table } from "../views/table.tsx"
import { TextFilter } from "../views/text-filter.tsx"
import type { Page, PageProps } from "./page.ts"

export const tablesPage: Page = {
  id: "tables",
  title: "Tables",
  scope: "node",
  letter: "b",
  icon: "M2 3h12v10H2zM2 6.500h12M6 3v10",
  needs: "tables",
  unkept: "The flight recorder does not keep tables, ports and sockets.",
  View: TablesPage,
}

const SHOWN = 200

function TablesPage({ route, node }: PageProps) {
  const { filter = "" } = route.query
  const [chosen, setChosen] = useState<string | null>(null)
  const name = node?.name ?? ""
  const watched = useWatch("tables", node === null ? null : { node: name })
  const wanted = filter.toLowerCase()
  return (
    <div class="page broad">
      <header class="page-head">
        <h1>Tables</h1>
        <p>{node?.kind === "beam" ? "ETS, with ports and sockets below" : "registries, which are Umbel's tables"}</p>
      </header>
      <search class="filters">
        <TextFilter label="Text in names" of="filter" text={filter} />
      </search>
      <Shown of={watched}>
        {({ tables }) => {
          const fitting = tables.filter((table) => table.name.toLowerCase().includes(wanted))
          if (fitting.length === 0)
            return <Empty title={tables.length === 0 ? "There are no tables" : "Nothing fits"} />
          return (
            <>
              {chosen !== null && <Content key={chosen} node={name} table={chosen} onClose={() => setChosen(null)} />}
              <Table
                label="Tables"
                columns={COLUMNS}
                rows={fitting.slice(0, SHOWN)}
                selected={chosen}
                onOpen={({ key }) => setChosen(key)}
              />
              {fitting.length > SHOWN && <p class="muted">and {counted(fitting.length - SHOWN, "smaller one")}</p>}
            </>
          )
        }}
      </Shown>
      {node?.kind === "beam" && <Ports node={name} />}
    </div>
  )
}

const COLUMNS: readonly Column<TableRow>[] = [
  { key: "name", title: "Name", cell: ({ name, named }) => <code class={named ? "" : "muted"}>{name}</code> },
  { key: "kind", title: "Kind", wide: true, cell: ({ kind }) => kind },
  { key: "size", title: "Rows", number: true, cell: ({ size }) => count(size) },
  { key: "bytes", title: "Memory", number: true, cell: (row) => (row.bytes === null ? "" : bytes(row.bytes)) },
  { key: "owner", title: "Owner", wide: true, cell: ({ owner }) => <Owner of={owner} /> },
]

/** The first rows of a table: asked for by hand, as they may be anything. */
function Content({ node, table, onClose }: { node: string; table: string; onClose: () => void }) {
  const { live, can } = useLive()
  const [found, setFound] = useState<TableContent | null>(null)
  const [why, setWhy] = useState("")
  const look = async (): Promise<void> => {
    const { data, text } = await live.ask("table", { node, table })
    setFound(data as TableContent | null)
    setWhy(text)
  }
  return (
    <section class="below" aria-label={`Rows of ${table}`}>
      <h2>
        <code>{table}</code>
      </h2>
      {can("inspect.state") ? (
        <button type="button" class="act" onClick={() => void look()}>
          {found === null ? "Show its first rows" : "Look again"}
        </button>
      ) : (
        <p class="muted">What is in it is for those who may see states.</p>
      )}{" "}
      <button type="button" class="act" onClick={onClose}>
        Close
      </button>
      {why !== "" && <p class="muted">{why}</p>}
      {found !== null && (
        <>
          <ol class="stack">
            {found.rows.map(({ key, text }) => (
              <li key={key}>{text}</li>
            ))}
            {found.rows.length === 0 && <li class="muted">It is empty.</li>}
          </ol>
          {found.more > 0 && <p class="muted">and {counted(found.more, "more row")}</p>}
        </>
      )}
    </section>
  )
}

function Ports({ node }: { node: string }) {
  const watched = useWatch("ports", { node })
  return (
    <Shown of={watched}>
      {({ ports, sockets }) => (
        <>
          <section class="below">
            <h2>Ports</h2>
            <Table label="Ports" columns={PORTS} rows={ports.slice(0, SHOWN)} />
            {ports.length > SHOWN && <p class="muted">and {counted(ports.length - SHOWN, "other")}</p>}
          </section>
          <section class="below">
            <h2>Sockets</h2>
            {sockets === null ? (
              <p class="muted">The node cannot list them just now.</p>
            ) : sockets.length === 0 ? (
              <p class="muted">None of the socket module; those of gen_tcp are ports.</p>
            ) : (
              <Table label="Sockets" columns={SOCKETS} rows={sockets.slice(0, SHOWN)} />
            )}
          </section>
        </>
      )}
    </Shown>
  )
}

const PORTS: readonly Column<PortRow>[] = [
  { key: "id", title: "Port", cell: ({ key }) => <code>{key}</code> },
  { key: "name", title: "Controls", cell: ({ name }) => <code>{name}</code> },
  { key: "owner", title: "Connected", cell: ({ owner }) => <Owner of={owner} /> },
  { key: "input", title: "Read", number: true, cell: ({ input }) => bytes(input) },
  { key: "output", title: "Written", number: true, cell: ({ output }) => bytes(output) },
  { key: "program", title: "Process id", number: true, wide: true, cell: ({ program }) => program ?? "" },
]
const SOCKETS: readonly Column<SocketRow>[] = [
  { key: "id", title: "Socket", cell: ({ id }) => <code>{id}</code> },
  { key: "kind", title: "Kind", cell: ({ kind }) => kind },
  { key: "owner", title: "Owner", cell: ({ owner }) => <Owner of={owner} /> },
  { key: "state", title: "State", wide: true, cell: ({ state }) => state },
]

function Owner({ of }: { of: TableRow["owner"] }) {
  const { open } = useNavigation()
  if (of === null) return null
  return (
    <button type="button" class="link member" onClick={() => open(of.process)}>
      {of.title}
    </button>
  )
}
