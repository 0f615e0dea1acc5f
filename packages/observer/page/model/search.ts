/** Finding boxes in the tree at hand, by any part of pid, name, id or module. */
import type { Placed } from "./growth.ts"

/** Paths of what fits, in reading order; none for an empty search. */
export function matches(tree: ReadonlyMap<string, Placed>, text: string): readonly string[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === "") return []
  return [...tree.values()]
    .filter(({ view }) =>
      [view.pid, view.title, view.id, view.module].some((part) => part.toLowerCase().includes(wanted)),
    )
    .map(({ path }) => path)
}
