/**
 * Placement: on which nodes the applications of a deployment run, so that code says *what* it asks and deployment data says *where* that is.
 *
 * ```ts
 * await self.call(locate(self, INDEX, "index")).search(words, 10)
 * // mono:  the process called index on this node
 * // split: index at back@127.0.0.1
 * ```
 */
import type { Node, ProcessCapability } from "../runtime/index.ts"
import type { Name } from "../term/index.ts"
import { applicationsOf } from "./application-controller.ts"
import { nodeOf } from "./node-of.ts"

/** Application to the names of the nodes that run it. */
export type Placement = Readonly<Record<string, readonly string[]>>

const placementKey = Symbol.for("umbel.placement")

/** @internal */
export function setPlacement(node: Node, placement: Placement): void {
  node.attachments.set(placementKey, placement)
}

/** No node is known to run the application. */
export class NotPlaced extends Error {
  override readonly name = "NotPlaced"
  readonly application: string
  constructor(application: string, node: string) {
    super(
      `${node} does not run the application ${application} and knows no node that does; name one in the deployment, or in boot's \`placement\``,
    )
    this.application = application
  }
}

/**
 * The name as it is to be used here: plain where the application runs on this node, else at a node that runs it (one that is connected, if
 * any is).
 * @throws NotPlaced
 */
export function locate<A>(self: ProcessCapability | Node, name: Name<A>, application: string): Name<A> {
  const node = nodeOf(self)
  const placement = node.attachments.get(placementKey) as Placement | undefined
  const nodes = placement?.[application] ?? []
  if (nodes.includes(node.name) || applicationsOf(node).some((running) => running.name === application)) return name
  const connected = node.nodes
  const chosen = nodes.find((candidate) => connected.includes(candidate)) ?? nodes[0]
  if (chosen === undefined) throw new NotPlaced(application, node.name)
  return name.at(chosen)
}
