/** The head of the page: where one is, the search, the connection and the theme. */
import { useState } from "preact/hooks"
import type { Live, LiveState } from "../live.ts"
import { href, type Route } from "../model/route.ts"
import { applyTheme, nextTheme, storedTheme } from "../theme.ts"
import { NodeName, UmbelMark } from "./bits.tsx"
import { Search } from "./search.tsx"

interface Props {
  live: Live
  state: LiveState
  route: Route
  searched: string
  onSearch: (text: string) => void
  onOpen: (key: string | null) => void
}

export function Header({ live, state, route, searched, onSearch, onOpen }: Props) {
  return (
    <header class="head">
      <a class="brand" href={href({ view: "cluster", process: null })} aria-label="Umbel observer: the cluster">
        <UmbelMark />
        <span>Umbel</span>
      </a>
      <Crumbs route={route} />
      <Search live={live} state={state} searched={searched} onSearch={onSearch} onOpen={onOpen} />
      <Connection state={state} />
      <ThemeButton />
    </header>
  )
}

function Crumbs({ route }: { route: Route }) {
  if (route.view !== "node" && route.view !== "tree") return <div class="crumbs" />
  return (
    <nav class="crumbs" aria-label="Where you are">
      <a href={href({ view: "node", node: route.node, process: null })}>
        <NodeName name={route.node} />
      </a>
      {route.view === "tree" && (
        <>
          <span aria-hidden="true">/</span>
          <span class="crumb-here">{route.application}</span>
        </>
      )}
    </nav>
  )
}

const CONNECTION = { connecting: "connecting", open: "live", lost: "connection lost" } as const

function Connection({ state }: { state: LiveState }) {
  const { connection, hello } = state
  return (
    <span
      class={`connection ${connection}`}
      role="status"
      title={hello === null ? "" : `served by ${hello.node}, every ${hello.refreshMs} ms`}
    >
      <i class="dot" />
      <span>{CONNECTION[connection]}</span>
    </span>
  )
}

const ICONS = {
  auto: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
  light:
    "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  dark: "M13 9.500A5.500 5.500 0 0 1 6.500 3 5.500 5.500 0 1 0 13 9.500",
} as const

function ThemeButton() {
  const [theme, setTheme] = useState(storedTheme)
  const label = `Theme: ${theme === "auto" ? "as the system" : theme}`
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      onClick={() => {
        const next = nextTheme(theme)
        applyTheme(next)
        setTheme(next)
      }}
    >
      <svg viewBox="0 0 16 16" class={`theme-${theme}`} aria-hidden="true">
        <path d={ICONS[theme]} />
      </svg>
    </button>
  )
}
