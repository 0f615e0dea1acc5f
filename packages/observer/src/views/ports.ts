/** The view `ports`: what a BEAM node has open to the world outside: sockets of `inet`, files, programs. */
import { beamPorts, beamSockets } from "../beam-tables.ts"
import { here, missing, textOf, type View } from "../view.ts"
import type { LinkView } from "./process.ts"

export interface PortsData {
  readonly rows: readonly PortRow[]
  readonly total: number
  /** Of the `socket` module; null where the node cannot list them. */
  readonly sockets: readonly SocketRow[] | null
}
export interface SocketRow {
  /** `#Reference<…>`. */
  readonly key: string
  readonly owner: LinkView | null
  /** Domain, type and protocol. */
  readonly kind: string
  readonly state: string
}
export interface PortRow {
  /** `#Port<…>`. */
  readonly key: string
  /** The driver, or the command of a program. */
  readonly name: string
  readonly owner: LinkView | null
  /** Bytes since it was opened. */
  readonly input: number
  readonly output: number
  readonly links: number
  /** The operating system's number of the program, where it is one. */
  readonly process: number | null
}

export const PORTS_VIEW: View<{ node: string }, PortsData> = {
  name: "ports",
  about: "The ports of a BEAM `node`: driver, owner, traffic; and its sockets.",
  capability: "inspect",
  params: ({ node }) => (node === undefined ? undefined : { node: textOf(node) }),
  async read(context, { node }) {
    if ((await context.known(node)).kind !== "beam")
      return missing(
        "unsupported",
        "Umbel nodes have no ports of their own to list; their connections stand under links.",
      )
    const [ports, sockets] = await Promise.all([beamPorts(context, node), beamSockets(context, node)])
    return here({ ...ports, sockets })
  },
}
