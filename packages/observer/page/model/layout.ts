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
}
export interface Stalk {
  readonly path: string
  readonly from: Box
  readonly to: Box
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
}

export function layout(view: TreeView, open: ReadonlySet<string>): Layout {
  const root = hierarchy(item(view, view.id.replaceAll("/", "∕"), open), ({ children }) => children)
  const drawn = tidy<Item>()
    .nodeSize([1, BOX.width + BOX.between])
    .separation((a, b) => (heightOf(a.data) + heightOf(b.data)) / 2 + (a.parent === b.parent ? BOX.gap : BOX.gap * 2))(
    root,
  )
  const top = Math.min(...drawn.descendants().map((node) => node.x - heightOf(node.data) / 2))
  const byPath = new Map<string, Box>()
  for (const node of drawn.descendants()) {
    const { path, view, crowd, crowded } = node.data
    byPath.set(path, {
      path,
      view,
      crowd,
      crowded,
      ambiguous: isAmbiguous(path),
      x: node.y,
      y: node.x - top,
      height: heightOf(node.data),
      parent: node.parent?.data.path ?? null,
      depth: node.depth,
      below: crowd ?? processesIn(view) - 1,
    })
  }
  const boxes = [...byPath.values()]
  const stalks = boxes.flatMap((to) => {
    const from = to.parent === null ? undefined : byPath.get(to.parent)
    return from === undefined ? [] : [{ path: to.path, from, to }]
  })
  return {
    boxes,
    stalks,
    byPath,
    width: Math.max(...boxes.map(({ x }) => x + BOX.width)),
    height: Math.max(...boxes.map(({ y, height }) => y + height / 2)),
  }
}

function item(view: TreeView, path: string, open: ReadonlySet<string>): Item {
  const names = pathNames(view)
  const leaves = view.children.filter(({ kind }) => kind === "worker").length + view.more
  const closed = leaves > CROWD && !open.has(path)
  const children: Item[] = []
  view.children.forEach((child, index) => {
    if (!closed || child.kind === "supervisor") children.push(item(child, `${path}/${names[index]}`, open))
  })
  const rest = closed ? leaves : view.more
  if (rest > 0) children.push({ path: `${path}/…`, view, crowd: rest, crowded: false, children: [] })
  return { path, view, crowd: null, crowded: leaves > CROWD && !closed, children }
}

const heightOf = ({ crowd, view }: Item): number =>
  crowd !== null ? BOX.crowd : view.supervision !== null && view.supervision.period > 0 ? BOX.supervisor : BOX.worker

/** Processes that run in a tree, those that are only counted included. */
export function processesIn(view: TreeView): number {
  return view.children.reduce((sum, child) => sum + processesIn(child), (view.key === null ? 0 : 1) + view.more)
}

/** The line from one box to another: it leaves and arrives level, like a stalk. */
export function stalkLine({ from, to }: Stalk): string {
  const x1 = from.x + BOX.width
  const bend = x1 + BOX.between * 0.55
  return `M${x1} ${from.y}C${bend} ${from.y} ${to.x - BOX.between * 0.55} ${to.y} ${to.x} ${to.y}`
}

/** Stalks that carry more are thicker. */
export const stalkWidth = ({ to }: Stalk): number => Math.min(6, 1.2 + Math.log2(1 + to.below) * 0.7)

/** Where the arrow keys lead from a box. */
export function neighbour(drawn: Layout, path: string, key: string): string | undefined {
  const here = drawn.byPath.get(path)
  if (here === undefined) return undefined
  if (key === "Home") return drawn.boxes[0]?.path
  if (key === "ArrowLeft") return here.parent ?? undefined
  if (key === "ArrowRight") {
    return nearest(
      drawn.boxes.filter(({ parent }) => parent === path),
      here.y,
    )
  }
  const column = drawn.boxes.filter(
    ({ depth, y }) => depth === here.depth && (key === "ArrowUp" ? y < here.y : y > here.y),
  )
  return key === "ArrowUp" || key === "ArrowDown" ? nearest(column, here.y) : undefined
}

const nearest = (boxes: readonly Box[], y: number): string | undefined =>
  [...boxes].sort((a, b) => Math.abs(a.y - y) - Math.abs(b.y - y))[0]?.path
