/**
 * The cases of OTP's `gen_statem_SUITE` that mean something here, in virtual time. Those on the order of events are in `gen-statem-events.test.ts` and
 * `gen-statem-timeouts.test.ts`, those on tools in `gen-statem-self.test.ts`.
 */
import { describe, expect, test } from "vitest"
import { child, genStatem, Sys, supervisor } from "../../src/otp/index.ts"
import { type Api, CallExit, CallRefused, processDetails, StartFailed } from "../../src/runtime/index.ts"
import { atom, kill, normal, type Pid, shutdown, Tuple, tuple } from "../../src/term/index.ts"
import { DOOR, door } from "./door.ts"
import { machineWorld } from "./machine-world.ts"

const on = machineWorld()
/** Why the process ended. */
async function endOf(pid: Pid): Promise<unknown> {
  let reason: unknown = "it lives"
  on.node.monitor(pid, (down) => {
    reason = down.reason
  })
  await on.settle()
  return reason
}

describe("a door", () => {
  test("is unlocked, opened, closed and locked, and says where it is", async () => {
    const pid = await on.node.start(door, { arg: "1234" })
    expect(await on.node.call(pid).where()).toEqual({ state: "locked", tries: 0 })
    expect(await on.node.call(pid).unlock("1234")).toBe("ok")
    expect(await on.node.call(pid).open()).toBe("ok")
    expect(await on.node.call(pid).where()).toEqual({ state: "open", tries: 1 })
    expect(await on.node.call(pid).close()).toBe("ok")
    on.node.cast(pid).lock()
    expect(await on.node.call(pid).where()).toEqual({ state: "locked", tries: 1 })
  })
  test("refuses a wrong code, and is as locked as before", async () => {
    const pid = await on.node.start(door, { arg: "1234" })
    await expect(on.node.call(pid).unlock("0")).rejects.toThrow(CallRefused)
    expect(await on.node.call(pid).where()).toEqual({ state: "locked", tries: 1 })
  })
  test("locks itself after five seconds, and not while it is open", async () => {
    const pid = await on.node.start(door, { arg: "1234" })
    await on.node.call(pid).unlock("1234")
    await on.world.run(4_999)
    expect(await on.node.call(pid).where()).toMatchObject({ state: "closed" })
    await on.world.run(1)
    expect(await on.node.call(pid).where()).toMatchObject({ state: "locked" })
    await on.node.call(pid).unlock("1234")
    await on.world.run(4_999)
    await on.node.call(pid).open()
    await on.world.run(60_000)
    expect(await on.node.call(pid).where()).toMatchObject({ state: "open" })
  })
  test("lets in who asked while it was locked, in their order, as soon as it is unlocked", async () => {
    const pid = await on.node.start(door, { arg: "1234" })
    const opened = on.node.call(pid).open()
    await on.settle()
    expect(await on.node.call(pid).where()).toMatchObject({ state: "locked" })
    await on.node.call(pid).unlock("1234")
    expect(await opened).toBe("ok")
    expect(await on.node.call(pid).where()).toMatchObject({ state: "open" })
  })
  test("shows who it postponed as waiting in its mailbox, and is not woken by them", async () => {
    const pid = await on.node.start(door, { arg: "1234" })
    const opened = on.node.call(pid, { timeout: "infinity" }).open()
    await on.settle()
    const turns = on.node.scheduler.turns
    await on.world.run(60_000)
    expect(on.node.scheduler.turns).toBe(turns)
    expect(processDetails(on.node, pid)).toMatchObject({ status: "waiting", mailbox: 1, messages: ["call :open"] })
    await on.node.call(pid).unlock("1234")
    await opened
  })
  test("serves raw requests, as Elixir and Erlang make them", async () => {
    const pid = await on.node.start(door, { arg: "1234" })
    expect(await on.node.ask(pid, tuple(atom("unlock"), "0"))).toEqual(tuple(atom("error"), "wrong code"))
    expect(await on.node.ask(pid, tuple(atom("unlock"), "1234"))).toBe("ok")
    // Whole envelopes, as they come from another node: the call is postponed meanwhile.
    on.node.send(pid, tuple(atom("$gen_cast"), atom("lock")))
    const got: unknown[] = []
    on.node.spawn(async (self) => {
      self.send(pid, tuple(atom("$gen_call"), tuple(self.pid, "tag"), atom("open")))
      got.push(await self.receive())
    })
    await on.settle()
    expect(got).toEqual([])
    await on.node.call(pid).unlock("1234")
    await on.settle()
    expect(got).toEqual([tuple("tag", "ok")])
  })
  test("lives under a supervisor, by name, and begins anew after a crash", async () => {
    const top = supervisor("test.house", {
      children: () => [child(door, { arg: "1234", name: DOOR })],
    })
    await on.node.start(top)
    await on.node.call(DOOR).unlock("1234")
    await expect(on.node.call(DOOR).crash()).rejects.toThrow(CallExit)
    await on.settle()
    expect(await on.node.call(DOOR).where()).toEqual({ state: "locked", tries: 0 })
  })
})

