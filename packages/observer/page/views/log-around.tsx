/** What the log of a node says around one of its lines: asked for by hand. */
import { useContext, useState } from "preact/hooks"
import type { LogsData } from "../../src/views/logs.ts"
import { clock } from "../model/format.ts"
import { MomentContext, useLive } from "../use-live.ts"

export function LogAround({ node, line }: { node: string; line: number }) {
  const { live } = useLive()
  const at = useContext(MomentContext)
  const [found, setFound] = useState<LogsData | null>(null)
  const [why, setWhy] = useState("")
  const ask = async (): Promise<void> => {
    const { data, text } = await live.ask("logs", { node, around: line, ...(at === null ? {} : { at }) })
    setFound(data as LogsData | null)
    setWhy(text)
  }
  return (
    <>
      <button type="button" class="act" onClick={() => void ask()}>
        The log around it
      </button>
      {found !== null && (
        <ol class="stack" aria-label="The log around it">
          {found.lines.length === 0 && <li class="muted">Nothing was written around it that is still kept.</li>}
          {[...found.lines].reverse().map(({ key, at, level, from, text }) => (
            <li key={key}>
              {clock(at)} {level} {from}: {text}
            </li>
          ))}
        </ol>
      )}
      {why !== "" && <p class="muted">{why}</p>}
    </>
  )
}
