/** The page as a whole: where one is, the frame around every page, and the process beside it. */
import { useEffect, useRef, useState } from "preact/hooks"
import type { NodeView } from "../src/views/cluster.ts"
import type { Live } from "./live.ts"
import { clock } from "./model/format.ts"
import { href, hrefAt, momentOf, type Route } from "./model/route.ts"
import { type Navigation, NavigationContext, useAddress } from "./navigation.ts"
import { pageOf } from "./pages/index.ts"
import type { Page } from "./pages/page.ts"
import { LiveContext, MomentContext, useLive, useWatch } from "./use-live.ts"
import { ActionDialogs } from "./views/action.tsx"
import { Empty } from "./views/bits.tsx"
import { Header } from "./views/header.tsx"
import { HelpDialog } from "./views/help.tsx"
import { useKeys } from "./views/keys.ts"
import { MomentBar } from "./views/moment-bar.tsx"
import { ProcessPanel } from "./views/process-panel.tsx"
import { Sidebar, Tabs } from "./views/sidebar.tsx"

export function App({ live }: { live: Live }) {
  return (
    <LiveContext.Provider value={live}>
      <ActionDialogs>
        <Place />
      </ActionDialogs>
    </LiveContext.Provider>
  )
}

/** Where one is, and when. */
function Place() {
  const navigation = useAddress()
  return (
    <NavigationContext.Provider value={navigation}>
      <MomentContext.Provider value={momentOf(navigation.route)}>
        <Frame navigation={navigation} />
      </MomentContext.Provider>
    </NavigationContext.Provider>
  )
}

function Frame({ navigation }: { navigation: Navigation }) {
  const { connection } = useLive()
  const { route } = navigation
  const at = momentOf(route)
  const { data } = useWatch("cluster", {})
  const nodes = data?.nodes ?? null
  const page = pageOf(route.page, route.node)
  const opener = useRef<Element | null>(null)
  const [menu, setMenu] = useState(false)
  const home = nodes?.find((node) => node.home)?.name ?? null
  const { help, setHelp } = useKeys(navigation, home)
  useEffect(() => {
    document.title = `${at === null ? "" : `${clock(at)}: `}${titleOf(page, route)} · Umbel observer`
    setMenu(false)
  }, [page, route])
  // What had the focus before the panel came has it again when it goes. It is looked up now: the panel takes the focus as soon as it is there.
  const shown = useRef(route.process)
  if (shown.current === null && route.process !== null) opener.current = document.activeElement
  shown.current = route.process
  useEffect(() => {
    const before = opener.current
    if (route.process === null && (before instanceof HTMLElement || before instanceof SVGElement)) before.focus()
  }, [route.process === null])
  return (
    <div
      class={`app ${route.process === null ? "" : "with-panel"} ${menu ? "with-menu" : ""}`}
      onClickCapture={(event) => keepMoment(event, at)}
      onAuxClickCapture={(event) => keepMoment(event, at)}
    >
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        Skip to the content
      </button>
      <Header title={titleOf(page, route)} onMenu={() => setMenu(!menu)} onHelp={() => setHelp(true)} />
      <MomentBar nodes={nodes ?? []} home={home} />
      <Sidebar nodes={nodes} />
      <main id="main" tabIndex={-1} class={`${connection === "lost" ? "stale" : ""} ${at === null ? "" : "past"}`}>
        {connection === "lost" && (
          <p class="banner" role="status">
            <strong>The connection to the observer was lost.</strong> What you see is the last that was known; it
            connects again by itself.
          </p>
        )}
        <PageView page={page} route={route} nodes={nodes} />
      </main>
      {route.process !== null && <ProcessPanel process={route.process} />}
      <Tabs home={home} />
      {help && <HelpDialog onClose={() => setHelp(false)} />}
    </div>
  )
}

/** A link that is followed from a page of the past leads to the same moment: it is one for the length of the click. */
function keepMoment({ target }: Event, at: number | null): void {
  const link = at === null || !(target instanceof Element) ? null : target.closest("a[href^='#/']")
  const plain = link?.getAttribute("href") ?? ""
  const kept = hrefAt(plain, at)
  if (link === null || kept === plain) return
  link.setAttribute("href", kept)
  setTimeout(() => link.getAttribute("href") === kept && link.setAttribute("href", plain))
}

interface ViewProps {
  page: Page | undefined
  route: Route
  nodes: readonly NodeView[] | null
}

function PageView({ page, route, nodes }: ViewProps) {
  const { hello } = useLive()
  const past = momentOf(route) !== null
  if (page === undefined)
    return (
      <Empty title="There is no such page">
        <a href={href({ page: "cluster" })}>To the cluster</a>
      </Empty>
    )
  if (hello === null || nodes === null) return <Empty title="Looking …" />
  if (past && page.unkept !== undefined) return <Empty title="Not recorded">{page.unkept}</Empty>
  if (page.needs !== undefined && !hello.views.includes(page.needs))
    return <Empty title="Not for you">You may not see this page: ask whoever runs the observer.</Empty>
  const node = route.node === null ? null : (nodes.find(({ name }) => name === route.node) ?? null)
  if (route.node !== null && node === null)
    return (
      <Empty title={`There is no node ${route.node}`}>
        This node is connected to no node of that name, and has not been since it was first looked at.
      </Empty>
    )
  // Another node or another tree is another page, with a state of its own; so is the past.
  return (
    <page.View
      key={[past ? "then" : "now", page.id, route.node, ...route.rest].join("/")}
      route={route}
      nodes={nodes}
      node={node}
    />
  )
}

const titleOf = (page: Page | undefined, { node, rest }: Route): string =>
  [rest[0] ?? page?.title ?? "Nothing", node].filter((part) => part !== null).join(" on ")
