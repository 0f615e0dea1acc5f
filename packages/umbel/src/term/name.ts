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
 *
 * A *via name* has a key besides: it means the process that the one called `name` knows by that key, which is a registry or a partition
 * supervisor. It is good on its own node only, and does not leave it.
 */
import type { Pid } from "./identifiers.ts"

declare const api: unique symbol

/** What a via name adds to the name of the process that knows the other. @internal */
export interface NameKey {
  readonly term: unknown
  /** The same for equal terms: what is looked up. */
  readonly text: string
  /** What a process that registers under the name says of itself. */
  readonly value: unknown
  /** The key, printed. */
  toString(): string
}

const printedAs: unique symbol = Symbol.for("nodejs.util.inspect.custom")

/** A registered name. `A` is what may be asked of the process that bears it. */
export class Name<A = unknown> {
  declare readonly brand: "name"
  declare readonly [api]?: A
  readonly name: string
  /** The node, or undefined for whichever node the name is used on. */
  readonly node: string | undefined
  /** Of via names only. @internal */
  readonly key: NameKey | undefined

  private constructor(name: string, node: string | undefined, key: NameKey | undefined) {
    this.name = name
    this.node = node
    this.key = key
  }

  /** The same name on that node. @throws TypeError for a via name: registries are local to their node */
  at(node: string): Name<A> {
    if (this.key !== undefined) {
      throw new TypeError(
        `the via name ${this} is good on its own node only; ask a server on ${node} that has a name there`,
      )
    }
    return makeName(this.name, node) as Name<A>
  }

  toString(): string {
    if (this.key !== undefined) return `${this.name}[${this.key}]`
    return this.node === undefined ? this.name : `${this.name} at ${this.node}`
  }
  /** As `console.log` prints it. @internal */
  [printedAs](): string {
    return `#Name<${this}>`
  }
}

const Class = Name as unknown as new (name: string, node: string | undefined, key: NameKey | undefined) => Name

/** For the library's typed `name()` and for codecs. @internal */
export const makeName = (name: string, node: string | undefined): Name => new Class(name, node, undefined)

/** The name of what the process `name` knows by `key`. @internal */
export const makeViaName = (name: string, key: NameKey): Name => new Class(name, undefined, key)

/** What can be sent to. */
export type Target<A = unknown> = Pid<A> | Name<A>
