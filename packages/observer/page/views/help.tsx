/** What the keys do. */
import { PAGES } from "../pages/index.ts"
import { Dialog } from "./dialog.tsx"

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [["/"], "find a process by name, label, module or pid"],
  [["j"], "next row of a list"],
  [["k"], "previous row"],
  [["Enter"], "open what has the focus"],
  [["Esc"], "close the process beside the page, or a dialog"],
  [["b"], "look back: this page as it was"],
  [["n"], "back to now"],
  [["?"], "this list"],
]

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const pages = PAGES.flatMap(({ letter, title, scope }) => (letter === undefined ? [] : [{ letter, title, scope }]))
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
        {pages.map(({ letter, title, scope }) => (
          <div key={letter}>
            <dt>
              <kbd>g</kbd> <kbd>{letter}</kbd>
            </dt>
            <dd>
              {title.toLowerCase()}
              {scope === "node" && <span class="muted"> of this node</span>}
            </dd>
          </div>
        ))}
      </dl>
      <p class="muted">In a tree: arrows walk, + and − zoom, 0 fits, 9 shows the whole, c folds.</p>
    </Dialog>
  )
}
