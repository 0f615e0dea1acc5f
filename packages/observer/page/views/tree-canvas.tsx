/**
 * A large tree from afar: boxes too small to read, thousands of them, painted on a canvas in the colours of what they do.
 *
 * What is pointed at is named beside the pointer, and a click opens it. Nothing here is an element of its own: ten thousand elements would not move.
 */
import type { RefObject } from "preact"
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import { BOX, type Box, type Layout } from "../model/layout.ts"
import { nameOf } from "../model/names.ts"
import { STATUS_TONES } from "./bits.tsx"
import type { Pulse } from "./use-tree.ts"
import type { View } from "./use-view.ts"

interface Props {
  drawn: Layout
  view: View
  pulses: ReadonlyMap<string, Pulse>
  found: ReadonlySet<string> | null
  selected: string | null
  /** The element that takes the pointer. */
  frame: RefObject<SVGSVGElement | null>
  onAct: (box: Box) => void
}

const INKS = [
  "supervisor",
  "calm",
  "busy",
  "warm",
  "bad",
  "off",
  "faded",
  "stalk",
  "selected",
  "pulse",
  "ended",
] as const
type Ink = (typeof INKS)[number]
type Inks = Readonly<Record<Ink, string>>

export function TreeCanvas(props: Props) {
  const { drawn, view, frame, onAct } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const palette = useRef<HTMLDivElement>(null)
  const [tip, setTip] = useState<{ x: number; y: number; box: Box } | null>(null)
  const latest = useRef({ drawn, view, onAct })
  latest.current = { drawn, view, onAct }

  const inks = useInks(palette)
  const asked = useRef(0)
  const wanted = useRef(props)
  wanted.current = props
  // However often a frame is moved, it is painted once.
  useLayoutEffect(() => {
    if (asked.current !== 0) return
    asked.current = requestAnimationFrame(() => {
      asked.current = 0
      if (canvas.current !== null) paint(canvas.current, wanted.current, inks())
    })
  })
  useEffect(() => () => cancelAnimationFrame(asked.current), [])

  useEffect(() => {
    const svg = frame.current
    if (svg === null) return
    const at = (event: MouseEvent): { x: number; y: number; box: Box | undefined } => {
      const { left, top } = svg.getBoundingClientRect()
      const [x, y] = [event.clientX - left, event.clientY - top]
      return { x, y, box: boxAt(latest.current.drawn, latest.current.view, x, y) }
    }
    const moved = (event: PointerEvent): void => {
      if (event.buttons !== 0) return setTip(null)
      const { x, y, box } = at(event)
      setTip(box === undefined ? null : { x, y, box })
    }
    const left = (): void => setTip(null)
    const clicked = (event: MouseEvent): void => {
      const { box } = at(event)
      if (box !== undefined) latest.current.onAct(box)
    }
    svg.addEventListener("pointermove", moved)
    svg.addEventListener("pointerleave", left)
    svg.addEventListener("click", clicked)
    return () => {
      svg.removeEventListener("pointermove", moved)
      svg.removeEventListener("pointerleave", left)
      svg.removeEventListener("click", clicked)
    }
  }, [])
  return (
    <>
      <canvas ref={canvas} class="tree-paint" />
      <div ref={palette} class="palette" hidden>
        {INKS.map((ink) => (
          <i key={ink} class={`ink-${ink}`} />
        ))}
      </div>
      {tip !== null && (
        <p class="tree-tip" style={{ left: `${tip.x + 14}px`, top: `${tip.y + 14}px` }}>
          <b>
            {tip.box.crowd === null ? nameOf(tip.box.view) : `${tip.box.crowd} children of ${nameOf(tip.box.view)}`}
          </b>{" "}
          <code>{tip.box.crowd === null ? tip.box.view.pid : ""}</code>{" "}
          <span class="muted">{tip.box.crowd === null ? tip.box.view.status : ""}</span>
        </p>
      )}
    </>
  )
}

