/**
 * Identifiers: data that names processes, references and ports, on this node or any other.
 *
 * They hold no verbs: to send to a pid one needs a process (`self`) or a node. Only the library makes them, so an object
 * literal is no pid. Two of them are compared by `equal` or by their `key`, since the same identifier may have been read
 * from the wire twice.
 *
 * ```ts
 * pid.node   // "back@127.0.0.1"
 * pid.key    // "back@127.0.0.1/1792.0.88"
 * ```
 */

declare const api: unique symbol

const printedAs: unique symbol = Symbol.for("nodejs.util.inspect.custom")

/** A process. `A` is what may be asked of it. */
export class Pid<A = unknown> {
  declare readonly brand: "pid"
  declare readonly [api]?: A
  readonly node: string
  readonly id: number
  readonly serial: number
  /** Which incarnation of the node: 32 bits, never 0 for a live node. */
  readonly creation: number
  // Private, so that two equal pids look equal to whoever compares their properties.
  #local: object | undefined

  private constructor(node: string, id: number, serial: number, creation: number) {
    this.node = node
    this.id = id
    this.serial = serial
    this.creation = creation
    this.#local = undefined
  }

  /** The process itself, where it lives in this very node; the runtime's, cleared at death. @internal */
  get local(): object | undefined {
    return this.#local
  }
  set local(process: object | undefined) {
    this.#local = process
  }

  /** Equal for equal pids, and for no others. */
  get key(): string {
    return `${this.node}/${this.creation}.${this.serial}.${this.id}`
  }

  /** As Erlang prints it on the pid's own node. */
  toString(): string {
    return `<0.${this.id}.${this.serial}>`
  }
  /** For those who print values by their fields (test frameworks, loggers): behind `local` lies the whole node. */
  toJSON(): string {
    return `#PID${this} of ${this.node}`
  }
  /** As `console.log` prints it. @internal */
  [printedAs](): string {
    return this.toJSON()
  }
}

/** A reference: unique, and for aliases an address. 1 to 5 words of 32 bits, kept as they came. */
export class Ref {
  declare readonly brand: "ref"
  readonly node: string
  readonly creation: number
  readonly words: readonly number[]

  private constructor(node: string, creation: number, words: readonly number[]) {
    this.node = node
    this.creation = creation
    this.words = words
  }

  get key(): string {
    return `${this.node}/${this.creation}.${this.words.join(".")}`
  }

  toString(): string {
    return `#Ref<0.${[...this.words].reverse().join(".")}>`
  }
}

/** A port of a BEAM node. Umbel nodes have none of their own; they echo those of others. */
export class Port {
  declare readonly brand: "port"
  readonly node: string
  readonly creation: number
  /** 64 bits. */
  readonly id: bigint

  private constructor(node: string, creation: number, id: bigint) {
    this.node = node
    this.creation = creation
    this.id = id
  }

  get key(): string {
    return `${this.node}/${this.creation}.${this.id}`
  }
}

type Make<T, Args extends unknown[]> = new (...args: Args) => T
const PidClass = Pid as unknown as Make<Pid, [string, number, number, number]>
const RefClass = Ref as unknown as Make<Ref, [string, number, readonly number[]]>
const PortClass = Port as unknown as Make<Port, [string, number, bigint]>

/** For the runtime and for codecs. @internal */
export const makePid = (node: string, id: number, serial: number, creation: number): Pid =>
  new PidClass(node, id, serial, creation)
/** For the runtime and for codecs. @internal */
export const makeRef = (node: string, creation: number, words: readonly number[]): Ref =>
  new RefClass(node, creation, words)
/** For codecs. @internal */
export const makePort = (node: string, creation: number, id: bigint): Port => new PortClass(node, creation, id)
