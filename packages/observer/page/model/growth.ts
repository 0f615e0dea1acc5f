/**
 * What happened in a tree between two looks at it: which child came, was started anew, or went.
 *
 * ```ts
 * happened(placed(before), placed(after))     // Map { "shop/stores/counter" => "restarted" }
 * ```
 *
 * What has not changed is the very same object in the next look, so {@link grown} looks only at what has: of 10,000 boxes, a few.
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

/** A tree and what {@link placed} says of it. */
export interface Grown {
  readonly tree: TreeView
  readonly places: ReadonlyMap<string, Placed>
}
export interface Growth extends Grown {
  /** The tree that the changes are against. */
  readonly before: TreeView | null
  readonly happened: ReadonlyMap<string, Happening>
  /** What has changed, by path, where no box came or went; else null. */
  readonly changed: ReadonlyMap<string, TreeView> | null
}

/** From one look to the next. */
export function grown(before: Grown | null, tree: TreeView): Growth {
  if (before === null) return { tree, before: null, places: placed(tree), happened: new Map(), changed: null }
  const changed = new Map<string, TreeView>()
  if (!differences(before.tree, tree, escaped(tree.id), changed) || before.tree.id !== tree.id) {
    const places = placed(tree)
    return { tree, before: before.tree, places, happened: happened(before.places, places), changed: null }
  }
  const places = new Map(before.places)
  const events = new Map<string, Happening>()
  for (const [path, view] of changed) {
    const known = places.get(path)
    if (known === undefined) continue
    const event = happeningOf(known.view, view)
    if (event !== undefined) events.set(path, event)
    places.set(path, { ...known, view })
  }
  return { tree, before: before.tree, places, happened: events, changed }
}

/** Collects what differs; false where boxes came, went or changed places. */
function differences(before: TreeView, after: TreeView, path: string, changed: Map<string, TreeView>): boolean {
  if (before === after) return true
  changed.set(path, after)
  if (before.children === after.children) return true
  if (before.children.length !== after.children.length) return false
  const names = pathNames(after)
  const former = pathNames(before)
  return after.children.every((child, index) => {
    const was = before.children[index]!
    if (was === child) return true
    return (
      names[index] === former[index] &&
      was.kind === child.kind &&
      differences(was, child, `${path}/${names[index]}`, changed)
    )
  })
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
    const event = earlier === undefined ? "started" : happeningOf(earlier, view)
    if (event !== undefined) events.set(path, event)
  }
  for (const [path, { parent }] of before) {
    if (!after.has(path) && parent !== null && after.has(parent) && !events.has(parent)) events.set(parent, "lost")
  }
  return events
}

function happeningOf(before: TreeView, after: TreeView): Happening | undefined {
  if (after.key === null) return before.key === null ? undefined : "ended"
  return after.restarts > before.restarts || after.key !== before.key ? "restarted" : undefined
}
