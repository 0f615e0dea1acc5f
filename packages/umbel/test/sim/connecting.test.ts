/** Connections under every order of events: nodes that dial one another at once, reconnect, and are cut while they shake hands. */
import { expect, test } from "vitest"
import { genServer, name } from "../../src/otp/index.ts"
import { explore, seedsFrom, type World } from "../../src/sim/index.ts"

const echo = genServer("connecting.echo", { init: () => ({}), calls: { echo: (_self, value: number) => value } })
const ECHO = name<typeof echo>("echo")
const NAMES = ["a@sim", "b@sim", "c@sim"]

const populate = async (world: World) => {
  const nodes = []
  for (const title of NAMES) {
    const node = await world.boot({ name: title })
    await node.start(echo, { name: ECHO })
    nodes.push(node)
  }
  return nodes
}

test("nodes that connect to one another at once each have one connection to each other, for any seed", async () => {
  const scenario = async (world: World): Promise<void> => {
    const nodes = await populate(world)
    const pairs = nodes.flatMap((node) =>
      NAMES.filter((other) => other !== node.name).map((other) => [node, other] as const),
    )
    expect(await Promise.all(pairs.map(([node, other]) => node.connect(other)))).toEqual(pairs.map(() => true))
    await world.run(100)
    for (const node of nodes) expect([...node.nodes].sort()).toEqual(NAMES.filter((other) => other !== node.name))
    expect(await Promise.all(pairs.map(([node, other], n) => node.call(ECHO.at(other)).echo(n)))).toEqual(
      pairs.map((_, n) => n),
    )
    world.atRest()
  }
  expect(await explore({ seeds: seedsFrom(1, 60), scenario })).toBe(60)
})

test("calls made at once to nodes that are not connected yet are all answered, whoever dialed first, for any seed", async () => {
  const scenario = async (world: World): Promise<void> => {
    const nodes = await populate(world)
    const calls = nodes.flatMap((node) =>
      NAMES.filter((other) => other !== node.name).map((other) => node.call(ECHO.at(other)).echo(7)),
    )
    expect(await Promise.all(calls)).toEqual(calls.map(() => 7))
  }
  expect(await explore({ seeds: seedsFrom(1, 60), scenario })).toBe(60)
})

test("a connection that is cut at any moment is noconnection or an answer, and the next one works, for any seed", async () => {
  const scenario = async (world: World): Promise<void> => {
    const [a, b] = await populate(world)
    const answers = [1, 2, 3].map((n) =>
      a!
        .call(ECHO.at("b@sim"), { timeout: "infinity" })
        .echo(n)
        .catch((error: { reason: unknown }) => String(error.reason)),
    )
    answers.push(
      b!
        .call(ECHO.at("a@sim"), { timeout: "infinity" })
        .echo(4)
        .catch((error: { reason: unknown }) => String(error.reason)),
    )
    await world.run(world.random.between(0, 60))
    const cut = world.random.oneIn(2) ? world.partition([a!], [b!]) : world.cut([a!], [b!])
    const told = await Promise.all(answers)
    for (const [n, answer] of told.entries()) expect([n + 1, "noconnection"]).toContain(answer)
    cut[Symbol.dispose]()
    await world.run(100_000)
    expect(await a!.call(ECHO.at("b@sim")).echo(5)).toBe(5)
    expect(await b!.call(ECHO.at("a@sim")).echo(6)).toBe(6)
    world.atRest()
  }
  expect(await explore({ seeds: seedsFrom(1, 100), scenario })).toBe(100)
})
