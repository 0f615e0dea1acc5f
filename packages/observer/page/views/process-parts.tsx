/** The parts of what is to be seen of one process: facts, actions, state and messages, relations, stack. The panel and the page put them together. */
import { useEffect, useRef, useState } from "preact/hooks"
import type { LinkView, ProcessData } from "../../src/views/process.ts"
import type { Watched } from "../live.ts"
import { bytes, count, counted, milliseconds, short } from "../model/format.ts"
import { href } from "../model/route.ts"
import { useNavigation } from "../navigation.ts"
import { FactRow } from "../pages/system.tsx"
import { useLive } from "../use-live.ts"
import { ActionButton } from "./action.tsx"
import { Figure, Pill, STATUS_TONES } from "./bits.tsx"
import { Handlers } from "./handlers.tsx"
import type { Successor } from "./process-panel.tsx"

export function Notice({ of: { status, text, data }, again }: { of: Watched<unknown>; again: Successor | null }) {
  const { route } = useNavigation()
  switch (status) {
    case "looking":
      return data === null ? <p class="panel-none">Looking …</p> : null
    case "here":
      return null
    case "gone":
      return (
        <p class="banner" role="status">
          <strong>It has ended.</strong>{" "}
          {again !== null ? (
            <>
              Started anew as{" "}
              <a class="again" href={href({ ...route, process: again.key })}>
                {again.title} {again.pid}
              </a>
              , generation {again.restarts}.
            </>
          ) : data === null ? null : (
            "Below is the last that was known."
          )}
        </p>
      )
    default:
      return (
        <p class="banner" role="status">
          <strong>{text}</strong> {data !== null && "Below is the last that was known."}
        </p>
      )
  }
}

/** How much it handles a second, from what was handled at the last look. */
function useRate(process: ProcessData): number {
  const last = useRef<{ key: string; handled: number; at: number; rate: number } | null>(null)
  const now = performance.now()
  const { key, handled } = process
  const before = last.current
  if (before === null || before.key !== key) last.current = { key, handled, at: now, rate: 0 }
  else if (handled !== before.handled || now - before.at > 1_500) {
    const rate = Math.max(0, handled - before.handled) / Math.max(0.05, (now - before.at) / 1000)
    last.current = { key, handled, at: now, rate }
  }
  return last.current?.rate ?? 0
}

export function Facts({ process }: { process: ProcessData }) {
  const { mailbox, handled, cpu, memory, status, kind, trapExit, module, of } = process
  const rate = useRate(process)
  return (
    <>
      <p class="panel-facts">
        <Pill tone={STATUS_TONES[status] ?? "off"}>{status}</Pill>
        <Pill tone="off">{kind}</Pill>
        {trapExit && <Pill tone="off">traps exits</Pill>}
        <code>{module}</code>
      </p>
      <dl class="figures">
        <Figure label="mailbox" value={count(mailbox)} tone={mailbox > 1_000 ? "bad" : mailbox > 50 ? "warn" : ""} />
        <Figure label={of === "beam" ? "reductions" : "handled"} value={short(handled)} />
        <Figure label="a second" value={short(Math.round(rate))} />
        {cpu !== null && <Figure label="of CPU" value={milliseconds(cpu)} />}
        {memory !== null && <Figure label="memory" value={bytes(memory)} />}
      </dl>
    </>
  )
}

const LEVELS = ["debug", "info", "warning", "error"] as const

export function Acts({ process }: { process: ProcessData }) {
  const { can } = useLive()
  const [said, setSaid] = useState("")
  useEffect(() => setSaid(""), [process.key])
  const { key, title, pid, of } = process
  const params = { process: key }
  const named = (verb: string) => (
    <>
      {verb} {title} <code>{pid}</code>?
    </>
  )
  if (!can("manage")) return <p class="muted small">You may look only.</p>
  const common = { params, onDone: (outcome: { text: string }) => setSaid(outcome.text) }
  return (
    <section aria-label="Actions">
      <div class="acts">
        <ActionButton {...common} action="kill" label="Kill …" title={named("Kill")} sure="Kill it" danger />
        <ActionButton
          {...common}
          action="exit"
          label="Stop …"
          title={named("Stop")}
          sure="Send the exit signal"
          danger
          field={{
            name: "reason",
            label: "Reason",
            value: ":shutdown",
            hint: "A term, such as :shutdown or {:error, 5}",
          }}
        />
        <ActionButton
          {...common}
          action="send"
          label="Send …"
          title={named("Send a message to")}
          sure="Send it"
          field={{
            name: "message",
            label: "Message",
            value: of === "beam" ? ":ping" : '%{kind: "ping"}',
            hint: 'A term, such as {:letter, 5, "to ann"}',
          }}
        />
        <ActionButton {...common} action="suspend" label="Suspend …" title={named("Suspend")} sure="Suspend it" />
        <ActionButton {...common} action="resume" label="Resume …" title={named("Resume")} sure="Resume it" />
        {of === "beam" && (
          <ActionButton
            {...common}
            action="collect-process"
            label="Collect garbage …"
            title={named("Collect the garbage of")}
            sure="Collect"
          />
        )}
        {of === "umbel" && (
          <ActionButton {...common} action="step" label="Step …" title={named("One message for")} sure="Step" />
        )}
        {of === "umbel" && process.kind === "supervisor" && (
          <>
            <ActionButton {...common} action="freeze" label="Freeze …" title={named("Freeze all of")} sure="Freeze" />
            <ActionButton {...common} action="thaw" label="Thaw …" title={named("Thaw all of")} sure="Thaw" />
          </>
        )}
        {of === "umbel" && (
          <ActionButton
            action="log-level"
            params={{ node: process.node, process: key }}
            label="Log level …"
            title={named("Log level of")}
            sure="Set"
            field={{
              name: "level",
              label: "Lines of this level and above are written",
              value: "debug",
              choices: LEVELS,
            }}
            onDone={common.onDone}
          />
        )}
        {of === "umbel" && can("inspect.state") && (
          <a class="act" href={href({ page: "trace", query: { of: key } })}>
            Trace …
          </a>
        )}
      </div>
      {process.kind === "supervisor" && <ChildActs process={process} onDone={common.onDone} />}
      {said !== "" && (
        <p class="banner quiet" role="status">
          {said}
        </p>
      )}
    </section>
  )
}

