/** A watched tree, with where everything stands in it and what has happened since the last look. */
import { useEffect, useRef, useState } from "preact/hooks"
import type { TreeView } from "../../src/views/tree.ts"
import type { Watched } from "../live.ts"
import { type Happening, happened, type Placed, placed } from "../model/growth.ts"
import { useWatch } from "../use-live.ts"

export interface Pulse {
  readonly kind: Happening
  /** Counts up, so that the same happening twice is shown twice. */
  readonly turn: number
}
const PULSE_MS = 3_200
const NOWHERE: ReadonlyMap<string, Placed> = new Map()

export function useTree(
  node: string,
  application: string,
): Watched<TreeView> & {
  readonly places: ReadonlyMap<string, Placed>
  readonly pulses: ReadonlyMap<string, Pulse>
} {
  const watched = useWatch("tree", { node, application })
  const [shown, setShown] = useState<{ tree: TreeView | null; places: ReadonlyMap<string, Placed> }>({
    tree: null,
    places: NOWHERE,
  })
  const [pulses, setPulses] = useState<ReadonlyMap<string, Pulse>>(new Map())
  const turns = useRef(0)
  useEffect(() => {
    const { data } = watched
    if (data === null || data === shown.tree) return
    const places = placed(data)
    const events = shown.tree === null ? new Map<string, Happening>() : happened(shown.places, places)
    setShown({ tree: data, places })
    if (events.size === 0) return
    const turn = ++turns.current
    setPulses((before) => new Map([...before, ...[...events].map(([path, kind]) => [path, { kind, turn }] as const)]))
    setTimeout(() => setPulses((before) => new Map([...before].filter(([, pulse]) => pulse.turn !== turn))), PULSE_MS)
  }, [watched.data])
  // The tree and its places go together.
  return { ...watched, data: shown.tree, places: shown.places, pulses }
}
