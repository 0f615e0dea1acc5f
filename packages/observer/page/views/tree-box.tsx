/** One box of the tree: a process with what matters of it, or the crowd of children that are only counted. */
import type { SupervisionView, TreeView } from "../../src/views/tree.ts"
import { count, fitted, seconds, short } from "../model/format.ts"
import { BOX, type Box } from "../model/layout.ts"
import { detailOf, nameOf } from "../model/names.ts"
import { STATUS_TONES } from "./bits.tsx"
import type { Pulse } from "./use-tree.ts"

interface Props {
  box: Box
  pulse: Pulse | undefined
  current: boolean
  selected: boolean
  faded: boolean
  onAct: () => void
  onToggle: () => void
  onFocus: () => void
}

const LEFT = 16
const RIGHT = BOX.width - 14

export function TreeBox({ box, pulse, current, selected, faded, onAct, onToggle, onFocus }: Props) {
  const { view, crowd, height } = box
  const classes = [
    "box",
    crowd === null ? view.kind : "crowd",
    selected ? "selected" : "",
    faded ? "faded" : "",
    view.key === null ? "dead" : "",
    pulse?.kind ?? "",
  ]
  return (
    <g
      class={classes.join(" ")}
      transform={`translate(${box.x} ${box.y - height / 2})`}
      role="treeitem"
      tabIndex={current ? 0 : -1}
      aria-label={spoken(box)}
      aria-level={box.depth + 1}
      aria-selected={selected}
      data-path={box.path}
      data-restarts={crowd === null ? view.restarts : undefined}
      onClick={onAct}
      onFocus={onFocus}
    >
      {pulse !== undefined && <rect key={pulse.turn} class="ring" width={BOX.width} height={height} rx="12" />}
      <rect class="body" width={BOX.width} height={height} rx="12" />
      {crowd === null ? (
        <Process view={view} height={height} top={box.depth === 0} ambiguous={box.ambiguous} />
      ) : (
        <Crowd count={crowd} open={box.view.children.length} />
      )}
      {box.crowded && (
        // biome-ignore lint/a11y/noStaticElementInteractions: for the mouse; the keyboard has `c` on the box itself
        <g
          class="fold"
          transform={`translate(${BOX.width + 14} ${height / 2})`}
          onClick={(event) => toggled(event, onToggle)}
        >
          <circle r="9" />
          <path d="M-4 0H4" />
          <title>Close its children (c)</title>
        </g>
      )}
    </g>
  )
}

function toggled(event: MouseEvent, toggle: () => void): void {
  event.stopPropagation()
  toggle()
}

function Process({
  view,
  height,
  top,
  ambiguous,
}: {
  view: TreeView
  height: number
  top: boolean
  ambiguous: boolean
}) {
  const badge = view.mailbox > 0 ? `${count(view.mailbox)} waiting` : ""
  const badgeWidth = badge === "" ? 0 : measure(badge, SMALL) + 20
  const life = top ? "top" : view.restarts > 0 ? `generation ${count(view.restarts)}` : view.restart
  const lifeWidth = measure(life, SMALL)
  return (
    <>
      <circle class={`bud ${STATUS_TONES[view.status] ?? "off"}`} cx="0" cy={height / 2} r="6" />
      <text class="title" x={LEFT} y="21">
        {fitted(top ? view.title : nameOf(view), RIGHT - LEFT - badgeWidth, (text) => measure(text, TITLE))}
      </text>
      {badge !== "" && (
        <g class={`mailbox ${view.mailbox > 1_000 ? "long" : ""}`} transform={`translate(${RIGHT - badgeWidth + 8} 9)`}>
          <rect width={badgeWidth - 6} height="17" rx="8.500" />
          <text x={(badgeWidth - 6) / 2} y="12">
            {badge}
          </text>
        </g>
      )}
      <text class="module" x={LEFT} y="39">
        {fitted(
          view.key === null ? "not running" : detailOf(view, top || ambiguous),
          RIGHT - LEFT - lifeWidth - 10,
          (text) => measure(text, SMALL),
        )}
      </text>
      <text class={`life ${view.restarts > 0 ? "again" : ""}`} x={RIGHT} y="39">
        {life}
      </text>
      {view.supervision !== null && view.supervision.period > 0 && <Budget supervision={view.supervision} />}
      <title>
        {`${nameOf(view)} ${view.pid}\n${view.module}, ${view.restart}, ${view.status}${view.lastReason === undefined ? "" : `\nits last life ended with ${view.lastReason}`}`}
      </title>
    </>
  )
}

function Budget({ supervision }: { supervision: SupervisionView }) {
  const { strategy, intensity, period, used } = supervision
  const text = `${used}/${short(intensity)} in ${seconds(period)}`
  const textWidth = measure(text, SMALL)
  const strategyWidth = measure(strategy, SMALL)
  const x = LEFT + strategyWidth + 12
  const width = Math.max(16, RIGHT - textWidth - 8 - x)
  const part = intensity === 0 ? (used > 0 ? 1 : 0) : Math.min(1, used / intensity)
  return (
    <g class={`budget ${part >= 1 ? "spent" : part > 0 ? "used" : ""}`}>
      <text class="strategy" x={LEFT} y="60">
        {strategy}
      </text>
      <rect class="budget-room" x={x} y="53.500" width={width} height="5" rx="2.500" />
      <rect
        class="budget-used"
        x={x}
        y="53.500"
        width={width}
        height="5"
        rx="2.500"
        style={{ transform: `scaleX(${part})`, transformOrigin: `${x}px 0` }}
      />
      <text class="budget-text" x={RIGHT} y="60">
        {text}
      </text>
    </g>
  )
}

function Crowd({ count: many, open }: { count: number; open: number }) {
  return (
    <>
      <g class="crowd-buds">
        <circle cx="-3" cy={BOX.crowd / 2 - 6} r="3.500" />
        <circle cx="2" cy={BOX.crowd / 2} r="3.500" />
        <circle cx="-3" cy={BOX.crowd / 2 + 6} r="3.500" />
      </g>
      <text class="title" x={LEFT} y="24">
        {`${count(many)} children`}
      </text>
      <text class="life" x={RIGHT} y="24">
        {open > 0 ? "show" : ""}
      </text>
    </>
  )
}

function spoken({ view, crowd }: Box): string {
  if (crowd !== null) return `${count(crowd)} children of ${nameOf(view)}, not shown`
  const { supervision } = view
  return [
    nameOf(view),
    view.kind,
    view.key === null ? "not running" : view.status,
    view.restart,
    view.restarts > 0 ? `generation ${view.restarts}` : "",
    view.lastReason === undefined ? "" : `its last life ended with ${view.lastReason}`,
    view.mailbox > 0 ? `${view.mailbox} messages waiting` : "",
    supervision === null
      ? ""
      : `${supervision.strategy}, ${supervision.used} of ${supervision.intensity} restarts used in ${seconds(supervision.period)}`,
  ]
    .filter((part) => part !== "")
    .join(", ")
}

// ---- measuring ---------------------------------------------------------------------------------------------------------------
const FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
const TITLE = `600 13px ${FAMILY}`
const SMALL = `11px ${FAMILY}`
const canvas = document.createElement("canvas").getContext("2d")
const widths = new Map<string, number>()
const WIDTHS_MAX = 20_000

function measure(text: string, font: string): number {
  const key = `${font}|${text}`
  const known = widths.get(key)
  if (known !== undefined || canvas === null) return known ?? text.length * 7
  if (widths.size > WIDTHS_MAX) widths.clear()
  canvas.font = font
  const { width } = canvas.measureText(text)
  widths.set(key, width)
  return width
}
