/** Tables for terminals: columns as wide as their longest cell, the last one cut where the terminal ends. Pure. */

export interface Column<Row> {
  readonly title: string
  readonly of: (row: Row) => string | number
  readonly right?: boolean
}

/** The lines, the titles first. `width` undefined cuts nothing. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width?: number): readonly string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ of }) => String(of(row))))]
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)))
  return cells.map((row) => {
    const line = row
      .map((cell, i) => (columns[i]!.right === true ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd()
    return width !== undefined && line.length > width ? `${line.slice(0, Math.max(0, width - 1))}…` : line
  })
}

/** `3 d 4 h`, `4 h 5 min`, `5 min 6 s`, `6 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  if (first < 0) return "0 s"
  return parts
    .slice(first, first + 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ")
}

/** `1.5 s`, `12 ms`. */
export const time = (ms: number): string =>
  ms >= 1_000 ? `${(ms / 1_000).toFixed(1)} s` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`

/** Terms for `JSON.stringify`: pids as they are printed, bigints as texts. */
export const plainJson = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, item: unknown) =>
      typeof item === "bigint" || (typeof item === "object" && item !== null && item.constructor?.name === "Pid")
        ? String(item)
        : item,
    2,
  )

/** `812 B`, `3.1 kB`, `2.0 MB`. */
export const bytes = (count: number): string =>
  count < 1_000 ? `${count} B` : count < 1e6 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`
