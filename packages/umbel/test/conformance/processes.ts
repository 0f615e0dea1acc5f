/**
 * Processes: spawn, mailbox, exits, names, timers and what ends with a process. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import { isDown, isExit, NameTaken, type Node, ProcessEnded, type Running } from "../../src/runtime/index.ts"
import {
  atom,
  inspect,
  kill,
  killed,
  makeName,
  NotATerm,
  noproc,
  normal,
  type Pid,
  Tuple,
  tuple,
} from "../../src/term/index.ts"
import { endOf, type Fixture, inProcess, isNumber, isText, rejection, reports, settled } from "./fixture.ts"

const boom = atom("boom")
const forever = async (self: Running): Promise<void> => {
  for (;;) await self.receive()
}

export function processes(platform: Fixture): void {
  describe("mailbox", () => {
    test("messages arrive in the order in which they were sent, from each of several senders", async () => {
      const node = await platform.boot()
      const got: [string, number][] = []
      const sink = node.spawn(async (self) => {
        for (;;) got.push((await self.receive()) as [string, number])
      })
      for (const who of ["a", "b"]) {
        node.spawn(async (self) => {
          for (let n = 0; n < 500; n++) self.send(sink, [who, n])
        })
      }
      await platform.until(() => got.length === 1_000)
      for (const who of ["a", "b"]) {
        expect(got.filter(([from]) => from === who).map(([, n]) => n)).toEqual(Array.from({ length: 500 }, (_, n) => n))
      }
    })

    test("a receive with a guard takes the first message that fits and leaves the others in order", async () => {
      const node = await platform.boot()
      const taken = await inProcess(platform, node, async (self) => {
        for (const message of [1, 2, "first", 3, "second"]) self.send(self.pid, message)
        const texts = [await self.receive(isText), await self.receive(isText)]
        return [...texts, await self.receive(), await self.receive(), await self.receive()]
      })
      expect(taken).toEqual(["first", "second", 1, 2, 3])
    })

    test("a receive with a guard waits past messages that do not fit", async () => {
      const node = await platform.boot()
      let got: unknown
      const pid = node.spawn(async (self) => {
        got = [await self.receive(isText), await self.receive()]
      })
      node.send(pid, 1)
      await settled(platform, node)
      expect(got).toBeUndefined()
      node.send(pid, "word")
      await platform.until(() => got !== undefined)
      expect(got).toEqual(["word", 1])
    })

    test("a receive that times out gives undefined, and what comes later waits for the next", async () => {
      const node = await platform.boot()
      const got = await inProcess(platform, node, async (self) => {
        self.sendAfter(30, "late")
        const first = await self.receive(isText, { timeout: 1 })
        return [first, await self.receive(isText, { timeout: Number.POSITIVE_INFINITY })]
      })
      expect(got).toEqual([undefined, "late"])
    })

    test("a receive with a time-out of 0 looks at what is there and does not wait", async () => {
      const node = await platform.boot()
      const got = await inProcess(platform, node, async (self) => {
        self.send(self.pid, "here")
        return [await self.receive(isNumber, { timeout: 0 }), await self.receive(isText, { timeout: 0 })]
      })
      expect(got).toEqual([undefined, "here"])
    })

    test("an aborted receive gives undefined", async () => {
      const node = await platform.boot()
      const got = await inProcess(platform, node, async (self) => {
        const controller = new AbortController()
        const waiting = self.receive(isText, { timeout: Number.POSITIVE_INFINITY, signal: controller.signal })
        controller.abort()
        return [await waiting]
      })
      expect(got).toEqual([undefined])
    })

    test("a second receive while one is pending throws, as a forgotten one would eat a message", async () => {
      const node = await platform.boot()
      const error = await rejection(
        inProcess(platform, node, async (self) => {
          void self.receive()
          await self.receive()
        }),
      )
      expect(String(error)).toMatch(/already waits in a receive/)
    })

    test("what a guard throws crashes the process", async () => {
      const node = await platform.boot()
      const pid = node.spawn(async (self) => {
        await self.receive((_message): _message is string => {
          throw new RangeError("bad guard")
        })
      })
      node.send(pid, 1)
      const reason = await endOf(platform, node, pid)
      expect((reason as Tuple).elements[0]).toMatchObject({ name: "RangeError", message: "bad guard" })
    })

    test("a loop of receives over a full mailbox takes every message once", async () => {
      const node = await platform.boot()
      const sum = await inProcess(platform, node, async (self) => {
        for (let n = 1; n <= 1_000; n++) self.send(self.pid, n)
        let sum = 0
        for (let n = 0; n < 1_000; n++) sum += await self.receive(isNumber)
        return sum
      })
      expect(sum).toBe(500_500)
    })

    test("a message to nobody is dropped", async () => {
      const node = await platform.boot()
      const pid = node.spawn(async () => {})
      expect(await endOf(platform, node, pid)).toBe(normal)
      node.send(pid, "hello")
      node.send(makeName("nobody", undefined), "hello")
      await settled(platform, node)
    })

    test("sender and receiver never share what was sent", async () => {
      const node = await platform.boot()
      const sent = { tags: ["a"] }
      let got: { tags: string[] } | undefined
      const pid = node.spawn(async (self) => {
        got = (await self.receive()) as { tags: string[] }
        got.tags.push("receiver")
      })
      node.send(pid, sent)
      sent.tags.push("sender")
      await platform.until(() => got !== undefined)
      await settled(platform, node)
      expect(got).toEqual({ tags: ["a", "receiver"] })
      expect(sent).toEqual({ tags: ["a", "sender"] })
    })

    test("what is no term is refused where it is sent, with the path to it", async () => {
      const node = await platform.boot()
      const pid = node.spawn(forever)
      const send = (): void => node.send(pid, { list: [1, { socket: () => 1 }] })
      expect(send).toThrow(NotATerm)
      expect(send).toThrow("message.list[1].socket")
    })
  })

  describe("exit reasons", () => {
    const reasonOf = async (body: (self: Running) => Promise<void>): Promise<unknown> => {
      const node = await platform.boot()
      return endOf(platform, node, node.spawn(body))
    }

    test("a function that returns ends normal", async () => {
      expect(await reasonOf(async (self) => void (await self.receive(isText, { timeout: 0 })))).toBe(normal)
    })
    test("self.exit ends with its reason, which is any term", async () => {
      expect(inspect(await reasonOf(async (self) => self.exit(tuple(boom, 1))))).toBe("{:boom, 1}")
    })
    test("a throw ends with {exception, stacktrace}", async () => {
      const reason = await reasonOf(async () => {
        throw new TypeError("oh no")
      })
      expect(reason).toBeInstanceOf(Tuple)
      const [error, stack] = (reason as Tuple).elements
      expect(error).toBeInstanceOf(Error)
      expect(error).toMatchObject({ name: "TypeError", message: "oh no" })
      expect(inspect(stack)).toContain("processes.ts")
    })
    test("what is thrown and is no error is the reason itself", async () => {
      expect(
        await reasonOf(async () => {
          throw boom
        }),
      ).toBe(boom)
    })
    test("a verb's rejection that nobody catches ends with the reason and the call", async () => {
      const reason = await reasonOf(async (self) => void (await self.ask(makeName("nobody", undefined), atom("hello"))))
      expect((reason as Tuple).elements[0]).toBe(noproc)
      expect(inspect(reason)).toContain("nobody")
    })
    test("kill ends as killed, though the process traps exits", async () => {
      const node = await platform.boot()
      let trapping = false
      const pid = node.spawn(async (self) => {
        self.trapExit(true)
        trapping = true
        await forever(self)
      })
      await platform.until(() => trapping)
      const end = endOf(platform, node, pid)
      node.exit(pid, kill)
      expect(await end).toBe(killed)
    })
    test("an exit signal ends with its reason, but normal from somebody else changes nothing", async () => {
      const node = await platform.boot()
      const pid = node.spawn(forever)
      node.exit(pid, normal)
      await settled(platform, node)
      expect(node.find(pid)).toBeDefined()
      const end = endOf(platform, node, pid)
      node.exit(pid, boom)
      expect(await end).toBe(boom)
    })
    test("a crash is reported with what was thrown; an orderly end is not", async () => {
      const { all, report } = reports()
      const node = await platform.boot({ report })
      await endOf(
        platform,
        node,
        node.spawn(async (self) => self.exit(atom("shutdown"))),
      )
      await endOf(
        platform,
        node,
        node.spawn(async () => Promise.reject(new Error("seen"))),
      )
      const crashes = all.filter(({ kind }) => kind === "crash")
      expect(crashes).toMatchObject([{ error: { message: "seen" } }])
    })
    test("an exit through self.exit is reported by its reason", async () => {
      const { all, report } = reports()
      const node = await platform.boot({ report })
      const pid = node.spawn(async (self) => {
        await self.receive()
        self.exit(boom)
      })
      const end = endOf(platform, node, pid)
      node.send(pid, "go on")
      await end
      expect(all).toMatchObject([{ kind: "crash", reason: boom, error: undefined }])
    })
  })

  links(platform)
  monitors(platform)
  namesAndTimers(platform)
  belongings(platform)
}

function links(platform: Fixture): void {
  describe("links", () => {
    const pair = async (node: Node, trap: boolean): Promise<{ parent: Pid; child: Pid; got: unknown[] }> => {
      const got: unknown[] = []
      let child: Pid | undefined
      const parent = node.spawn(async (self) => {
        self.trapExit(trap)
        child = self.spawnLink(forever)
        for (;;) got.push(await self.receive())
      })
      await platform.until(() => child !== undefined)
      return { parent, child: child!, got }
    }

    test("end together when one ends abnormally, whichever it is", async () => {
      const node = await platform.boot()
      for (const first of ["parent", "child"] as const) {
        const both = await pair(node, false)
        const other = endOf(platform, node, first === "parent" ? both.child : both.parent)
        node.exit(both[first], boom)
        expect(await other).toBe(boom)
      }
    })
    test("a normal end does not take the other along", async () => {
      const node = await platform.boot()
      let done = false
      const parent = node.spawn(async (self) => {
        self.spawnLink(async () => {})
        await self.receive()
        done = true
      })
      await settled(platform, node)
      node.send(parent, "go on")
      await platform.until(() => done)
    })
    test("are told as a message to one that traps exits, with pid and reason", async () => {
      const node = await platform.boot()
      const { child, got } = await pair(node, true)
      node.exit(child, boom)
      await platform.until(() => got.length > 0)
      expect(got).toEqual([{ kind: "exit", pid: child, reason: boom }])
      expect(isExit(got[0])).toBe(true)
    })
    test("a linked process that ended with the reason kill can be trapped, as in Erlang", async () => {
      const node = await platform.boot()
      const got = await inProcess(platform, node, async (self) => {
        self.trapExit(true)
        self.spawnLink(async (other) => other.exit(kill))
        return self.receive(isExit)
      })
      expect(got.reason).toBe(kill)
    })
    test("a killed process tells its links killed", async () => {
      const node = await platform.boot()
      const { child, got } = await pair(node, true)
      node.exit(child, kill)
      await platform.until(() => got.length > 0)
      expect(got).toMatchObject([{ reason: killed }])
    })
    test("to a process that is no more bring noproc", async () => {
      const node = await platform.boot()
      const gone = node.spawn(async () => {})
      await endOf(platform, node, gone)
      const got = await inProcess(platform, node, async (self) => {
        self.trapExit(true)
        self.link(gone)
        return self.receive(isExit)
      })
      expect(got).toEqual({ kind: "exit", pid: gone, reason: noproc })
    })
    test("hold no more after unlink, on either side", async () => {
      const node = await platform.boot()
      const both = await inProcess(platform, node, async (self) => {
        const other = self.spawnLink(forever)
        self.unlink(other)
        self.exitOther(other, boom)
        return [other, (await self.receive(isText, { timeout: 1 })) ?? "alive"] as const
      })
      expect(both[1]).toBe("alive")
      expect(node.find(both[0])).toBeUndefined()
    })
    test("break along a chain of any length", async () => {
      const node = await platform.boot()
      let last: Pid | undefined
      const chain = (left: number) => async (self: Running) => {
        if (left === 0) last = self.pid
        else self.spawnLink(chain(left - 1))
        await self.receive()
      }
      const first = node.spawn(chain(3_000))
      await platform.until(() => last !== undefined)
      const end = endOf(platform, node, last!)
      node.exit(first, boom)
      expect(await end).toBe(boom)
    })
  })
}

function monitors(platform: Fixture): void {
  describe("monitors", () => {
    test("bring exactly one Down, with the reference, the target and the reason", async () => {
      const node = await platform.boot()
      const got = await inProcess(platform, node, async (self) => {
        const [pid, ref] = self.spawnMonitor(async (other) => other.exit(boom))
        const down = await self.receive(isDown)
        return { pid, ref, down, more: await self.receive(isDown, { timeout: 1 }) }
      })
      expect(got.down).toEqual({ kind: "down", ref: got.ref, target: got.pid, reason: boom })
      expect(got.more).toBeUndefined()
    })
    test("several of one target each bring their own", async () => {
      const node = await platform.boot()
      const got = await inProcess(platform, node, async (self) => {
        const pid = self.spawn(forever)
        const refs = [self.monitor(pid), self.monitor(pid)]
        self.exitOther(pid, boom)
        const downs = [await self.receive(isDown), await self.receive(isDown)]
        return { refs: refs.map(({ key }) => key), downs: downs.map(({ ref }) => ref.key) }
      })
      expect(new Set(got.downs)).toEqual(new Set(got.refs))
    })
    test("of a process that is no more bring noproc at once", async () => {
      const node = await platform.boot()
      const gone = node.spawn(async () => {})
      await endOf(platform, node, gone)
      expect(await endOf(platform, node, gone)).toBe(noproc)
      const target = makeName("nobody", undefined)
      const down = await inProcess(platform, node, async (self) => {
        self.monitor(target)
        return self.receive(isDown)
      })
      expect(down).toMatchObject({ target, reason: noproc })
    })
    test("bring nothing after demonitor", async () => {
      const node = await platform.boot()
      const got = await inProcess(platform, node, async (self) => {
        const pid = self.spawn(forever)
        self.demonitor(self.monitor(pid))
        const gone = self.monitor(makeName("nobody", undefined))
        self.demonitor(gone)
        const [, kept] = [self.exitOther(pid, boom), self.monitor(pid)]
        return [(await self.receive(isDown)).ref.key === kept.key, await self.receive(isDown, { timeout: 1 })]
      })
      expect(got).toEqual([true, undefined])
    })
    test("of the node tell a callback once, or not at all once disposed", async () => {
      const node = await platform.boot()
      const pid = node.spawn(forever)
      const told: unknown[] = []
      const disposed = node.monitor(pid, (down) => told.push(down))
      disposed[Symbol.dispose]()
      node.monitor(pid, ({ reason }) => told.push(reason))
      node.exit(pid, boom)
      await settled(platform, node)
      expect(told).toEqual([boom])
    })
  })
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

function belongings(platform: Fixture): void {
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
