/** The way to everything: the cluster, the events, each node and its applications; and on a phone, the tabs below. */
import type { NodeView } from "../../src/protocol.ts"
import type { LiveState } from "../live.ts"
import { count } from "../model/format.ts"
import { href, type Route } from "../model/route.ts"
import { NodeName } from "./bits.tsx"

const OWN = ["init", "user"] as const

export function Sidebar({ state, route }: { state: LiveState; route: Route }) {
  return (
    <nav class="sidebar" aria-label="Cluster">
      <Links route={route} />
      <h2>Nodes</h2>
      {(state.nodes ?? []).map((node) => (
        <NodeLinks key={node.name} node={node} route={route} />
      ))}
    </nav>
  )
}

function NodeLinks({ node, route }: { node: NodeView; route: Route }) {
  const here = (route.view === "node" || route.view === "tree") && route.node === node.name
  return (
    <section class={`side-node ${node.status}`}>
      <a
        class="side-link node"
        href={href({ view: "node", node: node.name, process: null })}
        aria-current={here && route.view === "node" ? "page" : undefined}
      >
        <i class={`dot ${node.kind} ${node.status}`} />
        <NodeName name={node.name} />
      </a>
      {node.vitals !== null && (
        <ul>
          {[...node.vitals.applications.filter(({ supervised }) => supervised).map(({ name }) => name), ...OWN].map(
            (name) => (
              <li key={name}>
                <a
                  class={`side-link ${name === "init" || name === "user" ? "own" : ""}`}
                  href={href({ view: "tree", node: node.name, application: name, process: null })}
                  aria-current={here && route.view === "tree" && route.application === name ? "page" : undefined}
                >
                  {name}
                </a>
              </li>
            ),
          )}
        </ul>
      )}
    </section>
  )
}

function Links({ route }: { route: Route }) {
  return (
    <>
      <a
        class="side-link"
        href={href({ view: "cluster", process: null })}
        aria-current={route.view === "cluster" ? "page" : undefined}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M8 14V9M8 9 3 5M8 9V4M8 9l5-4" />
          <circle cx="3" cy="4" r="1.600" />
          <circle cx="8" cy="3" r="1.600" />
          <circle cx="13" cy="4" r="1.600" />
        </svg>
        Cluster
      </a>
      <a
        class="side-link"
        href={href({ view: "events", process: null })}
        aria-current={route.view === "events" ? "page" : undefined}
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M3 4h10M3 8h10M3 12h6" />
        </svg>
        Events
      </a>
    </>
  )
}

export function Tabs({ route }: { route: Route }) {
  return (
    <nav class="tabs" aria-label="Views">
      <Links route={route} />
    </nav>
  )
}

export const processesOf = (node: NodeView): string => (node.vitals === null ? "–" : count(node.vitals.processes))
