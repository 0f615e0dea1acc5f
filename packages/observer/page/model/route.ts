/**
 * Where the page is, as its address says it: every view can be bookmarked, shared and gone back to.
 *
 * ```ts
 * parseRoute("#/node/a%40h/app/shop?process=KEY")
 * // { view: "tree", node: "a@h", application: "shop", process: "KEY" }
 * ```
 */
export type Route = { readonly process: string | null } & (
  | { readonly view: "cluster" }
  | { readonly view: "node"; readonly node: string }
  | { readonly view: "tree"; readonly node: string; readonly application: string }
  | { readonly view: "events" }
)

/** What the address says; the cluster when it says nothing that there is. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2)
  const [first, second, third, fourth] = path.split("/").map(decoded)
  const process = new URLSearchParams(query).get("process")
  if (first === "events") return { view: "events", process }
  if (first === "node" && second) {
    if (third === "app" && fourth) return { view: "tree", node: second, application: fourth, process }
    return { view: "node", node: second, process }
  }
  return { view: "cluster", process }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // Half an escape: taken as it stands.
    return part
  }
}

export function href(route: Route): string {
  const query = route.process === null ? "" : `?${new URLSearchParams({ process: route.process })}`
  switch (route.view) {
    case "cluster":
      return `#/${query}`
    case "events":
      return `#/events${query}`
    case "node":
      return `#/node/${encodeURIComponent(route.node)}${query}`
    case "tree":
      return `#/node/${encodeURIComponent(route.node)}/app/${encodeURIComponent(route.application)}${query}`
  }
}
