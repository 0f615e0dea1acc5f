/**
 * A supervision tree for a terminal. Pure.
 *
 * ```
 * shop <0.11.0>  shop.supervisor, one_for_one
 * └─ counter <0.12.0>  restarted 2×
 * ```
 */
/** What is drawn of a child; without a pid it does not run. */
export interface Branch {
  readonly id: string
  readonly pid?: unknown
  readonly title: string
  readonly strategy?: string | undefined
  readonly restarts: number
  readonly children: readonly Branch[]
  /** Children that are left out. */
  readonly more: number
}

export function treeLines(branch: Branch, first = "", rest = ""): string[] {
  const { id, pid, title, children, more, strategy, restarts } = branch
  const what = [title === id ? "" : title, strategy ?? "", restarts > 0 ? `restarted ${restarts}×` : ""].filter(
    (one) => one !== "",
  )
  const lines = [`${first}${id} ${pid ?? "(not running)"}${what.length === 0 ? "" : `  ${what.join(", ")}`}`]
  for (const [i, child] of children.entries()) {
    const last = i === children.length - 1 && more === 0
    lines.push(...treeLines(child, `${rest}${last ? "└─ " : "├─ "}`, `${rest}${last ? "   " : "│  "}`))
  }
  if (more > 0) lines.push(`${rest}└─ … and ${more} more`)
  return lines
}
