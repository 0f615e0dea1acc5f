/** One node in numbers: charts of the last minutes, and every fact there is, with its limit. */
import type { Fact, FactGroup } from "../../src/views/system.ts"
import { duration, measured, percent } from "../model/format.ts"
import { useWatch } from "../use-live.ts"
import { NodeName } from "../views/bits.tsx"
import { Chart } from "../views/chart.tsx"
import { Shown } from "../views/state.tsx"
import { useSeries } from "../views/use-series.ts"
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

function SystemView({ node }: PageProps) {
  const name = node?.name ?? ""
  const watched = useWatch("system", { node: name })
  const series = useSeries(name, watched.data)
  return (
    <div class="page broad">
      <Shown of={watched}>
        {({ uptime, charts, groups }) => (
          <>
            <header class="page-head">
              <h1>System</h1>
              <p>
                <NodeName name={name} />, up {duration(uptime)}
              </p>
            </header>
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
