/** The view `cluster`: every node there is, and how it is. Every page watches it, for its navigation. */
import type { KnownNode } from "../cluster.ts"
import { here, type View } from "../view.ts"

export interface ClusterData {
  readonly nodes: readonly NodeView[]
}
export interface NodeView extends KnownNode {
  /** Its name. */
  readonly key: string
  /** Whether it is the node that serves the page. */
  readonly home: boolean
}

export const CLUSTER_VIEW: View<{}, ClusterData> = {
  name: "cluster",
  about: "Every node, and how it is.",
  capability: "inspect",
  params: () => ({}),
  async read(context) {
    const { nodes } = await context.cluster()
    return here({
      nodes: nodes.map((known) => ({ key: known.name, ...known, home: known.name === context.node.name })),
    })
  },
}
