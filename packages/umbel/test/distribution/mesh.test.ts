/** Umbel nodes that know one node of a cluster get to know all. */
import { expect, test } from "vitest"
import { freePort } from "../../../../interop/support/ports.ts"
import { boot } from "../../src/nodejs/index.ts"
import type { Node } from "../../src/runtime/index.ts"
import { ConnectedIsKnown, explore, seedsFrom, type World } from "../../src/sim/index.ts"

const NAMES = ["a@sim", "b@sim", "c@sim", "d@sim", "e@sim"]
const others = (node: Node, names: readonly string[]): string[] => names.filter((name) => name !== node.name)

// Hidden ones tell each other of the others; visible ones do so as `global` does, under locks, which takes its time.
const kinds = [
  ["hidden", true, 20_000],
  ["visible", false, 120_000],
] as const

test.each(kinds)(
  "%s nodes that all connect to the first one, at once, end up connected with each other, for any seed",
  async (_, hidden, ms) => {
    const scenario = async (world: World): Promise<void> => {
      const nodes = []
      for (const name of NAMES) nodes.push(await world.boot({ name, hidden }))
      await Promise.all(nodes.slice(1).map((node) => node.connect("a@sim")))
      await world.run(ms)
      for (const node of nodes) expect([...node.nodes].sort()).toEqual(others(node, NAMES))
      world.atRest()
      expect(new ConnectedIsKnown().atRest(world.nodes)).toBe(undefined)
    }
    expect(await explore({ seeds: seedsFrom(1, 20), scenario })).toBe(20)
  },
)

test.each(kinds)(
  "two clusters of %s nodes become one when a node of the one connects to a node of the other, for any seed",
  async (_, hidden, ms) => {
    const scenario = async (world: World): Promise<void> => {
      const [a, b, c, d] = [
        await world.boot({ name: "a@sim", hidden }),
        await world.boot({ name: "b@sim", hidden }),
        await world.boot({ name: "c@sim", hidden }),
        await world.boot({ name: "d@sim", hidden }),
      ]
      await a.connect("b@sim")
      await c.connect("d@sim")
      await world.run(ms)
      expect([...a.nodes, ...c.nodes]).toEqual(["b@sim", "d@sim"])
      await b.connect("c@sim")
      await world.run(ms)
      for (const node of [a, b, c, d]) expect([...node.nodes].sort()).toEqual(others(node, NAMES.slice(0, 4)))
      world.atRest()
      expect(new ConnectedIsKnown().atRest(world.nodes)).toBe(undefined)
    }
    expect(await explore({ seeds: seedsFrom(1, 20), scenario })).toBe(20)
  },
)

test("over TCP as well; and who takes no part, or is not allowed, is left alone", async () => {
  const epmdPort = await freePort()
  const start = (name: string, options: object = {}): Promise<Node> =>
    boot({ name: `${name}@127.0.0.1`, cookie: "mesh", epmdPort, hidden: true, report: () => {}, ...options })
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve))
  }
  await using hub = await start("hub")
  await using one = await start("one")
  await using two = await start("two")
  await using loner = await start("loner", { mesh: false })
  await using picky = await start("picky", { allow: [hub.name, /^two@/] })
  for (const node of [one, two]) await node.connect(hub.name)
  await until(() => one.nodes.includes(two.name))
  await loner.connect(hub.name)
  await picky.connect(hub.name)
  await until(() => picky.nodes.includes(two.name))
  expect([...picky.nodes].sort()).toEqual([hub.name, two.name])
  expect(loner.nodes).toEqual([hub.name])
  expect(one.nodes).not.toContain(loner.name)
})
