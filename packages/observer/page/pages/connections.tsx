/** Connections between nodes, as each side tells of them, and the HTTP endpoints that nodes serve. */
import type { EndpointView } from "../../src/views/endpoints.ts"
import type { LinkRow } from "../../src/views/links.ts"
import { bytes, count, measured } from "../model/format.ts"
import { href } from "../model/route.ts"
import { useNavigation } from "../navigation.ts"
import { useWatch } from "../use-live.ts"
import { ActionButton } from "../views/action.tsx"
import { NodeName } from "../views/bits.tsx"
import { Shown } from "../views/state.tsx"
import { type Column, Table } from "../views/table.tsx"
import type { Page, PageProps } from "./page.ts"

export const connectionsPage: Page = {
  id: "connections",
  title: "Connections",
  scope: "cluster",
  letter: "l",
  icon: "M3 5h8l-2-2M13 11H5l2 2",
  needs: "links",
  View: ConnectionsView,
}

const amount = (value: number, unit: LinkRow["unit"]): string =>
  unit === "bytes" ? bytes(value) : `${count(value)} pkt`
const rate = (value: number | null, unit: LinkRow["unit"]): string =>
  value === null ? "–" : `${amount(value, unit)}/s`

const LINKS: readonly Column<LinkRow>[] = [
  { key: "from", title: "Node", cell: ({ from }) => <NodeName name={from} /> },
  { key: "to", title: "Connected to", cell: ({ to }) => <NodeName name={to} /> },
  { key: "in", title: "In", number: true, cell: ({ receivedRate, unit }) => rate(receivedRate, unit) },
  { key: "out", title: "Out", number: true, cell: ({ sentRate, unit }) => rate(sentRate, unit) },
  {
    key: "received",
    title: "Received",
    number: true,
    wide: true,
    cell: ({ received, unit }) => amount(received, unit),
  },
  { key: "sent", title: "Sent", number: true, wide: true, cell: ({ sent, unit }) => amount(sent, unit) },
  {
    key: "queued",
    title: "Queue",
    hint: "Bytes that the operating system has not taken yet: what a slow peer makes grow",
    number: true,
    cell: ({ queued }) =>
      queued === null ? "–" : <span class={queued > 1024 * 1024 ? "bad-text" : ""}>{measured(queued, "bytes")}</span>,
  },
  { key: "kind", title: "Kind", wide: true, cell: ({ kind, flags }) => <span title={flags.join("\n")}>{kind}</span> },
  {
    key: "act",
    title: "",
    wide: true,
    cell: ({ from, to }) => (
      <ActionButton
        action="disconnect"
        params={{ node: from, other: to }}
        label="Cut …"
        title={`Disconnect ${from} from ${to}?`}
        sure="Disconnect"
        danger
      />
    ),
  },
]

function ConnectionsView({ route }: PageProps) {
  const { open } = useNavigation()
  const links = useWatch("links", {})
  const endpoints = useWatch("endpoints", {})
  const columns: readonly Column<EndpointView>[] = [
    {
      key: "address",
      title: "Address",
      // Shown as text: where it leads is not for this page to say.
      cell: ({ address, title }) => <code>{address === "" ? title : address}</code>,
    },
    { key: "node", title: "Node", cell: ({ node }) => <a href={href({ page: "node", node })}>{node}</a> },
    { key: "title", title: "Process", wide: true, cell: ({ title, pid }) => (title === pid ? pid : `${title} ${pid}`) },
    {
      key: "facts",
      title: "Says of itself",
      cell: ({ facts }) => facts.map(({ key, value }) => `${key} ${value}`).join(", "),
    },
  ]
  return (
    <div class="page broad">
      <header class="page-head">
        <h1>Connections</h1>
        <p>between nodes, as each side tells; and what listens for HTTP</p>
      </header>
      <Shown of={links}>
        {({ links: rows }) =>
          rows.length === 0 ? (
            <p class="muted">No node is connected to another.</p>
          ) : (
            <Table label="Links between nodes" columns={LINKS} rows={rows} />
          )
        }
      </Shown>
      <h2>HTTP endpoints</h2>
      <Shown of={endpoints}>
        {({ endpoints: rows }) =>
          rows.length === 0 ? (
            <p class="muted">No node serves HTTP with @umbel/web.</p>
          ) : (
            <Table
              label="HTTP endpoints"
              columns={columns}
              rows={rows}
              selected={route.process}
              onOpen={({ key }) => open(key)}
            />
          )
        }
      </Shown>
    </div>
  )
}
