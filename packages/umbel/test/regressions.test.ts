/**
 * What went wrong in other libraries, each as a test of its own: a defect that somebody else had to find should not be found here again.
 *
 * Each sentence names the project and what went wrong there. `docs/otp-cases.md` lists those without a counterpart here.
 */
import { createServer } from "node:net"
import { describe, expect, test } from "vitest"
import { freePort } from "../../../interop/support/ports.ts"
import { boot } from "../src/nodejs/index.ts"
import { application, child, genServer, name, Pg, pgScope, registry, supervisor } from "../src/otp/index.ts"
import { CallExit, type Down, isDown, isExit, type Running } from "../src/runtime/index.ts"
import {
  atom,
  inspect,
  kill,
  killed,
  makeName,
  noconnection,
  normal,
  type Pid,
  shutdown,
  tuple,
} from "../src/term/index.ts"
import { announced, Deframer, flagNames, missingFlags } from "../src/wire/index.ts"
import { endOf, inProcess, isNumber, isText, rejection, settled } from "./conformance/fixture.ts"
import { simulated } from "./support/simulated.ts"

const boom = atom("boom")
const forever = async (self: Running): Promise<void> => {
  for (;;) await self.receive()
}

describe("actor-ts", () => {
  test("a constructor that threw left a suspended actor whose watchers never heard: here init that throws ends the process, the starter hears why, and its supervisor too", async () => {
    const { node, platform, notes } = await simulated()
    let lives = 0
    const seen: Pid[] = []
    const fragile = genServer("regress.fragile", {
      init: (_arg: void, self) => {
        seen.push(self.pid)
        if (++lives !== 1) throw new Error("no second life")
        return {}
      },
    })
    const FRAGILE = name<typeof fragile>("fragile")
    const top = await node.start(supervisor("regress.top", { children: [child(fragile, { name: FRAGILE })] }))
    const before = node.count
    expect(String(await rejection(node.start(fragile)))).toContain("no second life")
    expect(node.count).toBe(before)
    const [end, first] = [endOf(platform, node, top), endOf(platform, node, FRAGILE)]
    node.exit(node.whereis(FRAGILE)!, kill)
    expect([await first, await end]).toEqual([killed, shutdown])
    expect(seen.map((pid) => node.find(pid))).toEqual(seen.map(() => undefined))
    expect([...node.all()].some(({ title }) => title.startsWith("regress."))).toBe(false)
    expect(notes().join()).toContain("no second life")
  })

  test("an actor that was terminating with messages in its queue spun: here it takes no turn until terminate is through", async () => {
    const { node, world, platform } = await simulated()
    let go = (): void => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const slow = genServer("regress.slow", {
      init: () => ({ handled: 0 }),
      calls: { leave: (self) => self.stop() },
      casts: { work: ({ state }) => void state.handled++ },
      terminate: () => gate,
    })
    const pid = await node.start(slow)
    const end = endOf(platform, node, pid)
    await node.call(pid).leave()
    for (let n = 0; n < 100; n++) node.cast(pid).work()
    await world.run(1_000)
    const turns = node.scheduler.turns
    // One that spins never lets this time pass.
    await world.run(60_000)
    expect(node.scheduler.turns - turns).toBeLessThan(10)
    expect(node.find(pid)).toBeDefined()
    go()
    expect(await end).toBe(normal)
  })

  test("a crash in a handler led to a restart without a line in any log: here each is reported, with what was thrown and the message in hand", async () => {
    const { node, all, until } = await simulated()
    const bad = genServer("regress.bad", {
      init: () => ({ secretless: true }),
      calls: {
        now: (): void => {
          throw new Error("in a call")
        },
        async soon(): Promise<void> {
          await Promise.resolve()
          throw new Error("in an async call")
        },
        later: (self) => self.later(Promise.reject<void>(new Error("in later"))),
      },
      casts: {
        cast: () => {
          throw new Error("in a cast")
        },
      },
      info: () => {
        throw new Error("in info")
      },
      continue: () => {
        throw new Error("in continue")
      },
    })
    const continuing = genServer("regress.continuing", {
      init: (_arg: void, self) => {
        self.continue()
        return {}
      },
      continue: () => {
        throw new Error("in continue")
      },
    })
    const BAD = name<typeof bad>("bad")
    await node.start(supervisor("regress.patient", { intensity: 100, children: [child(bad, { name: BAD })] }))
    const ways: (() => unknown)[] = [
      () => node.call(BAD).now(),
      () => node.call(BAD).soon(),
      () => node.call(BAD).later(),
      () => node.cast(BAD).cast(),
      () => node.send(BAD, "message"),
      () => node.start(continuing),
    ]
    for (const [n, way] of ways.entries()) {
      await until(() => node.whereis(BAD) !== undefined)
      await Promise.resolve(way()).catch(() => {})
      await until(() => all.filter(({ kind }) => kind === "crash").length > n)
    }
    const crashes = all.flatMap((report) => (report.kind === "crash" ? [report] : []))
    expect(crashes.map(({ error }) => (error as Error).message)).toEqual([
      "in a call",
      "in an async call",
      "in later",
      "in a cast",
      "in info",
      "in continue",
    ])
    expect(crashes.slice(0, 2).map(({ message }) => message)).toEqual([
      expect.stringContaining("now"),
      expect.stringContaining("soon"),
    ])
  })

  test("the restart budget was not kept where it was declared: here each supervisor has one, over all its children, and none of its neighbour's", async () => {
    const { node, platform, until } = await simulated()
    const idle = genServer("regress.idle", { init: () => ({}) })
    const [A, B, C] = [name<typeof idle>("a"), name<typeof idle>("b"), name<typeof idle>("c")]
    const family = (module: string, names: (typeof A)[]) =>
      supervisor(module, {
        intensity: 2,
        period: 5_000,
        children: names.map((called) => child(idle, { name: called })),
      })
    const left = await node.start(family("regress.left", [A, B]))
    const right = await node.start(family("regress.right", [C]))
    const kills = async (called: typeof A): Promise<void> => {
      await until(() => node.whereis(called) !== undefined)
      const pid = node.whereis(called)!
      node.exit(pid, kill)
      await until(() => node.whereis(called) !== pid)
      await settled(platform, node)
    }
    // Two deaths on either side are within what is allowed; the third on the left is of the other child, and one too many.
    for (const called of [A, C, B, C]) await kills(called)
    expect([node.find(left), node.find(right)]).not.toContain(undefined)
    const end = endOf(platform, node, left)
    await kills(A)
    expect(await end).toBe(shutdown)
    expect(node.find(right)).toBeDefined()
  })

  test("watching a remote actor did nothing, silently: here a monitor across nodes brings its one Down, whatever ends the watched", async () => {
    const { world, node } = await simulated()
    const far = await world.boot({ name: "b@sim" })
    const pids = [far.spawn(forever), far.spawn(forever)]
    const downs: Down[] = []
    node.spawn(async (self) => {
      for (const pid of pids) self.monitor(pid)
      self.monitor(makeName("nobody", far.name))
      for (;;) downs.push(await self.receive(isDown))
    })
    await world.run(500)
    expect(downs.map(({ reason }) => inspect(reason))).toEqual([":noproc"])
    far.exit(pids[0]!, boom)
    await world.run(500)
    world.crash(far)
    await world.run(500)
    expect(downs.slice(1).map(({ target, reason }) => [inspect(target), inspect(reason)])).toEqual([
      [inspect(pids[0]), ":boom"],
      [inspect(pids[1]), inspect(noconnection)],
    ])
  })

  test("a phase of shutdown that timed out abandoned those who were slow but within their time: here each child has the time it was given", async () => {
    const { world, until } = await simulated()
    const log: string[] = []
    const drains = genServer("regress.drains", {
      init: (_arg: void, self) => {
        self.trapExit(true)
        return {}
      },
      async terminate() {
        await new Promise<void>((resolve) => node.platform.clock.after(20_000, resolve))
        log.push("drained")
      },
    })
    const top = supervisor("regress.slow_top", {
      children: [child(drains, { shutdown: 25_000 })],
    })
    const node = await world.boot({ name: "slow@sim", applications: [application({ name: "slow", start: () => top })] })
    let stopped = false
    void node.stop().then(() => {
      stopped = true
    })
    await world.run(19_000)
    expect([stopped, log]).toEqual([false, []])
    await until(() => stopped)
    expect(log).toEqual(["drained"])
  })

  test("a full mailbox threw into the sender, which crashed: here it is the message that is lost, and who called is told", async () => {
    const { node, platform } = await simulated()
    const full = genServer("regress.full", {
      init: () => ({}),
      mailbox: { limit: 2 },
      calls: { hold: () => new Promise<void>(() => {}) },
      casts: { tell: () => {} },
    })
    const pid = await node.start(full)
    void node
      .call(pid, { timeout: "infinity" })
      .hold()
      .catch(() => {})
    await settled(platform, node)
    const told = await inProcess(platform, node, async (self) => {
      for (let n = 0; n < 10; n++) {
        self.send(pid, n)
        self.cast(pid).tell()
      }
      return rejection(self.call(pid).hold())
    })
    expect(told).toMatchObject({ name: "CallExit", reason: atom("mailbox_full") })
    expect(node.find(pid)).toBeDefined()
  })

  test("a bounded mailbox threw the signal to end away: here signals wait in no mailbox, however full it is", async () => {
    const { node, platform } = await simulated()
    const busy = node.spawn(async (self) => {
      self.limitMailbox({ limit: 100 })
      await self.receive(isNumber)
    })
    for (let n = 0; n < 10_000; n++) node.send(busy, "no number")
    const end = endOf(platform, node, busy)
    node.exit(busy, boom)
    expect(node.find(busy)).toBeUndefined()
    expect(await end).toBe(boom)
  })

  test("a forged notice of an end put an end to the watching: here the true one comes all the same", async () => {
    // The invariant of one Down for each monitor would take the forged one for a second.
    const { node, platform } = await simulated({ invariants: [] })
    const target = node.spawn(forever)
    const told = await inProcess(platform, node, async (self) => {
      self.trapExit(true)
      const ref = self.monitor(target)
      self.link(target)
      self.send(self.pid, { kind: "down", ref, target, reason: "forged" })
      self.send(self.pid, { kind: "exit", pid: target, reason: "forged" })
      const forged = [(await self.receive(isDown)).reason, (await self.receive(isExit)).reason]
      self.exitOther(target, boom)
      return [...forged, (await self.receive(isDown)).reason, (await self.receive(isExit)).reason]
    })
    expect(told).toEqual(["forged", "forged", boom, boom])
  })
})

