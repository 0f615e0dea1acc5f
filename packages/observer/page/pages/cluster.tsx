/** The cluster: how its nodes hang together, and a card for each. */
import type { NodeView } from "../../src/views/cluster.ts"
import type { GoneNode } from "../../src/views/recording.ts"
import { clock, count, counted, duration } from "../model/format.ts"
import { ratesOf, type Sample } from "../model/history.ts"
import { href } from "../model/route.ts"
import { useWatch } from "../use-live.ts"
import { Figure, NodeName, Pill, Sparkline } from "../views/bits.tsx"
import { ClusterMap } from "../views/cluster-map.tsx"
import { RecordedEvents } from "../views/recorded-events.tsx"
import { useHistory } from "../views/use-history.ts"
import type { Page, PageProps } from "./page.ts"

export const clusterPage: Page = {
  id: "cluster",
  title: "Cluster",
  scope: "cluster",
  letter: "c",
  icon: "M8 14V9M8 9 3 5M8 9V4M8 9l5-4M3 4v.01M8 3v.01M13 4v.01",
  View: ClusterView,
}

function ClusterView({ nodes }: PageProps) {
  const all = nodes ?? []
  const history = useHistory(all)
  const sum = (of: (vitals: NonNullable<NodeView["vitals"]>) => number): number =>
    all.reduce((total, { vitals, status }) => total + (vitals === null || status !== "up" ? 0 : of(vitals)), 0)
  const away = all.filter(({ status }) => status === "unreachable").length
  const unrecorded = all.filter(({ status }) => status === "unrecorded").length
  const processes = sum((vitals) => vitals.processes)
  const applications = sum((vitals) => vitals.applications.length)
  return (
    <div class="page">
      <header class="page-head">
        <h1>Cluster</h1>
        <p>
          {counted(all.length, "node")}
          {away > 0 && <strong class="bad-text"> ({away} unreachable)</strong>}
          {unrecorded > 0 && <> ({unrecorded} without a record of then)</>},{" "}
          {counted(processes, "process", "processes")}, {counted(applications, "application")}
        </p>
      </header>
      <ClusterMap nodes={all} />
      <ul class="cards">
        {all.map((node) => (
          <NodeCard key={node.name} node={node} samples={history.get(node.name) ?? []} />
        ))}
      </ul>
      <Gone nodes={all} />
    </div>
  )
}

/** Nodes that nobody is connected to any more, as their peers saw them last. */
function Gone({ nodes }: { nodes: readonly NodeView[] }) {
  const { data } = useWatch("gone", {})
  const gone = (data?.gone ?? []).filter(({ node }) => !nodes.some(({ name }) => name === node))
  if (gone.length === 0) return null
  return (
    <>
      <h2>Gone</h2>
      <ul class="cards">
        {gone.map((last) => (
          <li key={last.key} class="card node-card unreachable">
            <LastView last={last} />
          </li>
        ))}
      </ul>
    </>
  )
}

/** What a peer remembers of a node: its applications, and what happened last. */
export function LastView({ last: { node, seenAt, processes, crashes, applications, events } }: { last: GoneNode }) {
  return (
    <section class="last-view" aria-label={`Last view of ${node}`}>
      <h3>
        As its peers saw <NodeName name={node} /> last, at {clock(seenAt)}
      </h3>
      <p class="muted">
        {counted(processes, "process", "processes")}, {counted(crashes, "crash", "crashes")}
      </p>
      <ul class="chips" aria-label="Its applications">
        {applications.map((application) => (
          <li key={application}>
            <a class="chip" href={href({ page: "app", node, rest: [application] })}>
              {application}
            </a>
          </li>
        ))}
      </ul>
      <RecordedEvents events={events} />
    </section>
  )
}

export const KINDS = { umbel: "Umbel node", beam: "BEAM node", unknown: "node" } as const

export function NodeStatus({ node }: { node: NodeView }) {
  if (node.status === "unreachable") return <Pill tone="bad">unreachable</Pill>
  if (node.status === "unrecorded") return <Pill tone="off">not recorded</Pill>
  if (node.past !== undefined) return <Pill tone="warm">as it was at {clock(node.seenAt)}</Pill>
  if (node.status === "asking") return <Pill tone="off">asking …</Pill>
  return (
    <span>
      {node.vitals?.draining === true && <Pill tone="warm">draining</Pill>}{" "}
      {node.home ? <Pill tone="leaf">serves this page</Pill> : <Pill tone="calm">connected</Pill>}
    </span>
  )
}

/** Why there is nothing of a node in the past. */
export const nothingThen = ({ why }: NonNullable<NodeView["past"]>): string =>
  why === "" ? "Its recorder has no numbers of that moment." : why

const CHIPS_MAX = 12

function NodeCard({ node, samples }: { node: NodeView; samples: readonly Sample[] }) {
  const { vitals, name, kind, status } = node
  const rates = ratesOf(samples)
  const work = kind === "beam" ? "reductions/s" : "turns/s"
  return (
    <li class={`card node-card ${kind} ${status}`} aria-label={`${KINDS[kind]} ${name}`}>
      <header>
        <div>
          <h2>
            <a href={href({ page: "node", node: name })}>
              <NodeName name={name} />
            </a>
          </h2>
          <p class="muted">
            {vitals?.release ?? KINDS[kind]}
            {vitals !== null && status !== "unreachable" && <>, up {duration(vitals.uptime)}</>}
            {status === "unreachable" && <>, last seen {new Date(node.seenAt).toLocaleTimeString()}</>}
          </p>
        </div>
        <NodeStatus node={node} />
      </header>
      {vitals === null ? (
        <p class="node-none">
          {node.past !== undefined
            ? nothingThen(node.past)
            : status === "unreachable"
              ? "It has not answered so far."
              : "Waiting for its first answer."}
        </p>
      ) : (
        <>
          <dl class="figures">
            <Figure label="processes" value={count(vitals.processes)} />
            <Figure label="run queue" value={count(vitals.runQueue)} tone={vitals.runQueue > 100 ? "warn" : ""} />
            <Figure label={work} value={rates.length === 0 ? "–" : count(rates.at(-1)!)} />
            {vitals.crashes === null ? (
              <Figure label="connected" value={count(vitals.connected.length)} />
            ) : (
              <Figure label="crashes" value={count(vitals.crashes)} tone={vitals.crashes > 0 ? "bad" : ""} />
            )}
          </dl>
          <Sparkline values={rates} label={`${work} on ${name}, lately`} />
          <div class="node-foot">
            <ul class="chips" aria-label="Applications">
              {vitals.applications.slice(0, CHIPS_MAX).map(({ name: application, supervised, description }) => (
                <li key={application}>
                  {supervised ? (
                    <a class="chip" title={description} href={href({ page: "app", node: name, rest: [application] })}>
                      {application}
                    </a>
                  ) : (
                    <span class="chip library" title={description}>
                      {application}
                    </span>
                  )}
                </li>
              ))}
              {vitals.applications.length > CHIPS_MAX && (
                <li class="muted">and {vitals.applications.length - CHIPS_MAX} more</li>
              )}
            </ul>
            <p class="muted connected">
              {node.past?.sceneAt === null
                ? "what it was connected to was not recorded"
                : vitals.connected.length === 0
                  ? "connected to no other node"
                  : `connected to ${vitals.connected.join(", ")}`}
            </p>
          </div>
        </>
      )}
    </li>
  )
}
