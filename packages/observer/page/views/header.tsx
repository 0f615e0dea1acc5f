/** The head of the page: where one is, the search, what looking costs, the connection and the theme. */
import { useState } from "preact/hooks"
import { bytes } from "../model/format.ts"
import { href, momentOf, pastOf } from "../model/route.ts"
import { useNavigation } from "../navigation.ts"
import { applyTheme, nextTheme, storedTheme } from "../theme.ts"
import { useLive } from "../use-live.ts"
import { NodeName, UmbelMark } from "./bits.tsx"
import { Search } from "./search.tsx"

export function Header({ title, onMenu, onHelp }: { title: string; onMenu: () => void; onHelp: () => void }) {
  return (
    <header class="head">
      <button type="button" class="icon-button menu-button" aria-label="Navigation" onClick={onMenu}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M2.500 4h11M2.500 8h11M2.500 12h11" />
        </svg>
      </button>
      <a class="brand" href={href({ page: "cluster" })} aria-label="Umbel observer: the cluster">
        <UmbelMark />
        <span>Umbel</span>
      </a>
      <Crumbs title={title} />
      <Search />
      <Past />
      <Cost />
      <Connection />
      <button type="button" class="icon-button help-button" aria-label="Keys" title="Keys (?)" onClick={onHelp}>
        ?
      </button>
      <ThemeButton />
    </header>
  )
}

function Crumbs({ title }: { title: string }) {
  const { node, page, rest } = useNavigation().route
  const [here = ""] = title.split(" on ")
  return (
    <nav class="crumbs" aria-label="Where you are">
      {node !== null && (
        <a href={href({ page: "node", node })}>
          <NodeName name={node} />
        </a>
      )}
      {node !== null && page !== "node" && <span aria-hidden="true">/</span>}
      {(node === null || page !== "node") && <span class="crumb-here">{rest[0] ?? here}</span>}
    </nav>
  )
}

/** Into the past: what the flight recorders have of a while ago. */
function Past() {
  const { route, replace } = useNavigation()
  const { hello } = useLive()
  if (hello?.views.includes("timeline") !== true || momentOf(route) !== null) return null
  return (
    <button
      type="button"
      class="icon-button past-button"
      aria-label="Look at the past"
      title="Look at the past (b)"
      onClick={() => replace({ at: String(pastOf(Date.now())) })}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M3 8a5.500 5.500 0 1 0 1.800-4M2.500 2.500V5h2.500M8 5v3.200l2.200 1.500" />
      </svg>
    </button>
  )
}

/** What looking costs: always in sight, so that nobody wonders. */
function Cost() {
  const { cost } = useLive()
  if (cost === null) return null
  const pages = cost.pages === 1 ? "this page" : `${cost.pages} open pages`
  return (
    <span
      class="cost"
      title={`Looking costs the node that serves ${pages} ${cost.cpu} ms of CPU a second; ${bytes(cost.bytes)} a second are sent to you.`}
    >
      {cost.cpu < 10 ? cost.cpu.toFixed(1) : Math.round(cost.cpu)} ms/s
    </span>
  )
}

const CONNECTION = { connecting: "connecting", open: "live", lost: "connection lost" } as const

function Connection() {
  const { connection, hello } = useLive()
  const past = momentOf(useNavigation().route) !== null
  return (
    <span
      class={`connection ${connection}`}
      role="status"
      title={
        hello === null
          ? ""
          : `served by ${hello.node}, every ${hello.refreshMs} ms; you are ${hello.who} and may ${hello.capabilities.join(", ")}`
      }
    >
      <i class="dot" />
      <span>{past && connection === "open" ? "connected" : CONNECTION[connection]}</span>
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
