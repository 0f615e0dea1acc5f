/** The node behind a capability. */
import { Node, Process, type ProcessCapability } from "../runtime/index.ts"

/** @throws TypeError for what is neither a node nor a process's own `self` */
export function nodeOf(capability: Node | ProcessCapability): Node {
  if (capability instanceof Node) return capability
  if (capability instanceof Process) return capability.node
  throw new TypeError("expected a node or the `self` of a process")
}

/** The process behind a capability: `init` for code outside processes. @throws TypeError as {@link nodeOf} */
export function processOf(capability: Node | ProcessCapability): Process {
  return capability instanceof Process ? capability : nodeOf(capability).root
}
