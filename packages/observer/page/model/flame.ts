/**
 * A flame graph as boxes: each function as wide as the time it took, those it called below it.
 *
 * ```ts
 * flameBoxes(root, 0.002)     // [{ name: "(all)", depth: 0, left: 0, width: 1 }, …]
 * ```
 */
import type { FlameNode } from "umbel/otp"

export interface FlameBox {
  readonly key: string
  readonly name: string
  readonly place: string
  readonly depth: number
  /** Shares of the whole. */
  readonly left: number
  readonly width: number
  readonly totalMs: number
  readonly selfMs: number
  readonly node: FlameNode
}

const DEPTH_MAX = 60

/** Boxes narrower than `least` (a share) are left out, with all below them. */
export function flameBoxes(root: FlameNode, least: number): FlameBox[] {
  const boxes: FlameBox[] = []
  const whole = root.totalMs || 1
  const add = (node: FlameNode, depth: number, left: number, key: string): void => {
    const width = node.totalMs / whole
    if (width < least || depth > DEPTH_MAX) return
    const { name, place, totalMs, selfMs } = node
    boxes.push({ key, name, place, depth, left, width, totalMs, selfMs, node })
    let at = left
    node.children.forEach((child, index) => {
      add(child, depth + 1, at, `${key}.${index}`)
      at += child.totalMs / whole
    })
  }
  add(root, 0, 0, "0")
  return boxes
}
