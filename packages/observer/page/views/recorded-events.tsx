/** What a flight recorder, or a peer that remembers a node, says of what happened: a line each, the latest first. */
import { clock } from "../model/format.ts"

interface RecordedLine {
  readonly at: number
  readonly kind: string
  readonly text: string
}

export function RecordedEvents({ events }: { events: readonly RecordedLine[] }) {
  return (
    <ol class="log">
      {events
        .map(({ at, kind, text }, index) => (
          // Events have no identity of their own.
          <li key={`${at} ${index}`} class={`log-line ${kind}`}>
            <i class={`dot ${kind === "crash" || kind === "give-up" ? "crash" : kind}`} title={kind} />
            <time>{clock(at)}</time>
            <span class="log-from">{kind}</span>
            <span class="log-text">{text}</span>
          </li>
        ))
        .reverse()}
    </ol>
  )
}
