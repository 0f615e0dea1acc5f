/**
 * A busy scenario for many seeds: three nodes with servers, links, monitors and stamped messages, among partitions and crashes from the seed.
 */
import { child, genServer, name, supervisor } from "../../src/otp/index.ts"
import type { Node } from "../../src/runtime/index.ts"
import { type SimulatedNode, stamp, type World } from "../../src/sim/index.ts"
import { atom, kill, makeName, tuple } from "../../src/term/index.ts"

export const counter = genServer("sim.counter", {
  init: (start: number) => ({ count: start }),
  calls: {
    increment: ({ state }, by: number) => (state.count += by),
    get: ({ state }) => state.count,
    me: (self) => self.pid,
    hang: (self) => self.later<number>(() => {}),
    crash: (): number => {
      throw new Error("as asked")
    },
  },
})
export const COUNTER = name<typeof counter>("counter")
const family = supervisor("sim.family", { intensity: 1_000, children: [child(counter, { arg: 0, name: COUNTER })] })
const SINK = makeName("sink", undefined)

const NAMES = ["a@sim", "b@sim", "c@sim"]

async function populate(world: World, title: string): Promise<SimulatedNode> {
  const node = await world.boot({ name: title })
  await node.start(family)
  node.spawn(async (self) => {
    self.register(SINK)
    for (;;) await self.receive()
  })
  node.spawn(async (self) => {
    self.trapExit(true)
    for (let n = 0; ; n++) {
      const there = world.random.pick(NAMES)
      self.send(SINK.at(there), tuple(stamp, self.pid, n))
      if (n % 4 === 0) self.monitor(COUNTER.at(there))
      await self.receive((message): message is unknown => message !== undefined, {
        timeout: 100 + world.random.below(900),
      })
    }
  })
  linked(node)
  return node
}

/** A process that links to the counters it can reach, again and again, here and far, and ends with any of them. */
function linked(node: Node): void {
  node.spawn(async (self) => {
    for (let n = 0; n < 50; n++) {
      const pid = await self
        .call(COUNTER.at(NAMES[n % NAMES.length]!), { timeout: 500 })
        .me()
        .catch(() => undefined)
      if (pid === undefined) continue
      self.link(pid)
      if (n % 3 === 0) self.unlink(pid)
      await self.receive((message): message is never => message === never, { timeout: 700 })
    }
    await self.receive()
  })
}
const never = atom("never")

/** A fault or a request, as the seed wants it; resolves when it is over. */
async function trouble(world: World): Promise<void> {
  const node = world.random.pick(world.nodes)
  switch (world.random.below(6)) {
    case 0: {
      world.crash(node)
      await world.run(world.random.below(5_000))
      await populate(world, node.name)
      return
    }
    case 1: {
      const others = world.nodes.filter((other) => other !== node)
      const cut = world.random.oneIn(2) ? world.partition([node], others) : world.cut([node], others)
      await world.run(world.random.below(120_000))
      cut[Symbol.dispose]()
      return
    }
    case 3:
      // Its supervisor is killed: the family goes, and another is started.
      for (const one of [...node.all()].filter(({ title }) => title === "sim.family")) node.exit(one.pid, kill)
      await world.run(10)
      await node.start(family).catch(() => {})
      return
    case 2:
      node.disconnect(world.random.pick(NAMES))
      return
    default: {
      const target = COUNTER.at(world.random.pick(NAMES))
      const call = node.call(target, { timeout: 1_000 })
      await (world.random.oneIn(3) ? call.crash() : call.increment(1)).catch(() => {})
    }
  }
}

export async function busy(world: World): Promise<void> {
  for (const title of NAMES) await populate(world, title)
  for (let step = 0; step < 12; step++) {
    await trouble(world)
    await world.run(world.random.below(300))
  }
  // Everything that was cut is mended: connections are made, what was lost is told.
  await world.run(200_000)
  world.atRest()
}
