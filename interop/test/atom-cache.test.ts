/** The atom cache as we send it, read by a real BEAM node; and theirs, read by us, at the same time. */
import { atom, name, tuple } from "umbel"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { BeamNode } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const ECHO = name("echo")
const SCRIPT = `
  register(echo, spawn(fun() ->
    (fun Loop() -> receive {'$gen_call', From, X} -> gen:reply(From, X), Loop() end end)()
  end)),
  io:format("ready~n").`

describe.skipIf(!peers.erlang).each([true, false])("with Erlang, and cacheAtoms %s", (cacheAtoms) => {
  test("atoms come back as they were: known, new, long, more than there are slots, and in messages in fragments", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("cache@127.0.0.1", COOKIE, epmdPort, { cacheAtoms })
    await using beam = await BeamNode.start({
      program: "erl",
      name: "beam@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: SCRIPT,
    })
    const { node } = umbel
    const echoed = async (term: unknown): Promise<void> => {
      expect(await node.ask(ECHO.at(beam.name), term)).toEqual(term)
    }
    for (let round = 0; round < 3; round++) {
      await echoed([atom("é".repeat(255)), atom(""), atom("x".repeat(255)), true, null, undefined])
      for (let n = 0; n < 10; n++) {
        await echoed(Array.from({ length: 300 }, (_, i) => atom(`atom ${n} ${i}`)))
        await echoed({ key: { [`key_${n}`]: [tuple(atom(`value_${n}`), { id: n })] } })
      }
      // Large ones from several processes, with small ones in between.
      const large = (n: number) => tuple(atom(`large_${round}_${n}`), "y".repeat(300_000), atom(`end_${n}`))
      await Promise.all(
        Array.from(
          { length: 20 },
          (_, n) =>
            new Promise<void>((resolve, reject) => {
              node.spawn(async (self) => {
                const term = n % 2 === 0 ? large(n) : tuple(atom(`small_${round}_${n}`), n)
                const answer = await self.ask(ECHO.at(beam.name), term)
                if (String(answer) === String(term)) resolve()
                else reject(new Error(`${n} came back changed`))
              })
            }),
        ),
      )
    }
    expect(umbel.reports.join("\n")).not.toMatch(/lost/)
    expect(beam.lines).toEqual(["ready"])
  })
})
