/** Messages as they pass: a sequence diagram of one process, or of all below it. */
import { useState } from "preact/hooks"
import type { FoundView } from "../../src/views/find.ts"
import type { TraceData } from "../../src/views/trace.ts"
import { clock, counted, milliseconds } from "../model/format.ts"
import { type Lane, type SequenceRow, sequence } from "../model/sequence.ts"
import { useNavigation } from "../navigation.ts"
import { useWatch } from "../use-live.ts"
import { Empty, NodeName, Pill } from "../views/bits.tsx"
import { Shown } from "../views/state.tsx"
import type { Page, PageProps } from "./page.ts"

export const tracePage: Page = {
  id: "trace",
  title: "Trace",
  scope: "cluster",
  letter: "m",
  icon: "M4 2v12M12 2v12M4 5h8M10 3l2 2-2 2M12 11H4M6 9l-2 2 2 2",
  needs: "trace",
  unkept: "Messages are traced while one looks, and not recorded.",
  View: TracePage,
}

interface Wanted {
  readonly process: Pick<FoundView, "key" | "pid" | "node" | "title">
  readonly below: boolean
  /** Also whom it speaks with on other nodes. */
  readonly follow: boolean
  readonly seconds: number
  /** Another number is another trace. */
  readonly again: number
}

const ROW = 28
const LANE = 120
const ENDS: Readonly<Record<TraceData["state"], string>> = {
  running: "running",
  asked: "stopped",
  events: "stopped: it has as many events as it may",
  time: "stopped: its time is over",
  watcher: "stopped",
  unread: "stopped",
}

function TracePage({ route }: PageProps) {
  const { replace } = useNavigation()
  const [wanted, setWanted] = useState<Wanted | null>(null)
  const [below, setBelow] = useState(route.query["below"] === "true")
  const [follow, setFollow] = useState(true)
  const [seconds, setSeconds] = useState(30)
  // `of` names the process, as the links that lead here do.
  const { text = "", of } = route.query
  const found = useWatch(
    "find",
    text.trim() === "" || wanted !== null || of !== undefined ? null : { text: text.trim() },
  )
  const named = useWatch("process", of === undefined || wanted !== null ? null : { process: of })
  const candidates = of === undefined ? (found.data?.found ?? null) : named.data === null ? null : [named.data]
  return (
    <div class="page broad">
      <header class="page-head">
        <h1>Trace</h1>
        <p>messages, calls and ends of a process as they happen; it stops by itself, and when you leave</p>
      </header>
      {wanted === null ? (
        <>
          <search class="filters">
            <input
              type="text"
              aria-label="Process to trace"
              placeholder="a name, a label, a module or a pid"
              value={text}
              onInput={(event) => replace({ text: event.currentTarget.value, of: "" })}
            />
            <label>
              <input type="checkbox" checked={below} onChange={(event) => setBelow(event.currentTarget.checked)} /> and
              all below it
            </label>
            <label>
              <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.currentTarget.checked)} />{" "}
              across nodes
            </label>
            <select
              aria-label="For how long"
              value={seconds}
              onChange={(event) => setSeconds(Number(event.currentTarget.value))}
            >
              {[10, 30, 120, 600].map((value) => (
                <option key={value} value={value}>
                  {value < 60 ? `${value} seconds` : counted(value / 60, "minute")}
                </option>
              ))}
            </select>
          </search>
          <Candidates
            found={candidates}
            onChoose={(process) => setWanted({ process, below, follow, seconds, again: 0 })}
          />
        </>
      ) : (
        <Running
          wanted={wanted}
          onAgain={() => setWanted({ ...wanted, again: wanted.again + 1 })}
          onOther={() => setWanted(null)}
        />
      )}
    </div>
  )
}

function Candidates({
  found,
  onChoose,
}: {
  found: readonly Wanted["process"][] | null
  onChoose: (process: Wanted["process"]) => void
}) {
  if (found === null) {
    return (
      <Empty title="Trace what?">
        Say which process. Nothing is taken down by it: what passes is put into words on its node, and it stops by
        itself after 500 events, when its time is over, and when you leave. The audit keeps who traced what.
      </Empty>
    )
  }
  if (found.length === 0) return <Empty title="There is no such process" />
  return (
    <ul class="choices">
      {found.map((process) => (
        <li key={process.key}>
          <button type="button" class="act" data-step="" onClick={() => onChoose(process)}>
            Trace <b>{process.title}</b> <code>{process.pid}</code> <NodeName name={process.node} />
          </button>
        </li>
      ))}
    </ul>
  )
}

