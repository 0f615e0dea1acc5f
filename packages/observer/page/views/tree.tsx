/**
 * A supervision tree, drawn: to be dragged, zoomed and walked through by keys.
 *
 * Boxes outside the window are not drawn when there are many, so that a large tree stays quick.
 */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks"
import type { Growth } from "../model/growth.ts"
import { BOX, type Box, type Layout, layout, neighbour, repainted, stalkLine, stalkWidth } from "../model/layout.ts"
import { matches } from "../model/search.ts"
import { TreeBox } from "./tree-box.tsx"
import { TreeCanvas } from "./tree-canvas.tsx"
import type { Pulse } from "./use-tree.ts"
import { useView } from "./use-view.ts"

interface Props {
  growth: Growth
  pulses: ReadonlyMap<string, Pulse>
  selected: string | null
  searched: string
  /** Whether every crowd is drawn. */
  openAll: boolean
  onOpenAll: (all: boolean) => void
  onOpen: (key: string | null) => void
}

/** Beyond so many boxes only those in sight are drawn, and drawn simply where they are small: then on a canvas. */
const ALL_DRAWN = 300
const MARGIN = 300
/** A box smaller than this cannot be read. */
const READABLE = 0.4
const NOTHING: ReadonlySet<string> = new Set()

export function Tree({ growth, pulses, selected, searched, openAll, onOpenAll, onOpen }: Props) {
  const { places } = growth
  const [some, setOpen] = useState<ReadonlySet<string>>(NOTHING)
  const open = openAll ? "all" : some
  const drawn = useLayout(growth, open)
  const { frame, view, moving, zoom, fit, whole, reveal } = useView(drawn)
  const [current, setCurrent] = useState(drawn.boxes[0]?.path ?? "")
  const holder = useRef<SVGGElement>(null)
  const found = useMemo(() => (searched.trim() === "" ? null : new Set(matches(places, searched))), [places, searched])
  const here = drawn.byPath.has(current) ? current : (drawn.boxes[0]?.path ?? "")

  const selectedPath =
    selected === null ? undefined : drawn.boxes.find(({ view, crowd }) => crowd === null && view.key === selected)?.path
  const shownFor = useRef<string | undefined>(undefined)
  useEffect(() => {
    if (selectedPath === undefined || shownFor.current === selected) return
    shownFor.current = selected ?? undefined
    setCurrent(selectedPath)
    // The panel takes its place first.
    const timer = setTimeout(() => reveal(drawn.byPath.get(selectedPath)), 60)
    return () => clearTimeout(timer)
  }, [selected, selectedPath])

  const toggle = (box: Box): void => {
    const path = box.crowd === null ? box.path : (box.parent ?? box.path)
    const next = new Set(open === "all" ? drawn.boxes.flatMap((one) => (one.crowded ? [one.path] : [])) : open)
    if (!next.delete(path)) next.add(path)
    if (openAll) onOpenAll(false)
    setOpen(next)
  }
  const act = (box: Box): void => {
    setCurrent(box.path)
    if (box.crowd !== null) toggle(box)
    else if (box.view.key !== null) onOpen(box.view.key)
  }
  const focusOn = useRef<string | null>(null)
  useLayoutEffect(() => {
    if (focusOn.current === null) return
    holder.current?.querySelector<SVGGElement>("[tabindex='0']")?.focus({ preventScroll: true })
    focusOn.current = null
  })
  const pressed = (event: KeyboardEvent): void => {
    const box = drawn.byPath.get(here)
    if (box === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const to = neighbour(drawn, here, event.key)
    if (to !== undefined) {
      focusOn.current = to
      setCurrent(to)
      reveal(drawn.byPath.get(to))
    } else if (event.key === "Enter" || event.key === " ") act(box)
    else if (event.key === "+" || event.key === "=") zoom(1.25)
    else if (event.key === "-") zoom(0.8)
    else if (event.key === "0") fit()
    else if (event.key === "9") whole()
    else if (event.key === "c" && box.crowded) toggle(box)
    else if (!event.key.startsWith("Arrow")) return
    event.preventDefault()
  }

  const many = drawn.boxes.length > ALL_DRAWN
  const simple = many && view.scale < READABLE
  const inSight = (box: Box): boolean => !many || box.path === here || (!simple && visible(box, view, frame.current))
  return (
    <div class="tree">
      {simple && (
        <TreeCanvas
          drawn={drawn}
          view={view}
          pulses={pulses}
          found={found}
          selected={selected}
          frame={frame}
          onAct={act}
        />
      )}
      {/* biome-ignore lint/a11y/noSvgWithoutTitle: a title would follow the pointer about as a tooltip; the tree within has a label */}
      <svg
        ref={frame}
        class={`canvas ${moving ? "moving" : ""} ${simple ? "simple" : ""}`}
        data-boxes={drawn.boxes.length}
      >
        <g
          ref={holder}
          role="tree"
          aria-label="Supervision tree"
          onKeyDown={pressed}
          transform={`translate(${view.x} ${view.y}) scale(${view.scale})`}
        >
          <g>
            {!simple &&
              drawn.stalks
                .filter(({ from, to, count }) => count > 1 || inSight(drawn.boxes[to]!) || inSight(from))
                .map((stalk) => {
                  const { path, to, count, from } = stalk
                  const first = drawn.boxes[to]
                  const isDead = count === 1 && first?.view.key === null && first.crowd === null
                  const below = count === 1 ? (first?.below ?? 0) : from.below
                  return (
                    <path
                      key={path}
                      class={`stalk ${isDead ? "dead" : ""}`}
                      d={stalkLine(stalk)}
                      // A hundred thick ones from one box would be a wall.
                      stroke-width={from.view.children.length > 24 && !from.crowded ? 1.5 : stalkWidth(below)}
                    />
                  )
                })}
          </g>
          {drawn.boxes.filter(inSight).map((box) => (
            <TreeBox
              key={box.path}
              box={box}
              pulse={box.crowd === null ? pulses.get(box.path) : undefined}
              current={box.path === here}
              selected={box.crowd === null && selected !== null && box.view.key === selected}
              faded={found !== null && !found.has(box.path)}
              onAct={() => act(box)}
              onToggle={() => toggle(box)}
              onFocus={() => setCurrent(box.path)}
            />
          ))}
        </g>
      </svg>
      <Legend />
      <div class="tools" role="toolbar" aria-label="View of the tree">
        <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => zoom(1.25)}>
          +
        </button>
        <button type="button" aria-label="Zoom out" title="Zoom out (−)" onClick={() => zoom(0.8)}>
          −
        </button>
        <button
          type="button"
          class="fit"
          title="Fit the tree to the window, or its root where it would be too small to read (0)"
          onClick={fit}
        >
          Fit
        </button>
        {many && (
          <button type="button" class="fit" title="All of it, however small (9)" onClick={whole}>
            Whole
          </button>
        )}
        {(openAll || drawn.boxes.some(({ crowd, crowded }) => crowd !== null || crowded)) && (
          <button type="button" class="fit" aria-pressed={openAll} onClick={() => onOpenAll(!openAll)}>
            {openAll ? "Close crowds" : "Open all"}
          </button>
        )}
      </div>
    </div>
  )
}

