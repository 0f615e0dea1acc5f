/** The node that a process runs on: `nodeOf(self).reports`. A handler's `self` is one of the runtime's own, whatever little its type says. */
import type { Process as Capability, Node } from "umbel"

export const nodeOf = (self: Capability): Node => (self as unknown as { readonly node: Node }).node
