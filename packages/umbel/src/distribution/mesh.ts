/**
 * The mesh of Umbel nodes: whoever connects with one of them gets to know the others, and connects with them too.
 *
 * Visible nodes get that from `global`, as BEAM nodes do; a hidden node has nobody who would tell it. So when two Umbel nodes connect each says
 * `{umbel_mesh, Node, Nodes}` to the process of that name over there: itself, and the Umbel nodes it knows. It dials those of the answer that it lacks. Whoever
 * takes no part (`mesh: false`, a node that was given its name) says nothing, and nobody is told of it.
 */
import { define } from "../otp/index.ts"
import type { Node } from "../runtime/index.ts"
import { atom, local, makeName, Tuple, tuple } from "../term/index.ts"
import { parseNodeName } from "../wire/index.ts"
import type { Distribution } from "./distribution.ts"

const MESH = "umbel_mesh"
const tag = atom(MESH)

/** Of one message no more names than these are looked at. */
const NAMES_MAX = 1_000

class Mesh {
  /** The nodes that take part and are connected with us. */
  readonly #members = new Set<string>()
  readonly #node: Node
  readonly #distribution: Distribution

  constructor(node: Node, distribution: Distribution) {
    this.#node = node
    this.#distribution = distribution
    distribution.subscribe(({ kind, node: name }) => {
      if (kind === "down") this.#members.delete(name)
      else if (this.#isUmbel(name)) this.#tell(name)
    })
  }

  #isUmbel(name: string): boolean {
    return this.#distribution.links().some(({ peer }) => peer.peer === name && peer.profile === "umbel")
  }

  #tell(name: string): void {
    const others = [...this.#members].filter((member) => member !== name).slice(0, NAMES_MAX)
    this.#node.send(makeName(MESH, name), tuple(tag, this.#node.name, others))
  }

  heard(from: string, names: readonly unknown[]): void {
    if (!this.#isUmbel(from)) return
    if (!this.#members.has(from)) {
      this.#members.add(from)
      // Now, and not only when it came: of two that came at the same time the later one hears of the earlier one here.
      if (this.#members.size > 1) this.#tell(from)
    }
    for (const name of names.slice(0, NAMES_MAX)) {
      if (typeof name !== "string" || parseNodeName(name) === undefined) continue
      if (name === this.#node.name || this.#node.nodes.includes(name) || !this.#distribution.allows(name)) continue
      // Whether it came about is told to whoever listens; on a node that has crashed nothing waits for it.
      void this.#node.remote.connect(name)
    }
  }
}

const mesh = define(MESH, {
  init(state, self) {
    self.cold.essential = true
    return state as Mesh
  },
  info({ state }, message) {
    if (!(message instanceof Tuple) || message.elements.length !== 3 || message.elements[0] !== tag) return
    const [, from, names] = message.elements
    if (typeof from === "string" && Array.isArray(names)) (state as Mesh).heard(from, names)
  },
})

/** Takes part from now on. */
export async function startMesh(node: Node, distribution: Distribution): Promise<void> {
  const state = new Mesh(node, distribution)
  await node.startFor(node.root, mesh as never, { name: makeName(MESH, undefined), arg: local(state) })
}
