/**
 * Who came after a process that has ended: what stands in its place in the tree at hand.
 *
 * The place is remembered while the process is alive, by the path of ids that leads to it.
 */
import { useEffect, useRef } from "preact/hooks"
import { placed } from "../model/growth.ts"
import { useNavigation } from "../navigation.ts"
import { useWatch } from "../use-live.ts"
import type { Successor } from "./process-panel.tsx"

export function useSuccessor(key: string, ended: boolean): Successor | null {
  const { route } = useNavigation()
  const [application] = route.rest
  const inTree = route.page === "app" && route.node !== null && application !== undefined
  const { data } = useWatch("tree", inTree ? { node: route.node ?? "", application } : null)
  const place = useRef<{ key: string; path: string } | null>(null)
  const places = data === null ? [] : [...placed(data).values()]
  const here = places.find(({ view }) => view.key === key)
  useEffect(() => {
    if (here !== undefined) place.current = { key, path: here.path }
  }, [key, here?.path])
  if (!ended || place.current?.key !== key) return null
  const now = places.find(({ path }) => path === place.current?.path)?.view
  return now === undefined || now.key === null || now.key === key ? null : { ...now, key: now.key }
}
