/** Who did what from this observer. */

import type { AuditData } from "../../src/views/audit.ts"
import { clock } from "../model/format.ts"
import { useWatch } from "../use-live.ts"
import { Empty, Pill } from "../views/bits.tsx"
import { Shown } from "../views/state.tsx"
import { type Column, Table } from "../views/table.tsx"
import type { Page } from "./page.ts"

export const auditPage: Page = {
  id: "audit",
  title: "Audit",
  scope: "cluster",
  letter: "a",
  icon: "M4 2h6l3 3v9H4zM6 8l1.500 1.500L11 6.500",
  needs: "audit",
  View: AuditView,
}

type Entry = AuditData["entries"][number]
const COLUMNS: readonly Column<Entry>[] = [
  { key: "at", title: "When", cell: ({ at }) => <time>{clock(at)}</time> },
  { key: "who", title: "Who", wide: true, cell: ({ who, from }) => <span title={from}>{who}</span> },
  { key: "from", title: "From", wide: true, cell: ({ from }) => <code>{from}</code> },
  {
    key: "action",
    title: "What",
    cell: ({ action, done }) => <Pill tone={done ? "leaf" : "off"}>{done ? action : `${action}, not done`}</Pill>,
  },
  {
    key: "text",
    title: "What came of it",
    cell: ({ text, who }) => (
      <>
        <b class="narrow">{who}: </b>
        {text}
      </>
    ),
  },
]

function AuditView() {
  const watched = useWatch("audit", {})
  return (
    <div class="page broad">
      <header class="page-head">
        <h1>Audit</h1>
        <p>what was done from this observer, or tried; each is also a note in its node's log</p>
      </header>
      <Shown of={watched}>
        {({ entries }) =>
          entries.length === 0 ? (
            <Empty title="Nothing was done">Since this node was booted, everybody has only looked.</Empty>
          ) : (
            <Table label="What was done" columns={COLUMNS} rows={entries} />
          )
        }
      </Shown>
    </div>
  )
}
