/** The page as a whole: where one is, what is looked at because of it, and the frame around every view. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks"
import type { Live, LiveState } from "./live.ts"
import { href, parseRoute, type Route } from "./model/route.ts"
import { ClusterView } from "./views/cluster.tsx"
import { EventsView } from "./views/events.tsx"
import { Header } from "./views/header.tsx"
import { NodePage } from "./views/node.tsx"
import { ProcessPanel } from "./views/process-panel.tsx"
import { Sidebar, Tabs } from "./views/sidebar.tsx"
import { TreePage } from "./views/tree-page.tsx"

export function useLive(live: Live): LiveState {
  const [state, setState] = useState(live.state)
  useEffect(() => {
    setState(live.state)
    return live.subscribe(() => setState(live.state))
  }, [live])
  return state
}

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const changed = (): void => setHash(location.hash)
    addEventListener("hashchange", changed)
    return () => removeEventListener("hashchange", changed)
  }, [])
  return useMemo(() => parseRoute(hash), [hash])
}

export function App({ live }: { live: Live }) {
  const state = useLive(live)
  const route = useRoute()
  const [searched, setSearched] = useState("")
  const opener = useRef<Element | null>(null)
  useEffect(() => {
    const tree = route.view === "tree" ? { node: route.node, application: route.application } : null
    live.look({ tree, process: route.process, events: route.view === "events" })
  }, [live, route])
  useEffect(() => setSearched(""), [route.view, route.view === "tree" && route.application])
  useEffect(() => {
    document.title = `${titleOf(route)} · Umbel observer`
  }, [route])

  const open = (process: string | null): void => {
    if (process !== null && route.process === null) opener.current = document.activeElement
    location.hash = href({ ...route, process })
    if (process === null && opener.current instanceof SVGElement) opener.current.focus()
    else if (process === null && opener.current instanceof HTMLElement) opener.current.focus()
  }
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && route.process !== null && document.querySelector("dialog[open]") === null)
        open(null)
    }
    addEventListener("keydown", pressed)
    return () => removeEventListener("keydown", pressed)
  })

  return (
    <div class={`app ${route.process === null ? "" : "with-panel"}`}>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        Skip to the content
      </button>
      <Header live={live} state={state} route={route} searched={searched} onSearch={setSearched} onOpen={open} />
      <Sidebar state={state} route={route} />
      <main id="main" tabIndex={-1} class={state.connection === "lost" ? "stale" : ""}>
        {state.connection === "lost" && (
          <p class="banner" role="status">
            <strong>The connection to the observer was lost.</strong> What you see is the last that was known; it
            connects again by itself.
          </p>
        )}
        <View state={state} route={route} searched={searched} onOpen={open} />
      </main>
      {route.process !== null && <ProcessPanel live={live} state={state} route={route} onOpen={open} />}
      <Tabs route={route} />
    </div>
  )
}

function View({
  state,
  route,
  searched,
  onOpen,
}: {
  state: LiveState
  route: Route
  searched: string
  onOpen: (key: string | null) => void
}) {
  switch (route.view) {
    case "cluster":
      return <ClusterView state={state} />
    case "events":
      return <EventsView state={state} onOpen={onOpen} />
    case "node":
      return <NodePage state={state} name={route.node} />
    case "tree":
      return (
        <TreePage
          key={`${route.node} ${route.application}`}
          state={state}
          route={route}
          searched={searched}
          onOpen={onOpen}
        />
      )
  }
}

function titleOf(route: Route): string {
  switch (route.view) {
    case "cluster":
      return "Cluster"
    case "events":
      return "Events"
    case "node":
      return route.node
    case "tree":
      return `${route.application} on ${route.node}`
  }
}
