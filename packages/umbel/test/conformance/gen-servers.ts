/**
 * GenServer: requests, and replies in every form. Run for each platform by `platform.ts`.
 */
import { describe, expect, test } from "vitest"
import { type From, genServer, refuse } from "../../src/otp/index.ts"
import { CallRefused, type Node } from "../../src/runtime/index.ts"
import { atom, inspect, kill, killed, local, NotATerm, type Tuple, tuple } from "../../src/term/index.ts"
import { endOf, type Fixture, rejection, reports, settled } from "./fixture.ts"

import { COUNTER, keeper, startCounter } from "./servers.ts"

export function genServers(platform: Fixture): void {
  const started = async (): Promise<{ node: Node; pid: Awaited<ReturnType<typeof start>> }> => {
    const node = await platform.boot()
    return { node, pid: await start(node) }
  }
  const start = startCounter

  describe("requests", () => {
    test("calls are answered with what the handler returns, casts and calls in the order they were made", async () => {
      const { node, pid } = await started()
      expect(await node.call(pid).increment(2)).toBe(7)
      expect(await node.call(COUNTER).get()).toBe(7)
      node.cast(COUNTER).reset()
      const [one, two] = [node.call(pid).increment(1), node.call(pid).increment(1)]
      expect([await one, await two]).toEqual([1, 2])
    })

    test("an async handler holds its server: the next request is not begun before", async () => {
      const { node, pid } = await started()
      let go = (_by: number): void => {}
      const gate = new Promise<number>((resolve) => {
        go = resolve
      })
      const holding = await node.start(
        genServer("conformance.holding", {
          init: () => ({ log: [] as string[] }),
          calls: {
            async first({ state }) {
              state.log.push("first begins")
              await gate
              state.log.push("first ends")
            },
            second: ({ state }) => [...state.log, "second"],
          },
        }),
      )
      const first = node.call(holding).first()
      const second = node.call(holding).second()
      await settled(platform, node)
      go(1)
      await first
      expect(await second).toEqual(["first begins", "first ends", "second"])
      expect(await node.call(pid).slowly(1)).toBe(6)
    })

    test("a raw request finds the same handlers", async () => {
      const { node, pid } = await started()
      expect(await node.ask(pid, tuple(atom("increment"), 2))).toBe(7)
      expect(await node.ask(pid, atom("get"))).toBe(7)
    })

    test("requests outside the table go to `request`, and its answer may come later", async () => {
      const node = await platform.boot()
      const asked: unknown[] = []
      const pid = await node.start(
        genServer("conformance.raw", {
          init: () => ({ waiting: undefined as From<unknown> | undefined }),
          calls: { known: () => "known" },
          request(self, request, from) {
            asked.push(request)
            if (request !== 1) return refuse("what?")
            self.reply(from, "one")
            return self.later(() => {})
          },
        }),
      )
      expect(await node.ask(pid, 1)).toBe("one")
      expect(inspect(await node.ask(pid, "two"))).toBe('{:error, "what?"}')
      expect(await node.ask(pid, atom("known"))).toBe("known")
      expect(asked).toEqual([1, "two"])
    })

    test("a request may bear any name but then, and names of Object.prototype are no requests", async () => {
      const node = await platform.boot()
      const pid = await node.start(
        genServer("conformance.names", {
          init: () => ({}),
          calls: { toString: () => "mine", call: () => "called", $x: () => 1 },
        }),
      )
      expect([await node.call(pid).toString(), await node.call(pid).call(), await node.call(pid).$x()]).toEqual([
        "mine",
        "called",
        1,
      ])
      const odd = node.call(pid) as unknown as { valueOf(): Promise<unknown> }
      const error = await rejection(odd.valueOf())
      expect(String(error)).toMatch(/crashed with UnknownRequest: .*no call .*valueOf.*toString, call, \$x/)
    })

    test("every other message goes to info, and without info is reported and harms nobody", async () => {
      const { notes, report } = reports()
      const node = await platform.boot({ report })
      const got: unknown[] = []
      const hearing = genServer("conformance.hearing", {
        init: (_: void, self) => {
          self.send(self.pid, "from init")
          return {}
        },
        info: (_self, message) => void got.push(message),
      })
      node.send(await node.start(hearing), ["plain"])
      const pid = await start(node)
      node.send(pid, "unheard")
      expect(await node.call(pid).get()).toBe(5)
      await settled(platform, node)
      expect(got).toEqual(["from init", ["plain"]])
      expect(notes().join()).toContain('no info handler for the message "unheard"')
    })
  })

  describe("replies", () => {
    test("refuse rejects with CallRefused, and the server lives", async () => {
      const { node, pid } = await started()
      const error = await rejection(node.call(pid).full())
      expect(error).toBeInstanceOf(CallRefused)
      expect(error).toMatchObject({ reason: "full", target: pid, request: "full" })
      expect(await node.call(pid).get()).toBe(5)
    })

    test("a kept From is answered once, from whichever handler, and the server goes on meanwhile", async () => {
      const node = await platform.boot()
      const pid = await node.start(keeper)
      const taken = [node.call(pid).take(), node.call(pid).take()]
      expect(await node.call(pid).waiting()).toBe(2)
      node.cast(pid).give("here")
      expect(await Promise.all(taken)).toEqual(["here", "here"])
    })

    test("later with a promise answers when it settles", async () => {
      const node = await platform.boot()
      const pid = await node.start(keeper)
      expect(await node.call(pid).piped("soon")).toBe("soon")
      expect(await rejection(node.call(pid).pipedRefusal())).toBeInstanceOf(CallRefused)
      expect(await node.call(pid).waiting()).toBe(0)
    })

    test("later with a promise that rejects crashes the server, and its caller hears why", async () => {
      const node = await platform.boot()
      const pid = await node.start(keeper)
      const end = endOf(platform, node, pid)
      expect(String(await rejection(node.call(pid).pipedFailure()))).toContain("crashed with Error: lost")
      expect(((await end) as Tuple).elements[0]).toMatchObject({ message: "lost" })
    })

    test("callers whose From was kept hear of the server's end", async () => {
      const node = await platform.boot()
      const pid = await node.start(keeper)
      const taken = node.call(pid).take()
      expect(await node.call(pid).waiting()).toBe(1)
      node.exit(pid, kill)
      expect(await rejection(taken)).toMatchObject({ reason: killed })
    })

    test("a From can be answered by another process", async () => {
      const node = await platform.boot()
      const other = node.spawn(async (self) => {
        const from = (await self.receive()) as From<string>
        self.send(from.pid, tuple(from.tag, "not this way"))
      })
      const helper = genServer("conformance.helper", {
        init: () => ({}),
        casts: { answer: (self, from: From<string>) => self.reply(from, "from the helper") },
      })
      const helping = await node.start(helper)
      const front = await node.start(
        genServer("conformance.front", {
          init: () => ({}),
          calls: { ask: (self) => self.later<string>((from) => self.cast(helping).answer(from)) },
        }),
      )
      expect(await node.call(front).ask()).toBe("from the helper")
      node.exit(other, kill)
    })

    test("what is no term is refused in an argument, with the path, and crashes the server in a reply", async () => {
      const { node, pid } = await started()
      const odd = node.call(pid) as unknown as { increment(by: unknown): Promise<unknown> }
      const error = await rejection(odd.increment({ by: Symbol("x") }))
      expect(error).toBeInstanceOf(NotATerm)
      expect(String(error)).toContain(".by")
      expect(await node.call(pid).get()).toBe(5)
      const leaking = await node.start(
        genServer("conformance.leaking", { init: () => ({}), calls: { leak: () => ({ f: () => 1 }) } }),
      )
      expect(String(await rejection(node.call(leaking).leak()))).toContain("a function is no term")
    })

    test("neither side can change what the other holds, in arguments and in replies", async () => {
      const node = await platform.boot()
      const box = genServer("conformance.box", {
        init: (list: string[]) => ({ list }),
        calls: {
          put({ state }, list: string[]) {
            state.list = list
            list.push("server")
            return state.list
          },
          get: ({ state }) => state.list,
        },
      })
      const first = ["start"]
      const pid = await node.start(box, { arg: first })
      first.push("changed")
      expect(await node.call(pid).get()).toEqual(["start"])
      const sent = ["caller"]
      const got = await node.call(pid).put(sent)
      sent.push("changed")
      got.push("changed")
      expect(await node.call(pid).get()).toEqual(["caller", "server"])
    })

    test("local hands over the thing itself, on the node", async () => {
      const node = await platform.boot()
      const thing = { closed: false }
      const pid = await node.start(
        genServer("conformance.holder", {
          init: (held: { closed: boolean }) => ({ held }),
          calls: { close: ({ state }) => void (state.held.closed = true) },
        }),
        { arg: local(thing) },
      )
      await node.call(pid).close()
      expect(thing.closed).toBe(true)
    })
  })
}
