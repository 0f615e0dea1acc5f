/** Numbers and times as people read them. */
import type { Unit } from "../../src/facts.ts"

const grouped = new Intl.NumberFormat("en", { useGrouping: true, maximumFractionDigits: 0 })

/** `1204` is `1 204`: thin spaces, as commas and points mean different things to different people. */
export const count = (value: number): string => grouped.format(value).replaceAll(",", "\u202f")

/** `1 process`, `2 processes`. */
export const counted = (value: number, one: string, several = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : several}`

/** `4 d 3 h`, `2 min 5 s`: the two largest parts. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ]
  const first = parts.findIndex(([value]) => value > 0)
  if (first < 0) return "0 s"
  return parts
    .slice(first, first + 2)
    .filter(([value], index) => index === 0 || value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(" ")
}

/** `5 s`, `0.5 s`: a period, exactly. */
export const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(2))} s`

export function milliseconds(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`
  return ms < 10_000 ? `${count(ms)} ms` : duration(ms)
}

/** `14:03:07`, in the reader's time zone. */
export function clock(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":")
}

/** Keeps a text within `width` as measured, with an ellipsis. */
export function fitted(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text
  let low = 0
  let high = text.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (measure(`${text.slice(0, middle)}…`) <= width) low = middle
    else high = middle - 1
  }
  return `${text.slice(0, low).trimEnd()}…`
}

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const

/** `1.4 MB`: of 1024, as operating systems count memory. */
export function bytes(value: number): string {
  const power = value < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(value) / 10))
  const scaled = value / 1024 ** power
  return `${power === 0 || scaled >= 100 ? count(scaled) : scaled.toFixed(1)} ${UNITS[power]}`
}

/** `34 %`. */
export const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 && share > 0 ? 1 : 0)} %`

/** `12`, `1.4`, `23 400`, `340 k`, `1.2 M`: short enough for a column. */
export function short(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e9) return `${(value / 1e9).toFixed(1)} G`
  if (size >= 1e6) return `${(value / 1e6).toFixed(1)} M`
  if (size >= 1e5) return `${(value / 1e3).toFixed(0)} k`
  return size < 10 && !Number.isInteger(value) ? value.toFixed(1) : count(value)
}

/** A value as its unit says. */
export function measured(value: number | string, unit: Unit): string {
  if (typeof value === "string") return value
  switch (unit) {
    case "bytes":
      return bytes(value)
    case "share":
      return percent(value)
    case "ms":
      return milliseconds(value)
    case "rate":
      return `${short(value)}/s`
    default:
      return count(value)
  }
}