describe("starting and stopping", () => {
  test("a name is taken once", async () => {
    const pid = await on.node.start(door, { arg: "1234", name: DOOR })
    await expect(on.node.start(door, { arg: "1234", name: DOOR })).rejects.toMatchObject({
      reason: tuple(atom("already_started"), pid),
    })
  })
  test("does not start when init throws, or begins nowhere", async () => {
    const begin = (init: () => never) => genStatem<Api>()("test.begin", { init, states: { a: {} } })
    const failing = begin(() => {
      throw new Error("no hinges")
    })
    await expect(on.node.start(failing)).rejects.toThrow(/no hinges/)
    await expect(on.node.start(begin(() => ({ state: "b", data: {} }) as never))).rejects.toThrow(
      /init of test.begin must return \{ state, data \}, a state of a and an object/,
    )
    await expect(on.node.start(begin(() => ({ state: "a", data: 1 }) as never))).rejects.toThrow(StartFailed)
    await expect(on.node.start(begin((async () => ({ state: "a" })) as never))).rejects.toThrow(StartFailed)
  })
  test("stops with the reason it is told, after the reply", async () => {
    for (const reason of [normal, shutdown, tuple(shutdown, "reason"), "other"]) {
      const pid = await on.node.start(door, { arg: "1234" })
      const ended = endOf(pid)
      expect(await on.node.call(pid).stop(reason)).toBe("stopped")
      expect(await ended).toEqual(reason)
      await expect(on.node.call(pid).where()).rejects.toMatchObject({ reason: atom("noproc") })
    }
  })
  test("terminate runs with the state it ends in: by itself, on a crash, by sys, and in `enter`", async () => {
    const ends: string[] = []
    interface EndApi extends Api {
      calls: {}
      casts: { stop(): void; crash(): void; go(to: "crashing" | "stopping"): void }
    }
    const ending = genStatem<EndApi>()("test.ending", {
      init: () => ({ state: "a", data: {} }),
      states: {
        a: {
          casts: {
            stop: (self) => {
              self.next("stopping")
              self.stop("enough")
            },
            crash: () => {
              throw new Error("boom")
            },
            go: (self, to) => self.next(to),
          },
        },
        crashing: {
          enter: async () => {
            await Promise.resolve()
            throw new Error("boom")
          },
        },
        stopping: { enter: (self) => self.stop("entered") },
      },
      terminate: (self, reason) =>
        void ends.push(`${self.state} ${reason instanceof Tuple ? "crash" : String(reason)}`),
    })
    const act = async (what: (pid: Pid<EndApi>) => unknown): Promise<void> => {
      const pid = await on.node.start(ending)
      what(pid)
      await on.settle()
    }
    await act((pid) => on.node.cast(pid).stop())
    await act((pid) => on.node.cast(pid).crash())
    await act((pid) => on.node.cast(pid).go("crashing"))
    await act((pid) => on.node.cast(pid).go("stopping"))
    await act((pid) => on.system(Sys.terminate(on.node, pid, "told")))
    expect(ends).toEqual(["a enough", "a crash", "crashing crash", "stopping entered", "a told"])
  })
  test("terminate and crash also follow the `enter` of the first state, once the machine has started", async () => {
    const ends: unknown[] = []
    for (const enter of [
      () => {
        throw new Error("at once")
      },
      () => Promise.reject(new Error("later")),
    ]) {
      const machine = genStatem<Api>()("test.first", {
        init: () => ({ state: "a", data: {} }),
        states: { a: { enter } },
        terminate: (self) => void ends.push(self.state),
      })
      await on.node.start(machine)
      await on.settle()
    }
    const stopping = genStatem<Api>()("test.first", {
      init: () => ({ state: "a", data: {} }),
      states: { a: { enter: (self) => self.stop("enough") } },
      terminate: (_self, reason) => void ends.push(reason),
    })
    await on.node.start(stopping)
    await on.settle()
    expect(ends).toEqual(["a", "a", "enough"])
    expect(on.reports.join("\n")).toContain("at once")
    expect(on.reports.join("\n")).toContain("later")
  })
  test("who waits in the mailbox, postponed or not, hears of the end", async () => {
    const pid = await on.node.start(door, { arg: "1234" })
    const postponed = Promise.allSettled([on.node.call(pid).open(), on.node.call(pid).open()])
    await on.settle()
    on.node.exit(pid, kill)
    expect(await postponed).toMatchObject([
      { reason: { reason: atom("killed") } },
      { reason: { reason: atom("killed") } },
    ])
  })
  test("refuses a definition with a table it does not know, or without states", () => {
    const define = (spec: object) => () => genStatem<Api>()("test.odd", spec as never)
    const init = () => ({ state: "a", data: {} })
    expect(define({ init, states: { a: {} }, calls: {} })).toThrow(
      /test.odd: a machine has no calls; it has init, states/,
    )
    expect(define({ init, states: { a: { call: {} } } })).toThrow(/test.odd: state a has no call; it has calls/)
    expect(define({ init, states: { a: {} }, any: { enter() {} } })).toThrow(/test.odd: any has no enter/)
    expect(define({ init, states: {} })).toThrow(/test.odd: a machine needs a state/)
    expect(define({ init, states: { a: { calls: { then: () => 1 } } } })).toThrow(/cannot be called then/)
  })
})

