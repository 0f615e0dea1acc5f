/**
 * Where the page is, as its address says it: every view, and its state, can be bookmarked, shared and gone back to.
 *
 * ```ts
 * parseRoute("#/node/a%40h/app/shop?process=KEY")
 * // { page: "app", node: "a@h", rest: ["shop"], query: {}, process: "KEY" }
 * href({ page: "processes", node: "a@h", query: { sort: "memory" } })
 * // "#/node/a%40h/processes?sort=memory"
 * ```
 */
export interface Route {
  readonly page: string
  /** The node it is about; null for what is about the cluster. */
  readonly node: string | null
  /** What follows the page in the path. */
  readonly rest: readonly string[]
  readonly query: Readonly<Record<string, string>>
  /** The process that stands beside the page. */
  readonly process: string | null
}
export type RouteParts = { readonly page: string } & Partial<Route>

/** The moment of the past that an address is of, in milliseconds since 1970; null for now. */
export function momentOf({ query }: Pick<Route, "query">): number | null {
  const at = Number(query["at"] ?? Number.NaN)
  return Number.isSafeInteger(at) && at > 0 ? at : null
}

/** Where looking back begins: a little before now, where the recorder has something. */
export const pastOf = (now: number): number => Math.floor(now / 1_000) * 1_000 - 10_000

/** The same address of that moment; one that is of a moment already stays. */
export function hrefAt(link: string, at: number | null): string {
  if (at === null || !link.startsWith("#/")) return link
  const route = parseRoute(link)
  return momentOf(route) === null ? href({ ...route, query: { ...route.query, at: String(at) } }) : link
}

/** What the address says. A page that there is not is the matter of whoever shows it. */
export function parseRoute(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2)
  const parts = path.split("/").map(decoded)
  const { process = null, ...query } = Object.fromEntries(new URLSearchParams(search)) as Record<string, string>
  if (parts[0] === "node" && parts[1]) {
    const [, node, page = "node", ...rest] = parts
    return { page, node, rest, query, process }
  }
  const [page = "", ...rest] = parts
  return { page: page === "" ? "cluster" : page, node: null, rest, query, process }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // Half an escape: taken as it stands.
    return part
  }
}

export function href({ page, node = null, rest = [], query = {}, process = null }: RouteParts): string {
  const place = node === null ? (page === "cluster" ? [] : [page]) : ["node", node, ...(page === "node" ? [] : [page])]
  const given = Object.entries(query).filter(([, value]) => value !== "")
  const search = new URLSearchParams([...given, ...(process === null ? [] : [["process", process]])] as string[][])
  const path = [...place, ...rest].map(encodeURIComponent).join("/")
  return `#/${path}${search.size === 0 ? "" : `?${search}`}`
}
