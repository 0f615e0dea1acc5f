/** A watched tree, with where everything stands in it and what has happened since the last look. */
import { useEffect, useRef, useState } from "preact/hooks"
import type { TreeView } from "../../src/views/tree.ts"
import type { Watched } from "../live.ts"
import { type Growth, grown, type Happening } from "../model/growth.ts"
import { useWatch } from "../use-live.ts"

export interface Pulse {
  readonly kind: Happening
  /** Counts up, so that the same happening twice is shown twice. */
  readonly turn: number
}
const PULSE_MS = 3_200
export function useTree(
  node: string,
  application: string,
): Watched<TreeView> & {
  readonly growth: Growth | null
  readonly pulses: ReadonlyMap<string, Pulse>
} {
  const watched = useWatch("tree", { node, application })
  const [growth, setGrowth] = useState<Growth | null>(null)
  const [pulses, setPulses] = useState<ReadonlyMap<string, Pulse>>(new Map())
  const turns = useRef(0)
  useEffect(() => {
    const { data, status } = watched
    if (status === "unkept") return setGrowth(null)
    if (data === null || data === growth?.tree) return
    const next = grown(growth, data)
    const events = next.happened
    setGrowth(next)
    if (events.size === 0) return
    const turn = ++turns.current
    setPulses((before) => new Map([...before, ...[...events].map(([path, kind]) => [path, { kind, turn }] as const)]))
    setTimeout(() => setPulses((before) => new Map([...before].filter(([, pulse]) => pulse.turn !== turn))), PULSE_MS)
  }, [watched.data, watched.status])
  // The tree and its places go together.
  return { ...watched, data: growth?.tree ?? null, growth, pulses }
}
