/**
 * Cases of OTP's `gen_server_SUITE` and Elixir's `gen_server_test.exs`, in our own words, that no other test here has.
 * `docs/otp-cases.md` says for each of theirs where it is.
 */
import { describe, expect, test } from "vitest"
import { genServer, name, Sys } from "../../src/otp/index.ts"
import { type CallExit, isExit, StartFailed } from "../../src/runtime/index.ts"
import { atom, inspect, kill, makeName, noconnection, noproc, normal, shutdown, tuple } from "../../src/term/index.ts"
import { endOf, inProcess, rejection, settled } from "../conformance/fixture.ts"
import { simulated } from "../support/simulated.ts"

const stopped = atom("stopped")
const echo = genServer("cases.echo", {
  init: (_arg: void) => ({ seen: [] as unknown[] }),
  calls: {
    echo: (_self, value: unknown) => value,
    stop(self, reason: unknown) {
      self.stop(reason)
      return "ok"
    },
    exits(self, reason: unknown): void {
      self.exitOther(self.pid, reason)
    },
    throws(_self, reason: unknown): void {
      throw reason
    },
    hang: (self) => self.later<string>(() => {}),
    seen: ({ state }) => state.seen,
  },
  casts: {
    note: ({ state }, value: unknown) => void state.seen.push(value),
    async slowly({ state }, value: unknown) {
      await Promise.resolve()
      state.seen.push(value)
    },
    stop: (self, reason: unknown) => self.stop(reason),
  },
  info(self, message) {
    if (message === stopped) self.stop(stopped)
    else self.state.seen.push(message)
  },
})
const ECHO = name<typeof echo>("echo")

describe("start", () => {
  test("unlinked: its end is nobody's, and calls after it are noproc", async () => {
    const { node, platform } = await simulated()
    const pid = await node.start(echo)
    const end = endOf(platform, node, pid)
    expect(await node.call(pid).stop(stopped)).toBe("ok")
    expect(await end).toBe(stopped)
    expect(await rejection(node.call(pid).echo(1))).toMatchObject({ reason: noproc })
  })
  test("linked: its starter is told with pid and reason, or ends too", async () => {
    const { node, platform } = await simulated()
    const [pid, exit] = await inProcess(platform, node, async (self) => {
      self.trapExit(true)
      const pid = await self.startLink(echo)
      await self.call(pid).stop(stopped)
      return [pid, await self.receive(isExit)] as const
    })
    expect(exit).toMatchObject({ pid, reason: stopped })
    const starter = node.spawn(async (self) => {
      await self.call(await self.startLink(echo)).stop(stopped)
      await self.receive()
    })
    expect(await endOf(platform, node, starter)).toBe(stopped)
  })
  test("under a name twice is already_started with who has it, and the first serves on", async () => {
    const { node } = await simulated()
    const pid = await node.start(echo, { name: ECHO })
    const error = await rejection(node.start(echo, { name: ECHO }))
    expect(error).toBeInstanceOf(StartFailed)
    expect((error as StartFailed).reason).toEqual(tuple(atom("already_started"), pid))
    expect(await node.call(ECHO).echo(1)).toBe(1)
  })
  test("whose init exits or throws a term fails with just that, and a linked starter that traps hears of it", async () => {
    const { node, platform } = await simulated()
    const refuses = genServer("cases.refuses", {
      init: () => {
        throw stopped
      },
    })
    expect(await rejection(node.start(refuses))).toMatchObject({ reason: stopped })
    const told = await inProcess(platform, node, async (self) => {
      self.trapExit(true)
      const error = await self.startLink(refuses).catch((error: unknown) => error)
      return [(error as StartFailed).reason, (await self.receive(isExit)).reason]
    })
    expect(told).toEqual([stopped, stopped])
  })
  test("whose init takes its time is waited for, and what was sent meanwhile comes after it", async () => {
    const { node } = await simulated()
    let go = (): void => {}
    const gate = new Promise<void>((resolve) => {
      go = resolve
    })
    const slow = genServer("cases.slow", {
      async init() {
        await gate
        return { up: true }
      },
      calls: { up: ({ state }) => state.up },
    })
    const SLOW = name<typeof slow>("slow")
    const started = node.start(slow, { name: SLOW })
    const asked = node.call(SLOW).up()
    go()
    expect([await node.call(await started).up(), await asked]).toEqual([true, true])
  })
})

