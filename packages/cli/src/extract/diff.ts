/** Two texts side by side, as `diff -u` shows them: by the longest common subsequence of their lines. Pure; for files of some thousand lines. */

const CONTEXT = 2

/** Lines with ` `, `-` or `+` before them, and `@@` where some are left out. */
export function diff(before: string, after: string): readonly string[] {
  const [a, b] = [before.split("\n"), after.split("\n")]
  const lines = compared(a, b)
  const near = lines.map((_, i) =>
    lines.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(({ mark }) => mark !== " "),
  )
  return lines.flatMap(({ mark, text }, i) => {
    if (near[i] === true) return [`${mark}${text}`]
    return near[i - 1] === true || (i === 0 && near.length > 1) ? ["@@"] : []
  })
}

interface Line {
  readonly mark: " " | "-" | "+"
  readonly text: string
}

function compared(a: readonly string[], b: readonly string[]): readonly Line[] {
  // common[i][j]: how many lines the rests from i and from j have in common.
  const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!)
    }
  }
  const lines: Line[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ mark: " ", text: a[i]! })
      i++
      j++
    } else if (j >= b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!))
      lines.push({ mark: "-", text: a[i++]! })
    else lines.push({ mark: "+", text: b[j++]! })
  }
  return lines
}
