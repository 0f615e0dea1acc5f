/** The cluster: how its nodes hang together, and a card for each. */
import type { NodeView } from "../../src/protocol.ts"
import type { LiveState } from "../live.ts"
import { count, counted, duration } from "../model/format.ts"
import { ratesOf, type Sample } from "../model/history.ts"
import { href } from "../model/route.ts"
import { Empty, Figure, NodeName, Pill, Sparkline } from "./bits.tsx"
import { ClusterMap } from "./cluster-map.tsx"

export function ClusterView({ state }: { state: LiveState }) {
  const { nodes } = state
  if (nodes === null) return <Empty title="Looking …" />
  const sum = (of: (vitals: NonNullable<NodeView["vitals"]>) => number): number =>
    nodes.reduce((total, { vitals, status }) => total + (vitals === null || status !== "up" ? 0 : of(vitals)), 0)
  const away = nodes.filter(({ status }) => status === "unreachable").length
  return (
    <div class="page">
      <header class="page-head">
        <h1>Cluster</h1>
        <p>
          {counted(nodes.length, "node")}
          {away > 0 && <strong class="bad-text"> ({away} unreachable)</strong>},{" "}
          {counted(
            sum(({ processes }) => processes),
            "process",
            "processes",
          )}
          ,{" "}
          {counted(
            sum(({ applications }) => applications.length),
            "application",
          )}
        </p>
      </header>
      <ClusterMap nodes={nodes} />
      <ul class="cards">
        {nodes.map((node) => (
          <NodeCard key={node.name} node={node} samples={state.history.get(node.name) ?? []} />
        ))}
      </ul>
    </div>
  )
}

const KINDS = { umbel: "Umbel node", beam: "BEAM node", unknown: "node" } as const

export function NodeStatus({ node }: { node: NodeView }) {
  if (node.status === "unreachable") return <Pill tone="bad">unreachable</Pill>
  if (node.status === "asking") return <Pill tone="off">asking …</Pill>
  return node.home ? <Pill tone="leaf">serves this page</Pill> : <Pill tone="calm">connected</Pill>
}

function NodeCard({ node, samples }: { node: NodeView; samples: readonly Sample[] }) {
  const { vitals, name, kind, status } = node
  const rates = ratesOf(samples)
  return (
    <li class={`card node-card ${kind} ${status}`} aria-label={`${KINDS[kind]} ${name}`}>
      <header>
        <div>
          <h2>
            <a href={href({ view: "node", node: name, process: null })}>
              <NodeName name={name} />
            </a>
          </h2>
          <p class="muted">
            {KINDS[kind]}
            {vitals !== null && status !== "unreachable" && <>, up {duration(vitals.uptime)}</>}
            {status === "unreachable" && <>, last seen {new Date(node.seenAt).toLocaleTimeString()}</>}
          </p>
        </div>
        <NodeStatus node={node} />
      </header>
      {vitals === null ? (
        <p class="node-none">{noVitals(node)}</p>
      ) : (
        <>
          <dl class="figures">
            <Figure label="processes" value={count(vitals.processes)} />
            <Figure label="run queue" value={count(vitals.runQueue)} tone={vitals.runQueue > 100 ? "warn" : ""} />
            <Figure label="turns/s" value={rates.length === 0 ? "–" : count(rates.at(-1)!)} />
            <Figure label="crashes" value={count(vitals.crashes)} tone={vitals.crashes > 0 ? "bad" : ""} />
          </dl>
          <Sparkline values={rates} label={`Turns a second on ${name}, lately`} />
          <div class="node-foot">
            <ul class="chips" aria-label="Applications">
              {vitals.applications.map(({ name: application, supervised, description }) => (
                <li key={application}>
                  {supervised ? (
                    <a
                      class="chip"
                      title={description}
                      href={href({ view: "tree", node: name, application, process: null })}
                    >
                      {application}
                    </a>
                  ) : (
                    <span class="chip library" title={description}>
                      {application}
                    </span>
                  )}
                </li>
              ))}
            </ul>
            <p class="muted connected">
              {vitals.connected.length === 0 ? (
                "connected to no other node"
              ) : (
                <>connected to {vitals.connected.join(", ")}</>
              )}
            </p>
          </div>
        </>
      )}
    </li>
  )
}

function noVitals({ kind, status }: NodeView): string {
  if (kind === "beam") return "An Erlang or Elixir node. It is connected; its processes are not shown yet."
  return status === "unreachable" ? "It has not answered so far." : "Waiting for its first answer."
}
