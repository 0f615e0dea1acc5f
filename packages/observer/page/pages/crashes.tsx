/** What went wrong, by cause: how often, where, with which message and state, and what the supervisor did. */
import type { CauseView, SeenSince } from "../../src/views/crashes.ts"
import { clock, counted } from "../model/format.ts"
import { href } from "../model/route.ts"
import { useNavigation } from "../navigation.ts"
import { useWatch } from "../use-live.ts"
import { Empty, NodeName, Pill } from "../views/bits.tsx"
import { LogAround } from "../views/log-around.tsx"
import { LongHandler } from "../views/long-handler.tsx"
import { Shown } from "../views/state.tsx"
import type { Page } from "./page.ts"

export const crashesPage: Page = {
  id: "crashes",
  title: "Crashes",
  scope: "cluster",
  letter: "x",
  icon: "M8 2l6 11H2zM8 6.500v3M8 11.500v.01",
  needs: "crashes",
  View: CrashesView,
}

function CrashesView() {
  const { open } = useNavigation()
  return (
    <div class="page broad">
      <header class="page-head">
        <h1>Crashes</h1>
        <p>by cause: the same module, reason and place. The latest of each is shown whole</p>
      </header>
      <Shown of={useWatch("crashes", {})}>
        {({ groups, long, since = [] }) => (
          <>
            {groups.length === 0 ? (
              <Empty title={since.length === 0 ? "Nothing has crashed" : "Nothing that was over by then"}>
                {since.length === 0 ? "No process of an Umbel node has ended by a fault." : undefined}
              </Empty>
            ) : (
              <ol class="causes">
                {groups.map((group) => (
                  <Cause key={group.key} group={group} onOpen={open} />
                ))}
              </ol>
            )}
            {since.length > 0 && <Since since={since} />}
            {long.length > 0 && (
              <section class="below">
                <h2>Handlers that held the thread</h2>
                <ol class="causes" aria-label="Long handlers">
                  {long.map((one) => (
                    <LongHandler key={one.key} long={one} onOpen={open} />
                  ))}
                </ol>
              </section>
            )}
          </>
        )}
      </Shown>
    </div>
  )
}

/** Of the past: what had happened by then, and again since. */
function Since({ since }: { since: readonly SeenSince[] }) {
  return (
    <section class="below">
      <h2>Seen by then, and again since</h2>
      <p class="muted">The ledger counts each cause as a whole, so how often by then is not known.</p>
      <ul class="log" aria-label="Seen by then, and again since">
        {since.map(({ key, node, module, what, firstAt }) => (
          <li key={key} class="log-line">
            <i class="dot crash" />
            <time>{clock(firstAt)}</time>
            <span class="event-node">
              <NodeName name={node} />
            </span>
            <span class="log-from">{module}</span>
            <span class="log-text">{what}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Cause({ group, onOpen }: { group: CauseView; onOpen: (key: string) => void }) {
  const { module, reason, frame, count, firstAt, lastAt, givenUp, node, latest } = group
  return (
    <li class="cause">
      <details>
        <summary>
          <Pill tone="poppy">{count} ×</Pill>
          <span class="cause-what">
            <strong>{module}</strong> <span>{reason}</span>
            {frame !== null && <code>{frame}</code>}
          </span>
          <span class="cause-when">
            <NodeName name={node} />
            <time>{count === 1 ? clock(lastAt) : `${clock(firstAt)} – ${clock(lastAt)}`}</time>
          </span>
        </summary>
        <div class="cause-body">
          {latest.decision !== null && <p class={givenUp > 0 ? "bad" : ""}>{latest.decision}.</p>}
          <dl class="facts">
            <Fact name="Latest" value={`${latest.title}, ${clock(latest.at)}`} />
            <Fact name="Error" value={latest.error ?? latest.reason} />
            <Fact name="Message" value={latest.message} />
            <Fact name="State" value={latest.state} />
            <Fact name="Trace" value={latest.trace} />
            <Fact name="Under" value={latest.ancestors.join(", ")} />
            <Fact name="Unread" value={latest.unread === 0 ? null : counted(latest.unread, "message")} />
          </dl>
          <Messages title="Before it" messages={latest.before} />
          <Messages title="Behind it" messages={latest.waiting} />
          {latest.stack.length > 0 && <pre class="stack">{latest.stack.map((line) => `at ${line}`).join("\n")}</pre>}
          <button type="button" class="act" onClick={() => onOpen(latest.process)}>
            The process, or its successor
          </button>{" "}
          <a class="act" href={href({ page: "logs", query: { text: latest.title } })}>
            Its lines in the log
          </a>{" "}
          {latest.line > 0 && <LogAround node={node} line={latest.line} />}
        </div>
      </details>
    </li>
  )
}

function Messages({ title, messages }: { title: string; messages: readonly string[] }) {
  if (messages.length === 0) return null
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <pre class="stack">{messages.join("\n")}</pre>
    </section>
  )
}

function Fact({ name, value }: { name: string; value: string | null }) {
  if (value === null || value === "") return null
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
      </dd>
    </div>
  )
}
