/** The way to everything: pages of the cluster, and each node with its pages and applications; on a phone, tabs below and this behind a button. */
import type { NodeView } from "../../src/views/cluster.ts"
import { href } from "../model/route.ts"
import { useNavigation } from "../navigation.ts"
import { PAGES } from "../pages/index.ts"
import type { Page } from "../pages/page.ts"
import { useLive } from "../use-live.ts"
import { NodeName } from "./bits.tsx"

/** What every Umbel node has of its own, beside its applications. */
const OWN = ["init", "user"] as const
/** Applications of a node in the navigation; the node's page has them all. */
const APPLICATIONS_MAX = 30

function useVisible(scope: Page["scope"]): readonly Page[] {
  const { hello } = useLive()
  return PAGES.filter(
    (page) =>
      page.scope === scope &&
      page.icon !== undefined &&
      (page.needs === undefined || hello?.views.includes(page.needs)),
  )
}

export function Sidebar({ nodes }: { nodes: readonly NodeView[] | null }) {
  const { route } = useNavigation()
  return (
    <nav class="sidebar" aria-label="Cluster">
      {useVisible("cluster").map((page) => (
        <PageLink key={page.id} page={page} node={null} current={route.node === null && route.page === page.id} />
      ))}
      <h2>Nodes</h2>
      {(nodes ?? []).map((node) => (
        <NodeLinks key={node.name} node={node} />
      ))}
    </nav>
  )
}

function PageLink({ page, node, current }: { page: Page; node: string | null; current: boolean }) {
  return (
    <a class="side-link" href={href({ page: page.id, node })} aria-current={current ? "page" : undefined}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={page.icon} />
      </svg>
      {page.title}
    </a>
  )
}

function NodeLinks({ node }: { node: NodeView }) {
  const { route } = useNavigation()
  const pages = useVisible("node")
  const here = route.node === node.name
  const applications = (node.vitals?.applications ?? []).filter(({ supervised, type }) => supervised && type !== "OTP")
  return (
    <section class={`side-node ${node.status} ${here ? "open" : ""}`}>
      <a
        class="side-link node"
        href={href({ page: "node", node: node.name })}
        aria-current={here && route.page === "node" ? "page" : undefined}
      >
        <i class={`dot ${node.kind} ${node.status}`} />
        <NodeName name={node.name} />
      </a>
      {here && (
        <div class="side-pages">
          {pages.map((page) => (
            <PageLink key={page.id} page={page} node={node.name} current={route.page === page.id} />
          ))}
        </div>
      )}
      {node.vitals !== null && (
        <ul>
          {[
            ...applications.slice(0, APPLICATIONS_MAX).map(({ name }) => name),
            ...(node.kind === "umbel" ? OWN : []),
          ].map((name) => (
            <li key={name}>
              <a
                class={`side-link ${name === "init" || name === "user" ? "own" : ""}`}
                href={href({ page: "app", node: node.name, rest: [name] })}
                aria-current={here && route.page === "app" && route.rest[0] === name ? "page" : undefined}
              >
                {name}
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

const TABS: readonly string[] = ["cluster", "events", "system", "processes"]

export function Tabs({ home }: { home: string | null }) {
  const { route } = useNavigation()
  const node = route.node ?? home
  return (
    <nav class="tabs" aria-label="Views">
      {PAGES.filter(({ id }) => TABS.includes(id)).map((page) => (
        <PageLink
          key={page.id}
          page={page}
          node={page.scope === "node" ? node : null}
          current={route.page === page.id}
        />
      ))}
    </nav>
  )
}