function Running({ wanted, onAgain, onOther }: { wanted: Wanted; onAgain: () => void; onOther: () => void }) {
  const { process, below, follow, seconds, again } = wanted
  const watched = useWatch("trace", { process: process.key, below, follow, seconds, again })
  // Only the messages of one trace, chosen by its id.
  const [only, setOnly] = useState<string | null>(null)
  return (
    <Shown of={watched}>
      {(data) => {
        const events = only === null ? data.events : data.events.filter(({ trace }) => trace === only)
        const { lanes, rows } = sequence(events)
        return (
          <>
            <p class="trace-state" role="status">
              <Pill tone={data.state === "running" ? "leaf" : "off"}>{ENDS[data.state]}</Pill> {process.title}
              {below && " and all below it"}: {counted(data.events.length, "event")}
              {data.state === "running" && `, until ${clock(data.until)}`}
              <button type="button" class="act" onClick={onAgain}>
                Anew
              </button>
              <button type="button" class="act" onClick={onOther}>
                Another process
              </button>
            </p>
            <Where data={data} />
            {only !== null && (
              <p class="trace-state">
                Only what is part of <code>{only}</code>
                <button type="button" class="act" onClick={() => setOnly(null)}>
                  Everything
                </button>
              </p>
            )}
            {rows.length === 0 ? (
              <Empty title={data.state === "running" ? "Quiet so far" : "Nothing happened"} />
            ) : (
              <Sequence lanes={lanes} rows={rows} onTrace={setOnly} />
            )}
          </>
        )
      }}
    </Shown>
  )
}

/** On which nodes it runs, and how their clocks differ. */
function Where({ data: { nodes, untraced } }: { data: TraceData }) {
  if (nodes.length < 2 && untraced.length === 0) return null
  return (
    <p class="muted small trace-where">
      {nodes.length > 1 && (
        <>
          On{" "}
          {nodes
            .map(
              ({ key, ahead }) =>
                `${key}${Math.abs(ahead) >= 1 ? ` (clock ${ahead > 0 ? "+" : ""}${ahead} ms, taken off)` : ""}`,
            )
            .join(", ")}
          .
        </>
      )}{" "}
      {untraced.length > 0 && <>Only this side is seen of {untraced.join(", ")}.</>}
    </p>
  )
}

interface SequenceProps {
  readonly lanes: readonly Lane[]
  readonly rows: readonly SequenceRow[]
  readonly onTrace: (trace: string) => void
}

function Sequence({ lanes, rows, onTrace }: SequenceProps) {
  const { open } = useNavigation()
  const width = lanes.length * LANE
  const height = rows.length * ROW
  const at = (lane: number): number => lane * LANE + LANE / 2
  const began = rows[0]?.event.at ?? 0
  const nodes = new Set(lanes.map(({ node }) => node).filter((node) => node !== ""))
  return (
    <div class="sequence" style={{ "--lanes": `${width}px`, "--row": `${ROW}px` }}>
      <div class="sequence-heads">
        {lanes.map(({ key, title, process, node }) => (
          <button
            key={key}
            type="button"
            class="link"
            disabled={process === null}
            title={`${title} ${node}`}
            onClick={() => open(process)}
          >
            {title}
            {nodes.size > 1 && <small>{node.split("@")[0]}</small>}
          </button>
        ))}
      </div>
      <div class="sequence-body">
        <svg width={width} height={height} role="img" aria-label="Sequence of messages">
          {lanes.map(({ key }, lane) => (
            <line key={key} class="lane" x1={at(lane)} x2={at(lane)} y1={0} y2={height} />
          ))}
          {rows.map((row, index) => (
            <Arrow key={row.event.key} row={row} y={index * ROW + ROW / 2} at={at} />
          ))}
        </svg>
        <ol>
          {rows.map(({ event }) => (
            <li key={event.key} class={`trace-row ${event.kind}`}>
              <time title={clock(event.at)}>+{milliseconds(event.at - began)}</time>
              <b>{event.kind}</b>
              <code title={event.text}>{event.text}</code>
              {event.ms !== null && <span class="muted">answered after {milliseconds(event.ms)}</span>}
              {event.trace !== null && (
                <button
                  type="button"
                  class="trace-id"
                  title={`Only what is part of the trace ${event.trace}`}
                  onClick={() => onTrace(event.trace ?? "")}
                >
                  {event.trace.slice(0, 8)}
                </button>
              )}
              {event.transit !== null && <span class="muted">{milliseconds(event.transit)} on its way</span>}
            </li>
          ))}
        </ol>
      </div>
    </div>
  )
}

function Arrow({ row, y, at }: { row: SequenceRow; y: number; at: (lane: number) => number }) {
  const { from, to, event } = row
  if (from < 0 || to < 0 || from === to)
    return <circle class={`mark-${event.kind}`} cx={at(Math.max(from, to))} cy={y} r={4} />
  const [x1, x2] = [at(from), at(to)]
  const back = x2 > x1 ? -7 : 7
  return (
    <g class={`arrow arrow-${event.kind}`}>
      <line x1={x1} x2={x2} y1={y} y2={y} />
      <path d={`M${x2} ${y}l${back} -4v8z`} />
    </g>
  )
}
