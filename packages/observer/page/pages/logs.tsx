/** The log of all nodes, the latest first; filtered where the lines are. */
import type { LevelView, LogLineView } from "../../src/views/logs.ts"
import { clock } from "../model/format.ts"
import { useNavigation } from "../navigation.ts"
import { useWatch } from "../use-live.ts"
import { Empty, NodeName } from "../views/bits.tsx"
import { Shown } from "../views/state.tsx"
import { TextFilter } from "../views/text-filter.tsx"
import type { Page, PageProps } from "./page.ts"

export const logsPage: Page = {
  id: "logs",
  title: "Log",
  scope: "cluster",
  letter: "o",
  icon: "M3 2h10v12H3zM5.500 5.500h5M5.500 8h5M5.500 10.500h3",
  needs: "logs",
  View: LogsView,
}

const LEVELS = ["debug", "info", "warning", "error"] as const

function LogsView({ route, nodes }: PageProps) {
  const { open, replace } = useNavigation()
  const { level = "debug", node = "", text = "" } = route.query
  const watched = useWatch("logs", { level, node, text }, ["level", "node", "text"])
  return (
    <div class="page broad">
      <header class="page-head">
        <h1>Log</h1>
        <p>the latest lines of every Umbel node; each keeps its last 2 000</p>
      </header>
      <search class="filters">
        <fieldset class="segments">
          <legend class="hidden">From which level on</legend>
          {LEVELS.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={level === name}
              onClick={() => replace({ level: name === "debug" ? "" : name })}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <select aria-label="Node" value={node} onChange={(event) => replace({ node: event.currentTarget.value })}>
          <option value="">every node</option>
          {(nodes ?? [])
            .filter(({ kind }) => kind === "umbel")
            .map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
        </select>
        <TextFilter label="Text in lines" of="text" text={text} />
      </search>
      <Shown of={watched}>
        {({ lines, levels }) => (
          <>
            <Levels levels={levels} />
            {lines.length === 0 ? (
              <Empty title="No line">Nothing that was written lately fits.</Empty>
            ) : (
              <ol class="log">
                {lines.map((line) => (
                  <Line key={line.key} line={line} onOpen={open} />
                ))}
              </ol>
            )}
          </>
        )}
      </Shown>
    </div>
  )
}

/** Levels that differ from what a node has when it boots. */
function Levels({ levels }: { levels: readonly LevelView[] }) {
  const set = levels.filter(({ whose, level }) => whose !== "the node" || level !== "info")
  if (set.length === 0) return null
  return (
    <p class="muted small">
      {set.map(({ key, node, whose, level }) => (
        <span key={key} class="level-set">
          {whose} on {node} writes from <b>{level}</b> on
        </span>
      ))}
    </p>
  )
}

function Line({ line, onOpen }: { line: LogLineView; onOpen: (key: string) => void }) {
  const { level, at, node, from, text, process } = line
  return (
    <li class={`log-line ${level}`}>
      <i class={`dot ${line.kind === "crash" ? "crash" : level}`} title={level} />
      <time>{clock(at)}</time>
      <span class="event-node">
        <NodeName name={node} />
      </span>
      {process === null ? (
        <span class="log-from">{from}</span>
      ) : (
        <button type="button" class="log-from link" data-step="" onClick={() => onOpen(process)}>
          {from}
        </button>
      )}
      <span class="log-text">{text}</span>
    </li>
  )
}
