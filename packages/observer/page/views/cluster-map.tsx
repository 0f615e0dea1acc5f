/**
 * The cluster as a compound umbel: each node an umbellet on a stalk of its own, with one floret for each application; the links between nodes
 * are threads from stalk to stalk.
 */
import type { NodeView } from "../../src/views/cluster.ts"
import { counted } from "../model/format.ts"
import { href } from "../model/route.ts"

const HEIGHT = 216
const TOP = 92
const APART = 210
const RAY = 44
const MARGIN = 120
/** Beyond so many they would hide each other; the cards tell. */
const NODES_MAX = 9
const FLORETS_MAX = 9

interface Umbellet {
  readonly node: NodeView
  /** Where its rays leave the stalk. */
  readonly x: number
  readonly y: number
}

export function ClusterMap({ nodes }: { nodes: readonly NodeView[] }) {
  if (nodes.length < 2 || nodes.length > NODES_MAX) return null
  const width = APART * (nodes.length - 1) + 2 * MARGIN
  const heads = nodes.map((node, index): Umbellet => {
    const t = index / (nodes.length - 1) - 0.5
    return { node, x: width / 2 + t * (width - 2 * MARGIN), y: TOP + t * t * 56 }
  })
  const links = linked(heads)
  const label = `${counted(nodes.length, "node")}, ${counted(links.length, "link")} between them`
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is no drawing
    <svg
      class="map"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      style={{ maxWidth: `${width}px` }}
      role="group"
      aria-label={label}
    >
      {heads.map(({ node, x, y }) => (
        <path key={node.name} class={`map-stalk ${node.status}`} d={stalk(width / 2, x, y)} />
      ))}
      {links.map(([a, b]) => (
        <path
          key={`${a.node.name} ${b.node.name}`}
          class={`map-link ${isAway(a.node) || isAway(b.node) ? "cut" : ""}`}
          d={`M${a.x} ${a.y}Q${(a.x + b.x) / 2} ${Math.max(a.y, b.y) + 26} ${b.x} ${b.y}`}
        />
      ))}
      {heads.map((head) => (
        <Head key={head.node.name} head={head} />
      ))}
    </svg>
  )
}

/** Of the past, a node without a record was there. */
const isAway = ({ status }: NodeView): boolean => status !== "up" && status !== "unrecorded"

/** From the foot up the stem, and out to where the rays begin. */
function stalk(foot: number, x: number, y: number): string {
  const dx = x - foot
  const fork = HEIGHT - 22
  return `M${foot} ${HEIGHT}V${fork}C${foot + dx * 0.3} ${fork - 40} ${x - dx * 0.1} ${y + 48} ${x} ${y}`
}

function Head({ head: { node, x, y } }: { head: Umbellet }) {
  const florets = floretsOf(node)
  return (
    <a href={href({ page: "node", node: node.name })} aria-label={`${node.name}, ${node.status}`}>
      <g class={`umbellet ${node.kind} ${node.status}`} transform={`translate(${x} ${y})`}>
        <rect class="umbellet-room" x={-66} y={-RAY - 40} width="132" height={RAY + 56} rx="14" />
        {florets.map(({ name, dx, dy }) => (
          <path key={name} class="ray" d={`M0 0Q${dx * 0.28} ${dy * 0.72} ${dx} ${dy}`} />
        ))}
        <circle class="joint" r="3.500" />
        {florets.map(({ name, dx, dy }) => (
          <circle
            key={name}
            class={`floret ${name === "" ? "bud" : ""}`}
            cx={dx}
            cy={dy}
            r={florets.length > 5 ? 6 : 7.5}
          >
            <title>{name}</title>
          </circle>
        ))}
        <text y={-RAY - 18}>{node.name.split("@")[0]}</text>
      </g>
    </a>
  )
}

/** Spread over a fan that opens with their number. */
function floretsOf({ vitals }: NodeView): { name: string; dx: number; dy: number }[] {
  const own = (vitals?.applications ?? []).filter(({ type }) => type !== "OTP")
  const names = own.map(({ name }) => name).slice(0, FLORETS_MAX)
  if (names.length === 0) names.push("")
  const fan = Math.min(2.3, 0.62 * (names.length - 1))
  return names.map((name, index) => {
    const angle = names.length === 1 ? 0 : (index / (names.length - 1) - 0.5) * fan
    return { name, dx: Math.sin(angle) * RAY, dy: -Math.cos(angle) * RAY }
  })
}

/** Each pair of which one says that it is connected to the other. */
function linked(heads: readonly Umbellet[]): [Umbellet, Umbellet][] {
  return heads.flatMap((a, index) =>
    heads
      .slice(index + 1)
      .filter((b) => knows(a.node, b.node) || knows(b.node, a.node))
      .map((b): [Umbellet, Umbellet] => [a, b]),
  )
}

const knows = (a: NodeView, b: NodeView): boolean => a.vitals?.connected.includes(b.name) ?? false
