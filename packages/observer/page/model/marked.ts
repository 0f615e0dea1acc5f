/**
 * What has changed in a printed term from one look to the next, line by line.
 *
 * ```ts
 * marked(linesOf(pretty(before)), linesOf(pretty(after)))      // [{ tokens, mark: "same" }, { tokens, mark: "gone" }, { tokens, mark: "new" }]
 * ```
 */
import type { Token } from "./pretty.ts"

export interface MarkedLine {
  readonly tokens: readonly Token[]
  readonly mark: "same" | "new" | "gone"
}

/** Tokens by line; the break itself is in none. */
export function linesOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const lines: Token[][] = [[]]
  for (const token of tokens) {
    const parts = token.text.split("\n")
    parts.forEach((text, index) => {
      if (index > 0) lines.push([])
      if (text !== "") lines.at(-1)!.push({ kind: token.kind, text })
    })
  }
  return lines
}

/** Beyond so many lines in the part that differs, all of it is marked: comparing them takes their product. */
const COMPARED_MAX = 600

/** The lines of `after`, with those of `before` that are gone where they stood. */
export function marked(
  before: readonly (readonly Token[])[],
  after: readonly (readonly Token[])[],
): readonly MarkedLine[] {
  const textOf = (line: readonly Token[]): string => line.map(({ text }) => text).join("")
  const [old, now] = [before.map(textOf), after.map(textOf)]
  let start = 0
  while (start < old.length && start < now.length && old[start] === now[start]) start++
  let end = 0
  while (
    end < old.length - start &&
    end < now.length - start &&
    old[old.length - 1 - end] === now[now.length - 1 - end]
  ) {
    end++
  }
  const out: MarkedLine[] = after.slice(0, start).map((tokens) => ({ tokens, mark: "same" }))
  const [gone, come] = [old.length - start - end, now.length - start - end]
  let [i, j] = [0, 0]
  const lengths = gone > COMPARED_MAX || come > COMPARED_MAX ? undefined : common(old, now, start, gone, come)
  while (i < gone || j < come) {
    if (lengths !== undefined && i < gone && j < come && old[start + i] === now[start + j]) {
      out.push({ tokens: after[start + j]!, mark: "same" })
      i++
      j++
    } else if (i < gone && (j >= come || lengths === undefined || lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) {
      out.push({ tokens: before[start + i++]!, mark: "gone" })
    } else out.push({ tokens: after[start + j++]!, mark: "new" })
  }
  return [...out, ...after.slice(after.length - end).map((tokens) => ({ tokens, mark: "same" as const }))]
}

/** How many lines the rests from each place on have in common. */
function common(old: readonly string[], now: readonly string[], start: number, gone: number, come: number): number[][] {
  const lengths = Array.from({ length: gone + 1 }, () => new Array<number>(come + 1).fill(0))
  for (let i = gone - 1; i >= 0; i--) {
    for (let j = come - 1; j >= 0; j--) {
      lengths[i]![j] =
        old[start + i] === now[start + j]
          ? lengths[i + 1]![j + 1]! + 1
          : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
    }
  }
  return lengths
}