describe("noex", () => {
  test("a throw in a cast was swallowed: here it ends the server with that reason, and is reported", async () => {
    const { node, platform, all } = await simulated()
    const bad = genServer("regress.cast", {
      init: () => ({}),
      casts: {
        crash: () => {
          throw new Error("not swallowed")
        },
      },
    })
    const pid = await node.start(bad)
    const end = endOf(platform, node, pid)
    node.cast(pid).crash()
    expect(inspect(await end)).toContain("not swallowed")
    expect(all.filter(({ kind }) => kind === "crash")).toHaveLength(1)
  })
  test("a throw in a call only rejected its caller, and the server lived on with half a state: here it ends", async () => {
    const { node, platform } = await simulated()
    const half = genServer("regress.half", {
      init: () => ({ debit: 0, credit: 0 }),
      calls: {
        transfer({ state }) {
          state.debit++
          throw new Error("between two steps")
        },
      },
    })
    const HALF = name<typeof half>("half")
    await node.start(supervisor("regress.bank", { children: [child(half, { name: HALF })] }))
    const first = node.whereis(HALF)!
    expect(await rejection(node.call(HALF).transfer())).toBeInstanceOf(CallExit)
    expect(node.find(first)).toBeUndefined()
    await settled(platform, node)
    expect(node.findTarget(HALF)!.describe().state).toEqual({ debit: 0, credit: 0 })
  })
  test("a mailbox was an array that was shifted: here 400,000 waiting messages are taken in the time of this test", async () => {
    const { node, platform } = await simulated()
    const many = 400_000
    const taken = await inProcess(platform, node, async (self) => {
      for (let n = 0; n < many; n++) self.send(self.pid, n)
      let sum = 0
      for (let n = 0; n < many; n++) sum += (await self.receive()) as number
      return sum
    })
    expect(taken).toBe((many * (many - 1)) / 2)
  })
  test("names were global: here two nodes in one thread have their own", async () => {
    const { node, world } = await simulated()
    const other = await world.boot({ name: "b@sim" })
    const named = genServer("regress.named", { init: (n: number) => ({ n }), calls: { n: ({ state }) => state.n } })
    const NAMED = name<typeof named>("named")
    await node.start(named, { name: NAMED, arg: 1 })
    await other.start(named, { name: NAMED, arg: 2 })
    expect([await node.call(NAMED).n(), await other.call(NAMED).n()]).toEqual([1, 2])
  })
  test("state went out by reference: here what a call gives is the caller's own", async () => {
    const { node } = await simulated()
    const list = genServer("regress.list", {
      init: () => ({ items: ["a"] }),
      calls: { items: ({ state }) => state.items, push: ({ state }, more: string[]) => void (state.items = more) },
    })
    const pid = await node.start(list)
    const mine = await node.call(pid).items()
    mine.push("b")
    expect(await node.call(pid).items()).toEqual(["a"])
    await node.call(pid).push(mine)
    mine.push("c")
    expect(await node.call(pid).items()).toEqual(["a", "b"])
  })
})

