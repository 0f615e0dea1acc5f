/** A chart of lines over time. Its colours are the theme's; what the lines are now stands above it as text, for who cannot see it. */
import { useEffect, useRef } from "preact/hooks"
import uPlot from "uplot"
import type { ChartView } from "../../src/facts.ts"
import { clock, measured } from "../model/format.ts"
import type { Series } from "./use-series.ts"

const HEIGHT = 116
const COLOURS = ["--leaf", "--plum", "--sky", "--amber"] as const
/** Seconds that a chart shows at least. */
const SPAN = 60

export function Chart({ chart, series }: { chart: ChartView; series: ReadonlyMap<string, Series> }) {
  const room = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const { key, title, unit, max, lines } = chart
  const past = series.get(key)
  const shape = JSON.stringify([unit, max, lines.map((line) => line.key)])
  const latest = useRef(past)
  latest.current = past
  useEffect(() => {
    const element = room.current
    if (element === null) return
    const make = (): void => {
      plot.current?.destroy()
      plot.current = new uPlot(options(chart, element), [[], ...lines.map(() => [])], element)
      if (latest.current !== undefined) plot.current.setData(dataOf(chart, latest.current))
    }
    make()
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }))
    resized.observe(element)
    // Another theme has other colours, and a canvas does not know.
    const themed = new MutationObserver(make)
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] })
    const night = matchMedia("(prefers-color-scheme: dark)")
    night.addEventListener("change", make)
    return () => {
      resized.disconnect()
      themed.disconnect()
      night.removeEventListener("change", make)
      plot.current?.destroy()
      plot.current = null
    }
  }, [shape])
  useEffect(() => {
    if (past !== undefined) plot.current?.setData(dataOf(chart, past))
  }, [past])
  return (
    <figure class="card chart">
      <figcaption>
        <h2>{title}</h2>
        <ul>
          {lines.map((line, index) => (
            <li key={line.key}>
              <i style={{ background: `var(${COLOURS[index % COLOURS.length]})` }} />
              {line.label} <b>{measured(line.value, unit)}</b>
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={room} class="plot" aria-hidden="true" />
    </figure>
  )
}

const dataOf = ({ lines }: ChartView, { at, lines: values }: Series): uPlot.AlignedData => [
  [...at],
  ...lines.map(({ key }) => [...(values.get(key) ?? [])]),
]

function options({ unit, max, lines }: ChartView, element: HTMLElement): uPlot.Options {
  const colour = (name: string): string => resolved(element, name)
  const soft = colour("--faint")
  const grid = { stroke: colour("--line"), width: 1 }
  return {
    width: Math.max(120, element.clientWidth),
    height: HEIGHT,
    padding: [6, 18, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: true, range: (_, from, to) => spanOf(from, to) },
      y: { range: (_, __, highest) => [0, Math.max(max ?? 0, (highest ?? 0) * 1.1, unit === "share" ? 0.1 : 1)] },
    },
    axes: [
      {
        stroke: soft,
        grid: { show: false },
        ticks: { show: false },
        size: 20,
        font: FONT,
        space: 70,
        values: (_, at) => at.map((seconds) => clock(seconds * 1000)),
      },
      {
        stroke: soft,
        grid,
        ticks: { show: false },
        size: 56,
        font: FONT,
        space: 26,
        values: (_, values) => values.map((value) => measured(value, unit)),
      },
    ],
    series: [
      {},
      ...lines.map((_, index): uPlot.Series => {
        const stroke = colour(COLOURS[index % COLOURS.length]!)
        return { stroke, width: 1.5, points: { show: false }, ...(lines.length === 1 ? { fill: `${stroke}22` } : {}) }
      }),
    ],
  }
}
/** Without a point it ends now. */
function spanOf(from: number | null, to: number | null): [number, number] {
  const end = to ?? Date.now() / 1_000
  return [Math.min(from ?? end, end - SPAN), end]
}

const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'

/** A colour of the theme as the canvas understands it: `#rrggbb`. */
function resolved(element: HTMLElement, name: string): string {
  const probe = document.createElement("i")
  probe.style.color = `var(${name})`
  element.append(probe)
  const parts = getComputedStyle(probe).color.match(/[\d.]+/g) ?? []
  probe.remove()
  return `#${parts
    .slice(0, 3)
    .map((part) => Math.round(Number(part)).toString(16).padStart(2, "0"))
    .join("")}`
}
