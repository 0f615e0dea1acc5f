/** Before a process is killed: what that takes down, and what its supervisors will do. */
import { useEffect, useMemo, useRef } from "preact/hooks"
import type { ProcessPage } from "../../src/protocol.ts"
import { consequences } from "../model/consequences.ts"
import type { Placed } from "../model/growth.ts"

interface Props {
  process: ProcessPage
  places: ReadonlyMap<string, Placed>
  onCancel: () => void
  onKill: () => void
}

export function KillDialog({ process, places, onCancel, onKill }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const told = useMemo(() => consequences(places, process.key), [places, process.key])
  return (
    <dialog ref={dialog} class="kill-dialog" aria-labelledby="kill-title" onClose={onCancel} onCancel={onCancel}>
      <h2 id="kill-title">
        Kill {process.title} <code>{process.pid}</code>?
      </h2>
      <ul>
        {told.map(({ tone, text }) => (
          <li key={text} class={tone}>
            {text}
          </li>
        ))}
      </ul>
      <p class="muted">
        On {process.node}. It is ended at once and cannot clean up; the node keeps a note of who did it.
      </p>
      <footer>
        <button type="button" class="plain-button" onClick={onCancel}>
          Cancel
        </button>
        <button type="button" class="kill sure" onClick={onKill}>
          Kill it
        </button>
      </footer>
    </dialog>
  )
}
