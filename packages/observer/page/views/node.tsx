/** One node: how it is, and the applications that it runs. */
import type { ApplicationView, NodeView } from "../../src/protocol.ts"
import type { LiveState } from "../live.ts"
import { clock, count, duration } from "../model/format.ts"
import { ratesOf } from "../model/history.ts"
import { href } from "../model/route.ts"
import { Empty, Figure, NodeName, Pill, Sparkline } from "./bits.tsx"
import { NodeStatus } from "./cluster.tsx"

/** What every node has of its own, beside its applications. */
const OWN: readonly ApplicationView[] = [
  {
    name: "init",
    description: "The root of the node: its applications, and what it runs for itself.",
    type: "own",
    startedAt: 0,
    supervised: true,
  },
  {
    name: "user",
    description: "What code outside processes has started.",
    type: "own",
    startedAt: 0,
    supervised: true,
  },
]

export function NodePage({ state, name }: { state: LiveState; name: string }) {
  const node = state.nodes?.find((known) => known.name === name)
  if (state.nodes === null) return <Empty title="Looking …" />
  if (node === undefined)
    return (
      <Empty title={`There is no node ${name}`}>
        This node is connected to no node of that name, and has not been since it was first looked at.
      </Empty>
    )
  return (
    <div class={`page ${node.status === "unreachable" ? "greyed" : ""}`}>
      <header class="page-head">
        <h1>
          <NodeName name={node.name} />
        </h1>
        <NodeStatus node={node} />
      </header>
      {node.status === "unreachable" && (
        <p class="banner" role="status">
          <strong>This node does not answer.</strong> Below is the last that was known of it; it comes back by itself.
        </p>
      )}
      <Vitals node={node} state={state} />
    </div>
  )
}

function Vitals({ node, state }: { node: NodeView; state: LiveState }) {
  const { vitals } = node
  if (vitals === null) {
    return node.kind === "beam" ? (
      <Empty title="A BEAM node">
        It is connected and well. The processes of Erlang and Elixir nodes are not shown yet.
      </Empty>
    ) : (
      <Empty title="Nothing is known of it yet" />
    )
  }
  const samples = state.history.get(node.name) ?? []
  return (
    <>
      <dl class="figures wide">
        <Figure label="up" value={duration(vitals.uptime)} />
        <Figure label="processes" value={count(vitals.processes)} />
        <Figure label="zombies" value={count(vitals.zombies)} tone={vitals.zombies > 0 ? "warn" : ""} />
        <Figure label="run queue" value={count(vitals.runQueue)} />
        <Figure label="turns" value={count(vitals.turns)} />
        <Figure label="crashes" value={count(vitals.crashes)} tone={vitals.crashes > 0 ? "bad" : ""} />
      </dl>
      <div class="charts">
        <figure>
          <figcaption>processes</figcaption>
          <Sparkline values={samples.map(({ processes }) => processes)} label="Processes, lately" />
        </figure>
        <figure>
          <figcaption>turns a second</figcaption>
          <Sparkline values={ratesOf(samples)} label="Turns a second, lately" />
        </figure>
      </div>
      <h2>Applications</h2>
      <ul class="cards applications">
        {[...vitals.applications, ...OWN].map((application) => (
          <ApplicationCard key={application.name} node={node.name} application={application} />
        ))}
      </ul>
      <h2>Connected to</h2>
      {vitals.connected.length === 0 ? (
        <p class="muted">No other node.</p>
      ) : (
        <ul class="chips">
          {vitals.connected.map((other) => (
            <li key={other}>
              <a class="chip" href={href({ view: "node", node: other, process: null })}>
                {other}
              </a>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

function ApplicationCard({ node, application }: { node: string; application: ApplicationView }) {
  const { name, description, type, startedAt, supervised } = application
  return (
    <li class="card application-card">
      <h3>{supervised ? <a href={href({ view: "tree", node, application: name, process: null })}>{name}</a> : name}</h3>
      <p>{description === "" ? <span class="muted">no description</span> : description}</p>
      <p class="muted">
        <Pill tone={type === "permanent" ? "leaf" : "off"}>{supervised ? type : "library"}</Pill>
        {startedAt > 0 && <> started {clock(startedAt)}</>}
      </p>
    </li>
  )
}
