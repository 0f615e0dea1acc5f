/** A printed term, laid out and coloured; lines that are not in `before` are marked. */
import { linesOf, type MarkedLine, marked } from "../model/marked.ts"
import { pretty } from "../model/pretty.ts"

export function Term({ text, empty, before }: { text: string; empty: string; before?: string | null }) {
  if (text === "" || text === ":undefined") return empty === "" ? null : <p class="muted">{empty}</p>
  const lines = linesOf(pretty(text))
  const shown: readonly MarkedLine[] =
    before == null ? lines.map((tokens) => ({ tokens, mark: "same" })) : marked(linesOf(pretty(before)), lines)
  return (
    <pre class="term">
      {shown.map(({ tokens, mark }, line) => (
        // Lines and tokens have no identity, and are drawn anew as a whole.
        <span key={line} class={mark === "same" ? undefined : `line-${mark}`}>
          {tokens.map(({ kind, text: part }, index) =>
            kind === "text" ? (
              part
            ) : (
              <span key={index} class={`t-${kind}`}>
                {part}
              </span>
            ),
          )}
          {line < shown.length - 1 ? "\n" : ""}
        </span>
      ))}
    </pre>
  )
}
