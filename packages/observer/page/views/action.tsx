/**
 * A button for an action: it asks what the action would take down, shows that, and does it when that is confirmed.
 *
 * ```tsx
 * <ActionButton action="kill" params={{ process: key }} label="Kill …" title="Kill till <0.12.0>?" sure="Kill it" danger />
 * ```
 *
 * What an action needs beside `params` (a reason, a message, a level) is asked for in the dialog, as `field`.
 */
import { type ComponentChildren, createContext } from "preact"
import { useContext, useEffect, useState } from "preact/hooks"
import type { Outcome, Params } from "../../src/protocol.ts"
import { useLive } from "../use-live.ts"
import { Dialog } from "./dialog.tsx"

interface Props {
  action: string
  params: Params
  label: ComponentChildren
  title: ComponentChildren
  /** What the button in the dialog says. */
  sure: string
  danger?: boolean
  field?: { name: string; label: string; value: string; choices?: readonly string[]; hint?: string }
  onDone?: (outcome: Outcome) => void
}

const AskContext = createContext<(asked: Props | null) => void>(() => {
  throw new Error("an action outside of the page")
})

/**
 * Where the dialogs of actions stand: above all pages, since a button goes as soon as what it is about does (the process that is being killed, the
 * application of a node that does not answer for a moment), and what was asked, and how it ended, is to be seen nevertheless.
 */
export function ActionDialogs({ children }: { children: ComponentChildren }) {
  const [asked, setAsked] = useState<Props | null>(null)
  return (
    <AskContext.Provider value={setAsked}>
      {children}
      {asked !== null && (
        <ActionDialog
          {...asked}
          onClose={() => setAsked(null)}
          onDone={(outcome) => {
            if (outcome.done) setAsked(null)
            asked.onDone?.(outcome)
          }}
        />
      )}
    </AskContext.Provider>
  )
}

export function ActionButton(props: Props) {
  const { action, label, danger = false } = props
  const { hello } = useLive()
  const ask = useContext(AskContext)
  const allowed = hello?.actions.includes(action) ?? false
  if (!allowed) return null
  return (
    <button type="button" class={`act ${danger ? "danger" : ""}`} onClick={() => ask(props)}>
      {label}
    </button>
  )
}

/** The pause after a letter was typed, before the preview is asked for anew. */
const TYPING_MS = 250

function ActionDialog({
  action,
  params,
  title,
  sure,
  danger,
  field,
  onClose,
  onDone,
}: Props & { onClose: () => void; onDone: (outcome: Outcome) => void }) {
  const { live } = useLive()
  const [value, setValue] = useState(field?.value ?? "")
  const [typed, setTyped] = useState("")
  const [preview, setPreview] = useState<Outcome | null>(null)
  const [failed, setFailed] = useState("")
  const [busy, setBusy] = useState(false)
  const given = field === undefined ? params : { ...params, [field.name]: value }
  useEffect(() => {
    let current = true
    const timer = setTimeout(
      () => void live.act(action, given, true).then((outcome) => current && setPreview(outcome)),
      preview === null ? 0 : TYPING_MS,
    )
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [live, action, JSON.stringify(given)])
  const confirm = preview?.confirm
  const run = async (): Promise<void> => {
    setBusy(true)
    const outcome = await live.act(action, confirm === undefined ? given : { ...given, confirm: typed }, false)
    setBusy(false)
    if (!outcome.done) setFailed(outcome.text)
    onDone(outcome)
  }
  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <>
          <button type="button" class="plain-button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            class={`act sure ${danger ? "danger" : ""}`}
            disabled={preview?.done !== true || busy || (confirm !== undefined && typed !== confirm)}
            onClick={() => void run()}
          >
            {sure}
          </button>
        </>
      }
    >
      {field !== undefined && (
        <div class="field">
          <label for="action-field">{field.label}</label>
          {field.choices === undefined ? (
            <input
              id="action-field"
              type="text"
              class="mono"
              spellcheck={false}
              autocomplete="off"
              value={value}
              onInput={(event) => setValue(event.currentTarget.value)}
            />
          ) : (
            <select id="action-field" value={value} onChange={(event) => setValue(event.currentTarget.value)}>
              {field.choices.map((choice) => (
                <option key={choice} value={choice}>
                  {choice}
                </option>
              ))}
            </select>
          )}
          {field.hint !== undefined && <small class="muted">{field.hint}</small>}
        </div>
      )}
      {preview === null ? (
        <p class="muted">Looking what follows …</p>
      ) : preview.done ? (
        <ul class="consequences" aria-label="What follows">
          {preview.consequences.map(({ tone, text }) => (
            <li key={text} class={tone}>
              {text}
            </li>
          ))}
        </ul>
      ) : (
        <p class="banner" role="status">
          {preview.text}
        </p>
      )}
      {confirm !== undefined && (
        <div class="field">
          <label for="action-confirm">
            This is production: type <b class="mono">{confirm}</b> to confirm
          </label>
          <input
            id="action-confirm"
            type="text"
            class="mono"
            spellcheck={false}
            autocomplete="off"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
      )}
      {failed !== "" && failed !== preview?.text && (
        <p class="banner bad" role="alert">
          {failed}
        </p>
      )}
      {preview?.done === true && preview.command !== undefined && <Command text={preview.command} />}
      <p class="muted small">The node keeps a note of who did it, and so does the audit.</p>
    </Dialog>
  )
}

/** The same for a terminal. */
function Command({ text }: { text: string }) {
  const [copied, setCopied] = useState(false)
  const command = text.replace("$OBSERVER", location.origin)
  return (
    <details class="command">
      <summary>As a command</summary>
      <code>{command}</code>
      <button
        type="button"
        class="plain-button"
        onClick={() => void navigator.clipboard.writeText(command).then(() => setCopied(true))}
      >
        {copied ? "Copied" : "Copy"}
      </button>
    </details>
  )
}
