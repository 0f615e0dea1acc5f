/** What the nodes had to tell lately: crashes, slow handlers, notes. Newest first, with a filter. */
import { useState } from "preact/hooks"
import type { EventView } from "../../src/protocol.ts"
import type { LiveState } from "../live.ts"
import { clock, count, counted } from "../model/format.ts"
import { Empty, NodeName } from "./bits.tsx"

const FILTERS = {
  all: { label: "All", fits: () => true },
  crashes: { label: "Crashes", fits: ({ kind }: EventView) => kind === "crash" },
  warnings: { label: "Warnings", fits: ({ level }: EventView) => level === "warning" || level === "error" },
  notes: { label: "Notes", fits: ({ kind }: EventView) => kind === "note" },
} as const
type Filter = keyof typeof FILTERS
const SHOWN = 200

export function EventsView({ state, onOpen }: { state: LiveState; onOpen: (key: string | null) => void }) {
  const [filter, setFilter] = useState<Filter>("all")
  const [node, setNode] = useState("")
  const [text, setText] = useState("")
  const { events } = state
  if (events === null) return <Empty title="Looking …" />
  const wanted = text.trim().toLowerCase()
  const fits = (event: EventView): boolean =>
    FILTERS[filter].fits(event) && (node === "" || event.node === node) && event.text.toLowerCase().includes(wanted)
  // The latest first; of the same millisecond, what came last.
  const fitting = events
    .filter(fits)
    .reverse()
    .sort((a, b) => b.at - a.at)
  return (
    <div class="page">
      <header class="page-head">
        <h1>Events</h1>
        <p>the latest of what the nodes report; what came before the last 200 of a node is not kept</p>
      </header>
      <search class="filters">
        <fieldset class="segments">
          <legend class="hidden">Kind</legend>
          {(Object.keys(FILTERS) as Filter[]).map((name) => (
            <button key={name} type="button" aria-pressed={filter === name} onClick={() => setFilter(name)}>
              {FILTERS[name].label} <small>{count(events.filter(FILTERS[name].fits).length)}</small>
            </button>
          ))}
        </fieldset>
        <select aria-label="Node" value={node} onChange={(event) => setNode(event.currentTarget.value)}>
          <option value="">every node</option>
          {(state.nodes ?? []).map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <input
          type="text"
          aria-label="Text in events"
          placeholder="containing …"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </search>
      {fitting.length === 0 ? (
        <Empty title={events.length === 0 ? "All quiet" : "Nothing fits"}>
          {events.length === 0 ? "No node has had anything to report." : "Choose another filter."}
        </Empty>
      ) : (
        <ol class="events">
          {fitting.slice(0, SHOWN).map((event) => (
            <Event key={event.id} event={event} onOpen={onOpen} />
          ))}
        </ol>
      )}
      {fitting.length > SHOWN && <p class="muted">and {counted(fitting.length - SHOWN, "older event")}</p>}
    </div>
  )
}

function Event({ event, onOpen }: { event: EventView; onOpen: (key: string | null) => void }) {
  const [head, ...rest] = event.text.split("\n")
  const { from, what } = spoken(head ?? "", event)
  const { process } = event
  const summary = (
    <>
      <i class={`dot ${event.kind === "crash" ? "crash" : event.level}`} title={event.kind} />
      <time>{clock(event.at)}</time>
      <span class="event-node">
        <NodeName name={event.node} />
      </span>
      <span class="event-text">
        {/* The second line of a crash says why. */}
        {from !== "" && <span class="muted">{from} </span>}
        {what}
        {event.kind === "crash" && rest[0] !== undefined && <em>{rest[0].trim()}</em>}
      </span>
    </>
  )
  return (
    <li class={`event ${event.level}`}>
      {rest.length === 0 ? (
        <div class="event-head">{summary}</div>
      ) : (
        <details>
          <summary class="event-head">{summary}</summary>
          <pre>{rest.map((line) => line.replace(/^ {2}/, "")).join("\n")}</pre>
        </details>
      )}
      {process !== null && (
        <button type="button" class="event-open" onClick={() => onOpen(process)}>
          process
        </button>
      )}
    </li>
  )
}

/** `✗ crash  title <pid> on node` and `· from  text`, without what the row says anyway. */
function spoken(line: string, { kind, node }: EventView): { from: string; what: string } {
  const [from = "", ...rest] = line.replace(/^[✗!·]\s+/, "").split("  ")
  const what = rest.join("  ")
  if (kind === "note") return { from, what }
  return { from: "", what: (what === "" ? from : what).replace(` on ${node}`, "") }
}
