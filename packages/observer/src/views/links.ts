/** The view `links`: the connections between nodes, as each side of them tells: bytes, queues, capabilities. */
import { elementsOf, fieldsOf, listOf, nameOf, numberOf } from "../beam-terms.ts"
import type { KnownNode } from "../cluster.ts"
import { type Context, here, textOf, type View } from "../view.ts"

export interface LinksData {
  readonly links: readonly LinkRow[]
}
export interface LinkRow {
  /** `from → to`. */
  readonly key: string
  /** The node that tells, and the other one. */
  readonly from: string
  readonly to: string
  /** Bytes since it is up; of a BEAM node, packets. */
  readonly received: number
  readonly sent: number
  /** A second, since the last look; null on the first. */
  readonly receivedRate: number | null
  readonly sentRate: number | null
  readonly unit: "bytes" | "packets"
  /** Bytes not yet taken by the operating system; null where nobody tells. */
  readonly queued: number | null
  /** What the other one is. */
  readonly kind: string
  readonly flags: readonly string[]
}

export const LINKS_VIEW: View<{ node: string }, LinksData> = {
  name: "links",
  about: "Connections between nodes: traffic and queues. Of one node with `node`.",
  capability: "inspect",
  unkept:
    "Of connections the recorder keeps the bytes of the whole node: they stand on its System page; and which nodes it was connected to, on the node's own.",
  params: ({ node }) => ({ node: textOf(node) }),
  async read(context, { node }) {
    const nodes = node === "" ? (await context.cluster()).nodes : [await context.known(node)]
    const up = nodes.filter(({ status }) => status === "up")
    const answers = await Promise.allSettled(up.map((known) => linksOf(context, known)))
    // A node that does not answer now has no links now; the view `cluster` says so.
    const rows = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
    return here({ links: withRates(context.memory, rows) })
  },
}

type Row = Omit<LinkRow, "receivedRate" | "sentRate">

async function linksOf(context: Context, { name, kind }: KnownNode): Promise<readonly Row[]> {
  if (kind === "beam") return beamLinks(context, name)
  const { connections } = await context.umbel(name).system()
  return connections.map(({ node, bytesIn, bytesOut, queuedBytes, kind: other, flags }) => ({
    key: `${name} → ${node}`,
    from: name,
    to: node,
    received: bytesIn,
    sent: bytesOut,
    unit: "bytes",
    queued: queuedBytes,
    kind: other,
    flags,
  }))
}

async function beamLinks(context: Context, name: string): Promise<readonly Row[]> {
  const [ok, infos] = elementsOf(await context.rpc(name, "net_kernel", "nodes_info", []))
  if (nameOf(ok) !== "ok") return []
  return listOf(infos).map((info) => {
    const [other, properties] = elementsOf(info)
    const fields = fieldsOf(properties)
    return {
      key: `${name} → ${nameOf(other)}`,
      from: name,
      to: nameOf(other),
      received: numberOf(fields.get("in")),
      sent: numberOf(fields.get("out")),
      unit: "packets",
      queued: null,
      kind: nameOf(fields.get("type")),
      flags: [nameOf(fields.get("state"))],
    }
  })
}

interface Before {
  readonly at: number
  readonly rows: ReadonlyMap<string, Row>
}
const SPAN_MS = 1_000

/** Rates over a second or more, so that they do not flicker. */
function withRates(memory: Map<string, unknown>, rows: readonly Row[]): readonly LinkRow[] {
  const now = Date.now()
  const before = memory.get("before") as Before | undefined
  const known = memory.get("rates") as ReadonlyMap<string, { received: number; sent: number }> | undefined
  if (before !== undefined && now - before.at < SPAN_MS) return rows.map((row) => rated(row, known?.get(row.key)))
  const seconds = before === undefined ? 0 : (now - before.at) / 1000
  const rates = new Map<string, { received: number; sent: number }>()
  for (const row of rows) {
    const earlier = before?.rows.get(row.key)
    // A link that was made anew counts from 0 again.
    if (earlier === undefined || earlier.received > row.received) continue
    rates.set(row.key, {
      received: Math.round((row.received - earlier.received) / seconds),
      sent: Math.round((row.sent - earlier.sent) / seconds),
    })
  }
  memory.set("before", { at: now, rows: new Map(rows.map((row) => [row.key, row])) } satisfies Before)
  memory.set("rates", rates)
  return rows.map((row) => rated(row, rates.get(row.key)))
}

const rated = (row: Row, rates: { received: number; sent: number } | undefined): LinkRow => ({
  ...row,
  receivedRate: rates?.received ?? null,
  sentRate: rates?.sent ?? null,
})
