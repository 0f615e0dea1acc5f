/** The search box: what fits on any node. `/` leads to it. */
import { useContext, useEffect, useRef, useState } from "preact/hooks"
import type { FoundView } from "../../src/views/find.ts"
import { useNavigation } from "../navigation.ts"
import { MomentContext, useLiveConnection } from "../use-live.ts"
import { isTyping } from "./typing.ts"

const SHOWN = 14
const PAUSE_MS = 150

export function Search() {
  const live = useLiveConnection()
  const { open: show } = useNavigation()
  const past = useContext(MomentContext) !== null
  const input = useRef<HTMLInputElement>(null)
  const [searched, setSearched] = useState("")
  const [found, setFound] = useState<readonly FoundView[] | null>(null)
  const [at, setAt] = useState(0)
  const [open, setOpen] = useState(false)
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key !== "/" || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      input.current?.select()
      input.current?.focus()
    }
    addEventListener("keydown", pressed)
    return () => removeEventListener("keydown", pressed)
  }, [])
  useEffect(() => {
    setAt(0)
    if (searched.trim() === "") return setFound(null)
    let current = true
    const timer = setTimeout(async () => {
      const { data } = await live.ask("find", { text: searched })
      if (current) setFound((data as { found: readonly FoundView[] } | null)?.found ?? [])
    }, PAUSE_MS)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [live, searched])

  const rows = (found ?? []).slice(0, SHOWN)
  const shown = open && searched.trim() !== ""
  const choose = (row: FoundView | undefined): void => {
    if (row === undefined) return
    setOpen(false)
    show(row.key)
  }
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      setAt((at + (event.key === "ArrowDown" ? 1 : rows.length - 1)) % Math.max(1, rows.length))
    } else if (event.key === "Enter") choose(rows[at])
    else if (event.key === "Escape") {
      event.stopPropagation()
      setSearched("")
      input.current?.blur()
    }
  }
  return (
    <search class="search">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M7 2.500a4.500 4.500 0 1 0 0 9 4.500 4.500 0 0 0 0-9M10.300 10.300 14 14" />
      </svg>
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label="Find a process by name, pid, label or module"
        aria-expanded={shown}
        aria-controls="found"
        aria-activedescendant={shown && rows.length > 0 ? `found-${at}` : undefined}
        aria-autocomplete="list"
        placeholder={past ? "not in the past" : "Find a process"}
        disabled={past}
        spellcheck={false}
        autocomplete="off"
        value={searched}
        onInput={(event) => {
          setOpen(true)
          setSearched(event.currentTarget.value)
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={pressed}
      />
      <kbd>/</kbd>
      {shown && (
        <div id="found" class="found" role="listbox" aria-label="Processes found">
          {rows.length === 0 && <p class="found-none">{found === null ? "Looking …" : "No process fits."}</p>}
          {rows.map((row, index) => (
            <div
              key={row.key}
              id={`found-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              onMouseEnter={() => setAt(index)}
              onMouseDown={(event) => {
                // Before the input loses the focus, and this list with it.
                event.preventDefault()
                choose(row)
              }}
            >
              <strong>{row.title}</strong>
              <code>{row.pid}</code>
              <span>
                {row.module} · {row.node}
              </span>
            </div>
          ))}
        </div>
      )}
    </search>
  )
}
