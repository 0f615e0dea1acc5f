/** The conformance suite on Node.js: real sockets, a real clock, an EPMD of its own on a port of its own. */

import { freePort } from "../../../../interop/support/ports.ts"
import { boot } from "../../src/nodejs/index.ts"
import type { Node } from "../../src/runtime/index.ts"
import type { Fixture, NodeNeeds } from "./fixture.ts"
import { conformance } from "./platform.ts"

class NodejsFixture implements Fixture {
  #count = 0
  #test = 0
  #nodes: Node[] = []
  readonly #epmdPort = freePort()

  async boot(needs: NodeNeeds = {}): Promise<Node> {
    const name = `conformance${++this.#count}@127.0.0.1`
    const node = await boot({ name, report: () => {}, ...needs, epmdPort: await this.#epmdPort })
    this.#nodes.push(node)
    return node
  }
  async bootTwo(left: NodeNeeds = {}, right: NodeNeeds = {}): Promise<readonly [Node, Node]> {
    return [await this.boot({ cookie: "conformance", ...left }), await this.boot({ cookie: "conformance", ...right })]
  }
  async until(condition: () => boolean): Promise<void> {
    const test = this.#test
    while (!condition()) {
      // The test was given up: nobody waits for this any more.
      if (this.#test !== test) return
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  async stop(): Promise<void> {
    this.#test++
    const nodes = this.#nodes
    this.#nodes = []
    for (const node of nodes.reverse()) await node.stop()
  }
}

conformance("nodejs", new NodejsFixture())
