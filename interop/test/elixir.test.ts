/** Elixir and our node call one another's servers. */
import { fileURLToPath } from "node:url"
import { type Api, atom, CallExit, CallRefused, genServer, isDown, isExit, name, type Pid, tuple } from "umbel"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { BeamNode } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const STACK = fileURLToPath(new URL("../peers/stack.exs", import.meta.url))

interface StackApi extends Api {
  calls: {
    pop(): unknown
    sum(numbers: readonly number[]): number
    describe(map: object): unknown
    crash(): never
    sleep(): never
  }
  casts: { push(element: unknown): void }
}

describe.skipIf(!peers.elixir)("with Elixir", () => {
  const elixir = (nodeName: string, epmdPort: number) =>
    BeamNode.start({ program: "elixir", name: nodeName, cookie: COOKIE, epmdPort, script: STACK })

  test("a GenServer written in Elixir is called from TypeScript, typed", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("ts@127.0.0.1", COOKIE, epmdPort)
    await using beam = await elixir("stack@127.0.0.1", epmdPort)
    const stack = name<StackApi>("Elixir.Stack").at(beam.name)
    const { node } = umbel
    node.cast(stack).push("two")
    expect(await node.call(stack).pop()).toBe("two")
    expect(await node.call(stack).pop()).toBe(1)
    expect(await node.call(stack).sum([1, 2, 3])).toBe(6)
    const described = await node.call(stack).describe({ name: "Ann", tags: ["a"] })
    expect(described).toEqual(tuple(atom("ok"), "Ann", { name: "Ann", tags: ["a"] }))
    await expect(node.call(stack).pop()).rejects.toThrow(CallRefused)
    expect(await node.ask(stack, atom("pop"))).toEqual(tuple(atom("error"), "empty"))
    await expect(node.call(stack, { timeout: 50 }).sleep()).rejects.toMatchObject({ reason: atom("timeout") })
    await expect(node.call(stack).crash()).rejects.toThrow(/crashed with .*boom/)
    await expect(node.call(stack).pop()).rejects.toMatchObject({ reason: atom("noproc") })
  })

  test("terms come back from Elixir as they were sent", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("ts2@127.0.0.1", COOKIE, epmdPort)
    await using beam = await elixir("echo@127.0.0.1", epmdPort)
    const terms = [
      0,
      -1,
      2 ** 53 - 1,
      2n ** 80n,
      1.5,
      1e300,
      "text",
      "ünïcode ✓",
      true,
      null,
      undefined,
      atom("an_atom"),
      tuple(1, "two", tuple()),
      [],
      [1, [2, [3]]],
      { a: 1, nested: { b: [null] } },
      new Map<unknown, unknown>([
        ["key", 1],
        [2, "two"],
      ]),
      new Date(1_700_000_000_123),
      new Set([1, 2, 3]),
      new Uint8Array([0, 255, 128]),
    ]
    const watcher = name("watcher").at(beam.name)
    for (const term of terms) {
      const echoed = await new Promise((resolve) => {
        umbel.node.spawn(async (self) => {
          self.send(watcher, tuple(atom("echo"), self.pid, term))
          resolve(await self.receive())
        })
      })
      expect(echoed).toEqual(tuple(atom("echoed"), term))
    }
  })

  test("our processes are watched and linked to from Elixir, and theirs from here", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("ts3@127.0.0.1", COOKIE, epmdPort)
    await using beam = await elixir("watch@127.0.0.1", epmdPort)
    const watcher = name("watcher").at(beam.name)
    const server = genServer("interop.victim", { init: () => ({}), casts: { stop: (self) => self.stop("enough") } })
    const victim = await umbel.node.start(server)
    umbel.node.send(watcher, tuple(atom("watch"), victim))
    await beam.line((line) => line === "watching true")
    umbel.node.cast(victim).stop()
    expect(await beam.line((line) => line.startsWith("down"))).toBe('down "enough"')

    let linkedTo: Pid | undefined
    const gone = new Promise<unknown>((resolve) => {
      umbel.node.spawn(async (self) => {
        self.trapExit(true)
        self.send(watcher, tuple(atom("link"), self.pid))
        await self.receive()
        linkedTo = self.pid
        resolve(await self.receive(isExit))
      })
    })
    const down = new Promise((resolve) => umbel.node.monitor(watcher, resolve))
    await expect.poll(() => linkedTo).toBeDefined()
    await beam[Symbol.asyncDispose]()
    expect(await gone).toMatchObject({ kind: "exit", reason: atom("noconnection") })
    expect(isDown(await down)).toBe(true)
    await expect(umbel.node.call(name<StackApi>("Elixir.Stack").at(beam.name)).pop()).rejects.toThrow(CallExit)
  })
})