describe("otp-js", () => {
  test("the flags were too old for OTP 26: here what is announced has all that it insists on", () => {
    expect(missingFlags(announced())).toEqual([])
    expect(flagNames(announced())).toEqual(expect.arrayContaining(["UNLINK_ID", "V4_NC", "MANDATORY_25_DIGEST"]))
  })
  test("connect ignored the host: here the EPMD of that host is asked", async () => {
    const epmdPort = await freePort()
    await using node = await boot({ name: "host@127.0.0.1", cookie: "x", epmdPort, report: () => {} })
    let asked = 0
    const elsewhere = createServer((socket) => {
      asked++
      socket.on("error", () => {})
      socket.destroy()
    })
    await new Promise<void>((resolve) => elsewhere.listen(epmdPort, "127.0.0.2", resolve))
    expect(await node.connect("host@127.0.0.2")).toBe(false)
    expect(asked).toBe(1)
    await new Promise((resolve) => elsewhere.close(resolve))
  })
  test("frames were awaited one by one, so that two could cross: here all that a chunk holds are there at once, in order", () => {
    const frames = new Deframer(4, 100)
    frames.feed(Uint8Array.of(0, 0, 0, 1, 7, 0, 0, 0, 0, 0, 0, 0, 2, 8, 9))
    const bodies: number[][] = []
    while (frames.next()) bodies.push([...frames.bytes.slice(frames.start, frames.end)])
    expect(bodies).toEqual([[7], [], [8, 9]])
  })
  test("the end of a far process brought the reference as its reason: here each is in its place", async () => {
    const { world, node } = await simulated()
    const far = await world.boot({ name: "b@sim" })
    const target = far.spawn(forever)
    let down: Down | undefined
    let ref: unknown
    node.spawn(async (self) => {
      ref = self.monitor(target)
      down = await self.receive(isDown)
    })
    await world.run(100)
    far.exit(target, tuple(boom, 7))
    await world.run(100)
    expect(down).toMatchObject({ reason: tuple(boom, 7), target, ref })
  })
  test("a sender was never held back: here ready waits for a full link to drain", async () => {
    const { world, node } = await simulated()
    const far = await world.boot({ name: "b@sim" })
    const target = far.spawn(forever)
    await node.connect(far.name)
    const cut = world.partition([node], [far])
    for (let n = 0; n < 40; n++) node.send(target, new Uint8Array(100_000))
    await world.run(1)
    let free = false
    void node.ready(target).then(() => {
      free = true
    })
    await world.run(1_000)
    expect(free).toBe(false)
    cut[Symbol.dispose]()
    await world.run(1_000)
    expect(free).toBe(true)
  })
})