/** The colours of the page as they are now, read anew when its theme changes. */
function useInks(palette: RefObject<HTMLDivElement | null>): () => Inks {
  const known = useRef<{ theme: string; inks: Inks } | null>(null)
  return () => {
    const theme = `${document.documentElement.dataset["theme"]} ${matchMedia("(prefers-color-scheme: dark)").matches}`
    if (known.current?.theme === theme) return known.current.inks
    const marks = [...(palette.current?.children ?? [])]
    const inks = Object.fromEntries(
      INKS.map((ink, index) => [ink, getComputedStyle(marks[index]!).color]),
    ) as unknown as Inks
    known.current = { theme, inks }
    return inks
  }
}

function boxAt(drawn: Layout, view: View, x: number, y: number): Box | undefined {
  const [left, top] = [(x - view.x) / view.scale, (y - view.y) / view.scale]
  // Small boxes are caught a little beside them.
  const near = 3 / view.scale
  return drawn.boxes.find(
    (box) =>
      left >= box.x - near &&
      left <= box.x + BOX.width + near &&
      Math.abs(top - box.y) <= Math.max(box.height / 2, near),
  )
}

const inkOf = (box: Box): Ink =>
  box.crowd !== null || box.view.key === null
    ? "off"
    : box.view.kind === "supervisor"
      ? "supervisor"
      : (INKS.find((ink) => ink === STATUS_TONES[box.view.status]) ?? "off")

function paint(canvas: HTMLCanvasElement, { drawn, view, pulses, found, selected }: Props, inks: Inks): void {
  const { clientWidth, clientHeight } = canvas
  const ratio = Math.min(2, devicePixelRatio)
  if (canvas.width !== clientWidth * ratio || canvas.height !== clientHeight * ratio) {
    canvas.width = clientWidth * ratio
    canvas.height = clientHeight * ratio
  }
  const pen = canvas.getContext("2d")
  if (pen === null) return
  pen.setTransform(ratio, 0, 0, ratio, 0, 0)
  pen.clearRect(0, 0, clientWidth, clientHeight)
  const { x: dx, y: dy, scale } = view
  stalks(pen, drawn, view, clientWidth, clientHeight, inks.stalk)
  const width = Math.max(1, BOX.width * scale)
  // By colour, as each change of it costs.
  const byInk = new Map<Ink, number[]>()
  const lit: [Box, Ink][] = []
  for (const box of drawn.boxes) {
    const x = box.x * scale + dx
    const height = Math.max(1, box.height * scale)
    const y = box.y * scale + dy - height / 2
    if (x > clientWidth || x + width < 0 || y > clientHeight || y + height < 0) continue
    const ink = found === null || found.has(box.path) ? inkOf(box) : "faded"
    const rectangles = byInk.get(ink)
    if (rectangles === undefined) byInk.set(ink, [x, y, height])
    else rectangles.push(x, y, height)
    const pulse = pulses.get(box.path)
    if (pulse !== undefined) lit.push([box, pulse.kind === "ended" || pulse.kind === "lost" ? "ended" : "pulse"])
    if (selected !== null && box.crowd === null && box.view.key === selected) lit.push([box, "selected"])
  }
  for (const [ink, rectangles] of byInk) {
    pen.fillStyle = inks[ink]
    for (let at = 0; at < rectangles.length; at += 3)
      pen.fillRect(rectangles[at]!, rectangles[at + 1]!, width, rectangles[at + 2]!)
  }
  for (const [box, ink] of lit) {
    const height = Math.max(1, box.height * scale)
    pen.fillStyle = inks[ink]
    pen.fillRect(box.x * scale + dx - 2, box.y * scale + dy - height / 2 - 2, width + 4, height + 4)
  }
}

function stalks(
  pen: CanvasRenderingContext2D,
  { stalks }: Layout,
  { x: dx, y: dy, scale }: View,
  width: number,
  height: number,
  ink: string,
): void {
  pen.strokeStyle = ink
  pen.lineWidth = Math.max(0.5, 1.6 * scale)
  pen.beginPath()
  for (const { from, x, y } of stalks) {
    const [x1, y1] = [(from.x + BOX.width) * scale + dx, from.y * scale + dy]
    const [x2, y2] = [x * scale + dx, y * scale + dy]
    if (Math.max(x1, x2) < 0 || Math.min(x1, x2) > width || Math.max(y1, y2) < 0 || Math.min(y1, y2) > height) continue
    const bend = BOX.between * 0.55 * scale
    pen.moveTo(x1, y1)
    pen.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2)
  }
  pen.stroke()
}
