/** What is inside of a process: its state and what changed in it, its messages, its dictionary. */
import { useEffect, useRef, useState } from "preact/hooks"
import type { InsideData } from "../../src/views/inside.ts"
import type { ProcessData } from "../../src/views/process.ts"
import { counted } from "../model/format.ts"
import { useLive, useWatch } from "../use-live.ts"
import { MailboxStudy } from "./mailbox-study.tsx"
import { Term } from "./term.tsx"

/** State and messages, for who may see them. Of a BEAM node the state is asked for by hand, once each time. */
export function Inside({ process, alive }: { process: ProcessData; alive: boolean }) {
  const { can, live } = useLive()
  const allowed = can("inspect.state")
  const { data } = useWatch("inside", allowed && alive ? { process: process.key } : null)
  const [last, setLast] = useState<{ key: string; data: InsideData } | null>(null)
  const [asked, setAsked] = useState<{ key: string; data: InsideData } | null>(null)
  useEffect(() => {
    if (data !== null) setLast({ key: process.key, data })
  }, [data])
  const shown = data ?? (last?.key === process.key ? last.data : null)
  if (!allowed) return <p class="muted small">States and messages are not for you to see.</p>
  if (shown === null) return null
  const byHand = asked?.key === process.key ? asked.data : null
  const state = byHand ?? shown
  const ask = async (): Promise<void> => {
    const { data: answered } = await live.ask("inside", { process: process.key, state: true })
    if (answered !== null) setAsked({ key: process.key, data: answered as InsideData })
  }
  return (
    <>
      <Mailbox inside={shown} />
      {process.of === "umbel" && alive && <MailboxStudy key={process.key} process={process.key} />}
      <section>
        <h3>State</h3>
        {state.state === null ? <p class="muted">{state.stateNote}</p> : <State key={process.key} text={state.state} />}
        {process.of === "beam" && alive && (
          <button type="button" class="act" onClick={() => void ask()}>
            {byHand === null ? "Ask it for its state" : "Ask again"}
          </button>
        )}
      </section>
      {shown.dictionary !== null && (
        <section>
          <h3>Dictionary</h3>
          <Term text={shown.dictionary === "[]" ? "" : shown.dictionary} empty="empty" />
        </section>
      )}
    </>
  )
}

/** The state, with what has changed since the look before, or since one that was held on to. */
function State({ text }: { text: string }) {
  const [held, setHeld] = useState<string | null>(null)
  const looks = useRef<{ now: string; before: string | null }>({ now: text, before: null })
  if (looks.current.now !== text) looks.current = { now: text, before: looks.current.now }
  const before = held ?? looks.current.before
  return (
    <>
      <Term text={text} empty="nothing to show" before={before} />
      <p class="small muted">
        {held !== null
          ? text === held
            ? "Nothing has changed since then. "
            : "Marked is what has changed since then. "
          : before !== null && "Marked is what changed last. "}
        <button type="button" class="link" onClick={() => setHeld(held === null ? text : null)}>
          {held === null ? "Compare from now on" : "Compare with the look before"}
        </button>
      </p>
    </>
  )
}

function Mailbox({ inside: { messages, waiting, current } }: { inside: InsideData }) {
  if (current === null && waiting === 0) return null
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
      {waiting > messages.length && <p class="muted">and {counted(waiting - messages.length, "more message")}</p>}
    </section>
  )
}