describe("stop", () => {
  test("by sys is normal or what is told, waits for the end, and is noproc for one that is not there, by pid and by name", async () => {
    const { node, platform } = await simulated()
    await inProcess(platform, node, async (self) => {
      for (const target of [ECHO, ECHO.at(node.name)]) {
        const pid = await self.start(echo, { name: ECHO })
        const ref = self.monitor(pid)
        await Sys.terminate(self, target, stopped)
        const down = await self.receive((message): message is { reason: unknown } => message !== ref)
        expect(down.reason).toBe(stopped)
        expect(await rejection(Sys.terminate(self, target, normal))).toMatchObject({ reason: noproc })
        expect(await rejection(Sys.terminate(self, pid, normal))).toMatchObject({ reason: noproc })
      }
    })
  })
  test("of a server on another node, by pid and by name; then noproc; then, when that node is gone, noconnection", async () => {
    const { node, world, platform } = await simulated()
    const far = await world.boot({ name: "b@sim" })
    const pid = await far.start(echo, { name: ECHO })
    const there = ECHO.at(far.name)
    const end = endOf(platform, far, pid)
    expect(await node.call(there).stop(normal)).toBe("ok")
    expect(await end).toBe(normal)
    expect(await rejection(node.call(there).stop(normal))).toMatchObject({ reason: noproc })
    expect(await rejection(node.call(pid).stop(normal))).toMatchObject({ reason: noproc })
    await far.stop()
    for (const target of [there, pid])
      expect(await rejection(node.call(target).stop(normal))).toMatchObject({ reason: noconnection })
  })
  test("from a call, a cast or a message, with the reason given", async () => {
    const { node, platform } = await simulated()
    const byCall = await node.start(echo)
    const byCast = await node.start(echo)
    const byMessage = await node.start(echo)
    const ends = [byCall, byCast, byMessage].map((pid) => endOf(platform, node, pid))
    await node.call(byCall).stop(stopped)
    node.cast(byCast).stop(stopped)
    node.send(byMessage, stopped)
    expect(await Promise.all(ends)).toEqual([stopped, stopped, stopped])
  })
})

describe("an end in the middle of a call", () => {
  const cases: [string, unknown, boolean][] = [
    ["shutdown", shutdown, false],
    ["{shutdown, reason}", tuple(shutdown, atom("reason")), false],
    ["another", atom("crashed"), true],
  ]
  test.each(cases)(
    "with %s: the caller hears it, and it is reported only when it is a crash",
    async (_what, reason, reported) => {
      const { node, all } = await simulated()
      const pid = await node.start(echo)
      expect(((await rejection(node.call(pid).throws(reason))) as CallExit).reason).toEqual(reason)
      expect(all.filter(({ kind }) => kind === "crash")).toHaveLength(reported ? 1 : 0)
    },
  )
  test("by an exit signal: the waiting caller hears the reason", async () => {
    const { node, platform } = await simulated()
    const pid = await node.start(echo)
    const asked = rejection(node.call(pid).hang())
    await settled(platform, node)
    node.exit(pid, atom("boom"))
    expect(await asked).toMatchObject({ reason: atom("boom") })
    const killedOne = await node.start(echo)
    const waiting = rejection(node.call(killedOne).hang())
    await settled(platform, node)
    node.exit(killedOne, kill)
    expect(await waiting).toMatchObject({ reason: atom("killed") })
  })
})

describe("calls and casts", () => {
  test("in one process keep their order, handlers that await included", async () => {
    const { node } = await simulated()
    const pid = await node.start(echo)
    node.cast(pid).note(1)
    node.cast(pid).slowly(2)
    node.send(pid, "3")
    node.cast(pid).note(4)
    expect(await node.call(pid).seen()).toEqual([1, 2, "3", 4])
  })
  test("casts to nobody, here, far or on a node that is not there, are dropped and take no time", async () => {
    const { node, world } = await simulated()
    const far = await world.boot({ name: "b@sim" })
    const before = world.now
    for (const to of [ECHO, ECHO.at(far.name), ECHO.at("nowhere@sim")]) expect(node.cast(to).note(1)).toBeUndefined()
    expect(world.now).toBe(before)
    await world.run(60_000)
  })
  test("with a hundred thousand messages waiting, a call is answered all the same", async () => {
    const { node, platform } = await simulated()
    const pid = await node.start(echo)
    await inProcess(platform, node, async (self) => {
      for (let n = 0; n < 100_000; n++) self.send(self.pid, n)
      expect(await self.call(pid).echo("quick")).toBe("quick")
      expect(await self.receive()).toBe(0)
    })
  })
  test("several at a time are answered each with its own, whatever their order", async () => {
    const { node, world } = await simulated()
    const far = await world.boot({ name: "b@sim" })
    const pids = [await node.start(echo), await far.start(echo)]
    const asked = pids.flatMap((pid) => Array.from({ length: 50 }, (_, n) => node.call(pid).echo(n)))
    const numbers = Array.from({ length: 50 }, (_, n) => n)
    expect(await Promise.all(asked)).toEqual([...numbers, ...numbers])
  })
  test("an answer that came too late is no message of the caller's", async () => {
    const { node, platform } = await simulated()
    const answers: (() => void)[] = []
    const keeps = genServer("cases.keeps", {
      init: () => ({}),
      calls: { ask: (self) => self.later<string>((from) => void answers.push(() => self.reply(from, "late"))) },
    })
    const pid = await node.start(keeps)
    await inProcess(platform, node, async (self) => {
      expect(await rejection(self.call(pid, { timeout: 5 }).ask())).toMatchObject({ reason: atom("timeout") })
      for (const answer of answers) answer()
      expect(
        await self.receive((message): message is unknown => message !== undefined, { timeout: 50 }),
      ).toBeUndefined()
    })
  })
})

