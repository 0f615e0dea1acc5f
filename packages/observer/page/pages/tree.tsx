/** An application of a node: its supervision tree, with the truth on it. */
import { clock, counted } from "../model/format.ts"
import { processesIn } from "../model/layout.ts"
import { useNavigation } from "../navigation.ts"
import { ActionButton } from "../views/action.tsx"
import { Empty } from "../views/bits.tsx"
import { Tree } from "../views/tree.tsx"
import { useTree } from "../views/use-tree.ts"
import type { Page, PageProps } from "./page.ts"

export const treePage: Page = { id: "app", title: "Application", scope: "node", View: TreeView }

/** They are the node itself. */
const KEPT: readonly string[] = ["init", "user", "kernel", "stdlib"]

function TreeView({ route, node }: PageProps) {
  const { open, replace } = useNavigation()
  const [application = ""] = route.rest
  const name = node?.name ?? ""
  const { growth, pulses, status, text } = useTree(name, application)
  if (growth === null) {
    if (status === "looking" || status === "here") return <Empty title="Looking …" />
    if (status === "gone")
      return (
        <Empty title={`${application} does not run on ${name}`}>
          It was stopped, or it is a library without processes, or it never ran there.
        </Empty>
      )
    return <Empty title={status === "unkept" ? "Not recorded" : `${application} on ${name}`}>{text}</Empty>
  }
  const { tree, places } = growth
  const supervisors = [...places.values()].filter(({ view }) => view.kind === "supervisor")
  const restarts = [...places.values()].reduce((sum, { view }) => sum + view.restarts, 0)
  const { last } = tree
  const searched = route.query["find"] ?? ""
  return (
    <div class={`tree-page ${status === "here" && last === undefined ? "" : "greyed"}`}>
      <header class="tree-head">
        <h1>{application}</h1>
        <p class="muted">
          {counted(processesIn(tree), "process", "processes")}, {counted(supervisors.length, "supervisor")}
          {restarts > 0 && <>, {counted(restarts, "restart")} so far</>}
          {tree.recordedAt !== undefined && <>, as recorded at {clock(tree.recordedAt)}</>}
        </p>
        <input
          type="search"
          class="tree-find"
          aria-label="Find in this tree"
          placeholder="find in this tree"
          value={searched}
          onInput={(event) => replace({ find: event.currentTarget.value })}
        />
        {node?.kind === "umbel" && !KEPT.includes(application) && status === "here" && last === undefined && (
          <>
            <ActionButton
              action="freeze-application"
              params={{ node: name, application }}
              label="Freeze …"
              title={`Freeze ${application} on ${name}?`}
              sure="Freeze it"
            />
            <ActionButton
              action="thaw-application"
              params={{ node: name, application }}
              label="Thaw …"
              title={`Thaw ${application} on ${name}?`}
              sure="Thaw it"
            />
          </>
        )}
        {!KEPT.includes(application) && status === "here" && last === undefined && (
          <ActionButton
            action="stop-application"
            params={{ node: name, application }}
            label="Stop …"
            title={`Stop ${application} on ${name}?`}
            sure="Stop it"
            danger
          />
        )}
        {last !== undefined && (
          <p class="banner" role="status">
            <strong>{name} does not answer.</strong> Below is what {last.by} heard of it last, at {clock(last.at)}.
          </p>
        )}
        {status !== "here" && (
          <p class="banner" role="status">
            <strong>
              {status === "gone" ? "This application does not run any more." : `${name} does not answer.`}
            </strong>{" "}
            Below is the last that was known.{" "}
            {status === "gone" && (
              <ActionButton
                action="start-application"
                params={{ node: name, application }}
                label="Start it again …"
                title={`Start ${application} on ${name}?`}
                sure="Start"
              />
            )}
          </p>
        )}
      </header>
      <Tree
        growth={growth}
        pulses={pulses}
        selected={route.process}
        searched={searched}
        openAll={route.query["open"] === "all"}
        onOpenAll={(all) => replace({ open: all ? "all" : "" })}
        onOpen={open}
      />
    </div>
  )
}
