/** The recent past of what is watched: what the flight recorders had when the page came, and what it has seen since. */
import { useEffect, useRef, useState } from "preact/hooks"
import type { ClusterData, NodeView } from "../../src/views/cluster.ts"
import { begun, remember, type Sample } from "../model/history.ts"
import { useLive } from "../use-live.ts"

/** Of all nodes, over every page: a page that is come back to has its past. */
let history: ReadonlyMap<string, readonly Sample[]> = new Map()
/** Nodes whose recorders were asked. */
const asked = new Set<string>()

export function useHistory(nodes: readonly NodeView[]): ReadonlyMap<string, readonly Sample[]> {
  const then = useRef<ReadonlyMap<string, readonly Sample[]> | null>(null)
  const last = useRef<readonly NodeView[] | null>(null)
  if (last.current !== nodes) {
    last.current = nodes
    then.current = historyThen(nodes)
    if (then.current === null) history = remember(history, nodes)
  }
  usePastOf(then.current === null ? nodes : [])
  return then.current ?? history
}

/** Puts what the recorders have before what this page has seen: once for each node. */
function usePastOf(nodes: readonly NodeView[]): void {
  const { live, connection } = useLive()
  const [, setBegun] = useState(0)
  const names = nodes.flatMap(({ name, kind, status }) => (kind === "umbel" && status === "up" ? [name] : [])).sort()
  useEffect(() => {
    if (connection !== "open" || names.every((name) => asked.has(name))) return
    for (const name of names) asked.add(name)
    void live.ask("cluster", { at: Date.now() }).then(({ data }) => {
      if (data === null) return
      for (const [name, older] of historyThen((data as ClusterData).nodes) ?? []) history = begun(history, name, older)
      setBegun((turn) => turn + 1)
    })
  }, [live, connection, names.join(" ")])
}

/** Of the past: what the recorders had before that moment. */
function historyThen(nodes: readonly NodeView[]): ReadonlyMap<string, readonly Sample[]> | null {
  if (!nodes.some(({ past }) => past !== undefined)) return null
  return new Map(nodes.map(({ name, past }) => [name, (past?.history ?? []).map((one) => ({ ...one, turns: null }))]))
}
