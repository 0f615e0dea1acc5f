/** Everything about one process, beside whatever else is on the page. */
import { useEffect, useRef, useState } from "preact/hooks"
import type { LinkView, ProcessPage } from "../../src/protocol.ts"
import type { Live, LiveProcess, LiveState } from "../live.ts"
import { count, counted, milliseconds } from "../model/format.ts"
import { pretty } from "../model/pretty.ts"
import { href, type Route } from "../model/route.ts"
import { Figure, NodeName, Pill, STATUS_TONES } from "./bits.tsx"
import { KillDialog } from "./kill-dialog.tsx"

interface Props {
  live: Live
  state: LiveState
  route: Route
  onOpen: (key: string | null) => void
}

export function ProcessPanel({ live, state, route, onOpen }: Props) {
  const [killing, setKilling] = useState(false)
  const [said, setSaid] = useState<string | null>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const shown = state.process?.key === route.process ? state.process : null
  useEffect(() => {
    setKilling(false)
    setSaid(null)
    heading.current?.focus({ preventScroll: true })
  }, [route.process])
  const process = shown?.process ?? null
  const alive = shown?.status === "here"
  return (
    <aside class="panel" aria-label="Process">
      <header class="panel-head">
        <div class="panel-title">
          <h2 ref={heading} tabIndex={-1}>
            {process?.title ?? "Process"}
          </h2>
          {process !== null && (
            <p class="muted">
              <code>{process.pid}</code> on <NodeName name={process.node} />
            </p>
          )}
        </div>
        <button type="button" class="icon-button" aria-label="Close" title="Close (Esc)" onClick={() => onOpen(null)}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M4 4l8 8M12 4l-8 8" />
          </svg>
        </button>
      </header>
      <Notice shown={shown} state={state} route={route} />
      {said !== null && (
        <p class="banner quiet" role="status">
          {said}
        </p>
      )}
      {shown !== null && process !== null && (
        <div class={`panel-body ${alive ? "" : "greyed"}`}>
          <Facts process={process} shown={shown} />
          {alive && (
            <button
              type="button"
              class="kill"
              disabled={state.hello?.readOnly !== false}
              onClick={() => setKilling(true)}
            >
              Kill …
            </button>
          )}
          <Mailbox process={process} />
          <section>
            <h3>State</h3>
            <Term text={process.state} empty="nothing to show" />
          </section>
          <Relations process={process} route={route} />
        </div>
      )}
      {killing && process !== null && (
        <KillDialog
          process={process}
          places={state.tree?.places ?? new Map()}
          onCancel={() => setKilling(false)}
          onKill={() => {
            setKilling(false)
            void live.kill(process.key).then(({ text }) => setSaid(text))
          }}
        />
      )}
    </aside>
  )
}

function Notice({ shown, state, route }: { shown: LiveProcess | null; state: LiveState; route: Route }) {
  const again = shown?.path == null ? undefined : state.tree?.places.get(shown.path)?.view
  switch (shown?.status) {
    case undefined:
      return <p class="panel-none">Looking …</p>
    case "here":
      return null
    case "unreachable":
      return (
        <p class="banner" role="status">
          <strong>Its node does not answer.</strong> Below is the last that was known.
        </p>
      )
    case "beam":
      return <p class="panel-none">It lives on a BEAM node, whose processes are not shown yet.</p>
    case "unknown":
      return <p class="panel-none">It is not among what was shown here: it has ended, or it is part of another view.</p>
    case "gone":
      return (
        <p class="banner" role="status">
          <strong>It has ended.</strong>{" "}
          {again?.key != null && again.key !== shown?.key ? (
            <>
              Started anew as{" "}
              <a class="again" href={href({ ...route, process: again.key })}>
                {again.title} {again.pid}
              </a>
              , generation {again.restarts}.
            </>
          ) : (
            "Below is the last that was known."
          )}
        </p>
      )
  }
}

function Facts({ process, shown }: { process: ProcessPage; shown: LiveProcess }) {
  return (
    <>
      <p class="panel-facts">
        <Pill tone={STATUS_TONES[process.status] ?? "off"}>{process.status}</Pill>
        <Pill tone="off">{process.kind}</Pill>
        {process.trapExit && <Pill tone="off">traps exits</Pill>}
        <code>{process.module}</code>
      </p>
      <dl class="figures">
        <Figure
          label="mailbox"
          value={count(process.mailbox)}
          tone={process.mailbox > 1_000 ? "bad" : process.mailbox > 50 ? "warn" : ""}
        />
        <Figure label="handled" value={count(process.handled)} />
        <Figure label="a second" value={count(shown.rate)} />
        <Figure label="of CPU" value={milliseconds(process.cpu)} />
      </dl>
    </>
  )
}

function Mailbox({ process }: { process: ProcessPage }) {
  const { messages, mailbox, current } = process
  if (current === null && mailbox === 0) return null
  return (
    <section>
      <h3>Messages</h3>
      <ol class="messages">
        {current !== null && (
          <li class="in-hand">
            <span class="muted">in hand</span>
            <Term text={current} empty="" />
          </li>
        )}
        {messages.map((message, index) => (
          // Messages have no identity: the first is the next to be handled.
          <li key={index}>
            <Term text={message} empty="" />
          </li>
        ))}
      </ol>
      {mailbox > messages.length && <p class="muted">and {counted(mailbox - messages.length, "more message")}</p>}
    </section>
  )
}

function Relations({ process, route }: { process: ProcessPage; route: Route }) {
  const { registeredName, parent, ancestors, links, monitors, watchers } = process
  return (
    <section>
      <h3>Relations</h3>
      <dl class="relations">
        {registeredName !== null && (
          <>
            <dt>registered as</dt>
            <dd>
              <code>{registeredName}</code>
            </dd>
          </>
        )}
        {parent !== null && (
          <>
            <dt>started by</dt>
            <dd>
              <ProcessLink link={parent} route={route} />
              {ancestors.length > 1 && <span class="muted">, below {ancestors.slice(1).join(", ")}</span>}
            </dd>
          </>
        )}
        <dt>linked to</dt>
        <dd>
          {links.length === 0 ? (
            <span class="muted">nothing</span>
          ) : (
            <ul class="plain">
              {links.map((link) => (
                <li key={link.key}>
                  <ProcessLink link={link} route={route} />
                </li>
              ))}
            </ul>
          )}
        </dd>
        <dt>monitors</dt>
        <dd>{monitors.length === 0 ? <span class="muted">nothing</span> : monitors.join(", ")}</dd>
        <dt>watched by</dt>
        <dd>{watchers === 0 ? <span class="muted">no monitor</span> : counted(watchers, "monitor")}</dd>
      </dl>
    </section>
  )
}

function ProcessLink({ link, route }: { link: LinkView; route: Route }) {
  return (
    <a href={href({ ...route, process: link.key })}>
      {link.title} <code>{link.pid === link.title ? link.node : link.pid}</code>
    </a>
  )
}

export function Term({ text, empty }: { text: string; empty: string }) {
  if (text === "" || text === ":undefined") return empty === "" ? null : <p class="muted">{empty}</p>
  return (
    <pre class="term">
      {pretty(text).map(({ kind, text: part }, index) =>
        // Tokens have no identity, and are drawn anew as a whole.
        kind === "text" ? (
          part
        ) : (
          <span key={index} class={`t-${kind}`}>
            {part}
          </span>
        ),
      )}
    </pre>
  )
}
