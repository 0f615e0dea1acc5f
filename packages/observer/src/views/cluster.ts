/** The view `cluster`: every node there is, and how it is. Every page watches it, for its navigation. */
import type { KnownNode } from "../cluster.ts"
import { type NodePast, nodesThen, type PastNode } from "../past-nodes.ts"
import { here, type View } from "../view.ts"

export interface ClusterData {
  readonly nodes: readonly NodeView[]
}
export interface NodeView extends Omit<KnownNode, "status"> {
  readonly status: KnownNode["status"] | PastNode["status"]
  /** Only in the past. */
  readonly past?: NodePast
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
  async past(context, _params, at) {
    const nodes = await nodesThen(context, at)
    return here({
      nodes: nodes.map((node) => ({ key: node.name, ...node, home: node.name === context.node.name })),
    })
  },
}