describe("noderlang", () => {
  test("a link that was taken off and put on again could be lost, for want of UNLINK_ID: here it holds, and one taken off does not", async () => {
    const { world, node } = await simulated()
    const far = await world.boot({ name: "b@sim" })
    const [held, free] = [far.spawn(forever), far.spawn(forever)]
    const linker = node.spawn(async (self) => {
      for (let n = 0; n < 5; n++) {
        self.link(held)
        self.link(free)
        self.unlink(held)
        self.unlink(free)
      }
      self.link(held)
      await self.receive()
    })
    await world.run(1_000)
    node.exit(linker, boom)
    await world.run(1_000)
    expect([far.find(held), far.find(free)?.pid]).toEqual([undefined, free])
    world.atRest()
  })
  test("the peer's digest was never checked: here whoever does not know the cookie is no peer, on either side", async () => {
    const { world, node } = await simulated()
    const stranger = await world.boot({ name: "b@sim", cookie: "another" })
    expect([await node.connect(stranger.name), await stranger.connect(node.name)]).toEqual([false, false])
    expect([node.nodes, stranger.nodes]).toEqual([[], []])
  })
  test("a frame that came in parts was lost: here it is put together, byte by byte if need be", () => {
    const frames = new Deframer(4, 100)
    const bodies: number[][] = []
    for (const byte of [0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 1, 4]) {
      frames.feed(Uint8Array.of(byte))
      while (frames.next()) bodies.push([...frames.bytes.slice(frames.start, frames.end)])
    }
    expect(bodies).toEqual([[1, 2, 3], [4]])
  })
})

