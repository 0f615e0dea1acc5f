/**
 * The recent past of each node, for its sparklines: begun with what its recorder has, and kept by the page for as long as it is open.
 */
import type { NodeView } from "../../src/views/cluster.ts"

export interface Sample {
  readonly at: number
  readonly processes: number
  /** Turns a second since the sample before; null for the first. */
  readonly rate: number | null
  readonly turns: number | null
}
const SAMPLES_MAX = 120

/** Adds what a snapshot says to the samples so far. A node that did not answer anew adds nothing. */
export function remember(
  history: ReadonlyMap<string, readonly Sample[]>,
  nodes: readonly NodeView[],
): ReadonlyMap<string, readonly Sample[]> {
  const next = new Map<string, readonly Sample[]>()
  for (const { name, vitals, seenAt } of nodes) {
    const before = history.get(name) ?? []
    const last = before.at(-1)
    if (vitals === null || last?.at === seenAt) {
      next.set(name, before)
      continue
    }
    const passed = last === undefined ? 0 : (seenAt - last.at) / 1000
    // A node that was started anew counts from 0 again.
    const rate =
      passed <= 0 || last?.turns == null || vitals.turns === null || vitals.turns < last.turns
        ? null
        : (vitals.turns - last.turns) / passed
    next.set(name, [
      ...before.slice(1 - SAMPLES_MAX),
      { at: seenAt, processes: vitals.processes, rate, turns: vitals.turns },
    ])
  }
  return next
}

/** Puts an older past before what is known of a node; what is known stays as it is. */
export function begun(
  history: ReadonlyMap<string, readonly Sample[]>,
  node: string,
  older: readonly Sample[],
): ReadonlyMap<string, readonly Sample[]> {
  const now = history.get(node) ?? []
  const first = now[0]?.at ?? Number.POSITIVE_INFINITY
  return new Map([...history, [node, [...older.filter(({ at }) => at < first), ...now].slice(-SAMPLES_MAX)]])
}

/** The rates there are, oldest first. */
export const ratesOf = (samples: readonly Sample[]): readonly number[] => samples.flatMap(({ rate }) => rate ?? [])

/** Values that a sparkline has room for, at least and at most. */
const FEWEST = 24
const MOST = 60

/** The points of a line through the latest `values`, as wide and high as told, the last one at the right. */
export function sparkline(values: readonly number[], width: number, height: number): string {
  const shown = values.slice(-MOST)
  if (shown.length < 2) return ""
  const top = Math.max(...shown)
  const bottom = Math.min(...shown)
  const spread = Math.max(top - bottom, top * 0.1, 1)
  // What hardly changes runs along the middle.
  const rest = (spread - (top - bottom)) / 2
  const step = width / (Math.max(shown.length, FEWEST) - 1)
  const left = width - step * (shown.length - 1)
  return shown
    .map(
      (value, index) =>
        `${(left + index * step).toFixed(1)},${(height - 2 - ((value - bottom + rest) / spread) * (height - 4)).toFixed(1)}`,
    )
    .join(" ")
}
