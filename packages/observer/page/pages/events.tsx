/** What the nodes had to tell lately: crashes, slow handlers, notes. Newest first, with a filter. */
import type { EventView } from "../../src/views/events.ts"
import { clock, count, counted } from "../model/format.ts"
import { useNavigation } from "../navigation.ts"
import { useWatch } from "../use-live.ts"
import { Empty, NodeName } from "../views/bits.tsx"
import { TextFilter } from "../views/text-filter.tsx"
import type { Page, PageProps } from "./page.ts"

export const eventsPage: Page = {
  id: "events",
  title: "Events",
  scope: "cluster",
  letter: "e",
  icon: "M3 4h10M3 8h10M3 12h6",
  needs: "events",
  View: EventsView,
}

const FILTERS = {
  all: { label: "All", fits: () => true },
  crashes: { label: "Crashes", fits: ({ kind }: EventView) => kind === "crash" },
  warnings: { label: "Warnings", fits: ({ level }: EventView) => level === "warning" || level === "error" },
  notes: { label: "Notes", fits: ({ kind }: EventView) => kind === "note" },
} as const
type Filter = keyof typeof FILTERS
const SHOWN = 200

function EventsView({ route, nodes }: PageProps) {
  const { open, replace } = useNavigation()
  const { data } = useWatch("events", {})
  if (data === null) return <Empty title="Looking …" />
  const { events } = data
  const { kind = "all", node = "", text = "" } = route.query
  const filter: Filter = kind in FILTERS ? (kind as Filter) : "all"
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
            <button
              key={name}
              type="button"
              aria-pressed={filter === name}
              onClick={() => replace({ kind: name === "all" ? "" : name })}
            >
              {FILTERS[name].label} <small>{count(events.filter(FILTERS[name].fits).length)}</small>
            </button>
          ))}
        </fieldset>
        <select aria-label="Node" value={node} onChange={(event) => replace({ node: event.currentTarget.value })}>
          <option value="">every node</option>
          {(nodes ?? []).map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
        <TextFilter label="Text in events" of="text" text={text} />
      </search>
      {fitting.length === 0 ? (
        <Empty title={events.length === 0 ? "All quiet" : "Nothing fits"}>
          {events.length === 0 ? "No node has had anything to report." : "Choose another filter."}
        </Empty>
      ) : (
        <ol class="events">
          {fitting.slice(0, SHOWN).map((event) => (
            <Event key={event.key} event={event} onOpen={open} />
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
