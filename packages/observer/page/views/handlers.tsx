/** The handlers of a process, each with the line it is written in: asked for by hand, once. */
import { useState } from "preact/hooks"
import type { HandlersData } from "../../src/views/handlers.ts"
import { useLive } from "../use-live.ts"

export function Handlers({ process }: { process: string }) {
  const { live } = useLive()
  const [found, setFound] = useState<HandlersData | null>(null)
  const [why, setWhy] = useState("")
  const ask = async (): Promise<void> => {
    const { data, text } = await live.ask("handlers", { process })
    setFound(data as HandlersData | null)
    setWhy(text)
  }
  return (
    <section aria-label="Handlers">
      {found !== null && (
        <>
          <h3>Handlers</h3>
          {found.handlers.length === 0 ? (
            <p class="muted">It is no server: its function has no handlers.</p>
          ) : (
            <ul class="handlers">
              {found.handlers.map(({ key, kind, name, place, current }) => (
                <li key={key} class={current ? "current" : ""}>
                  <span class="muted">{kind === "other" ? "" : kind}</span> <b>{name}</b> <code>{place}</code>
                  {current && <span class="pill warm">in hand</span>}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      {why !== "" && <p class="muted">{why}</p>}
      <button type="button" class="act" onClick={() => void ask()}>
        {found === null ? "Where is its code?" : "Look again"}
      </button>
    </section>
  )
}
