/**
 * Where the boxes of a supervision tree stand: a tidy tree that grows from left to right, like an umbel on its side.
 *
 * ```ts
 * const { boxes, stalks, width, height } = layout(tree, new Set())
 * ```
 *
 * A supervisor with many children is shown closed, as one box that counts them, unless it is in `open`.
 */
import { hierarchy, tree as tidy } from "d3-hierarchy"
import type { TreeView } from "../../src/views/tree.ts"
import { isAmbiguous, pathNames } from "./growth.ts"

export const BOX = { width: 208, worker: 50, supervisor: 74, crowd: 38, gap: 12, between: 64 } as const
/** Leaves of one supervisor beyond which they are counted instead of drawn. */
export const CROWD = 16

/** Something to draw: a process, or the crowd of children that are not drawn. */
export interface Box {
  readonly path: string
  readonly view: TreeView
  /** How many processes a crowd stands for, for a crowd. */
  readonly crowd: number | null
  /** Whether it is a supervisor whose many children are drawn, and can be closed again. */
  readonly crowded: boolean
  /** Whether siblings have the same id. */
  readonly ambiguous: boolean
  /** The left edge, and the middle. */
  readonly x: number
  readonly y: number
  readonly height: number
  readonly parent: string | null
  readonly depth: number
  /** Processes below it. */
  readonly below: number
  /** Where it stands in `boxes`. */
  readonly index: number
}
/** From a box to the left end of a child, or of the block of its many children. */
export interface Stalk {
  readonly path: string
  readonly from: Box
  readonly x: number
  readonly y: number
  /** Boxes it leads to: from that index on, so many. */
  readonly to: number
  readonly count: number
}
export interface Layout {
  readonly boxes: readonly Box[]
  readonly stalks: readonly Stalk[]
  readonly byPath: ReadonlyMap<string, Box>
  readonly width: number
  readonly height: number
}

interface Item {
  readonly path: string
  readonly view: TreeView
  readonly crowd: number | null
  readonly crowded: boolean
  readonly children: readonly Item[]
  /** The many children of an open crowd, which stand in a block, so many to a row; the items behind the first only keep its width free. */
  readonly block: { readonly leaves: readonly Item[]; readonly columns: number } | null
}
const PITCH = { x: BOX.width + BOX.gap, y: BOX.worker + BOX.gap }
const LEVEL = BOX.width + BOX.between
/** How many times as wide as high a block is; more where many of them stand one over another. */
const WIDER = { least: 2, most: 16 }

/** `open` has the paths of supervisors whose crowds are drawn; "all" draws every one. */
export function layout(view: TreeView, open: ReadonlySet<string> | "all"): Layout {
  const wider = Math.min(WIDER.most, WIDER.least * Math.max(1, crowds(view, open)))
  const root = hierarchy(item(view, escapedId(view.id), open, wider), ({ children }) => children)
  const drawn = tidy<Item>()
    .nodeSize([1, LEVEL])
    .separation((a, b) => (heightOf(a.data) + heightOf(b.data)) / 2 + (a.parent === b.parent ? BOX.gap : BOX.gap * 2))(
    root,
  )
  const top = Math.min(...drawn.descendants().map((node) => node.x - heightOf(node.data) / 2))
  const boxes: Box[] = []
  const byPath = new Map<string, Box>()
  const stalks: Stalk[] = []
  const put = (
    { path, view, crowd, crowded }: Item,
    x: number,
    y: number,
    height: number,
    parent: string | null,
    depth: number,
  ): void => {
    const ambiguous = isAmbiguous(path)
    const below = crowd ?? processesIn(view) - 1
    const box: Box = { path, view, crowd, crowded, ambiguous, x, y, height, parent, depth, below, index: boxes.length }
    boxes.push(box)
    byPath.set(path, box)
  }
  for (const node of drawn.descendants()) {
    const { data, depth } = node
    const [x, y] = [node.y, node.x - top]
    // What only keeps room free.
    if (data.path === "") continue
    const parent = node.parent?.data.path ?? null
    const from = parent === null ? undefined : byPath.get(parent)
    const to = boxes.length
    if (data.block === null) put(data, x, y, heightOf(data), parent, depth)
    else {
      const { leaves, columns } = data.block
      const first = y - heightOf(data) / 2 + BOX.worker / 2
      leaves.forEach((leaf, at) => {
        put(leaf, x + (at % columns) * PITCH.x, first + Math.floor(at / columns) * PITCH.y, BOX.worker, parent, depth)
      })
    }
    if (from !== undefined) stalks.push({ path: data.path, from, x, y, to, count: boxes.length - to })
  }
  return {
    boxes,
    stalks,
    byPath,
    width: Math.max(...boxes.map(({ x }) => x + BOX.width)),
    height: Math.max(...boxes.map(({ y, height }) => y + height / 2)),
  }
}

const escapedId = (id: string): string => id.replaceAll("/", "∕")

const leavesOf = (view: TreeView): number => view.children.filter(({ kind }) => kind === "worker").length + view.more
const isOpen = (open: ReadonlySet<string> | "all", path: string): boolean => open === "all" || open.has(path)

/** Crowds that are drawn. */
function crowds(view: TreeView, open: ReadonlySet<string> | "all"): number {
  if (open !== "all") return open.size
  return view.children.reduce((sum, child) => sum + crowds(child, open), leavesOf(view) > CROWD ? 1 : 0)
}

