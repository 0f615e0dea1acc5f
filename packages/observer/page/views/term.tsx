/** A printed term, laid out and coloured. */
import { pretty } from "../model/pretty.ts"

export function Term({ text, empty }: { text: string; empty: string }) {
  if (text === "" || text === ":undefined") return empty === "" ? null : <p class="muted">{empty}</p>
  return (
    <pre class="term">
      {pretty(text).map(({ kind, text: part }, index) =>
        // Tokens have no identity, and are drawn anew as a whole.
        kind === "text" ? (
          part
        ) : (
          <span key={index} class={`t-${kind}`}>
            {part}
          </span>
        ),
      )}
    </pre>
  )
}
