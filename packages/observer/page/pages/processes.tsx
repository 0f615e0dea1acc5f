/**
 * The processes of a node: 100,000 of them, of which the server sends the window in sight; sorted and filtered there.
 */
import type { ComponentChildren } from "preact"
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import { RECORDER_ROWS } from "umbel/otp"
import type { ProcessesData, ProcessRowView } from "../../src/views/processes.ts"
import { bytes, clock, count, milliseconds, short } from "../model/format.ts"
import { useNavigation } from "../navigation.ts"
import { useWatch } from "../use-live.ts"
import { Empty, NodeName, STATUS_TONES } from "../views/bits.tsx"
import { type Column, Heads } from "../views/table.tsx"
import type { Page, PageProps } from "./page.ts"

export const processesPage: Page = {
  id: "processes",
  title: "Processes",
  scope: "node",
  letter: "p",
  icon: "M3 4h.01M6 4h7M3 8h.01M6 8h7M3 12h.01M6 12h5",
  needs: "processes",
  View: ProcessesView,
}

const ROW = 34
/** Rows asked for at once, and in what steps the window moves, so that scrolling does not ask for each row. */
const WINDOW = 60
const STEP = 15
/** Browsers do not draw taller elements than some 16 million pixels. */
const ROWS_MAX = 400_000
const MOVING = ["sort", "ascending", "filter", "application", "from", "count"] as const
const WORDS: readonly string[] = ["title", "module", "status", "pid"]

type Row = ProcessRowView
const rate = (value: number | null, unit = ""): ComponentChildren =>
  value === null ? "–" : value === 0 ? <span class="nil">0</span> : `${short(value)}${unit}`

function columnsOf(kind: "umbel" | "beam"): readonly Column<Row>[] {
  const work = kind === "beam" ? "Reductions" : "Handled"
  const all: readonly (Column<Row> | undefined)[] = [
    { key: "pid", title: "Pid", wide: true, cell: ({ pid }) => <code>{pid}</code> },
    {
      key: "title",
      title: "Name",
      cell: ({ title, status, pid }) => (
        <>
          <i class={`bud-dot ${STATUS_TONES[status] ?? "off"}`} title={status} />
          <span class="row-title">{title}</span>
          <code class="narrow">{pid}</code>
        </>
      ),
    },
    kind === "beam"
      ? { key: "current", title: "Current function", wide: true, cell: ({ current }) => <code>{current}</code> }
      : { key: "module", title: "Module", wide: true, cell: ({ module }) => module },
    { key: "mailbox", title: "Mailbox", number: true, cell: ({ mailbox }) => rate(mailbox) },
    {
      key: "mailboxRate",
      title: "Δ/s",
      hint: "What the mailbox grows by, a second",
      number: true,
      wide: true,
      cell: ({ mailboxRate }) => rate(mailboxRate),
    },
    {
      key: "handledRate",
      title: `${work}/s`,
      hint: `${work} a second, over the last seconds`,
      number: true,
      cell: ({ handledRate }) => rate(handledRate),
    },
    { key: "handled", title: work, number: true, wide: true, cell: ({ handled }) => rate(handled) },
    kind === "umbel"
      ? {
          key: "cpuRate",
          title: "CPU/s",
          hint: "Milliseconds of CPU a second, over the last seconds",
          number: true,
          cell: ({ cpuRate }) => rate(cpuRate, " ms"),
        }
      : undefined,
    kind === "umbel"
      ? {
          key: "cpu",
          title: "CPU",
          number: true,
          wide: true,
          cell: ({ cpu }) => (cpu === null ? "–" : milliseconds(cpu)),
        }
      : undefined,
    {
      key: "memory",
      title: "Memory",
      hint: kind === "umbel" ? "An estimate, by the size of state and mailbox" : "",
      number: true,
      wide: true,
      cell: ({ memory }) => (memory === null ? "–" : bytes(memory)),
    },
  ]
  return all.filter((column) => column !== undefined)
}

