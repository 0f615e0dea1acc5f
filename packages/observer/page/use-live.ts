/**
 * The live connection in components.
 *
 * ```tsx
 * const { status, data } = useWatch("tree", { node, application })
 * const { can } = useLive()          // can("manage")
 * ```
 */
import { createContext } from "preact"
import { useContext, useEffect, useMemo, useRef, useState } from "preact/hooks"
import type { Capability, HelloMessage, Params } from "../src/protocol.ts"
import type { ViewData } from "../src/views/view-data.ts"
import { type Live, type LiveState, LOOKING, type Watch, type Watched } from "./live.ts"

export const LiveContext = createContext<Live | null>(null)

export function useLiveConnection(): Live {
  const live = useContext(LiveContext)
  if (live === null) throw new Error("a component outside of the page")
  return live
}

/** The moment of the past that is looked at, in milliseconds since 1970; null for now. */
export const MomentContext = createContext<number | null>(null)

/** Whether it is connected, who one is, and what one may do. */
export function useLive(): LiveState & { readonly live: Live; readonly can: (capability: Capability) => boolean } {
  const live = useLiveConnection()
  const past = useContext(MomentContext) !== null
  const [state, setState] = useState(live.state)
  useEffect(() => {
    setState(live.state)
    return live.subscribe(() => setState(live.state))
  }, [live])
  // What is past cannot be changed.
  const hello = useMemo(
    () => (past && state.hello !== null ? lookingOnly(state.hello) : state.hello),
    [past, state.hello],
  )
  return { ...state, hello, live, can: (capability) => hello?.capabilities.includes(capability) ?? false }
}

const lookingOnly = (hello: HelloMessage): HelloMessage => ({
  ...hello,
  capabilities: hello.capabilities.filter((capability) => capability !== "manage"),
  actions: [],
})

/**
 * Watches a view while the component is there; nothing while `params` is null. With other parameters it starts anew, but for those that only move a
 * window or sort it (`moving`): then what is known stays until the new part is there. While the page looks at the past it is of that moment.
 */
export function useWatch<K extends keyof ViewData>(
  view: K,
  params: Params | null,
  moving: readonly string[] = [],
): Watched<ViewData[K]> {
  const at = useContext(MomentContext)
  // From now to the past it starts anew, so that neither is ever shown as the other; from one moment to another it moves.
  const then = params === null || at === null ? params : { ...params, at }
  return useWatchNow(view, then, at === null ? moving : [...moving, "at"])
}

/** The same, of now whatever the page looks at. */
export function useWatchNow<K extends keyof ViewData>(
  view: K,
  params: Params | null,
  moving: readonly string[] = [],
): Watched<ViewData[K]> {
  const live = useLiveConnection()
  const all = params === null ? null : JSON.stringify([view, params])
  const fixed =
    params === null ? null : JSON.stringify(Object.entries(params).filter(([name]) => !moving.includes(name)))
  const identity = fixed === null ? null : `${view}${params?.["at"] === undefined ? "" : " then"}${fixed}`
  const [state, setState] = useState<{ identity: string | null; watched: Watched<ViewData[K]> }>({
    identity: null,
    watched: LOOKING,
  })
  const watch = useRef<{ identity: string; all: string; watch: Watch } | null>(null)
  useEffect(() => {
    if (identity === null || params === null || all === null) return
    const listener = (watched: Watched<unknown>): void =>
      setState({ identity, watched: watched as Watched<ViewData[K]> })
    const made = live.watch(view, params, listener)
    watch.current = { identity, all, watch: made }
    return () => {
      watch.current = null
      made.stop()
    }
  }, [live, identity])
  useEffect(() => {
    const { current } = watch
    if (current === null || params === null || all === null || current.all === all) return
    watch.current = { ...current, all }
    current.watch.update(params)
  }, [all])
  return state.identity === identity && identity !== null ? state.watched : LOOKING
}
