/**
 * No process outlives its supervisor: at rest, whoever was started by a supervisor that has ended has ended too.
 */
import { ENDED, type Node } from "../../runtime/index.ts"
import type { Invariant } from "./invariant.ts"

export class NoneOutlivesItsSupervisor implements Invariant {
  readonly name = "no process outlives its supervisor"

  atRest(nodes: readonly Node[]): string | undefined {
    for (const node of nodes) {
      for (const process of node.all()) {
        const { parent } = process
        if (parent === undefined || parent.status !== ENDED || parent.describe().kind !== "supervisor") continue
        return `${process.pid} on ${node.name} lives, and its supervisor ${parent.pid} has ended`
      }
    }
    return undefined
  }
}
