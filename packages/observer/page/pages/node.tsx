/** One node: how it is, and the applications that it runs. */
import type { ApplicationView } from "../../src/cluster.ts"
import type { NodeView } from "../../src/views/cluster.ts"
import { clock, count, duration } from "../model/format.ts"
import { ratesOf } from "../model/history.ts"
import { href } from "../model/route.ts"
import { useWatch } from "../use-live.ts"
import { ActionButton } from "../views/action.tsx"
import { Empty, Figure, NodeName, Pill, Sparkline } from "../views/bits.tsx"
import { useHistory } from "../views/use-history.ts"
import { LastView, NodeStatus, nothingThen } from "./cluster.tsx"
import type { Page, PageProps } from "./page.ts"

export const nodePage: Page = { id: "node", title: "Node", scope: "node", letter: "n", View: NodeHome }

const own = (name: string, description: string): ApplicationView => ({
  key: name,
  name,
  description,
  version: "",
  type: "own",
  startedAt: 0,
  supervised: true,
})
/** What every Umbel node has of its own, beside its applications. */
const OWN: readonly ApplicationView[] = [
  own("init", "The root of the node: its applications, and what it runs for itself."),
  own("user", "What code outside processes has started."),
]
const LEVELS = ["debug", "info", "warning", "error"] as const

function NodeHome({ node, nodes }: PageProps) {
  if (node === null) return null
  return (
    <div class={`page ${node.status === "unreachable" ? "greyed" : ""}`}>
      <header class="page-head">
        <h1>
          <NodeName name={node.name} />
        </h1>
        <NodeStatus node={node} />
        <span class="muted">{node.vitals?.release}</span>
      </header>
      {node.status === "unreachable" && (
        <p class="banner" role="status">
          <strong>This node does not answer.</strong> Below is the last that was known of it; it comes back by itself.
        </p>
      )}
      {node.status === "unreachable" && <Remembered name={node.name} />}
      <Vitals node={node} nodes={nodes ?? []} />
    </div>
  )
}

/** What its peers remember of it, where they do. */
function Remembered({ name }: { name: string }) {
  const { data } = useWatch("gone", {})
  const last = data?.gone.find(({ node }) => node === name)
  return last === undefined ? null : <LastView last={last} />
}

function Vitals({ node, nodes }: { node: NodeView; nodes: readonly NodeView[] }) {
  const { vitals, name } = node
  const samples = useHistory(nodes).get(name) ?? []
  if (vitals === null && node.past !== undefined) return <Empty title="Not recorded">{nothingThen(node.past)}</Empty>
  if (vitals === null) return <Empty title="Nothing is known of it yet" />
  const work = node.kind === "beam" ? "reductions" : "turns"
  return (
    <>
      <dl class="figures wide">
        <Figure label="up" value={duration(vitals.uptime)} />
        <Figure label="processes" value={count(vitals.processes)} />
        <Figure label="run queue" value={count(vitals.runQueue)} />
        {ratesOf(samples).length > 0 && <Figure label={`${work}/s`} value={count(ratesOf(samples).at(-1) ?? 0)} />}
        {vitals.crashes !== null && (
          <>
            <Figure label="zombies" value={count(vitals.zombies)} tone={vitals.zombies > 0 ? "warn" : ""} />
            <Figure label="crashes" value={count(vitals.crashes)} tone={vitals.crashes > 0 ? "bad" : ""} />
          </>
        )}
      </dl>
      <div class="charts">
        <figure>
          <figcaption>processes</figcaption>
          <Sparkline values={samples.map(({ processes }) => processes)} label="Processes, lately" />
        </figure>
        <figure>
          <figcaption>{work} a second</figcaption>
          <Sparkline values={ratesOf(samples)} label={`${work} a second, lately`} />
        </figure>
      </div>
      {node.status === "up" && (
        <div class="acts">
          <ActionButton
            action="collect-garbage"
            params={{ node: name }}
            label="Collect garbage …"
            title={`Collect the garbage of ${name}?`}
            sure="Collect"
          />
          <ActionButton
            action="log-level"
            params={{ node: name }}
            label="Log level …"
            title={`Log level of ${name}`}
            sure="Set"
            field={{
              name: "level",
              label: "Lines of this level and above are written",
              value: "info",
              choices: LEVELS,
            }}
          />
          {node.kind === "umbel" &&
            (vitals.draining ? (
              <ActionButton
                action="undrain"
                params={{ node: name }}
                label="End draining …"
                title={`Let ${name} have work again?`}
                sure="End it"
              />
            ) : (
              <ActionButton
                action="drain"
                params={{ node: name }}
                label="Drain …"
                title={`Drain ${name}?`}
                sure="Drain it"
              />
            ))}
          <ActionButton
            action="start-application"
            params={{ node: name }}
            label="Start an application …"
            title={`Start an application on ${name}`}
            sure="Start"
            field={{ name: "application", label: "Its name", value: "" }}
          />
        </div>
      )}
      {node.past !== undefined && <Recorded past={node.past} />}
      <h2>Applications</h2>
      <ul class="cards applications">
        {[...vitals.applications, ...(node.kind === "umbel" ? OWN : [])].map((application) => (
          <ApplicationCard key={application.name} node={name} application={application} />
        ))}
      </ul>
      <Loaded node={node} />
      <h2>Connected to</h2>
      {node.past?.sceneAt === null ? (
        <p class="muted">That was not recorded.</p>
      ) : vitals.connected.length === 0 ? (
        <p class="muted">No other node.</p>
      ) : (
        <ul class="chips">
          {vitals.connected.map((other) => (
            <li key={other}>
              <a class="chip" href={href({ page: "node", node: other })}>
                {other}
              </a>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

/** Of the past: where this is from, and what is missing in it. */
function Recorded({ past: { sceneAt, by } }: { past: NonNullable<NodeView["past"]> }) {
  return (
    <p class="muted recorded-at">
      {by !== null && <>It does not answer now; this is what {by} heard of it last. </>}
      {sceneAt === null
        ? "Of that time only the names of applications with processes were recorded, or none."
        : `Applications and connections are as recorded at ${clock(sceneAt)}.`}{" "}
      What it counts since its boot, and the applications that did not run, are not recorded.
    </p>
  )
}

/** Applications it knows and does not run. */
function Loaded({ node: { name, vitals, status } }: { node: NodeView }) {
  if (vitals === null || vitals.loaded.length === 0) return null
  return (
    <>
      <h2>Known, not running</h2>
      <ul class="loaded" aria-label="Applications that do not run">
        {vitals.loaded.map(({ key, description }) => (
          <li key={key}>
            <b>{key}</b> <span class="muted">{description}</span>
            {status === "up" && (
              <ActionButton
                action="start-application"
                params={{ node: name, application: key }}
                label="Start …"
                title={`Start ${key} on ${name}?`}
                sure="Start"
              />
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

function ApplicationCard({ node, application }: { node: string; application: ApplicationView }) {
  const { name, description, type, startedAt, supervised, version } = application
  return (
    <li class="card application-card">
      <h3>{supervised ? <a href={href({ page: "app", node, rest: [name] })}>{name}</a> : name}</h3>
      <p>{description === "" ? <span class="muted">no description</span> : description}</p>
      <p class="muted">
        {type !== "" && <Pill tone={type === "permanent" ? "leaf" : "off"}>{supervised ? type : "library"}</Pill>}{" "}
        {version}
        {startedAt > 0 && <> started {clock(startedAt)}</>}
      </p>
    </li>
  )
}
