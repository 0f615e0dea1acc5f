/** Keys of the whole page: `g` and a letter go somewhere, `/` searches, `?` helps, `Esc` closes; `b` looks back, `n` comes back to now; `j` and `k` walk through lists. */
import { useEffect, useRef, useState } from "preact/hooks"
import { href, hrefAt, momentOf, pastOf } from "../model/route.ts"
import type { Navigation } from "../navigation.ts"
import { PAGES } from "../pages/index.ts"
import { isTyping } from "./typing.ts"

/** How long `g` waits for its letter. */
const WAIT_MS = 1_200

export function useKeys({ route, open, replace }: Navigation, home: string | null) {
  const [help, setHelp] = useState(false)
  const going = useRef(0)
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") !== null) return
      if (event.key === "Escape" && route.process !== null && !isTyping(event)) return open(null)
      if (isTyping(event)) return
      const wasGoing = Date.now() - going.current < WAIT_MS
      going.current = event.key === "g" ? Date.now() : 0
      if (event.key === "?") return setHelp(true)
      if (!wasGoing && event.key === "b" && momentOf(route) === null) return replace({ at: String(pastOf(Date.now())) })
      if (!wasGoing && event.key === "n") return momentOf(route) === null ? undefined : replace({ at: "" })
      if (event.key === "j" || event.key === "k") return step(event, event.key === "j" ? 1 : -1)
      const page = wasGoing ? PAGES.find(({ letter }) => letter === event.key) : undefined
      const node = route.node ?? home
      if (page === undefined || (page.scope === "node" && node === null)) return
      event.preventDefault()
      const link = href({ page: page.id, node: page.scope === "node" ? node : null })
      location.hash = hrefAt(link, momentOf(route))
    }
    addEventListener("keydown", pressed)
    return () => removeEventListener("keydown", pressed)
  })
  return { help, setHelp }
}

/** To the next or previous of what can be walked through: elements with `data-step`. */
function step(event: KeyboardEvent, by: number): void {
  const all = [...document.querySelectorAll<HTMLElement>("main [data-step]")]
  const at = all.indexOf(document.activeElement as HTMLElement)
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
  next.scrollIntoView({ block: "nearest" })
}
