/**
 * Two nodes: everything that goes from one to another, and what is heard when the connection is lost. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import { genServer, name, refuse } from "../../src/otp/index.ts"
import { CallExit, CallRefused, isDown, isExit, type Node, type Running } from "../../src/runtime/index.ts"
import {
  atom,
  inspect,
  kill,
  killed,
  makeName,
  NotATerm,
  noconnection,
  noproc,
  type Pid,
  shutdown,
  type Target,
  type Tuple,
} from "../../src/term/index.ts"
import { endOf, type Fixture, inProcess, isNumber, rejection, reports, settled } from "./fixture.ts"

const boom = atom("boom")

/** What was asked of the store and is never answered. */
const asked: string[] = []
const store = genServer("conformance.store", {
  init: () => ({ values: new Map<string, unknown>() }),
  calls: {
    put: ({ state }, key: string, value: unknown) => void state.values.set(key, value),
    get: ({ state }, key: string) => state.values.get(key),
    keys: ({ state }) => [...state.values.keys()],
    size: (_self, text: string) => text.length,
    wait: (self) => self.later<string>(() => void asked.push("wait")),
    full: () => refuse("full"),
    crash: (): number => {
      throw new TypeError("far away")
    },
  },
  casts: { drop: ({ state }, key: string) => void state.values.delete(key) },
})
const STORE = name<typeof store>("store")
const forever = async (self: Running): Promise<void> => {
  for (;;) await self.receive()
}

