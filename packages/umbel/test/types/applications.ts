/** Processes, trees, applications and nodes as a user writes them, and what must not compile. Compiled, never run. */
import { boot } from "../../src/nodejs/index.ts"
import { simulate } from "../../src/sim/index.ts"
import { application, child, isDown, type Node, name, type Pid, supervisor } from "../../src/umbel/index.ts"
import { check, type Equal } from "./equal.ts"
import { COUNTER, counter, keyValue } from "./gen-server.ts"

// A bare process.
interface Ping {
  ping: Pid
}
const isPing = (message: unknown): message is Ping =>
  typeof message === "object" && message !== null && "ping" in message
export function bare(node: Node): Pid {
  const echo = node.spawn(async (self) => {
    for (;;) {
      const { ping } = await self.receive(isPing)
      self.send(ping, "pong")
    }
  })
  return node.spawn(async (self) => {
    self.monitor(echo)
    self.send(echo, { ping: self.pid } satisfies Ping)
    const maybe = await self.receive(isPing, { timeout: 100 })
    check<Equal<typeof maybe, Ping | undefined>>()
    const any = await self.receive()
    check<Equal<typeof any, unknown>>()
    const down = await self.receive(isDown)
    self.exit(down.reason)
  })
}

// A tree.
export const KV = name<typeof keyValue>("kv")
export const stores = supervisor("shop.stores", {
  strategy: "rest_for_one",
  intensity: 3,
  period: 5_000,
  children: (config: { limit: number }) => [
    child(counter, { arg: 0, name: COUNTER }),
    child(keyValue, { arg: { limit: config.limit }, name: KV, restart: "transient", shutdown: 5_000 }),
  ],
})

// An application with configuration.
export const telemetry = application({ name: "telemetry" })
export const shop = application({
  name: "shop",
  needs: [telemetry],
  modules: [counter, keyValue],
  config: { limit: 100, port: 4000, tls: false, log: { level: "info" as "info" | "debug" } },
  start(config) {
    check<Equal<typeof config.limit, number>>()
    check<Equal<typeof config.log.level, "info" | "debug">>()
    return supervisor("shop.supervisor", { children: [child(stores, { arg: { limit: config.limit } })] })
  },
})

// Two nodes, a call by name across them.
export async function main(): Promise<string[]> {
  await using node = await boot({ name: "a@127.0.0.1", cookie: "secret", applications: [shop.with({ limit: 10 })] })
  const there = COUNTER.at("b@127.0.0.1")
  const n = await node.call(there).increment(5)
  check<Equal<typeof n, number>>()
  node.cast(there).reset()
  const kids = await node.call(await node.start(stores, { arg: { limit: 1 } })).children()
  return kids.map((k) => k.id)
}

// The same program, in one thread, with a seed.
export async function test(): Promise<number> {
  const world = simulate({ seed: 42, latency: [1, 20] })
  const a = await world.boot({ name: "a@sim", applications: [shop] })
  const b = await world.boot({ name: "b@sim", applications: [shop] })
  {
    using _cut = world.partition([a], [b])
    await world.run(60_000)
  }
  // A simulated node is a node.
  bare(a satisfies Node)
  return a.call(COUNTER.at(b.name)).get()
}

// @ts-expect-error the argument of a child is checked against the server's init
child(keyValue, { arg: { limit: "many" } })
// @ts-expect-error … and required
child(keyValue)
// @ts-expect-error … and so is the name
child(counter, { arg: 0, name: KV })
// @ts-expect-error no such restart type
child(counter, { arg: 0, restart: "always" })
// @ts-expect-error configuration is typed
shop.with({ port: "4001" })
// @ts-expect-error not one of the levels
shop.with({ log: { level: "loud" } })
// @ts-expect-error no such key
shop.with({ prot: 4001 })
// @ts-expect-error no such strategy
supervisor("x", { strategy: "all_for_one", children: [] })
// @ts-expect-error a seed is a number
simulate({ seed: "42" })
// @ts-expect-error boot needs a name
void boot({})
