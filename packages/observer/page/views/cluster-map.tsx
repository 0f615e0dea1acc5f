/**
 * The cluster as an umbel: each node a flower on a stalk of its own, the links between nodes as arcs above.
 */
import type { NodeView } from "../../src/protocol.ts"
import { counted } from "../model/format.ts"
import { href } from "../model/route.ts"

const WIDTH = 760
const HEIGHT = 230
/** Beyond so many the flowers would hide each other; the cards tell. */
const NODES_MAX = 24

interface Flower {
  readonly node: NodeView
  readonly x: number
  readonly y: number
  readonly r: number
}

export function ClusterMap({ nodes }: { nodes: readonly NodeView[] }) {
  if (nodes.length < 2 || nodes.length > NODES_MAX) return null
  const flowers = arranged(nodes)
  const links = linked(flowers)
  return (
    <svg class="map" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="group" aria-label={`${counted(nodes.length, "node")} and ${counted(links.length, "link")} between them`}>
      {flowers.map(({ node, x, y }) => (
        <path key={node.name} class={`map-stalk ${node.status}`} d={`M${WIDTH / 2} ${HEIGHT}C${WIDTH / 2} ${HEIGHT - 60} ${x} ${y + 80} ${x} ${y}`} />
      ))}
      {links.map(([a, b]) => (
        <path
          key={`${a.node.name} ${b.node.name}`}
          class={`map-link ${a.node.status === "up" && b.node.status === "up" ? "" : "cut"}`}
          d={`M${a.x} ${a.y}Q${(a.x + b.x) / 2} ${Math.min(a.y, b.y) - Math.abs(a.x - b.x) * 0.16 - 14} ${b.x} ${b.y}`}
        />
      ))}
      {flowers.map(({ node, x, y, r }) => (
        <a key={node.name} href={href({ view: "node", node: node.name, process: null })} aria-label={`${node.name}, ${node.status}`}>
          <g class={`flower ${node.kind} ${node.status}`} transform={`translate(${x} ${y})`}>
            <circle class="flower-hit" r={r + 14} />
            {petals(r).map(([px, py], index) => (
              // The petals of a flower never change their order.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <circle key={index} class="petal" cx={px} cy={py} r={r * 0.42} />
            ))}
            <circle class="heart" r={r * 0.5} />
            <text y={r + 18}>{node.name.split("@")[0]}</text>
          </g>
        </a>
      ))}
    </svg>
  )
}

function arranged(nodes: readonly NodeView[]): Flower[] {
  const spread = Math.min(WIDTH - 140, 170 * (nodes.length - 1))
  return nodes.map((node, index) => {
    const t = nodes.length === 1 ? 0 : index / (nodes.length - 1) - 0.5
    const r = 13 + Math.min(13, Math.log2(1 + (node.vitals?.processes ?? 0)) * 1.3)
    return { node, x: WIDTH / 2 + t * spread, y: 76 + 4 * t * t * 48, r }
  })
}

/** Each pair of which one says that it is connected to the other. */
function linked(flowers: readonly Flower[]): [Flower, Flower][] {
  return flowers.flatMap((a, index) =>
    flowers
      .slice(index + 1)
      .filter((b) => knows(a.node, b.node) || knows(b.node, a.node))
      .map((b): [Flower, Flower] => [a, b]),
  )
}

const knows = (a: NodeView, b: NodeView): boolean => a.vitals?.connected.includes(b.name) ?? false

function petals(r: number): [number, number][] {
  return Array.from({ length: 8 }, (_, index) => [
    Math.cos((index * Math.PI) / 4) * r * 0.72,
    Math.sin((index * Math.PI) / 4) * r * 0.72,
  ])
}