describe("events without an entry", () => {
  test("a call crashes the machine, and both sides are told in which state", async () => {
    const pid = await on.node.start(door, { arg: "1234" })
    await expect(on.node.call(pid).close()).rejects.toThrow(CallExit)
    expect(on.reports.join("\n")).toContain(
      "test.door (locked) has no call :close; it has where, stop, crash, unlock, open",
    )
  })
  test("a cast crashes the machine", async () => {
    const pid = await on.node.start(door, { arg: "1234" })
    const ended = endOf(pid)
    on.node.cast(pid).lock()
    await on.settle()
    expect(await ended).toBeInstanceOf(Tuple)
    expect(on.reports.join("\n")).toContain("test.door (locked) has no cast :lock")
  })
  test("a message is logged, and harms nobody", async () => {
    const pid = await on.node.start(door, { arg: "1234" })
    on.node.send(pid, "hello")
    expect(await on.node.call(pid).where()).toMatchObject({ state: "locked" })
    expect(on.reports.join("\n")).toContain('no info handler for the message "hello"')
  })
  test("a time-out and an inserted event crash the machine", async () => {
    const bare = genStatem<{ calls: {}; casts: { wait(): void; insert(): void } }>()("test.bare", {
      init: () => ({ state: "a", data: {} }),
      states: { a: { casts: { wait: (self) => self.timer("tea", 10, 1), insert: (self) => self.nextEvent("x") } } },
    })
    on.node.cast(await on.node.start(bare)).wait()
    on.node.cast(await on.node.start(bare)).insert()
    await on.world.run(10)
    expect(on.reports.join("\n")).toContain('test.bare (a) has no timeout for {{:timeout, "tea"}, 1}')
    expect(on.reports.join("\n")).toContain('test.bare (a) has no internal for {:internal, "x"}')
  })
})
