/** One node in numbers: charts of the last minutes, and every fact there is, with its limit. */
import { useEffect, useState } from "preact/hooks"
import type { Sample } from "umbel/otp"
import type { Fact, FactGroup } from "../../src/facts.ts"
import type { RecordingData } from "../../src/views/recording.ts"
import { clock, duration, measured, percent } from "../model/format.ts"
import { useNavigation } from "../navigation.ts"
import { useLive, useWatch } from "../use-live.ts"
import { NodeName, Pill } from "../views/bits.tsx"
import { Chart } from "../views/chart.tsx"
import { Shown } from "../views/state.tsx"
import { prefill, type Series, useSeries } from "../views/use-series.ts"
import type { Page, PageProps } from "./page.ts"

export const systemPage: Page = {
  id: "system",
  title: "System",
  scope: "node",
  letter: "s",
  icon: "M2 12l3-5 3 3 3-7 3 5",
  needs: "system",
  View: SystemView,
}

function SystemView({ node, nodes, route }: PageProps) {
  const { replace } = useNavigation()
  const name = node?.name ?? ""
  const beside = route.query["with"] ?? ""
  const others = (nodes ?? []).filter((other) => other.name !== name && other.status === "up")
  const watched = useWatch("system", { node: name })
  const then = watched.data?.samples
  usePast(name, node?.kind === "umbel" && node.past === undefined)
  const lately = useSeries(name, then === undefined ? watched.data : null)
  const series = then === undefined ? lately : seriesThen(then)
  return (
    <div class="page broad">
      <Shown of={watched}>
        {({ uptime, charts, groups, at }) => (
          <>
            <header class="page-head">
              <h1>System</h1>
              <p>
                <NodeName name={name} />, up {duration(uptime)}
                {then !== undefined && <>, as recorded at {clock(at)}</>}{" "}
                {then === undefined && node?.vitals?.draining === true && <Pill tone="warm">draining</Pill>}
              </p>
              {others.length > 0 && (
                <select
                  class="beside"
                  aria-label="Compare with"
                  value={beside}
                  onChange={(event) => replace({ with: event.currentTarget.value })}
                >
                  <option value="">compare with …</option>
                  {others.map((other) => (
                    <option key={other.name} value={other.name}>
                      {other.name}
                    </option>
                  ))}
                </select>
              )}
            </header>
            {beside !== "" && <Comparison groups={groups} name={name} beside={beside} />}
            <div class="chart-grid">
              {charts.map((chart) => (
                <Chart key={chart.key} chart={chart} series={series} />
              ))}
            </div>
            <div class="fact-groups">
              {groups.map((group) => (
                <Group key={group.key} group={group} />
              ))}
            </div>
          </>
        )}
      </Shown>
    </div>
  )
}

/** What is asked of the flight recorder, and which line of which chart its numbers are. */
const PAST_MS = 10 * 60_000
const PAST: Readonly<Record<string, Readonly<Record<string, (sample: Sample) => number>>>> = {
  loop: { utilisation: (sample) => sample.loopUtilisation, cpu: (sample) => sample.cpuShare },
  delay: { p50: (sample) => sample.delayP50, p99: (sample) => sample.delayP99 },
  memory: { rss: (sample) => sample.rss, heap: (sample) => sample.heapUsed, external: (sample) => sample.external },
  messages: { messages: (sample) => sample.messagesRate },
  processes: { processes: (sample) => sample.processes, queue: (sample) => sample.runQueue },
  gc: { pause: (sample) => (sample.gcMs * 1_000) / sample.intervalMs },
}

/** The lines of every chart, as they were recorded. */
function seriesThen(samples: readonly Sample[]): ReadonlyMap<string, Series> {
  const at = samples.map((sample) => sample.at / 1_000)
  const linesOf = (lines: (typeof PAST)[string]): Series["lines"] =>
    new Map(Object.entries(lines).map(([key, of]) => [key, samples.map(of)]))
  return new Map(Object.entries(PAST).map(([chart, lines]) => [chart, { at, lines: linesOf(lines) }]))
}

