/** The address, in components: where one is, and how to get elsewhere. */
import { createContext } from "preact"
import { useContext, useEffect, useMemo, useState } from "preact/hooks"
import { href, hrefAt, momentOf, parseRoute, type Route, type RouteParts } from "./model/route.ts"

export interface Navigation {
  readonly route: Route
  /** Goes there, to be come back from. */
  go(parts: RouteParts): void
  /** Changes the state of this page in place: a filter that is being typed is no place to come back to. */
  replace(query: Readonly<Record<string, string>>): void
  /** Puts a process beside the page, or takes it away. */
  open(process: string | null): void
}
export const NavigationContext = createContext<Navigation | null>(null)

export function useNavigation(): Navigation {
  const navigation = useContext(NavigationContext)
  if (navigation === null) throw new Error("a component outside of the page")
  return navigation
}

/** Made once, at the top. */
export function useAddress(): Navigation {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const changed = (): void => setHash(location.hash)
    addEventListener("hashchange", changed)
    return () => removeEventListener("hashchange", changed)
  }, [])
  return useMemo(() => {
    const route = parseRoute(hash)
    return {
      route,
      go: (parts) => {
        location.hash = hrefAt(href(parts), momentOf(route))
      },
      replace: (query) => {
        const next = href({ ...route, query: { ...route.query, ...query } })
        history.replaceState(null, "", next)
        setHash(next)
      },
      open: (process) => {
        location.hash = href({ ...route, process })
      },
    }
  }, [hash])
}