function ProcessesView({ route, node }: PageProps) {
  const { open, replace } = useNavigation()
  const kind = node?.kind === "beam" ? "beam" : "umbel"
  const sort = route.query["sort"] ?? (kind === "beam" ? "handledRate" : "cpuRate")
  const ascending = route.query["ascending"] === "true"
  const filter = route.query["filter"] ?? ""
  const application = route.query["application"] ?? ""
  const [from, setFrom] = useState(0)
  const watched = useWatch(
    "processes",
    { node: node?.name ?? "", sort, ascending, filter, application, from, count: WINDOW },
    MOVING,
  )
  const { data, status, text } = watched
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    list.current?.scrollTo({ top: 0 })
    setFrom(0)
  }, [sort, ascending, filter, application])
  const sortBy = (by: string): void => {
    // Words rise, numbers fall, and a second choice turns them round.
    const first = WORDS.includes(by)
    if (by === "current") return
    replace({ sort: by, ascending: by === sort ? (ascending ? "" : "true") : first ? "true" : "" })
  }
  const applications = (node?.vitals?.applications ?? []).filter(({ supervised }) => supervised)
  return (
    <div class="page broad list-page">
      <header class="page-head">
        <h1>Processes</h1>
        <p>
          <NodeName name={node?.name ?? ""} />
          {data !== null && (
            <>
              : {count(data.matching)}
              {data.matching !== data.total && <> of {count(data.total)}</>}
              {data.tookMs !== null && (
                <span class="muted" title="How long that node was held by making this list">
                  {" "}
                  · {data.tookMs} ms
                </span>
              )}
            </>
          )}
        </p>
      </header>
      <search class="filters">
        <input
          type="search"
          aria-label="Filter"
          placeholder="pid, name, label or module"
          value={filter}
          onInput={(event) => replace({ filter: event.currentTarget.value })}
        />
        {kind === "umbel" && (
          <select
            aria-label="Application"
            value={application}
            onChange={(event) => replace({ application: event.currentTarget.value })}
          >
            <option value="">every application</option>
            {applications.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        )}
        <TopBy sort={sort} kind={kind} onSort={(by) => replace({ sort: by, ascending: "" })} />
      </search>
      {data?.recordedAt !== undefined && (
        <p class="muted recorded-at" role="note">
          These are the processes that stood out at {clock(data.recordedAt)}: the first {RECORDER_ROWS} each by CPU, by
          messages handled and by mailbox. The recorder does not keep the others, nor their memory.
        </p>
      )}
      {data === null ? (
        <Empty title={status === "looking" ? "Looking …" : status === "unkept" ? "Not recorded" : "No list"}>
          {text === "" ? undefined : text}
        </Empty>
      ) : data.matching === 0 ? (
        <Empty title="No process fits">Type something else, or clear the filter.</Empty>
      ) : (
        <List
          room={list}
          data={data}
          columns={columnsOf(data.kind)}
          sort={{ by: sort, ascending }}
          onSort={sortBy}
          selected={route.process}
          onWindow={setFrom}
          onOpen={({ key }) => open(key)}
        />
      )}
    </div>
  )
}

/** What people look for, in a click. */
function TopBy({ sort, kind, onSort }: { sort: string; kind: "umbel" | "beam"; onSort: (by: string) => void }) {
  const choices: readonly (readonly [by: string, label: string])[] = [
    ...(kind === "umbel" ? ([["cpuRate", "busiest"]] as const) : ([["handledRate", "busiest"]] as const)),
    ["mailbox", "mailbox"],
    ["mailboxRate", "growing"],
    ["memory", "largest"],
  ]
  return (
    <fieldset class="segments">
      <legend class="hidden">Sort</legend>
      {choices.map(([by, label]) => (
        <button key={by} type="button" aria-pressed={sort === by} onClick={() => onSort(by)}>
          {label}
        </button>
      ))}
    </fieldset>
  )
}

interface ListProps {
  room: { current: HTMLDivElement | null }
  data: ProcessesData
  columns: readonly Column<Row>[]
  sort: { by: string; ascending: boolean }
  onSort: (by: string) => void
  selected: string | null
  onWindow: (from: number) => void
  onOpen: (row: Row) => void
}

/** Only the rows of the window are there; two empty ones above and below keep their room. */
function List({ room, data, columns, sort, onSort, selected, onWindow, onOpen }: ListProps) {
  const rows = Math.min(data.matching, ROWS_MAX)
  const scrolled = (): void => {
    const top = room.current?.scrollTop ?? 0
    const first = Math.floor(top / ROW) - STEP
    onWindow(Math.max(0, Math.floor(first / STEP) * STEP))
  }
  useLayoutEffect(scrolled, [])
  const above = data.from * ROW
  const below = Math.max(0, rows - data.from - data.rows.length) * ROW
  return (
    <div ref={room} class="table-room tall" onScroll={scrolled}>
      <table class="data fixed" aria-label="Processes" aria-rowcount={data.matching}>
        <Heads columns={columns} sort={sort} onSort={onSort} />
        <tbody>
          {above > 0 && <tr class="gap" style={{ height: `${above}px` }} />}
          {data.rows.map((row, index) => (
            <tr
              key={row.key}
              class={`leads ${row.key === selected ? "selected" : ""}`}
              tabIndex={0}
              data-step=""
              aria-rowindex={data.from + index + 1}
              onClick={() => onOpen(row)}
              onKeyDown={(event) => event.key === "Enter" && onOpen(row)}
            >
              {columns.map(({ key, cell, number, wide }) => (
                <td key={key} class={`c-${key} ${number ? "number" : ""} ${wide ? "wide" : ""}`}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
          {below > 0 && <tr class="gap" style={{ height: `${below}px` }} />}
        </tbody>
      </table>
    </div>
  )
}
