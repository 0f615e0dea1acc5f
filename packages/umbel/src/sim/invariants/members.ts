/**
 * Visible nodes that are connected know each other, on both sides, and give a global name to the same, living process: at rest, some time after the last fault.
 */
import { type NameServer, nameServerOf } from "../../global/index.ts"
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
        const clash = disagreement(server, theirs)
        if (clash !== undefined) return `${node.name} and ${other} have different owners of the global name ${clash}`
      }
      for (const { name, pid } of server?.tables.names() ?? []) {
        const home = nodes.find((one) => one.name === pid.node)
        if (home?.find(home.canonical(pid)) === undefined)
          return `on ${node.name} ${inspect(name)} is ${pid} of ${pid.node}, which is no more`
      }
      const far = server?.known.find((other) => !node.nodes.includes(other))
      if (far !== undefined) return `${node.name} knows ${far} and is not connected with it`
    }
    return undefined
  }
}

/** A name that both have, and not as the same process's. One of them may lack it: what is told while connections are lost may be lost with them, as between OTP's nodes. */
function disagreement(one: NameServer, other: NameServer): string | undefined {
  for (const { name, pid } of one.tables.names()) {
    const theirs = other.tables.whereis(name)
    if (theirs !== undefined && theirs.key !== pid.key) return inspect(name)
  }
  return undefined
}
