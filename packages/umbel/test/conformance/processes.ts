/**
 * Processes: the mailbox, and the reasons for an end. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import type { Running } from "../../src/runtime/index.ts"
import { atom, inspect, kill, killed, makeName, NotATerm, noproc, normal, Tuple, tuple } from "../../src/term/index.ts"
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
}
