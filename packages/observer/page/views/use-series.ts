/**
 * The past of charts: what the lines of a node's `system` were, at each look, kept over all pages.
 *
 * ```ts
 * const series = useSeries(node, data)
 * series.get("memory")      // { at: [seconds …], lines: Map { "rss" => [ … ] } }
 * ```
 *
 * A recorder that knows more of the past puts it in with {@link prefill}.
 */
import { useRef } from "preact/hooks"
import type { SystemData } from "../../src/facts.ts"

export interface Series {
  /** Seconds since 1970, oldest first. */
  readonly at: readonly number[]
  readonly lines: ReadonlyMap<string, readonly number[]>
}

const POINTS_MAX = 900
const NODES_MAX = 50
const known = new Map<string, Map<string, Series>>()

export function useSeries(node: string, data: SystemData | null): ReadonlyMap<string, Series> {
  const last = useRef<SystemData | null>(null)
  if (data !== null && data.node === node && last.current !== data) {
    // The first look at a node knows no rates yet, and would be a dip after the past.
    if (last.current?.node === node) add(data)
    last.current = data
  }
  return known.get(node) ?? new Map()
}

function add({ node, at, charts }: SystemData): void {
  const all = seriesOf(node)
  const seconds = at / 1000
  for (const { key, lines } of charts) {
    const before = all.get(key)
    if (before !== undefined && (before.at.at(-1) ?? 0) >= seconds) continue
    const grown = new Map(
      lines.map((line) => [line.key, [...(before?.lines.get(line.key) ?? []).slice(1 - POINTS_MAX), line.value]]),
    )
    all.set(key, { at: [...(before?.at ?? []).slice(1 - POINTS_MAX), seconds], lines: grown })
  }
}

function seriesOf(node: string): Map<string, Series> {
  const before = known.get(node)
  if (before !== undefined) return before
  if (known.size >= NODES_MAX) known.clear()
  const made = new Map<string, Series>()
  known.set(node, made)
  return made
}

/** Puts an older past before what is known: of one chart of a node. */
export function prefill(node: string, chart: string, older: Series): void {
  const all = seriesOf(node)
  const now = all.get(chart)
  const first = now?.at[0] ?? Number.POSITIVE_INFINITY
  const keep = older.at.filter((at) => at < first).length
  const lines = [...older.lines].map(
    ([key, values]) => [key, [...values.slice(0, keep), ...(now?.lines.get(key) ?? [])].slice(-POINTS_MAX)] as const,
  )
  all.set(chart, { at: [...older.at.slice(0, keep), ...(now?.at ?? [])].slice(-POINTS_MAX), lines: new Map(lines) })
}