/** Puts what the node's flight recorder has before what this page has seen itself, so that charts have a past when they are opened. */
function usePast(node: string, records: boolean): void {
  const { live, hello } = useLive()
  const [, setAsked] = useState("")
  const may = records && (hello?.views.includes("recording") ?? false)
  useEffect(() => {
    if (!may) return
    let current = true
    void live.ask("recording", { node, since: Date.now() - PAST_MS }).then(({ data }) => {
      if (data === null || !current) return
      for (const [chart, older] of seriesThen((data as RecordingData).recording.samples)) prefill(node, chart, older)
      setAsked(node)
    })
    return () => {
      current = false
    }
  }, [live, node, may])
}

/** Two nodes side by side: what both tell, in one table. */
function Comparison({ groups, name, beside }: { groups: readonly FactGroup[]; name: string; beside: string }) {
  const watched = useWatch("system", { node: beside })
  return (
    <Shown of={watched}>
      {(other) => {
        const theirs = new Map(
          other.groups.flatMap((group) => group.facts.map((fact) => [`${group.key} ${fact.key}`, fact])),
        )
        const rows = groups.flatMap((group) =>
          group.facts.flatMap((fact) => {
            const its = theirs.get(`${group.key} ${fact.key}`)
            return its === undefined ? [] : [{ key: `${group.key} ${fact.key}`, group: group.title, fact, its }]
          }),
        )
        return (
          <div class="table-room comparison">
            <table class="data" aria-label={`${name} and ${beside}`}>
              <thead>
                <tr>
                  <th scope="col">What</th>
                  <th scope="col" class="number">
                    <NodeName name={name} />
                  </th>
                  <th scope="col" class="number">
                    <NodeName name={beside} />
                  </th>
                  <th scope="col" class="number">
                    Difference
                  </th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ key, group, fact, its }) => (
                  <tr key={key}>
                    <td>
                      {fact.label} <span class="muted">{group}</span>
                    </td>
                    <td class="number">{measured(fact.value, fact.unit)}</td>
                    <td class="number">{measured(its.value, its.unit)}</td>
                    <td class="number">{difference(fact, its)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )
      }}
    </Shown>
  )
}

function difference({ value }: Fact, its: Fact): string {
  if (typeof value !== "number" || typeof its.value !== "number") return value === its.value ? "" : "differs"
  if (value === its.value) return ""
  if (value === 0) return "–"
  const share = (its.value - value) / Math.abs(value)
  return `${share > 0 ? "+" : "−"}${Math.abs(share) > 10 ? `${Math.round(Math.abs(share))}×` : percent(Math.abs(share))}`
}

function Group({ group: { title, note, facts } }: { group: FactGroup }) {
  return (
    <section class="card facts">
      <h2>{title}</h2>
      <dl>
        {facts.map((fact) => (
          <FactRow key={fact.key} fact={fact} />
        ))}
      </dl>
      {note !== "" && <p class="muted small">{note}</p>}
    </section>
  )
}

/** From this share of a limit on it is worth a look. */
const NEAR = 0.85

export function FactRow({ fact: { label, value, unit, limit } }: { fact: Fact }) {
  const used = limit === null || limit === 0 || typeof value !== "number" ? null : value / limit
  return (
    <div class={used !== null && used > NEAR ? "near" : ""}>
      <dt>{label}</dt>
      <dd class={unit === "text" ? "text" : ""}>
        {measured(value, unit)}
        {used !== null && unit !== "share" && (
          <span class="muted">
            {" "}
            of {measured(limit ?? 0, unit)} ({percent(used)})
          </span>
        )}
        {used !== null && (
          <span class="gauge" aria-hidden="true">
            <i style={{ width: `${Math.min(100, used * 100)}%` }} />
          </span>
        )}
      </dd>
    </div>
  )
}
