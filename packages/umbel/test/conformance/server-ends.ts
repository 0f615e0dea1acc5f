/**
 * GenServer: failures as callers see them, and the start and end of a server. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import { genServer, name } from "../../src/otp/index.ts"
import { CallExit, type Node, StartFailed } from "../../src/runtime/index.ts"
import {
  atom,
  calling_self,
  inspect,
  kill,
  killed,
  noproc,
  normal,
  type Pid,
  shutdown,
  type Tuple,
  tuple,
} from "../../src/term/index.ts"
import { endOf, type Fixture, inProcess, isText, rejection, reports, settled } from "./fixture.ts"

import { COUNTER, keeper, startCounter } from "./servers.ts"

const boom = atom("boom")
const timeout = atom("timeout")

/** Calls that fail, and the ends of servers. */
export function serverEnds(platform: Fixture): void {
  failures(platform, startCounter)
  endings(platform, startCounter)
}

function failures(platform: Fixture, start: (node: Node) => ReturnType<typeof startCounter>): void {
  describe("calls that fail", () => {
    test("a time-out rejects with what was asked of whom and how long, and a late answer goes nowhere", async () => {
      const node = await platform.boot()
      const pid = await node.start(keeper)
      const log = await inProcess(platform, node, async (self) => {
        const error = await rejection(self.call(pid, { timeout: 5 }).take())
        expect(error).toBeInstanceOf(CallExit)
        expect(error).toMatchObject({ reason: timeout, target: pid, request: "take", timeoutMs: 5 })
        expect(String(error)).toContain("no answer within 5 ms")
        self.cast(pid).give("late")
        expect(await self.call(pid).waiting()).toBe(0)
        return self.receive(isText, { timeout: 5 })
      })
      expect(log).toBeUndefined()
    })

    test("a request that was given up before it was begun is never begun", async () => {
      const node = await platform.boot()
      let go = (): void => {}
      const gate = new Promise<void>((resolve) => {
        go = resolve
      })
      const begun: number[] = []
      const pid = await node.start(
        genServer("conformance.queueing", {
          init: () => ({}),
          calls: { wait: async () => gate, note: (_self, n: number) => void begun.push(n) },
        }),
      )
      const controller = new AbortController()
      const waiting = node.call(pid).wait()
      const aborted = node.call(pid, { signal: controller.signal }).note(1)
      const late = node.call(pid, { timeout: 5 }).note(2)
      const kept = node.call(pid).note(3)
      controller.abort()
      expect(await rejection(aborted)).toMatchObject({ reason: atom("aborted") })
      expect(await rejection(late)).toMatchObject({ reason: timeout })
      go()
      await waiting
      await kept
      expect(begun).toEqual([3])
    })

    test("a signal that was aborted already rejects at once", async () => {
      const node = await platform.boot()
      const pid = await start(node)
      const signal = AbortSignal.abort()
      expect(await rejection(node.call(pid, { signal }).get())).toMatchObject({
        reason: atom("aborted"),
      })
    })

    test("a call to nobody rejects at once with noproc", async () => {
      const node = await platform.boot()
      const error = await rejection(node.call(COUNTER, { timeout: "infinity" }).get())
      expect(error).toBeInstanceOf(CallExit)
      expect(error).toMatchObject({ reason: noproc, target: COUNTER, request: "get", timeoutMs: "infinity" })
    })

    test("a call to oneself rejects at once", async () => {
      const node = await platform.boot()
      const me = name<{ calls: { hello(): string }; casts: {} }>("me")
      const pid = await node.start(
        genServer("conformance.narcissus", {
          init: () => ({}),
          calls: {
            async hello(self): Promise<string> {
              return String(await rejection(self.call(me).hello()))
            },
          },
        }),
        { name: me },
      )
      expect(await node.call(pid).hello()).toContain("calling_self")
      expect(await rejection(inProcess(platform, node, async (self) => self.ask(self.pid, 1)))).toMatchObject({
        reason: calling_self,
      })
    })

    test("a throw crashes the server; the caller hears what was thrown and those in the queue too", async () => {
      const { all, report } = reports()
      const node = await platform.boot({ report })
      const pid = await startCounter(node)
      const end = endOf(platform, node, pid)
      const [first, second] = [node.call(pid).crash(), node.call(pid).get()]
      const errors = await Promise.all([rejection(first), rejection(second)])
      for (const error of errors)
        expect(String(error)).toMatch(/call (crash|get) to .* failed: it crashed with TypeError: cannot add/)
      expect(((await end) as Tuple).elements[0]).toMatchObject({ name: "TypeError", message: "cannot add" })
      expect(all).toMatchObject([
        {
          kind: "crash",
          title: "counter",
          message: "call :crash",
          state: { count: 5 },
          unread: 1,
          ancestors: ["user", "init"],
        },
      ])
    })

    test("an unknown request crashes the server, as in OTP", async () => {
      const node = await platform.boot()
      const pid = await startCounter(node)
      const error = await rejection(node.ask(pid, tuple(atom("decrement"), 1)))
      expect(String(error)).toMatch(
        /UnknownRequest: conformance.counter has no call \{:decrement, 1\}; it has increment, get/,
      )
      const again = await startCounter(node)
      const end = endOf(platform, node, again)
      ;(node.cast(again) as unknown as { explode(): void }).explode()
      expect(inspect(await end)).toContain("has no cast")
    })

    test("a bare process that took calls and ends without an answer fails them all", async () => {
      const node = await platform.boot()
      const pid = node.spawn(async (self) => {
        await self.receive()
        await self.receive()
        self.exit(boom)
      })
      const errors = await Promise.all([rejection(node.ask(pid, 1)), rejection(node.ask(pid, 2))])
      expect(errors).toMatchObject([{ reason: boom }, { reason: boom }])
    })
  })
}

