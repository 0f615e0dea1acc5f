/**
 * What belongs to a process, and ends with it: names, timers, resources, and what it may do. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import { NameTaken, type Node, ProcessEnded, type Running } from "../../src/runtime/index.ts"
import { atom, inspect, kill, makeName, type Pid } from "../../src/term/index.ts"
import { endOf, type Fixture, inProcess, isText, rejection, reports, settled } from "./fixture.ts"

const boom = atom("boom")
const forever = async (self: Running): Promise<void> => {
  for (;;) await self.receive()
}
/** What a process has, and what is left after its end. */
export function belongings(platform: Fixture): void {
  namesAndTimers(platform)
  endings(platform)
}

function namesAndTimers(platform: Fixture): void {
  describe("names", () => {
    const clerk = makeName("clerk", undefined)
    test("find their process, and are free again once it has ended", async () => {
      const node = await platform.boot()
      const pid = node.spawn(async (self) => {
        self.register(clerk)
        await self.receive()
      })
      await platform.until(() => node.whereis(clerk) !== undefined)
      expect(node.whereis(clerk)).toBe(pid)
      node.send(clerk, "end")
      await platform.until(() => node.whereis(clerk) === undefined)
    })
    test("have one owner, and a process bears one name", async () => {
      const node = await platform.boot()
      node.spawn(async (self) => {
        self.register(clerk)
        await forever(self)
      })
      await platform.until(() => node.whereis(clerk) !== undefined)
      const errors = await inProcess(platform, node, async (self) => {
        const errors: unknown[] = []
        for (const name of [clerk, makeName("one", undefined), makeName("two", undefined)]) {
          try {
            self.register(name)
          } catch (error) {
            errors.push(error)
          }
        }
        return errors
      })
      expect(errors[0]).toBeInstanceOf(NameTaken)
      expect(errors[0]).toMatchObject({ holder: node.whereis(clerk) })
      expect(String(errors[1])).toMatch(/already registered as one/)
      expect(errors).toHaveLength(2)
    })
    test("can be given back", async () => {
      const node = await platform.boot()
      const free = await inProcess(platform, node, async (self) => {
        self.register(clerk)
        self.unregister(clerk)
        return self.whereis(clerk)
      })
      expect(free).toBeUndefined()
    })
  })

  describe("sendAfter", () => {
    test("brings messages in the order of their times, and none that was cancelled", async () => {
      const node = await platform.boot()
      const got = await inProcess(platform, node, async (self) => {
        self.sendAfter(40, "third")
        self.sendAfter(20, "second")
        self.sendAfter(5, "cancelled").cancel()
        self.sendAfter(0, "first")
        return [await self.receive(), await self.receive(), await self.receive()]
      })
      expect(got).toEqual(["first", "second", "third"])
    })
  })
}
function endings(platform: Fixture): void {
  describe("what ends with a process", () => {
    const ends: Record<string, (node: Node, pid: Pid) => void> = {
      "its return": (node, pid) => node.send(pid, "return"),
      "a throw": (node, pid) => node.send(pid, "throw"),
      "a kill": (node, pid) => node.exit(pid, kill),
    }
    for (const [how, end] of Object.entries(ends)) {
      test(`self.own closes its resources, the last first, and self.signal aborts: after ${how}`, async () => {
        const node = await platform.boot()
        const closed: string[] = []
        let signal: AbortSignal | undefined
        const pid = node.spawn(async (self) => {
          signal = self.signal as AbortSignal
          self.own({ [Symbol.dispose]: () => void closed.push("first") })
          self.own({ [Symbol.asyncDispose]: async () => void closed.push("second") })
          if ((await self.receive()) === "throw") throw new Error("thrown")
        })
        await settled(platform, node)
        expect(signal?.aborted).toBe(false)
        end(node, pid)
        await platform.until(() => closed.length === 2)
        expect(closed).toEqual(["second", "first"])
        expect(signal?.aborted).toBe(true)
      })
    }

    test("a resource that cannot be closed is reported, and the others are closed", async () => {
      const { notes, report } = reports()
      const node = await platform.boot({ report })
      let closed = false
      node.spawn(async (self) => {
        self.own({ [Symbol.dispose]: () => void (closed = true) })
        self.own({
          [Symbol.dispose]: () => {
            throw new Error("stuck")
          },
        })
      })
      await platform.until(() => closed)
      expect(notes().join()).toContain("stuck")
    })

    test("timers of a process end with it", async () => {
      const node = await platform.boot()
      const pid = node.spawn(async (self) => void self.sendAfter(1, "late"))
      await endOf(platform, node, pid)
      await inProcess(platform, node, async (self) => self.receive(isText, { timeout: 10 }))
      expect(node.find(pid)).toBeUndefined()
    })

    test("self.pipe brings the outcome of work as a message, whichever it is", async () => {
      const node = await platform.boot()
      const got = await inProcess(platform, node, async (self) => {
        const wrap = (outcome: PromiseSettledResult<string>) =>
          outcome.status === "fulfilled" ? ["ok", outcome.value] : ["failed", (outcome.reason as Error).message]
        self.pipe(Promise.resolve("done"), wrap)
        const first = await self.receive()
        self.pipe(Promise.reject<string>(new Error("not done")), wrap)
        return [first, await self.receive()]
      })
      expect(got).toEqual([
        ["ok", "done"],
        ["failed", "not done"],
      ])
    })

    test("what self.pipe makes of an outcome must be a term; else the process crashes", async () => {
      const node = await platform.boot()
      const pid = node.spawn(async (self) => {
        self.pipe(Promise.resolve(1), () => () => {})
        await self.receive()
      })
      const reason = await endOf(platform, node, pid)
      expect(inspect(reason)).toContain("a function is no term")
    })

    test("every verb of an ended process throws ProcessEnded", async () => {
      const node = await platform.boot()
      let dead: Running | undefined
      const pid = node.spawn(async (self) => {
        dead = self
      })
      await endOf(platform, node, pid)
      const self = dead!
      const other = node.spawn(forever)
      const name = makeName("x", undefined)
      const verbs: Record<string, () => unknown> = {
        send: () => self.send(other, 1),
        call: () => self.call(other as Pid<never>),
        cast: () => self.cast(other as Pid<never>),
        ask: () => self.ask(other, 1),
        receive: () => self.receive(),
        link: () => self.link(other),
        unlink: () => self.unlink(other),
        monitor: () => self.monitor(other),
        exitOther: () => self.exitOther(other, boom),
        trapExit: () => self.trapExit(true),
        register: () => self.register(name),
        sendAfter: () => self.sendAfter(1, 1),
        spawn: () => self.spawn(forever),
        spawnLink: () => self.spawnLink(forever),
        spawnMonitor: () => self.spawnMonitor(forever),
        label: () => self.label("x"),
        own: () => self.own({ [Symbol.dispose]: () => {} }),
        pipe: () => self.pipe(Promise.resolve(), () => 1),
      }
      for (const [verb, use] of Object.entries(verbs)) expect(use, verb).toThrow(ProcessEnded)
      expect((self.signal as AbortSignal).aborted).toBe(true)
      expect(node.find(other)).toBeDefined()
    })

    test("a client that was kept beyond its process refuses too", async () => {
      const node = await platform.boot()
      const other = node.spawn(forever)
      let use: (() => Promise<unknown>) | undefined
      const pid = node.spawn(async (self) => {
        const client = self.call(other as Pid<{ calls: { hello(): number }; casts: {} }>)
        use = () => client.hello()
      })
      await endOf(platform, node, pid)
      expect(await rejection(use!())).toBeInstanceOf(ProcessEnded)
    })
  })

  describe("zombies", () => {
    test("are what still awaits after its end, and nothing else", async () => {
      const node = await platform.boot()
      let go = (): void => {}
      const gate = new Promise<void>((resolve) => {
        go = resolve
      })
      const waiting = node.spawn(async () => gate)
      await endOf(
        platform,
        node,
        node.spawn(async () => {}),
      )
      await endOf(
        platform,
        node,
        node.spawn(async () => Promise.reject(boom)),
      )
      await endOf(
        platform,
        node,
        node.spawn(async (self) => self.exit(boom)),
      )
      const idle = node.spawn(forever)
      await settled(platform, node)
      node.exit(idle, kill)
      expect(node.zombies.size).toBe(0)
      node.exit(waiting, kill)
      expect(node.zombies.size).toBe(1)
      go()
      await settled(platform, node)
      expect(node.zombies.size).toBe(0)
    })
  })
}
