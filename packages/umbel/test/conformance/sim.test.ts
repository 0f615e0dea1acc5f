/** The conformance suite in a simulated world, where each test has one of its own. */
import type { Node } from "../../src/runtime/index.ts"
import { type SimulatedNode, simulate, type World } from "../../src/sim/index.ts"
import type { Fixture, NodeNeeds } from "./fixture.ts"
import { conformance } from "./platform.ts"

class SimulatedFixture implements Fixture {
  #count = 0
  #world: World | undefined
  #booted: SimulatedNode[] = []

  async boot(needs: NodeNeeds = {}): Promise<Node> {
    this.#world ??= simulate({ seed: 20_26 })
    const node = await this.#world.boot({ name: `conformance${++this.#count}@sim`, ...needs })
    this.#booted.push(node)
    return node
  }
  async bootTwo(left: NodeNeeds = {}, right: NodeNeeds = {}): Promise<readonly [Node, Node]> {
    return [await this.boot(left), await this.boot(right)]
  }
  async until(condition: () => boolean): Promise<void> {
    const world = this.#world
    // A test that was given up has no world any more.
    while (!condition() && this.#world === world) await world!.run(1)
  }
  async stop(): Promise<void> {
    this.#world?.atRest()
    for (const node of this.#booted.reverse()) await node.stop()
    this.#booted = []
    this.#world = undefined
  }
}

conformance("sim", new SimulatedFixture())
