/** The exact size of a process, from a snapshot of the heap: asked for, confirmed where the node would stand still long, and shown. */
import { useState } from "preact/hooks"
import type { RetainedData } from "../../src/views/profile.ts"
import { bytes, counted, milliseconds } from "../model/format.ts"
import { useLive, useWatch } from "../use-live.ts"
import { Shown } from "./state.tsx"
import { type Column, Table } from "./table.tsx"

type Done = Extract<RetainedData, { state: "done" }>
type Kind = Done["byKind"][number] & { readonly key: string }
const COLUMNS: readonly Column<Kind>[] = [
  { key: "name", title: "Kind", cell: ({ name }) => <code>{name}</code> },
  { key: "count", title: "Objects", number: true, cell: ({ count }) => count },
  { key: "bytes", title: "Size", number: true, cell: (kind) => bytes(kind.bytes) },
]

export function ExactSize({ process }: { process: string }) {
  const { can } = useLive()
  const [asked, setAsked] = useState<"no" | "asked" | "confirmed">("no")
  const watched = useWatch("retained", asked === "no" ? null : { process, confirmed: asked === "confirmed" })
  if (!can("manage")) return null
  if (asked === "no") {
    return (
      <button type="button" class="act" onClick={() => setAsked("asked")}>
        Exact size …
      </button>
    )
  }
  return (
    <section class="exact" aria-label="Exact size">
      <Shown of={watched}>{(data) => <Answer data={data} onConfirm={() => setAsked("confirmed")} />}</Shown>
    </section>
  )
}

function Answer({ data, onConfirm }: { data: RetainedData; onConfirm: () => void }) {
  switch (data.state) {
    case "running":
      return <p class="muted">Taking a snapshot of the heap …</p>
    case "unavailable":
      return <p class="muted">{data.why}</p>
    case "confirm":
      return (
        <p>
          The heap has {bytes(data.heapBytes)}: the node would stand still for about{" "}
          <b>{milliseconds(data.expectedPauseMs)}</b>.{" "}
          <button type="button" class="act danger" onClick={onConfirm}>
            Do it all the same
          </button>
        </p>
      )
    case "done":
      return (
        <>
          <p>
            Without it <b>{bytes(data.bytes)}</b> would be free: {counted(data.objects, "object")}, of a heap of{" "}
            {bytes(data.heapBytes)}. The node stood still for {milliseconds(data.pauseMs)}.
          </p>
          <Table
            label="What it holds"
            columns={COLUMNS}
            rows={data.byKind.map((kind) => ({ ...kind, key: kind.name }))}
          />
        </>
      )
  }
}
