/** The supervision tree of one application, with what is said about it above and the key to it below. */

import type { LiveState, LiveTree } from "../live.ts"
import { counted } from "../model/format.ts"
import { processesIn } from "../model/layout.ts"
import type { Route } from "../model/route.ts"
import { Empty } from "./bits.tsx"
import { Tree } from "./tree.tsx"

interface Props {
  state: LiveState
  route: Route & { view: "tree" }
  searched: string
  onOpen: (key: string | null) => void
}

export function TreePage({ state, route, searched, onOpen }: Props) {
  const { tree: live } = state
  if (live === null || live.tree === null) {
    return <Nothing live={live} route={route} />
  }
  const { tree } = live
  const supervisors = [...live.places.values()].filter(({ view }) => view.kind === "supervisor")
  const restarts = [...live.places.values()].reduce((sum, { view }) => sum + view.restarts, 0)
  return (
    <div class={`tree-page ${live.status === "here" ? "" : "greyed"}`}>
      <header class="tree-head">
        <h1>{route.application}</h1>
        <p class="muted">
          {counted(processesIn(tree), "process", "processes")}, {counted(supervisors.length, "supervisor")}
          {restarts > 0 && <>, {counted(restarts, "restart")} so far</>}
        </p>
        {live.status !== "here" && (
          <p class="banner" role="status">
            {live.status === "gone" ? (
              <strong>This application does not run any more.</strong>
            ) : (
              <strong>{route.node} does not answer.</strong>
            )}{" "}
            Below is the last that was known.
          </p>
        )}
      </header>
      <Tree tree={tree} state={state} selected={route.process} searched={searched} onOpen={onOpen} />
    </div>
  )
}

function Nothing({ live, route }: { live: LiveTree | null; route: Route & { view: "tree" } }) {
  switch (live?.status) {
    case undefined:
      return <Empty title="Looking …" />
    case "unreachable":
      return (
        <Empty title={`${route.node} does not answer`}>
          It is asked again all the time; its tree appears when it answers.
        </Empty>
      )
    case "unknown":
      return (
        <Empty title={`There is no node ${route.node}`}>
          This node is connected to no node of that name, and has not been since it was first looked at.
        </Empty>
      )
    case "beam":
      return <Empty title="A BEAM node">The trees of Erlang and Elixir nodes are not shown yet.</Empty>
    default:
      return (
        <Empty title={`${route.application} does not run on ${route.node}`}>
          It was stopped, or it is a library without processes, or it never ran there.
        </Empty>
      )
  }
}
