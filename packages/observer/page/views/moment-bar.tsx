/**
 * The time slider: in sight on every page while it looks at the past, with how far back one can look and what happened when. `n` and a button lead back to now.
 *
 * The address keeps the moment (`at`), so that it can be shared and gone back to.
 */
import { useEffect, useRef, useState } from "preact/hooks"
import type { NodeView } from "../../src/views/cluster.ts"
import type { TimelineData } from "../../src/views/timeline.ts"
import { clock, duration } from "../model/format.ts"
import { momentOf } from "../model/route.ts"
import { useNavigation } from "../navigation.ts"
import { useWatchNow } from "../use-live.ts"

const MINUTE_MS = 60_000
/** How far back the slider reaches: as the rings of the recorder do. */
const SPANS = [
  { ms: 15 * MINUTE_MS, label: "15 min" },
  { ms: 6 * 60 * MINUTE_MS, label: "6 h" },
  { ms: 48 * 60 * MINUTE_MS, label: "48 h" },
] as const
/** While it is dragged the page follows so often. */
const FOLLOW_MS = 250
const STEP_MS = 10_000
const DAY_MS = 24 * 60 * MINUTE_MS

export function MomentBar({ nodes, home }: { nodes: readonly NodeView[]; home: string | null }) {
  const { route, replace } = useNavigation()
  const at = momentOf(route)
  // A BEAM node and one that is gone have no recorder: the times are those of the node that serves the page.
  const recorded = nodes.find(({ name, kind, status }) => name === route.node && kind === "umbel" && status === "up")
  const node = recorded?.name ?? home
  const { data } = useWatchNow("timeline", at === null || node === null ? null : { node })
  if (at === null) return null
  return <Bar at={at} timeline={data} onMove={(to) => replace({ at: to === null ? "" : String(to) })} />
}

interface BarProps {
  at: number
  timeline: TimelineData | null
  onMove: (at: number | null) => void
}

function Bar({ at, timeline, onMove }: BarProps) {
  const [chosen, setChosen] = useState<number | null>(null)
  const [dragged, setDragged] = useFollowed(at, onMove)
  const to = timeline?.to ?? Date.now()
  const from = timeline?.from ?? at
  const span = chosen ?? (SPANS.find(({ ms }) => to - at <= ms) ?? SPANS[2]).ms
  // In whole seconds, so that its steps stay where they are while time goes on.
  const min = Math.floor(Math.max(Math.min(from, at), to - span) / 1_000) * 1_000
  const place = (time: number): number => Math.max(0, Math.min(1, (time - min) / Math.max(1, to - min)))
  const scenes = timeline?.scenesFrom ?? null
  return (
    <section class="moment-bar" aria-label="The past">
      <p role="status">
        <strong>The past: {when(dragged, to)}</strong> <span class="muted">{duration(to - dragged)} ago</span>
      </p>
      <button type="button" class="act" aria-label="10 s earlier" onClick={() => onMove(at - STEP_MS)}>
        −10 s
      </button>
      <div class="moment-track">
        {/* Where trees and processes were recorded, and not only numbers. */}
        {scenes !== null && scenes < to && (
          <i
            class="moment-scenes"
            style={{ left: `${place(scenes) * 100}%` }}
            title="From here on trees and processes were recorded"
          />
        )}
        {(timeline?.marks ?? [])
          .filter((mark) => mark.at >= min)
          .map((mark) => (
            <i
              key={mark.key}
              class={`moment-mark ${mark.kind}`}
              style={{ left: `${place(mark.at) * 100}%` }}
              title={`${clock(mark.at)} ${mark.text}`}
            />
          ))}
        <input
          type="range"
          aria-label="Moment"
          aria-valuetext={when(dragged, to)}
          min={min}
          max={to}
          step={1_000}
          value={dragged}
          onInput={(event) => setDragged(Number(event.currentTarget.value))}
        />
      </div>
      <button
        type="button"
        class="act"
        aria-label="10 s later"
        disabled={at + STEP_MS > to}
        onClick={() => onMove(at + STEP_MS)}
      >
        +10 s
      </button>
      <select
        aria-label="How far back the slider reaches"
        value={span}
        onChange={(event) => setChosen(Number(event.currentTarget.value))}
      >
        {SPANS.map(({ ms, label }) => (
          <option key={ms} value={ms}>
            {label}
          </option>
        ))}
      </select>
      <button type="button" class="act back-to-now" title="Back to now (n)" onClick={() => onMove(null)}>
        Back to now <kbd>n</kbd>
      </button>
    </section>
  )
}

/** Where the slider is at once; the page follows a few times a second, as each step asks every view anew. */
function useFollowed(at: number, onMove: (at: number) => void): readonly [number, (to: number) => void] {
  const [dragged, setDragged] = useState(at)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const wanted = useRef(at)
  const move = useRef(onMove)
  move.current = onMove
  useEffect(() => {
    if (timer.current === null) setDragged(at)
  }, [at])
  useEffect(() => () => void (timer.current === null || clearTimeout(timer.current)), [])
  return [
    dragged,
    (to) => {
      wanted.current = to
      setDragged(to)
      timer.current ??= setTimeout(() => {
        timer.current = null
        move.current(wanted.current)
      }, FOLLOW_MS)
    },
  ]
}

/** With the day, where that is another one. */
const when = (at: number, now: number): string =>
  now - at < DAY_MS && new Date(at).getDate() === new Date(now).getDate()
    ? clock(at)
    : `${new Date(at).toLocaleDateString()} ${clock(at)}`