/** What can be done to a child, on the page of its supervisor. */
function ChildActs({ process, onDone }: { process: ProcessData; onDone: (outcome: { text: string }) => void }) {
  const { key, title } = process
  const field = { name: "child", label: "Child, by its id", value: "" }
  const params = { process: key }
  return (
    <div class="acts">
      <ActionButton
        action="restart-child"
        params={params}
        label="Restart a child …"
        title={`Restart a child of ${title}`}
        sure="Restart it"
        field={field}
        onDone={onDone}
      />
      <ActionButton
        action="terminate-child"
        params={params}
        label="Stop a child …"
        title={`Stop a child of ${title}`}
        sure="Stop it"
        danger
        field={field}
        onDone={onDone}
      />
    </div>
  )
}

export function Relations({ process }: { process: ProcessData }) {
  const { registeredName, parent, ancestors, links, monitors, watchedBy, watchers } = process
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
              <ProcessLink link={parent} />
              {ancestors.length > 1 && <span class="muted">, below {ancestors.slice(1).join(", ")}</span>}
            </dd>
          </>
        )}
        <dt>linked to</dt>
        <dd>
          <Links links={links} none="nothing" />
        </dd>
        <dt>monitors</dt>
        <dd>
          <Links links={monitors} none="nothing" />
        </dd>
        <dt>watched by</dt>
        <dd>
          {watchedBy.length > 0 ? (
            <Links links={watchedBy} none="" />
          ) : watchers === 0 ? (
            <span class="muted">no monitor</span>
          ) : (
            counted(watchers, "monitor")
          )}
        </dd>
      </dl>
      {process.facts.length > 0 && (
        <dl class="fact-list">
          {process.facts.map((fact) => (
            <FactRow key={fact.key} fact={fact} />
          ))}
        </dl>
      )}
    </section>
  )
}

const LINKS_MAX = 50

function Links({ links, none }: { links: readonly LinkView[]; none: string }) {
  if (links.length === 0) return <span class="muted">{none}</span>
  return (
    <ul class="plain">
      {links.slice(0, LINKS_MAX).map((link, index) => (
        <li key={link.key ?? index}>
          <ProcessLink link={link} />
        </li>
      ))}
      {links.length > LINKS_MAX && <li class="muted">and {count(links.length - LINKS_MAX)} more</li>}
    </ul>
  )
}

/** To the process: beside the page, or as the page where the page is a process. */
function ProcessLink({ link }: { link: LinkView }) {
  const { route } = useNavigation()
  const far = route.node !== null && link.node !== route.node
  const where = far ? <span class="muted"> on {link.node}</span> : null
  if (link.key === null)
    return (
      <>
        {link.title}
        {where}
      </>
    )
  const to =
    route.page === "process"
      ? href({ page: "process", node: link.node, rest: [link.pid.replaceAll(/[<>]/g, "")] })
      : href({ ...route, process: link.key })
  return (
    <>
      <a href={to}>
        {link.title === link.pid ? <code>{link.pid}</code> : link.title}
        {link.title !== link.pid && (
          <>
            {" "}
            <code>{link.pid}</code>
          </>
        )}
      </a>
      {where}
    </>
  )
}

export function Stack({ process: { stack, of, key } }: { process: ProcessData }) {
  if (of === "umbel") return <Handlers key={key} process={key} />
  if (stack.length === 0) return null
  return (
    <section>
      <h3>Stack</h3>
      <ol class="stack">
        {stack.map((frame, index) => (
          // Frames of a recursion are the same, and have no identity.
          <li key={index}>
            <code>{frame}</code>
          </li>
        ))}
      </ol>
    </section>
  )
}