export function twoNodes(platform: Fixture): void {
  const pair = async () => {
    const [a, b] = await platform.bootTwo()
    await b.start(store, { name: STORE })
    return { a, b, there: STORE.at(b.name) }
  }

  describe("requests", () => {
    test("the first signal connects, and calls, casts and answers are those of one node", async () => {
      const { a, b, there } = await pair()
      expect([a.nodes, b.nodes]).toEqual([[], []])
      await a.call(there).put("list", [1, "two", { three: new Map([[4, 5n]]) }])
      expect([a.nodes, b.nodes]).toEqual([[b.name], [a.name]])
      expect(await a.call(there).get("list")).toEqual([1, "two", { three: new Map([[4, 5]]) }])
      a.cast(there).drop("list")
      expect(await a.call(there).keys()).toEqual([])
    })

    test("a pid that came from the other node can be called", async () => {
      const { a, b, there } = await pair()
      await a.call(there).put("self", b.whereis(STORE)!)
      const pid = (await a.call(there).get("self")) as Pid
      expect(pid.node).toBe(b.name)
      expect(await a.ask(pid, atom("keys"))).toEqual(["self"])
    })

    test("a megabyte goes through, and so do many calls at a time", async () => {
      const { a, there } = await pair()
      const text = "ä".repeat(2 ** 20)
      expect(await a.call(there).size(text)).toBe(text.length)
      const sizes = await Promise.all(Array.from({ length: 200 }, (_, n) => a.call(there).size("x".repeat(n))))
      expect(sizes).toEqual(Array.from({ length: 200 }, (_, n) => n))
    })

    test("a refusal is a CallRefused, a crash a CallExit with what was thrown, and nobody there noproc", async () => {
      const { a, b, there } = await pair()
      expect(await rejection(a.call(there).full())).toMatchObject({ name: "CallRefused", reason: "full" })
      expect(await rejection(a.call(there).full())).toBeInstanceOf(CallRefused)
      const crash = await rejection(a.call(there).crash())
      expect(crash).toBeInstanceOf(CallExit)
      expect(String(crash)).toContain("far away")
      expect(await rejection(a.call(STORE.at(b.name)).keys())).toMatchObject({ reason: noproc })
    })

    test("a time-out is the caller's own, and the late answer goes nowhere", async () => {
      const { a, there } = await pair()
      await a.call(there).keys()
      expect(await rejection(a.call(there, { timeout: 10 }).wait())).toMatchObject({ reason: atom("timeout") })
      expect(await a.call(there).keys()).toEqual([])
    })

    test("what is no term is refused where it is sent", async () => {
      const { a, there } = await pair()
      await a.call(there).keys()
      expect(await rejection(a.call(there).put("f", { f: () => 1 }))).toBeInstanceOf(NotATerm)
    })
  })

  describe("signals", () => {
    test("messages of a pair stay in order, those from before the connection included", async () => {
      const { a, b } = await pair()
      const got: number[] = []
      const sink = makeName("sink", undefined)
      b.spawn(async (self) => {
        self.register(sink)
        for (;;) got.push(await self.receive(isNumber))
      })
      await settled(platform, b)
      await inProcess(platform, a, async (self) => {
        for (let n = 0; n < 1_000; n++) self.send(sink.at(b.name), n)
      })
      await platform.until(() => got.length === 1_000)
      expect(got).toEqual(Array.from({ length: 1_000 }, (_, n) => n))
    })

    test("a monitor brings one Down with the reason; at once noproc for a name nobody bears", async () => {
      const { a, b } = await pair()
      const pid = b.spawn(forever)
      const downs = await inProcess(platform, a, async (self) => {
        const ref = self.monitor(pid)
        self.exitOther(pid, boom)
        const first = await self.receive(isDown)
        const nobody = makeName("nobody", b.name)
        self.monitor(nobody)
        const second = await self.receive(isDown)
        return { ref, first, second, nobody, more: await self.receive(isDown, { timeout: 5 }) }
      })
      expect(downs.first).toEqual({ kind: "down", ref: downs.ref, target: pid, reason: boom })
      expect(downs.second).toMatchObject({ target: downs.nobody, reason: noproc })
      expect(downs.more).toBeUndefined()
    })

    test("a cancelled monitor brings nothing, and the other side forgets it", async () => {
      const { a, b } = await pair()
      const pid = b.spawn(forever)
      const more = await inProcess(platform, a, async (self) => {
        self.demonitor(self.monitor(pid))
        const kept = self.monitor(pid)
        self.exitOther(pid, boom)
        return [(await self.receive(isDown)).ref.key === kept.key, await self.receive(isDown, { timeout: 5 })]
      })
      expect(more).toEqual([true, undefined])
    })

    test("linked processes end together, whichever ends first", async () => {
      const { a, b } = await pair()
      for (const first of ["near", "far"] as const) {
        const far = b.spawn(forever)
        const near = a.spawn(async (self) => {
          self.link(far)
          await forever(self)
        })
        await platform.until(() => (b.find(far)?.extras?.farLinks?.size ?? 0) === 1)
        const end = first === "near" ? endOf(platform, b, far) : endOf(platform, a, near)
        if (first === "near") a.exit(near, boom)
        else b.exit(far, boom)
        expect(await end).toBe(boom)
      }
    })

    test("an unlinked process does not end with the other", async () => {
      const { a, b } = await pair()
      const far = b.spawn(forever)
      const alive = await inProcess(platform, a, async (self) => {
        self.link(far)
        self.unlink(far)
        self.exitOther(far, boom)
        self.monitor(far)
        return (await self.receive(isDown)).reason
      })
      expect([boom, noproc]).toContain(alive)
    })

    test("an exit signal goes across, kill included, and a link to nobody brings noproc", async () => {
      const { a, b } = await pair()
      const far = b.spawn(async (self) => {
        self.trapExit(true)
        await forever(self)
      })
      await settled(platform, b)
      const end = endOf(platform, b, far)
      a.exit(far, kill)
      expect(await end).toBe(killed)
      const got = await inProcess(platform, a, async (self) => {
        self.trapExit(true)
        self.link(far)
        return self.receive(isExit)
      })
      expect(got).toMatchObject({ pid: far, reason: noproc })
    })

    test("a thrown error crosses as {exception, stacktrace}", async () => {
      const { a, b } = await pair()
      const far = b.spawn(async (self) => {
        await self.receive()
        throw new RangeError("too far")
      })
      const end = endOf(platform, a, far)
      a.send(far, "go")
      expect(((await end) as Tuple).elements[0]).toMatchObject({
        message: expect.stringContaining("too far") as string,
      })
    })
  })

  describe("a lost connection", () => {
    const bound = async (lose: (a: Node, b: Node) => unknown, reason: unknown) => {
      const { a, b, there } = await pair()
      asked.length = 0
      const far = b.spawn(forever)
      const told: unknown[] = []
      let linked = false
      a.spawn(async (self) => {
        self.trapExit(true)
        self.link(far)
        self.monitor(far)
        linked = true
        for (;;) told.push(await self.receive())
      })
      await platform.until(() => linked)
      await a.call(there).keys()
      const waiting = rejection(a.call(there, { timeout: "infinity" }).wait())
      const ended = endOf(
        platform,
        b,
        b.spawn(async (self) => {
          self.link((await inFar(a)).pid)
          await forever(self)
        }),
      )
      // All of it has arrived: two watch on b, and two are linked there.
      const watching = (target: Target): number => b.findTarget(target)?.extras?.watchers?.size ?? 0
      await platform.until(
        () => watching(far) === 1 && asked.length > 0 && b.findTarget(far)?.extras?.farLinks?.size === 1,
      )
      lose(a, b)
      expect(await waiting).toMatchObject({ reason })
      await platform.until(() => told.length === 2)
      expect(new Set(told.map((message) => (message as { kind: string }).kind))).toEqual(new Set(["down", "exit"]))
      for (const message of told) expect(message).toMatchObject({ reason })
      return { a, b, there, ended }
    }
    const inFar = async (node: Node): Promise<{ pid: Pid }> => ({ pid: node.spawn(forever) })

    test("is noconnection to all that was bound to it, on both sides, and the next signal connects anew", async () => {
      const { a, b, there, ended } = await bound((a, b) => a.disconnect(b.name), noconnection)
      expect(await ended).toBe(noconnection)
      await platform.until(() => b.nodes.length === 0)
      expect(await a.call(there).keys()).toEqual([])
      expect(a.nodes).toEqual([b.name])
    })

    test("by the other node's stop comes after the ends of its processes", async () => {
      const { a } = await bound((_a, b) => void b.stop(), shutdown)
      await platform.until(() => a.nodes.length === 0)
    })

    test("a node that is not there is noconnection: to calls, monitors and links", async () => {
      const [a] = await platform.bootTwo()
      const nowhere = STORE.at("nowhere@127.0.0.1")
      expect(await rejection(a.call(nowhere, { timeout: "infinity" }).keys())).toMatchObject({ reason: noconnection })
      expect(await a.connect("nowhere@127.0.0.1")).toBe(false)
      expect(await endOf(platform, a, nowhere)).toBe(noconnection)
      expect(await rejection(a.call(STORE.at("no node name")).keys())).toMatchObject({ reason: noconnection })
    })
  })

  describe("connections", () => {
    test("connect answers true for a node that is there, and again", async () => {
      const { a, b } = await pair()
      expect([
        await a.connect(b.name),
        await a.connect(b.name),
        await b.connect(a.name),
        await a.connect(a.name),
      ]).toEqual([true, true, true, true])
      expect([a.nodes, b.nodes]).toEqual([[b.name], [a.name]])
    })

    test("two nodes that connect to one another at once end up with one connection", async () => {
      const { a, b } = await pair()
      expect(await Promise.all([a.connect(b.name), b.connect(a.name)])).toEqual([true, true])
      expect([a.nodes, b.nodes]).toEqual([[b.name], [a.name]])
      expect(await a.call(STORE.at(b.name)).keys()).toEqual([])
      const far = b.spawn(forever)
      const down = await inProcess(platform, a, async (self) => {
        self.monitor(far)
        self.exitOther(far, boom)
        return self.receive(isDown)
      })
      expect(down.reason).toBe(boom)
    })

    test("another cookie is refused, and both sides say who and why, without the cookie", async () => {
      const [left, right] = [reports(), reports()]
      const [a, b] = await platform.bootTwo(
        { cookie: "tea", report: left.report },
        { cookie: "coffee", report: right.report },
      )
      expect(await a.connect(b.name)).toBe(false)
      await platform.until(() => right.notes().some((text) => text.includes("refused")))
      expect(left.notes().join("\n")).toMatch(new RegExp(`cannot reach ${b.name}: .*cookie`))
      expect(right.notes().join("\n")).toMatch(new RegExp(`refused ${a.name}: .*cookie`))
      expect(inspect([left.notes(), right.notes()])).not.toMatch(/"[^"]*\b(tea|coffee)\b/)
      expect([a.nodes, b.nodes]).toEqual([[], []])
    })
  })
}
