/**
 * A link holds on both ends or on none: at rest nobody is linked to what is no more, or to one that does not know of it.
 */
import { linkedPids, type Node } from "../../runtime/index.ts"
import type { Invariant } from "./invariant.ts"

export class LinksHoldOnBothEnds implements Invariant {
  readonly name = "a link holds on both ends or on none"

  atRest(nodes: readonly Node[]): string | undefined {
    for (const node of nodes) {
      for (const process of node.all()) {
        for (const pid of linkedPids(process)) {
          const home = nodes.find(({ name }) => name === pid.node)
          const other = home?.find(home.canonical(pid))
          const who = `${process.pid} on ${node.name}`
          if (other === undefined) return `${who} is linked to ${pid} on ${pid.node}, which is no more`
          if (!linkedPids(other).some(({ key }) => key === process.pid.key)) {
            return `${who} is linked to ${pid} on ${pid.node}, which does not know of it`
          }
        }
      }
    }
    return undefined
  }
}
