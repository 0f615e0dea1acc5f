/** What a page is: the parts that the frame needs of it. */
import type { ComponentChildren } from "preact"
import type { NodeView } from "../../src/views/cluster.ts"
import type { Route } from "../model/route.ts"

export interface PageProps {
  readonly route: Route
  /** All that are known; null before the first answer. */
  readonly nodes: readonly NodeView[] | null
  /** The node that the page is about, for pages of a node. */
  readonly node: NodeView | null
}

export interface Page {
  /** Its part of the address: `#/<id>`, or `#/node/<node>/<id>`. */
  readonly id: string
  readonly title: string
  /** Of the cluster, or of one node. */
  readonly scope: "cluster" | "node"
  /** `g` and this letter lead to it; none for pages that need more than a node. */
  readonly letter?: string
  /** Lines of an icon, 16 by 16; without one it does not stand in the navigation. */
  readonly icon?: string
  /** The view without which there is no such page for this visitor. */
  readonly needs?: string
  /** What it says in the past, where it is about what is not recorded. */
  readonly unkept?: string
  readonly View: (props: PageProps) => ComponentChildren
}
