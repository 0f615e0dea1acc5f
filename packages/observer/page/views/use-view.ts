/** Dragging, zooming and fitting a drawing into its frame: by mouse, wheel, touch and from code. */
import type { RefObject } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"
import { BOX, type Box, type Layout } from "../model/layout.ts"

export interface View {
  readonly x: number
  readonly y: number
  readonly scale: number
}

/** Or what shows the whole, where that is smaller. */
const SMALLEST = 0.15
const LARGEST = 2
const PADDING = 36
/** Smaller than this a fitted tree could not be read: then it starts at its root instead. */
const READABLE = 0.64
const NUDGE = 4

export function useView(drawn: Layout): {
  frame: RefObject<SVGSVGElement | null>
  view: View
  moving: boolean
  zoom: (factor: number) => void
  fit: () => void
  /** All of it in the window, however small. */
  whole: () => void
  reveal: (box: Box | undefined) => void
} {
  const frame = useRef<SVGSVGElement>(null)
  const [view, setView] = useState<View>({ x: PADDING, y: PADDING, scale: 1 })
  const [moving, setMoving] = useState(false)
  /** Until somebody moves it, the drawing is kept fitted. */
  const touched = useRef(false)
  const latest = useRef(drawn)
  latest.current = drawn

  const fit = (): void => {
    touched.current = false
    if (frame.current !== null) setView(fitted(latest.current, frame.current))
  }
  const whole = (): void => {
    touched.current = true
    if (frame.current !== null) setView(entire(latest.current, frame.current))
  }
  const zoomAt = (factor: number, x: number, y: number): void => {
    touched.current = true
    setView((before) => {
      const least = frame.current === null ? SMALLEST : Math.min(SMALLEST, entire(latest.current, frame.current).scale)
      const scale = Math.min(LARGEST, Math.max(least, before.scale * factor))
      const by = scale / before.scale
      return { scale, x: x - (x - before.x) * by, y: y - (y - before.y) * by }
    })
  }
  const zoom = (factor: number): void => {
    const { clientWidth = 0, clientHeight = 0 } = frame.current ?? {}
    zoomAt(factor, clientWidth / 2, clientHeight / 2)
  }
  const reveal = (box: Box | undefined): void => {
    const svg = frame.current
    if (box === undefined || svg === null) return
    setView((before) => revealed(before, box, svg))
  }

  useEffect(() => {
    if (!touched.current) fit()
  }, [drawn.width, drawn.height, drawn.boxes.length])

  useEffect(() => {
    const svg = frame.current
    if (svg === null) return
    const watcher = new ResizeObserver(() => {
      if (!touched.current) fit()
    })
    watcher.observe(svg)
    const stop = pointing(svg, {
      move: (dx, dy) => {
        touched.current = true
        setView((before) => ({ ...before, x: before.x + dx, y: before.y + dy }))
      },
      zoomAt,
      moving: setMoving,
    })
    return () => {
      watcher.disconnect()
      stop()
    }
  }, [])
  return { frame, view, moving, zoom, fit, whole, reveal }
}

/** Pixels that the key and the tools take at the foot. */
const FOOT = 36

function fitted(drawn: Layout, frame: SVGSVGElement): View {
  const { clientWidth } = frame
  const clientHeight = frame.clientHeight - FOOT
  const whole = Math.min((clientWidth - 2 * PADDING) / drawn.width, (clientHeight - 2 * PADDING) / drawn.height, 1.1)
  const scale = Math.max(READABLE, whole)
  if (scale > whole) {
    // The root in sight: at the left, and as high as the window allows.
    const root = drawn.boxes[0]
    return { scale, x: PADDING / 2, y: Math.min(PADDING, clientHeight / 2 - (root?.y ?? 0) * scale) }
  }
  return {
    scale,
    x: Math.max(PADDING, (clientWidth - drawn.width * scale) / 2),
    y: (clientHeight - drawn.height * scale) / 2,
  }
}

function entire(drawn: Layout, frame: SVGSVGElement): View {
  const [width, height] = [frame.clientWidth - PADDING, frame.clientHeight - FOOT - PADDING]
  const scale = Math.min(width / drawn.width, height / drawn.height, 1.1)
  return {
    scale,
    x: (frame.clientWidth - drawn.width * scale) / 2,
    y: (frame.clientHeight - FOOT - drawn.height * scale) / 2,
  }
}

function revealed(view: View, box: Box, { clientWidth, clientHeight }: SVGSVGElement): View {
  const left = box.x * view.scale + view.x
  const right = left + BOX.width * view.scale
  const middle = box.y * view.scale + view.y
  const dx = left < PADDING ? PADDING - left : right > clientWidth - PADDING ? clientWidth - PADDING - right : 0
  const dy =
    middle < PADDING * 2
      ? PADDING * 2 - middle
      : middle > clientHeight - PADDING * 2
        ? clientHeight - PADDING * 2 - middle
        : 0
  return dx === 0 && dy === 0 ? view : { ...view, x: view.x + dx, y: view.y + dy }
}

interface Hands {
  readonly move: (dx: number, dy: number) => void
  readonly zoomAt: (factor: number, x: number, y: number) => void
  readonly moving: (on: boolean) => void
}

/** One pointer drags, two pinch, the wheel zooms. */
function pointing(svg: SVGSVGElement, { move, zoomAt, moving }: Hands): () => void {
  const pointers = new Map<number, { x: number; y: number }>()
  let travelled = 0
  const local = (event: MouseEvent): { x: number; y: number } => {
    const { left, top } = svg.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }
  const down = (event: PointerEvent): void => {
    if (event.button !== 0) return
    pointers.set(event.pointerId, local(event))
    travelled = 0
  }
  const moved = (event: PointerEvent): void => {
    const before = pointers.get(event.pointerId)
    if (before === undefined) return
    const now = local(event)
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1]
    pointers.set(event.pointerId, now)
    travelled += Math.abs(now.x - before.x) + Math.abs(now.y - before.y)
    if (travelled < NUDGE) return
    // Only once it is a drag, else a click would never reach its box.
    if (!svg.hasPointerCapture(event.pointerId)) svg.setPointerCapture(event.pointerId)
    moving(true)
    if (other === undefined) return move(now.x - before.x, now.y - before.y)
    const apart = (point: { x: number; y: number }): number => Math.hypot(point.x - other.x, point.y - other.y)
    zoomAt(apart(now) / Math.max(1, apart(before)), (now.x + other.x) / 2, (now.y + other.y) / 2)
  }
  const up = (event: PointerEvent): void => {
    pointers.delete(event.pointerId)
    if (pointers.size === 0) moving(false)
  }
  const wheel = (event: WheelEvent): void => {
    event.preventDefault()
    if (event.shiftKey) return move(-event.deltaY - event.deltaX, 0)
    const { x, y } = local(event)
    zoomAt(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), x, y)
  }
  svg.addEventListener("pointerdown", down)
  svg.addEventListener("pointermove", moved)
  svg.addEventListener("pointerup", up)
  svg.addEventListener("pointercancel", up)
  svg.addEventListener("wheel", wheel, { passive: false })
  return () => {
    svg.removeEventListener("pointerdown", down)
    svg.removeEventListener("pointermove", moved)
    svg.removeEventListener("pointerup", up)
    svg.removeEventListener("pointercancel", up)
    svg.removeEventListener("wheel", wheel)
  }
}