describe("Ergo", () => {
  test("a link across nodes held in one direction: here either end takes the other along", async () => {
    const { world, node } = await simulated()
    const far = await world.boot({ name: "b@sim" })
    const there = [far.spawn(forever), far.spawn(forever)]
    const here = there.map((pid) =>
      node.spawn(async (self) => {
        self.link(pid)
        await self.receive()
      }),
    )
    await world.run(500)
    node.exit(here[0]!, boom)
    far.exit(there[1]!, boom)
    await world.run(500)
    expect([node.find(here[0]!), node.find(here[1]!), far.find(there[0]!), far.find(there[1]!)]).toEqual(
      Array(4).fill(undefined),
    )
  })
  test("rpc from Erlang failed, as the flag for remote spawns was off: here it is announced", () => {
    expect(flagNames(announced())).toContain("SPAWN")
  })
})

describe("ractor", () => {
  test("messages that were drained at the end were acknowledged, and dropped: here nobody is told yes whose request was not begun", async () => {
    const { node, platform } = await simulated()
    let go = (): void => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const begun: number[] = []
    const worker = genServer("regress.draining", {
      init: () => ({}),
      calls: {
        async work(self, n: number) {
          begun.push(n)
          await gate
          self.stop()
          return n
        },
      },
    })
    const pid = await node.start(worker)
    const asked = [1, 2, 3].map((n) =>
      node
        .call(pid)
        .work(n)
        .catch((error: unknown) => (error as CallExit).reason),
    )
    await settled(platform, node)
    go()
    expect(await Promise.all(asked)).toEqual([1, normal, normal])
    expect(begun).toEqual([1])
  })
  test("a subscriber that once fell behind heard nothing more: here a slow one hears all, in order", async () => {
    const { node, platform } = await simulated()
    const LISTENER = makeName("listener", undefined)
    const things = registry<number>("regress.things", { keys: "duplicate", listeners: [LISTENER] })
    await node.start(things)
    await node.start(pgScope("regress"))
    const changes = 2_000
    let heard = 0
    const slow = node.spawn(async (self) => {
      self.register(LISTENER)
      await Pg.monitor(self, "regress", "group")
      await self.receive(isText)
      for (let n = 0; n < changes; n++) {
        await self.receive((message): message is object => typeof message === "object" && message !== null)
        heard++
      }
    })
    await settled(platform, node)
    await inProcess(platform, node, async (self) => {
      for (let n = 0; n < changes / 2; n++) {
        await Pg.join(self, "regress", "group")
        await Pg.leave(self, "regress", "group")
      }
    })
    expect(heard).toBe(0)
    const end = endOf(platform, node, slow)
    node.send(slow, "go on")
    expect(await end).toBe(normal)
    expect(heard).toBe(changes)
  })
})
