/** What comes into a mailbox: asked for by hand, as it costs the node a look at each message while it is watched. */
import { useState } from "preact/hooks"
import type { MailboxData } from "../../src/views/mailbox.ts"
import { counted, milliseconds, percent, short } from "../model/format.ts"
import { useNavigation } from "../navigation.ts"
import { useWatch } from "../use-live.ts"
import { Figure } from "./bits.tsx"
import { Shown } from "./state.tsx"

export function MailboxStudy({ process }: { process: string }) {
  const [asked, setAsked] = useState(false)
  const watched = useWatch("mailbox", asked ? { process } : null)
  if (!asked) {
    return (
      <button type="button" class="act" onClick={() => setAsked(true)}>
        Study its mailbox
      </button>
    )
  }
  return (
    <section class="study" aria-label="Mailbox study">
      <h3>
        What comes in{" "}
        <button type="button" class="link" onClick={() => setAsked(false)}>
          stop
        </button>
      </h3>
      <Shown of={watched}>{(data) => <Study data={data} />}</Shown>
    </section>
  )
}

const time = (ms: number | null): string => (ms === null ? "–" : milliseconds(ms))

function Study({ data }: { data: MailboxData }) {
  const { open } = useNavigation()
  const { seconds, came, cameRate, oldest, waitP50, waitP99, handleP50, handleP99, senders, kinds } = data
  return (
    <>
      <dl class="figures">
        <Figure label="came" value={short(came)} />
        <Figure label="a second" value={short(cameRate)} />
        <Figure label="wait, half below" value={time(waitP50)} />
        <Figure label="wait, 99 % below" value={time(waitP99)} />
        <Figure label="handling, half" value={time(handleP50)} />
        <Figure label="handling, 99 %" value={time(handleP99)} />
      </dl>
      {oldest !== null && oldest > 0 && <p class="muted small">The next message has waited for {time(oldest)}.</p>}
      <div class="study-lists">
        <Bars
          title="From whom"
          rows={senders.map(({ key, title, count, process }) => ({ key, title, count, process }))}
          total={came}
          onOpen={open}
        />
        <Bars
          title="What"
          rows={kinds.map(({ key, count }) => ({ key, title: key, count, process: null }))}
          total={came}
          onOpen={open}
        />
      </div>
      <p class="muted small">Over {counted(seconds, "second")}, for as long as you look.</p>
    </>
  )
}

interface BarsProps {
  title: string
  rows: readonly { key: string; title: string; count: number; process: string | null }[]
  total: number
  onOpen: (process: string) => void
}

function Bars({ title, rows, total, onOpen }: BarsProps) {
  return (
    <div>
      <h4>{title}</h4>
      {rows.length === 0 ? (
        <p class="muted small">Nothing so far.</p>
      ) : (
        <ul class="bars">
          {rows.map((row) => (
            <li key={row.key}>
              <i style={{ width: `${(100 * row.count) / Math.max(1, total)}%` }} />
              {row.process === null ? (
                <code>{row.title}</code>
              ) : (
                <button type="button" class="link" onClick={() => onOpen(row.process ?? "")}>
                  {row.title}
                </button>
              )}
              <span class="muted">
                {short(row.count)} · {percent(row.count / Math.max(1, total))}
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
