/**
 * A monitor brings exactly one Down: never a second, and at rest none is missing.
 */
import { isDown, MESSAGE, type Node } from "../../runtime/index.ts"
import { Name } from "../../term/index.ts"
import type { Invariant } from "./invariant.ts"

export class OneDown implements Invariant {
  readonly name = "a monitor brings exactly one Down"
  readonly #brought = new Set<string>()

  event(...[, event]: Parameters<NonNullable<Invariant["event"]>>): string | undefined {
    if (event.kind !== "deliver" || event.envelope.kind !== MESSAGE) return undefined
    const { value } = event.envelope
    if (!isDown(value)) return undefined
    const { key } = value.ref
    if (this.#brought.has(key)) return `${event.pid} got a second Down of ${value.ref}`
    this.#brought.add(key)
    return undefined
  }

  atRest(nodes: readonly Node[]): string | undefined {
    for (const node of nodes) {
      for (const process of node.all()) {
        for (const { target } of process.extras?.monitors?.values() ?? []) {
          const home = target.node ?? node.name
          const there = nodes.find(({ name }) => name === home)
          const lives =
            target instanceof Name
              ? there?.whereis(target) !== undefined
              : there?.find(there.canonical(target)) !== undefined
          if (!lives)
            return `${process.pid} on ${node.name} still waits for the Down of ${target} on ${home}, which is no more`
        }
      }
    }
    return undefined
  }
}
