/** One process as a page of its own: `#/node/<node>/process/0.12.0`. */
import { href } from "../model/route.ts"
import { useWatch } from "../use-live.ts"
import { Empty, NodeName } from "../views/bits.tsx"
import { ExactSize } from "../views/exact-size.tsx"
import { Inside } from "../views/process-inside.tsx"
import { Acts, Facts, Notice, Relations, Stack } from "../views/process-parts.tsx"
import type { Page, PageProps } from "./page.ts"

export const processPage: Page = { id: "process", title: "Process", scope: "node", needs: "process", View: ProcessView }

function ProcessView({ route, node }: PageProps) {
  const name = node?.name ?? ""
  const watched = useWatch("process", { node: name, pid: `<${route.rest[0] ?? ""}>` })
  const { data: process, status, text } = watched
  if (process === null) {
    if (status === "looking") return <Empty title="Looking …" />
    return (
      <Empty title={`There is no process ${route.rest[0] ?? ""}`}>
        {text} <a href={href({ page: "processes", node: name })}>To the processes of {name}</a>
      </Empty>
    )
  }
  const alive = status === "here"
  return (
    <div class="page broad process-page">
      <header class="page-head">
        <h1>{process.title}</h1>
        <p>
          <code>{process.pid}</code> on <NodeName name={name} />
        </p>
      </header>
      <Notice of={watched} again={null} />
      <div class={`process-columns ${alive ? "" : "greyed-body"}`}>
        <div>
          <Facts process={process} />
          {alive && <Acts process={process} />}
          {alive && node?.kind === "umbel" && <ExactSize key={process.key} process={process.key} />}
          <Relations process={process} />
        </div>
        <div>
          <Inside process={process} alive={alive} />
          <Stack process={process} />
        </div>
      </div>
    </div>
  )
}
