/** The search box: what fits in the tree at hand, and what fits in the cluster. `/` leads to it. */
import { useEffect, useRef, useState } from "preact/hooks"
import type { FoundView } from "../../src/protocol.ts"
import type { Live, LiveState } from "../live.ts"
import { nameOf } from "../model/names.ts"
import { matches } from "../model/search.ts"

interface Props {
  live: Live
  state: LiveState
  searched: string
  onSearch: (text: string) => void
  onOpen: (key: string | null) => void
}
interface Row {
  readonly key: string
  readonly title: string
  readonly detail: string
  readonly pid: string
}

const SHOWN = 8
const PAUSE_MS = 150

export function Search({ live, state, searched, onSearch, onOpen }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const [found, setFound] = useState<readonly FoundView[]>([])
  const [at, setAt] = useState(0)
  const [open, setOpen] = useState(false)
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      const { target } = event
      const typing =
        target instanceof HTMLInputElement ||
        target instanceof HTMLSelectElement ||
        target instanceof HTMLTextAreaElement
      if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      input.current?.select()
      input.current?.focus()
    }
    addEventListener("keydown", pressed)
    return () => removeEventListener("keydown", pressed)
  }, [])
  useEffect(() => {
    setAt(0)
    if (searched.trim() === "") return setFound([])
    let current = true
    const timer = setTimeout(() => void live.find(searched).then((rows) => current && setFound(rows)), PAUSE_MS)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [live, searched])

  const here = rowsHere(state, searched)
  const keys = new Set(here.map(({ key }) => key))
  const elsewhere = found
    .filter(({ key }) => !keys.has(key))
    .map(({ key, pid, node, title, module }): Row => ({ key, pid, title, detail: `${module} · ${node}` }))
  const rows = [...here.slice(0, SHOWN), ...elsewhere.slice(0, SHOWN)]
  const shown = open && searched.trim() !== ""
  const choose = (row: Row | undefined): void => {
    if (row === undefined) return
    setOpen(false)
    onOpen(row.key)
  }
  const pressed = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      setAt((at + (event.key === "ArrowDown" ? 1 : rows.length - 1)) % Math.max(1, rows.length))
    } else if (event.key === "Enter") choose(rows[at])
    else if (event.key === "Escape") {
      event.stopPropagation()
      onSearch("")
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
        aria-label="Find a process by name, pid, id or module"
        aria-expanded={shown}
        aria-controls="found"
        aria-activedescendant={shown && rows.length > 0 ? `found-${at}` : undefined}
        aria-autocomplete="list"
        placeholder="Find a process"
        spellcheck={false}
        autocomplete="off"
        value={searched}
        onInput={(event) => {
          setOpen(true)
          onSearch(event.currentTarget.value)
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={pressed}
      />
      <kbd>/</kbd>
      {shown && (
        <div id="found" class="found" role="listbox" aria-label="Processes found">
          {rows.length === 0 && <p class="found-none">No process fits.</p>}
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
              <span>{row.detail}</span>
            </div>
          ))}
        </div>
      )}
    </search>
  )
}

function rowsHere({ tree }: LiveState, searched: string): Row[] {
  if (tree === null) return []
  return matches(tree.places, searched).flatMap((path) => {
    const view = tree.places.get(path)?.view
    if (view === undefined || view.key === null) return []
    return [{ key: view.key, pid: view.pid, title: nameOf(view), detail: `${view.module} · in this tree` }]
  })
}
