/**
 * A busy scenario for many seeds: three nodes with servers, links, monitors and stamped messages, among partitions and crashes from the seed.
 */
import { Global } from "../../src/global/index.ts"
import { child, genServer, name, supervisor } from "../../src/otp/index.ts"
import type { Node } from "../../src/runtime/index.ts"
import {
  allInvariants,
  ConnectedIsKnown,
  SeededRandom,
  type SimulatedNode,
  simulate,
  stamp,
  type World,
} from "../../src/sim/index.ts"
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
  const { hidden } = optionsOf(world.seed)
  const node = await world.boot({ name: title, hidden })
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
  if (!hidden) candidate(node)
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

/** A process that wants to be the leader of the cluster, and tries for it again and again. */
function candidate(node: Node): void {
  node.spawn(async (self) => {
    for (;;) {
      await Global.register(self, LEADER)
      await self.receive((message): message is never => message === never, { timeout: 3_000 })
    }
  })
}
const LEADER = atom("leader")

/** What the seed decides besides what happens: how far apart the nodes are, and whether they are visible, and so have `global`, or hidden, and build their mesh themselves. */
export function optionsOf(seed: number): {
  readonly latency: readonly [min: number, max: number]
  readonly hidden: boolean
} {
  const random = new SeededRandom(seed, "options")
  const min = random.below(5)
  return { latency: [min, min + 1 + random.below(random.oneIn(3) ? 200 : 20)], hidden: random.oneIn(2) }
}

/** The world that a seed decides, for {@link busy}, with everything that must hold in it. */
export const worldOf = (seed: number): World =>
  simulate({ seed, latency: optionsOf(seed).latency, invariants: [...allInvariants(), new ConnectedIsKnown()] })

/** How many times a run of {@link busy} is troubled. */
export const FAULTS = 12

export interface Troubles {
  /** These do not happen, by number. What is left to chance in the others stays as it was. */
  readonly without?: ReadonlySet<number> | undefined
  readonly tell?: ((fault: string) => void) | undefined
}

/** A fault or a request, as the seed wants it; resolves when it is over. */
async function trouble(world: World, random: SeededRandom, tell: (what: string) => void): Promise<void> {
  const node = random.pick(world.nodes)
  switch (random.below(6)) {
    case 0: {
      const ms = random.below(5_000)
      tell(`${node.name} crashes, and is up again after ${ms} ms`)
      world.crash(node)
      await world.run(ms)
      await populate(world, node.name)
      return
    }
    case 1: {
      const others = world.nodes.filter((other) => other !== node)
      const both = random.oneIn(2)
      const ms = random.below(120_000)
      tell(`nothing gets from ${node.name} to the others${both ? ", nor back," : ""} for ${ms} ms`)
      const cut = both ? world.partition([node], others) : world.cut([node], others)
      await world.run(ms)
      cut[Symbol.dispose]()
      return
    }
    case 2: {
      const peer = random.pick(NAMES)
      tell(`${node.name} disconnects from ${peer}`)
      node.disconnect(peer)
      return
    }
    case 3:
      tell(`the supervisor on ${node.name} is killed, and another one started`)
      for (const one of [...node.all()].filter(({ title }) => title === "sim.family")) node.exit(one.pid, kill)
      await world.run(10)
      await node.start(family).catch(() => {})
      return
    default: {
      const there = random.pick(NAMES)
      const crashes = random.oneIn(3)
      tell(`${node.name} asks the counter on ${there} to ${crashes ? "crash" : "count"}`)
      const call = node.call(COUNTER.at(there), { timeout: 1_000 })
      await (crashes ? call.crash() : call.increment(1)).catch(() => {})
    }
  }
}

/** @throws InvariantBroken; whatever else went wrong */
export async function busy(world: World, { without, tell }: Troubles = {}): Promise<void> {
  for (const title of NAMES) await populate(world, title)
  for (let fault = 0; fault < FAULTS; fault++) {
    // Each has chance of its own, so that leaving one out changes no other.
    const random = new SeededRandom(world.seed, `fault ${fault}`)
    if (without?.has(fault) !== true) {
      await trouble(world, random, (what) => tell?.(`${fault} at ${world.now.toFixed(0)} ms: ${what}`))
    }
    await world.run(random.below(300))
  }
  // Everything that was cut is mended: connections are made, what was lost is told.
  await world.run(200_000)
  world.atRest()
}
