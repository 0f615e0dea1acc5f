/** The recent past of what is watched, kept for as long as the component is there. */
import { useRef } from "preact/hooks"
import type { NodeView } from "../../src/views/cluster.ts"
import { remember, type Sample } from "../model/history.ts"

/** Of all nodes, over every page: a page that is come back to has its past. */
let history: ReadonlyMap<string, readonly Sample[]> = new Map()

export function useHistory(nodes: readonly NodeView[]): ReadonlyMap<string, readonly Sample[]> {
  const then = useRef<ReadonlyMap<string, readonly Sample[]> | null>(null)
  const last = useRef<readonly NodeView[] | null>(null)
  if (last.current !== nodes) {
    last.current = nodes
    then.current = historyThen(nodes)
    if (then.current === null) history = remember(history, nodes)
  }
  return then.current ?? history
}

/** Of the past: what the recorders had before that moment. */
function historyThen(nodes: readonly NodeView[]): ReadonlyMap<string, readonly Sample[]> | null {
  if (!nodes.some(({ past }) => past !== undefined)) return null
  return new Map(nodes.map(({ name, past }) => [name, (past?.history ?? []).map((one) => ({ ...one, turns: null }))]))
}
