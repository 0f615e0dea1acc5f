/**
 * Names: where a registered process is found, here or on another node, and what may be asked of it.
 *
 * ```ts
 * export const COUNTER = name<typeof counter>("counter")
 * node.call(COUNTER).get()
 * node.call(COUNTER.at("back@127.0.0.1")).get()
 * ```
 *
 * A name is a term: sent to a BEAM node it is the tuple `{counter, 'back@127.0.0.1'}`, as Erlang writes it; a name without a node is
 * the atom `counter`. So a name comes back as a tuple or an atom from such a node, and as a name from an Umbel node.
 */
import type { Pid } from "./identifiers.ts"

declare const api: unique symbol

/** A registered name. `A` is what may be asked of the process that bears it. */
export class Name<A = unknown> {
  declare readonly brand: "name"
  declare readonly [api]?: A
  readonly name: string
  /** The node, or undefined for whichever node the name is used on. */
  readonly node: string | undefined

  private constructor(name: string, node: string | undefined) {
    this.name = name
    this.node = node
  }

  /** The same name on that node. */
  at(node: string): Name<A> {
    return makeName(this.name, node) as Name<A>
  }

  toString(): string {
    return this.node === undefined ? this.name : `${this.name} at ${this.node}`
  }
}

const Class = Name as unknown as new (name: string, node: string | undefined) => Name

/** For the library's typed `name()` and for codecs. @internal */
export const makeName = (name: string, node: string | undefined): Name => new Class(name, node)

/** What can be sent to. */
export type Target<A = unknown> = Pid<A> | Name<A>
