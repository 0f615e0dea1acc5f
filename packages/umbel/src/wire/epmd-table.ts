/**
 * The memory of an epmd: the nodes of a machine, and what it answers about them. Pure: the server that drives it closes
 * connections and draws creations.
 *
 * ```ts
 * const table = new EpmdTable()
 * const held = table.register(request, creation)   // undefined: the name is taken
 * table.unregister(held)                           // when the connection that registered it closes
 * ```
 */
import { type EpmdNode, type EpmdRequest, encodeEpmdReply } from "./epmd.ts"

/** The answer to a request for killing epmd: no. */
export const KILL_REFUSED: Uint8Array = Uint8Array.of(78, 79)
/** The answer to a request for unregistering somebody else's node. epmd has no word for no here, but for not knowing it. */
export const STOP_REFUSED: Uint8Array = Uint8Array.of(78, 79, 69, 88, 73, 83, 84)

/** The nodes that an epmd knows. */
export class EpmdTable {
  private readonly nodes = new Map<string, EpmdRegistration>()
  private readonly limit: number

  /** @param limit How many nodes it keeps at most, against floods. */
  constructor(limit = 10_000) {
    this.limit = limit
  }

  /**
   * @param creation Tells this incarnation of the name from all others: 32 bits, not 0, drawn by the caller.
   * @returns What to unregister later; undefined when the name is taken, or the table full.
   */
  register(node: EpmdNode, creation: number): EpmdRegistration | undefined {
    if (this.nodes.has(node.name) || this.nodes.size >= this.limit) return undefined
    const { name, port, hidden, highest, lowest, extra } = node
    const registration: EpmdRegistration = { name, port, hidden, highest, lowest, extra, creation }
    this.nodes.set(name, registration)
    return registration
  }

  /** Forgets that registration; a later one of the same name stays. */
  unregister(registration: EpmdRegistration): void {
    if (this.nodes.get(registration.name) === registration) this.nodes.delete(registration.name)
  }

  lookup(name: string): EpmdRegistration | undefined {
    return this.nodes.get(name)
  }

  /** All nodes, in order of registration. */
  names(): readonly EpmdRegistration[] {
    return [...this.nodes.values()]
  }

  /**
   * The bytes that answer a request that changes nothing, after which the connection closes. For `alive`, use
   * {@link register}, {@link encodeEpmdReply}, and leave the connection open.
   * @param port The port this epmd listens on, which it tells with the names.
   */
  answer(request: Exclude<EpmdRequest, { request: "alive" }>, port: number): Uint8Array {
    switch (request.request) {
      case "port":
        return encodeEpmdReply({ reply: "port", found: this.lookup(request.name) })
      case "names":
        return encodeEpmdReply({ reply: "names", port, nodes: this.names() })
      case "dump":
        return encodeEpmdReply({ reply: "names", port, nodes: [] })
      case "kill":
        return KILL_REFUSED
      case "stop":
        return STOP_REFUSED
    }
  }
}

/** A node that an {@link EpmdTable} keeps. */
export interface EpmdRegistration extends EpmdNode {
  readonly creation: number
}
