/**
 * The last views of other nodes: every ten seconds a node tells two of its peers how it is, so that when it dies somebody knows how it was.
 *
 * ```ts
 * views.tell()                 // this node's own, to those who keep it
 * views.all()                  // others', those that are gone first
 * ```
 *
 * Which two: the next ones in the order of names, so that the views of all nodes are spread evenly and a cluster of any size costs each node the same. Only Umbel
 * nodes take part. A view is bounded: 500 processes of the trees, the latest 50 events.
 */
import type { Node } from "../../runtime/index.ts"
import { makeName, type Name } from "../../term/index.ts"
import { applicationsOf } from "../application-controller.ts"
import type { InspectorApi } from "./api.ts"
import type { Recorder } from "./recorder.ts"
import type { LastView } from "./says/recording.ts"
import { overviewOf, treeOf } from "./trees.ts"

const KEEPERS = 2
/** Nodes remembered. */
const VIEWS_MAX = 50
const EVENTS = 50
const BOUNDS = { children: 40, boxes: 500 }
const APPLICATIONS_MAX = 20
const INSPECTOR_NAME = "umbel_inspector"
/** No view goes to whom more bytes than these wait for: it has enough to take. */
const UNSENT_MAX = 1024 * 1024

type Told = Omit<LastView, "at" | "connected">

export class LastViews {
  readonly #node: Node
  readonly #recorder: Recorder
  readonly #views = new Map<string, { readonly view: Told; readonly at: number }>()

  constructor(node: Node, recorder: Recorder) {
    this.#node = node
    this.#recorder = recorder
  }

  /** This node's own view. */
  own(): Told {
    const node = this.#node
    const left = { boxes: BOUNDS.boxes }
    const trees = applicationsOf(node)
      .slice(0, APPLICATIONS_MAX)
      .flatMap(({ name }) => {
        const tree = left.boxes > 0 ? treeOf(node, name, { ...BOUNDS, boxes: left.boxes }, left) : undefined
        return tree === undefined ? [] : [{ application: name, tree }]
      })
    return { node: node.name, overview: overviewOf(node), trees, events: this.#recorder.events(EVENTS) }
  }

  /** To whom: the next peers by name, round the ring. */
  keepers(): string[] {
    const { name, remote } = this.#node
    const peers = remote.traffic().flatMap(({ node, umbel, unsent }) => (umbel && unsent < UNSENT_MAX ? [node] : []))
    peers.sort()
    const after = peers.filter((peer) => peer > name)
    return [...after, ...peers.filter((peer) => peer < name)].slice(0, KEEPERS)
  }

  tell(): void {
    const keepers = this.keepers()
    if (keepers.length === 0) return
    const view = this.own()
    for (const keeper of keepers) {
      const target = makeName(INSPECTOR_NAME, keeper) as Name<InspectorApi>
      // In the inspector's name: what code outside processes sends may be refused, and here nobody would catch it.
      this.#node.names.get(INSPECTOR_NAME)?.cast(target).remember(view)
    }
  }

  /** A peer has told how it is. What is no view, or of no peer, is dropped: nobody waits for an answer. */
  remember(view: unknown): void {
    if (!isView(view) || !this.#node.nodes.includes(view.node)) return
    this.#views.delete(view.node)
    this.#views.set(view.node, { view, at: this.#node.platform.clock.wallTime() })
    for (const oldest of this.#views.keys()) {
      if (this.#views.size <= VIEWS_MAX) break
      this.#views.delete(oldest)
    }
  }

  /** Those that are gone first, then the latest. */
  all(): LastView[] {
    const { nodes } = this.#node
    const views = [...this.#views.values()].map(({ view, at }) => ({
      ...view,
      at,
      connected: nodes.includes(view.node),
    }))
    return views.sort((a, b) => Number(a.connected) - Number(b.connected) || b.at - a.at)
  }
}

function isView(view: unknown): view is Told {
  if (typeof view !== "object" || view === null) return false
  const { node, overview, trees, events } = view as Partial<Record<keyof Told, unknown>>
  return (
    typeof node === "string" &&
    node.length <= 512 &&
    typeof overview === "object" &&
    overview !== null &&
    Array.isArray(trees) &&
    trees.length <= APPLICATIONS_MAX &&
    Array.isArray(events) &&
    events.length <= EVENTS
  )
}