function item(view: TreeView, path: string, open: ReadonlySet<string> | "all", wider: number): Item {
  const names = pathNames(view)
  const leaves = leavesOf(view)
  const isCrowd = leaves > CROWD
  const closed = isCrowd && !isOpen(open, path)
  const children: Item[] = []
  const many: Item[] = []
  view.children.forEach((child, index) => {
    const its = `${path}/${names[index]}`
    if (child.kind === "supervisor") children.push(item(child, its, open, wider))
    else if (!closed) (isCrowd ? many : children).push(item(child, its, open, wider))
  })
  if (many.length > 0) children.push(blockOf(`${path}/#`, view, many, wider))
  const rest = closed ? leaves : view.more
  if (rest > 0) children.push({ path: `${path}/…`, view, crowd: rest, crowded: false, children: [], block: null })
  return { path, view, crowd: null, crowded: isCrowd && !closed, children, block: null }
}

/** A block, with empty items behind it for the levels that it reaches over. */
function blockOf(path: string, view: TreeView, leaves: readonly Item[], wider: number): Item {
  const columns = Math.max(1, Math.ceil(Math.sqrt((wider * leaves.length * PITCH.y) / PITCH.x)))
  const block = { leaves, columns }
  let behind: Item[] = []
  for (let room = Math.min(columns, leaves.length) * PITCH.x - LEVEL; room > 0; room -= LEVEL)
    behind = [{ path: "", view, crowd: null, crowded: false, children: behind, block }]
  return { path, view, crowd: null, crowded: false, children: behind, block }
}

function heightOf({ crowd, view, block }: Item): number {
  if (block !== null) return Math.ceil(block.leaves.length / block.columns) * PITCH.y - BOX.gap
  return crowd !== null
    ? BOX.crowd
    : view.supervision !== null && view.supervision.period > 0
      ? BOX.supervisor
      : BOX.worker
}

/**
 * The same drawing with what a later look says of these boxes (`changed`, of {@link growth}); for when no box came or went. Where it does not fit any more,
 * undefined: then it is laid out anew.
 */
export function repainted(drawn: Layout, changed: ReadonlyMap<string, TreeView>): Layout | undefined {
  const boxes = [...drawn.boxes]
  const byPath = new Map(drawn.byPath)
  for (const [path, view] of changed) {
    // One of a crowd that is only counted changes nothing here.
    const box = byPath.get(path)
    if (box === undefined) continue
    if ((box.view.supervision === null) !== (view.supervision === null) || box.view.more !== view.more) return undefined
    const next = { ...box, view }
    boxes[box.index] = next
    byPath.set(path, next)
    const counted = byPath.get(`${path}/…`)
    if (counted !== undefined) {
      boxes[counted.index] = { ...counted, view }
      byPath.set(counted.path, boxes[counted.index]!)
    }
  }
  const stalks = drawn.stalks.map((stalk) => {
    const from = boxes[stalk.from.index]!
    return from === stalk.from ? stalk : { ...stalk, from }
  })
  return { ...drawn, boxes, byPath, stalks }
}

/** Processes that run in a tree, those that are only counted included. */
export function processesIn(view: TreeView): number {
  return view.children.reduce((sum, child) => sum + processesIn(child), (view.key === null ? 0 : 1) + view.more)
}

/** The line from a box to its child: it leaves and arrives level, like a stalk. */
export function stalkLine({ from, x, y }: Stalk): string {
  const x1 = from.x + BOX.width
  const bend = x1 + BOX.between * 0.55
  return `M${x1} ${from.y}C${bend} ${from.y} ${x - BOX.between * 0.55} ${y} ${x} ${y}`
}

/** Stalks that carry more are thicker. */
export const stalkWidth = (below: number): number => Math.min(6, 1.2 + Math.log2(1 + below) * 0.7)

/** Where the arrow keys lead from a box. */
export function neighbour(drawn: Layout, path: string, key: string): string | undefined {
  const here = drawn.byPath.get(path)
  if (here === undefined) return undefined
  if (key === "Home") return drawn.boxes[0]?.path
  const siblings = drawn.boxes.filter(({ parent, depth }) => parent === here.parent && depth === here.depth)
  // In a block there are neighbours in the same row.
  const inRow = siblings.filter(({ y, x }) => y === here.y && x !== here.x)
  if (key === "ArrowLeft") {
    const left = inRow.filter(({ x }) => x < here.x).at(-1)
    return left?.path ?? here.parent ?? undefined
  }
  if (key === "ArrowRight") {
    const below = drawn.boxes.filter(({ parent }) => parent === path)
    return nearest(below, here.y) ?? inRow.find(({ x }) => x > here.x)?.path
  }
  const column = drawn.boxes.filter(
    ({ depth, x, y }) => depth === here.depth && x === here.x && (key === "ArrowUp" ? y < here.y : y > here.y),
  )
  return key === "ArrowUp" || key === "ArrowDown" ? nearest(column, here.y) : undefined
}

const nearest = (boxes: readonly Box[], y: number): string | undefined =>
  boxes.reduce<Box | undefined>(
    (best, box) => (best === undefined || Math.abs(box.y - y) < Math.abs(best.y - y) ? box : best),
    undefined,
  )?.path
