/**
 * A name has one owner, which lives and knows that it bears it.
 */
import type { Node } from "../../runtime/index.ts"
import type { Invariant } from "./invariant.ts"

export class OneOwner implements Invariant {
  readonly name = "a name has one owner"

  event(node: Node): string | undefined {
    return wrong(node)
  }
  atRest(nodes: readonly Node[]): string | undefined {
    return nodes.map(wrong).find((problem) => problem !== undefined)
  }
}

function wrong(node: Node): string | undefined {
  for (const [name, process] of node.names.all()) {
    if (process.registeredName !== name)
      return `${name} on ${node.name} is ${process.pid}, which is called ${process.registeredName}`
  }
  return undefined
}
