/** Small parts that several views use. */
import type { ComponentChildren } from "preact"
import { sparkline } from "../model/history.ts"

export function UmbelMark({ size = 28 }: { size?: number }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true">
      <path
        class="mark-stalks"
        d="M16 30V18M16 18C13 15 8 13 5 11M16 18C14.500 14 12 9 11 6M16 18V5M16 18C17.500 14 20 9 21 6M16 18C19 15 24 13 27 11"
      />
      <g class="mark-flowers">
        <circle cx="4.500" cy="10.500" r="2.600" />
        <circle cx="10.500" cy="5" r="2.600" />
        <circle cx="16" cy="3.500" r="2.600" />
        <circle cx="21.500" cy="5" r="2.600" />
        <circle cx="27.500" cy="10.500" r="2.600" />
      </g>
    </svg>
  )
}

/** `front@127.0.0.1`, its own part first. */
export function NodeName({ name }: { name: string }) {
  const at = name.lastIndexOf("@")
  return at < 0 ? (
    <span class="node-name">{name}</span>
  ) : (
    <span class="node-name">
      {name.slice(0, at)}
      <span class="node-host">{name.slice(at)}</span>
    </span>
  )
}

export function Pill({ tone, children }: { tone: string; children: ComponentChildren }) {
  return <span class={`pill ${tone}`}>{children}</span>
}

export function Figure({ label, value, tone = "" }: { label: string; value: string; tone?: string }) {
  return (
    <div class={`figure ${tone}`}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  )
}

export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  const width = 240
  const height = 44
  const points = sparkline(values, width, height)
  const area = points === "" ? "" : `${points.split(" ")[0]?.split(",")[0]},${height} ${points} ${width},${height}`
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <polygon class="spark-area" points={area} />
      <polyline class="spark-line" points={points} vector-effect="non-scaling-stroke" />
    </svg>
  )
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <UmbelMark size={56} />
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
    </div>
  )
}

/** What a process is doing, in one word. */
export const STATUS_TONES: Readonly<Record<string, string>> = {
  waiting: "calm",
  ready: "busy",
  running: "busy",
  awaiting: "warm",
  zombie: "bad",
  "not running": "off",
}
