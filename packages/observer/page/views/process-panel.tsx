/** One process beside whatever else is on the page. */
import { useEffect, useRef } from "preact/hooks"
import type { ProcessData } from "../../src/views/process.ts"
import type { TreeView } from "../../src/views/tree.ts"
import { href } from "../model/route.ts"
import { useNavigation } from "../navigation.ts"
import { useWatch } from "../use-live.ts"
import { NodeName } from "./bits.tsx"
import { Inside } from "./process-inside.tsx"
import { Acts, Facts, Notice, Relations, Stack } from "./process-parts.tsx"
import { useSuccessor } from "./use-successor.ts"

export function ProcessPanel({ process: key }: { process: string }) {
  const { open } = useNavigation()
  const watched = useWatch("process", { process: key })
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [key])
  const process = watched.data
  const alive = watched.status === "here"
  const again = useSuccessor(key, watched.status === "gone")
  return (
    <aside class="panel" aria-label="Process">
      <header class="panel-head">
        <div class="panel-title">
          <h2 ref={heading} tabIndex={-1}>
            {process?.title ?? "Process"}
          </h2>
          {process !== null && (
            <p class="muted">
              <code>{process.pid}</code> on <NodeName name={process.node} />{" "}
              <a class="panel-page" href={pageOf(process)}>
                open as page
              </a>
            </p>
          )}
        </div>
        <button type="button" class="icon-button" aria-label="Close" title="Close (Esc)" onClick={() => open(null)}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M4 4l8 8M12 4l-8 8" />
          </svg>
        </button>
      </header>
      <Notice of={watched} again={again} />
      {process !== null && (
        <div class={`panel-body ${alive ? "" : "greyed"}`}>
          <Facts process={process} />
          {alive && <Acts process={process} />}
          <Inside process={process} alive={alive} />
          <Relations process={process} />
          <Stack process={process} />
        </div>
      )}
    </aside>
  )
}

const pageOf = ({ node, pid }: ProcessData): string =>
  href({ page: "process", node, rest: [pid.replaceAll(/[<>]/g, "")] })

export type Successor = Pick<TreeView, "title" | "pid" | "restarts"> & { readonly key: string }