/** Laid out anew only when boxes come or go; else what has changed is painted over. */
function useLayout(growth: Growth, open: ReadonlySet<string> | "all"): Layout {
  const last = useRef<{ growth: Growth; open: ReadonlySet<string> | "all"; drawn: Layout } | null>(null)
  return useMemo(() => {
    const before = last.current
    const follows = before !== null && before.open === open && before.growth.tree === growth.before
    const same = follows && growth.changed !== null ? repainted(before.drawn, growth.changed) : undefined
    const drawn = same ?? layout(growth.tree, open)
    last.current = { growth, open, drawn }
    return drawn
  }, [growth, open])
}

function visible(box: Box, view: { x: number; y: number; scale: number }, frame: SVGSVGElement | null): boolean {
  if (frame === null) return true
  const left = box.x * view.scale + view.x
  const top = box.y * view.scale + view.y
  return (
    left > -MARGIN - BOX.width * view.scale &&
    left < frame.clientWidth + MARGIN &&
    top > -MARGIN &&
    top < frame.clientHeight + MARGIN
  )
}

function Legend() {
  return (
    <ul class="legend" aria-label="Key">
      <li>
        <i class="bud calm" /> waiting
      </li>
      <li>
        <i class="bud busy" /> at work
      </li>
      <li>
        <i class="bud warm" /> awaiting
      </li>
      <li>
        <i class="bud off" /> not running
      </li>
      <li>
        <i class="budget-key" /> restart budget used
      </li>
    </ul>
  )
}
