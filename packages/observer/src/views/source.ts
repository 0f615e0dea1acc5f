/** Where something is written, as the page shows it: the end of the path, and a link where the configuration has one. */
import type { SourcePlace } from "umbel/runtime"
import type { Context } from "../view.ts"

export interface SourceView {
  /** `shop/till.ts:14`. */
  readonly place: string
  /** Where it opens; null where nobody has configured that. */
  readonly link: string | null
}

export function sourceView({ sourceLink }: Pick<Context, "sourceLink">, source: SourcePlace): SourceView {
  const { place, path, line } = source
  if (sourceLink === undefined || path === "") return { place, link: null }
  // The path is that of another machine: none of it may become more of an address than a path.
  const parts = path.split(/[\\/]/).map(encodeURIComponent)
  return {
    place,
    link: sourceLink.replace("{path}", parts.join("/").replace(/^\//, "")).replace("{line}", String(line)),
  }
}