describe("what a server lacks", () => {
  const bare = genServer("cases.bare", { init: () => ({}) })
  test("a call or a cast to a server without tables crashes it with a word about which", async () => {
    const { node, platform } = await simulated()
    const asked = await node.start(bare)
    expect(inspect(((await rejection(node.ask(asked, atom("what")))) as CallExit).reason)).toContain(
      "cases.bare has no call :what",
    )
    const pid = await node.start(bare)
    const end = endOf(platform, node, pid)
    node.send(pid, tuple(atom("$gen_cast"), atom("what")))
    expect(inspect(await end)).toContain("cases.bare has no cast :what")
  })
  test("a message without info, and a stop without terminate, harm nobody", async () => {
    const { node, platform, notes } = await simulated()
    const pid = await node.start(bare)
    node.send(pid, "hello")
    await settled(platform, node)
    expect(notes().join()).toContain("no info handler")
    const end = endOf(platform, node, pid)
    await inProcess(platform, node, (self) => Sys.terminate(self, pid, stopped))
    expect(await end).toBe(stopped)
  })
  test("what terminate throws is the reason it ends with, and is reported", async () => {
    const { node, platform, all } = await simulated()
    const messy = genServer("cases.messy", {
      init: () => ({}),
      calls: { leave: (self) => self.stop() },
      terminate: () => {
        throw new Error("while cleaning up")
      },
    })
    const pid = await node.start(messy)
    const end = endOf(platform, node, pid)
    await node.call(pid).leave()
    expect(inspect(await end)).toContain("while cleaning up")
    expect(all.filter(({ kind }) => kind === "crash")).toHaveLength(1)
  })
})

describe("formatStatus", () => {
  const shy = (format: (state: object) => unknown) =>
    genServer("cases.shy", {
      init: () => ({ hidden: "treasure" }),
      calls: {
        crash: (): void => {
          throw new Error("seen")
        },
      },
      formatStatus: format,
    })
  test("is what crash reports and the status show", async () => {
    const { node, platform, all } = await simulated()
    const pid = await node.start(shy(() => ({ shown: "this" })))
    const status = inspect(await inProcess(platform, node, (self) => Sys.getStatus(self, pid)), { limit: 1_000 })
    expect(status).toContain("this")
    expect(status).not.toContain("treasure")
    await rejection(node.call(pid).crash())
    expect(all.find(({ kind }) => kind === "crash")).toMatchObject({ state: { shown: "this" } })
  })
  test("that throws loses no crash report", async () => {
    const { node, all } = await simulated()
    const pid = await node.start(
      shy(() => {
        throw new Error("cannot format")
      }),
    )
    await rejection(node.call(pid).crash())
    const report = all.find(({ kind }) => kind === "crash")
    expect(inspect(report)).toContain("cannot format")
    expect(inspect(report)).not.toContain("treasure")
  })
  test("that throws harms no server that is asked for its status", async () => {
    const { node, platform } = await simulated()
    const pid = await node.start(
      shy(() => {
        throw new Error("cannot format")
      }),
    )
    const status = inspect(await inProcess(platform, node, (self) => Sys.getStatus(self, pid)))
    expect(status).toContain("cannot format")
    expect(status).not.toContain("treasure")
    expect(node.find(pid)).toBeDefined()
  })
})

describe("sys", () => {
  test("a state that cannot be replaced stays, and the server lives; also while it is suspended", async () => {
    const { node, platform } = await simulated()
    const pid = await node.start(echo)
    await inProcess(platform, node, async (self) => {
      for (const suspended of [false, true]) {
        if (suspended) await Sys.suspend(self, pid)
        const before = await Sys.getState(self, pid)
        const failed = await Sys.replaceState(self, pid, () => {
          throw new Error("no")
        }).catch((error: unknown) => error)
        expect(inspect(failed)).toContain("no")
        expect(await Sys.getState(self, pid)).toEqual(before)
        expect(await Sys.replaceState(self, pid, () => ({ seen: [suspended] }))).toEqual({ seen: [suspended] })
      }
      await Sys.resume(self, pid)
      expect(await self.call(pid).seen()).toEqual([true])
    })
  })
})

test("whereis tells of a name's process as long as it lives, and of nobody else", async () => {
  const { node, platform } = await simulated()
  expect(node.whereis(ECHO)).toBeUndefined()
  const pid = await node.start(echo, { name: ECHO })
  expect(node.whereis(ECHO)).toBe(pid)
  const end = endOf(platform, node, pid)
  await node.call(ECHO).stop(normal)
  await end
  expect(node.whereis(ECHO)).toBeUndefined()
  expect(node.whereis(makeName("nil", undefined))).toBeUndefined()
})
