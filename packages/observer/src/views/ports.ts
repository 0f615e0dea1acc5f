/** The view `ports`: ports and sockets of a BEAM node. What an Umbel node listens on and is connected with is on the page of connections. */
import { beamPorts, beamSockets } from "../beam-tables.ts"
import type { PidKey } from "../protocol.ts"
import { here, missing, textOf, type View } from "../view.ts"

export interface PortsData {
  readonly ports: readonly PortRow[]
  /** Null where the node cannot list them. */
  readonly sockets: readonly SocketRow[] | null
}
export interface PortRow {
  readonly key: string
  /** What it controls: `tcp_inet`, a program. */
  readonly name: string
  readonly owner: { readonly process: PidKey; readonly title: string } | null
  /** Bytes. */
  readonly input: number
  readonly output: number
  /** The process of the operating system, of a program. */
  readonly program: number | null
}
export interface SocketRow {
  readonly key: string
  readonly id: string
  readonly owner: PortRow["owner"]
  /** Domain, type and protocol. */
  readonly kind: string
  readonly state: string
}

export const PORTS_VIEW: View<{ node: string }, PortsData> = {
  name: "ports",
  about: "Ports and sockets of a BEAM `node`, with who owns them and their traffic.",
  capability: "inspect",
  unkept: "The flight recorder does not keep ports and sockets.",
  params: ({ node }) => (node === undefined ? undefined : { node: textOf(node) }),
  async read(context, { node }) {
    if ((await context.known(node)).kind !== "beam")
      return missing("unsupported", "Ports and sockets are of BEAM nodes; those of Umbel nodes are their connections.")
    const [ports, sockets] = await Promise.all([beamPorts(context, node), beamSockets(context, node)])
    return here({ ports, sockets: sockets ?? null })
  },
}
