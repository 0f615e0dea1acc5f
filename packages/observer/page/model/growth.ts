/**
 * What happened in a tree between two looks at it: which child came, was started anew, or went.
 *
 * ```ts
 * happened(placed(before), placed(after))     // Map { "shop/stores/counter" => "restarted" }
 * ```
 *
 * A box keeps its place over restarts: a place is the path of ids from the top. Children of one supervisor that share an id (those of a dynamic
 * supervisor) are told apart by their pids.
 */
import type { TreeView } from "../../src/views/tree.ts"

/** A box of the tree and where it stands. */
export interface Placed {
  readonly path: string
  readonly view: TreeView
  readonly parent: string | null
  readonly depth: number
}
export type Happening = "started" | "restarted" | "ended" | "lost"

/** Every box by its path, in reading order. */
export function placed(tree: TreeView): ReadonlyMap<string, Placed> {
  const all = new Map<string, Placed>()
  const visit = (view: TreeView, path: string, parent: string | null, depth: number): void => {
    all.set(path, { path, view, parent, depth })
    const names = pathNames(view)
    view.children.forEach((child, index) => {
      visit(child, `${path}/${names[index]}`, path, depth + 1)
    })
  }
  visit(tree, escaped(tree.id), null, 0)
  return all
}

/** What the children are called in paths, in order. */
export function pathNames(view: TreeView): readonly string[] {
  const uses = new Map<string, number>()
  for (const { id } of view.children) uses.set(id, (uses.get(id) ?? 0) + 1)
  return view.children.map(({ id, key }, index) =>
    uses.get(id) === 1 ? escaped(id) : `${escaped(id)}~${key ?? index}`,
  )
}

/** Whether the last of a path shares its id with siblings. */
export const isAmbiguous = (path: string): boolean => path.slice(path.lastIndexOf("/")).includes("~")

const escaped = (id: string): string => id.replaceAll("/", "∕").replaceAll("~", "∼")

/** By path. A supervisor some of whose children went for good has `lost` them. */
export function happened(
  before: ReadonlyMap<string, Placed>,
  after: ReadonlyMap<string, Placed>,
): ReadonlyMap<string, Happening> {
  const events = new Map<string, Happening>()
  for (const [path, { view }] of after) {
    const earlier = before.get(path)?.view
    if (earlier === undefined) events.set(path, "started")
    else if (view.key === null && earlier.key !== null) events.set(path, "ended")
    else if (view.restarts > earlier.restarts || (view.key !== earlier.key && view.key !== null))
      events.set(path, "restarted")
  }
  for (const [path, { parent }] of before) {
    if (!after.has(path) && parent !== null && after.has(parent) && !events.has(parent)) events.set(parent, "lost")
  }
  return events
}
