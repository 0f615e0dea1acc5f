/** Handlers of one kind that held the thread: how long, where they are written, and where they were meanwhile. */
import type { LongView } from "../../src/views/crashes.ts"
import type { SourceView } from "../../src/views/source.ts"
import { clock, counted, milliseconds } from "../model/format.ts"
import { NodeName, Pill } from "./bits.tsx"

export function LongHandler({ long, onOpen }: { long: LongView; onOpen: (key: string) => void }) {
  const { module, request, node, count, longestMs, totalMs, lastAt, process, handler, stack } = long
  return (
    <li class="cause">
      <details>
        <summary>
          <Pill tone="warm">{milliseconds(longestMs)}</Pill>
          <span class="cause-what">
            <strong>{module}</strong> <span>{request ?? "several messages in one turn"}</span>
            {handler !== null && <Source of={handler} />}
          </span>
          <span class="cause-when">
            <NodeName name={node} />
            <time>{`${counted(count, "time")}, ${milliseconds(totalMs)} in all, ${clock(lastAt)}`}</time>
          </span>
        </summary>
        <div class="cause-body">
          {stack.length > 0 ? (
            <ol class="stack" aria-label="Stack">
              {stack.map(({ name, ...source }, index) => (
                <li key={String(index)}>
                  at {name} <Source of={source} />
                </li>
              ))}
            </ol>
          ) : (
            <p class="muted">
              The first long handler sets a watching thread up; the next one like this has its stack here.
            </p>
          )}
          <button type="button" class="act" onClick={() => onOpen(process)}>
            The process, or its successor
          </button>
        </div>
      </details>
    </li>
  )
}

/** The place a function is written in, which leads there where a link is configured. */
export function Source({ of: { place, link } }: { of: SourceView }) {
  if (link === null) return <code>{place}</code>
  return (
    <a class="source" href={link}>
      <code>{place}</code>
    </a>
  )
}