function endings(platform: Fixture, start: (node: Node) => ReturnType<typeof startCounter>): void {
  describe("start and end", () => {
    test("init may be async, and its failure is the starter's rejection", async () => {
      const { all, report } = reports()
      const node = await platform.boot({ report })
      const failing = genServer("conformance.failing", {
        async init(): Promise<{ ok: true }> {
          throw new Error("no database")
        },
      })
      const error = await rejection(node.start(failing))
      expect(error).toBeInstanceOf(StartFailed)
      expect(String(error)).toContain("conformance.failing did not start: no database")
      expect(all.filter(({ kind }) => kind === "crash")).toEqual([])
    })

    test("a state that is no object fails the start, and says so", async () => {
      const node = await platform.boot()
      const bare = genServer("conformance.bare", { init: () => 0 as unknown as object })
      expect(String(await rejection(node.start(bare)))).toContain("must return an object")
    })

    test("a name that is taken fails the start with already_started, and leaves nothing behind", async () => {
      const node = await platform.boot()
      const pid = await start(node)
      const before = node.count
      const error = await rejection(start(node))
      expect(error).toBeInstanceOf(StartFailed)
      expect(inspect((error as StartFailed).reason)).toBe(inspect(tuple(atom("already_started"), pid)))
      expect(node.count).toBe(before)
    })

    test("stop answers first, runs terminate with the reason, then ends with it", async () => {
      const node = await platform.boot()
      const told: unknown[] = []
      const stopping = genServer("conformance.stopping", {
        init: () => ({}),
        calls: {
          stop(self, reason: unknown) {
            self.stop(reason)
            return "goodbye"
          },
        },
        terminate: async (_self, reason) => void told.push(reason),
      })
      for (const reason of [shutdown, boom]) {
        const pid = await node.start(stopping)
        const end = endOf(platform, node, pid)
        expect(await node.call(pid).stop(reason)).toBe("goodbye")
        expect(await end).toBe(reason)
      }
      expect(told).toEqual([shutdown, boom])
    })

    test("stop without a reason is normal", async () => {
      const node = await platform.boot()
      const pid = await start(node)
      const end = endOf(platform, node, pid)
      await node.call(pid).end(undefined)
      expect(await end).toBe(normal)
    })

    test("terminate runs on a crash too, with the exit reason, and its own time is waited for", async () => {
      const node = await platform.boot()
      const told: unknown[] = []
      const pid = await node.start(
        genServer("conformance.crashing", {
          init: () => ({}),
          calls: {
            crash: (): number => {
              throw new Error("ouch")
            },
          },
          terminate: (_self, reason) => void told.push(reason),
        }),
      )
      const end = endOf(platform, node, pid)
      await rejection(node.call(pid).crash())
      const reason = await end
      expect(told).toHaveLength(1)
      expect(inspect(told[0])).toMatch(/^\{.*ouch.*\}$/)
      expect((reason as Tuple).elements[0]).toMatchObject({ message: "ouch" })
    })

    test("an exit signal ends a server without terminate, unless it traps exits and it comes from its parent", async () => {
      const node = await platform.boot()
      const told: unknown[] = []
      const trapping = genServer("conformance.trapping", {
        init: (trap: boolean, self) => {
          self.trapExit(trap)
          return {}
        },
        info: (_self, message) => void told.push(message),
        terminate: (_self, reason) => void told.push(reason),
      })
      const plain = await node.start(trapping, { arg: false })
      node.exit(plain, boom)
      expect(node.find(plain)).toBeUndefined()
      let pid: Pid | undefined
      const parent = node.spawn(async (self) => {
        pid = await self.startLink(trapping, { arg: true })
        await self.receive()
      })
      await platform.until(() => pid !== undefined)
      node.exit(pid!, boom)
      await platform.until(() => told.length === 1)
      const end = endOf(platform, node, pid!)
      node.exit(parent, shutdown)
      expect(await end).toBe(shutdown)
      expect(told).toMatchObject([{ kind: "exit", reason: boom }, shutdown])
    })

    test("stopping the node lets servers that trap exits terminate", async () => {
      const node = await platform.boot()
      const told: unknown[] = []
      await node.start(
        genServer("conformance.last_words", {
          init: (_: void, self) => {
            self.trapExit(true)
            return {}
          },
          terminate: async (_self, reason) => {
            await Promise.resolve()
            told.push(reason)
          },
        }),
      )
      await node.stop()
      expect(told).toEqual([shutdown])
      expect(node.count).toBe(0)
    })

    test("work that goes on after the end of its server finds that it can do nothing through self", async () => {
      const { notes, report } = reports()
      const node = await platform.boot({ report })
      let go = (): void => {}
      const gate = new Promise<void>((resolve) => {
        go = resolve
      })
      const outcomes: string[] = []
      const pid = await node.start(
        genServer("conformance.undead", {
          init: () => ({}),
          calls: {
            async work(self) {
              await gate
              try {
                self.send(self.pid, "x")
              } catch (error) {
                outcomes.push((error as Error).name)
              }
              throw new Error("after the end")
            },
          },
        }),
      )
      const work = node.call(pid).work()
      await settled(platform, node)
      node.exit(pid, kill)
      expect(await rejection(work)).toMatchObject({ reason: killed })
      expect(node.zombies.size).toBe(1)
      go()
      await settled(platform, node)
      expect(outcomes).toEqual(["ProcessEnded"])
      expect(node.zombies.size).toBe(0)
      expect(notes().join()).toContain("after the end")
    })
  })
}
