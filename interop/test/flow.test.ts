/** Back-pressure and large messages, with a real BEAM node at the other end that is paused, busy or loud. */
import { atom, genServer, type Node, name, type Pid, tuple } from "umbel"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { BeamNode } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"
import { stopped } from "../support/signals.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const MIB = 1024 * 1024
const MESSAGES = 500
const suspended = atom("suspended")

/** Sends numbered messages of 64 KiB, one a turn. */
const flooder = genServer("flow.flooder", {
  init: () => ({ sent: 0 }),
  casts: {
    flood(self) {
      if (self.state.sent === MESSAGES) return
      self.send(COUNTER.at("counter@127.0.0.1"), tuple(self.state.sent++, new Uint8Array(64 * 1024)))
      // The same request to itself, as it goes over the wire.
      self.send(self.pid, tuple(atom("$gen_cast"), atom("flood")))
    },
  },
})
const COUNTER = name("counter")
const ECHO = name("echo")

/** `counter` counts what comes in order, `echo` answers calls, `loud` sends megabytes to whom it is told to. */
const SCRIPT = `
  register(counter, spawn(fun() ->
    (fun Loop(N) -> receive
      {'$gen_call', From, count} -> gen:reply(From, N), Loop(N);
      {N, _} -> Loop(N + 1);
      large -> Loop(N + 1)
    end end)(0)
  end)),
  register(echo, spawn(fun() ->
    (fun Loop() -> receive {'$gen_call', From, X} -> gen:reply(From, X), Loop(); _ -> Loop() end end)()
  end)),
  register(loud, spawn(fun() ->
    (fun Loop() -> receive {To, Count} ->
      [To ! binary:copy(<<"x">>, 100000) || _ <- lists:seq(1, Count)], Loop()
    end end)()
  end)),
  io:format("ready~n").`

const until = async (condition: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}
const beamNode = (name: string, epmdPort: number): Promise<BeamNode> =>
  BeamNode.start({ program: "erl", name, cookie: COOKIE, epmdPort, script: SCRIPT })
/** As Erlang asks for it. */
const statusOf = async (node: Node, pid: Pid): Promise<unknown> => {
  const info = (await node.rpc(node.name).erlang!.process_info!(pid, atom("status"))) as { elements: unknown[] }
  return info.elements[1]
}

describe.skipIf(!peers.erlang)("with Erlang", () => {
  test("a sender waits for a paused node, holds no more than a megabyte, and loses nothing when that one goes on", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("sender@127.0.0.1", COOKIE, epmdPort)
    await using beam = await beamNode("counter@127.0.0.1", epmdPort)
    const { node } = umbel
    await node.connect(beam.name)
    const pid = await node.start(flooder)
    {
      using _ = await stopped(beam)
      node.cast(pid).flood()
      await until(async () => (await statusOf(node, pid)) === suspended)
      // What the operating system holds may still grow; what we hold does not, and the sender stays where it is.
      for (let n = 0; n < 50; n++) await new Promise((resolve) => setTimeout(resolve, 2))
      expect(await statusOf(node, pid)).toBe(suspended)
      expect(node.remote.traffic()[0]?.unsent).toBeGreaterThan(MIB)
      expect(node.remote.traffic()[0]?.unsent).toBeLessThan(1.1 * MIB)
    }
    await until(async () => (await node.ask(COUNTER.at(beam.name), atom("count"))) === MESSAGES)
    expect(umbel.reports.join("\n")).not.toMatch(/lost/)
  })

  test("a large message holds up no small one", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("large@127.0.0.1", COOKIE, epmdPort)
    await using beam = await beamNode("counter@127.0.0.1", epmdPort)
    const { node } = umbel
    await node.connect(beam.name)
    const bytes = new Uint8Array(60 * MIB)
    // The answer to the small one, and what of the large one was still to be sent when it came.
    const small = await new Promise((resolve) => {
      node.spawn(async (self) => {
        self.send(COUNTER.at(beam.name), tuple(0, bytes))
        const answer = await node.ask(ECHO.at(beam.name), "small")
        resolve([answer, (node.remote.traffic()[0]?.unsent ?? 0) > MIB])
      })
    })
    expect(small).toEqual(["small", true])
    await until(async () => (await node.ask(COUNTER.at(beam.name), atom("count"))) === 1)
  })

  test("messages that nobody reads close the connection past the limit, with the reason; what is read may be any amount", async () => {
    const epmdPort = await freePort()
    const limits = { backlogBytes: 5 * MIB }
    await using umbel = await umbelNode("bounded@127.0.0.1", COOKIE, epmdPort, { limits })
    await using beam = await beamNode("loud@127.0.0.1", epmdPort)
    const { node } = umbel
    let read = 0
    const reader = node.spawn(async (self) => {
      for (;;) {
        await self.receive()
        read++
      }
    })
    const deaf = node.spawn(async (self) => void (await self.receive((message) => message === "never")))
    node.send(name("loud").at(beam.name), tuple(reader, 300))
    await until(() => read === 300)
    expect(umbel.reports.join("\n")).not.toMatch(/unread/)
    node.send(name("loud").at(beam.name), tuple(deaf, 300))
    await until(() =>
      umbel.reports.some((line) => /lost loud@127.0.0.1: \d+ bytes of its messages lie unread/.test(line)),
    )
    expect(await node.ask(ECHO.at(beam.name), "again")).toBe("again")
  })
})
