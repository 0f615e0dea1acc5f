/**
 * Visible nodes that are connected know each other, on both sides, and have the same global names: at rest, some time after the last fault.
 */
import { nameServerOf } from "../../global/index.ts"
import type { Node } from "../../runtime/index.ts"
import { inspect } from "../../term/index.ts"
import type { Invariant } from "./invariant.ts"

export class ConnectedIsKnown implements Invariant {
  readonly name = "who is connected is known on both sides"

  atRest(nodes: readonly Node[]): string | undefined {
    for (const node of nodes) {
      const server = nameServerOf(node)
      for (const other of node.nodes) {
        const there = nodes.find(({ name }) => name === other)
        if (there?.nodes.includes(node.name) !== true)
          return `${node.name} is connected with ${other}, and not the other way round`
        const theirs = nameServerOf(there)
        if (server === undefined || theirs === undefined) continue
        if (!server.known.includes(other)) return `${node.name} is connected with ${other} and does not know it`
        if (tableOf(node) !== tableOf(there)) {
          return `${node.name} and ${other} have different global names:\n  ${tableOf(node)}\n  ${tableOf(there)}`
        }
      }
      const far = server?.known.find((other) => !node.nodes.includes(other))
      if (far !== undefined) return `${node.name} knows ${far} and is not connected with it`
    }
    return undefined
  }
}

const tableOf = (node: Node): string => {
  const rows =
    nameServerOf(node)
      ?.tables.names()
      .map(({ name, pid }) => `${inspect(name)}: ${pid.key}`) ?? []
  return rows.sort().join(", ")
}
