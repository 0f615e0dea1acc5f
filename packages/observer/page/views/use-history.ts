/** The recent past of what is watched, kept for as long as the component is there. */
import { useRef } from "preact/hooks"
import type { NodeView } from "../../src/views/cluster.ts"
import { remember, type Sample } from "../model/history.ts"

/** Of all nodes, over every page: a page that is come back to has its past. */
let history: ReadonlyMap<string, readonly Sample[]> = new Map()

export function useHistory(nodes: readonly NodeView[]): ReadonlyMap<string, readonly Sample[]> {
  const last = useRef<readonly NodeView[] | null>(null)
  if (last.current !== nodes) {
    last.current = nodes
    history = remember(history, nodes)
  }
  return history
}
