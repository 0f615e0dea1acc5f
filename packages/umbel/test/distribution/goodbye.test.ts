/** Nodes that leave by themselves, and what the others say of it. */
import { expect, test } from "vitest"
import { simulate } from "../../src/sim/index.ts"
import { atom, inspect, makeName, tuple } from "../../src/term/index.ts"

const notes = async (goes: "stop" | "crash" | "disconnect"): Promise<readonly string[]> => {
  const told: string[] = []
  const world = simulate({ seed: 1 })
  const a = await world.boot({
    name: "a@sim",
    report: (report) => {
      if (report.kind === "note") told.push(`${report.level} ${report.text}`)
    },
  })
  const b = await world.boot({ name: "b@sim" })
  await b.connect(a.name)
  await world.run(1_000)
  if (goes === "stop") await b.stop()
  else if (goes === "crash") world.crash(b)
  else b.disconnect(a.name)
  await world.run(1_000)
  return told
}

test("a node that stops has left, which is no warning; one that crashes or cuts the connection is lost, which is", async () => {
  expect((await notes("stop")).at(-1)).toBe("info b@sim has left")
  for (const how of ["crash", "disconnect"] as const) {
    expect((await notes(how)).at(-1)).toBe("warning lost b@sim: it closed the connection")
  }
})

test("net_kernel refuses what it is not asked, and is there for the next ping", async () => {
  const world = simulate({ seed: 2 })
  const [a, b] = [await world.boot({ name: "a@sim" }), await world.boot({ name: "b@sim" })]
  const kernel = makeName("net_kernel", b.name)
  const asked = (request: unknown): Promise<unknown> => a.awaited(a.ask(kernel, request))
  expect(inspect(await asked(atom("get_state")))).toMatch(/error, "net_kernel is not asked :get_state/)
  expect(await asked(tuple(atom("is_auth"), atom(a.name)))).toBe(atom("yes"))
})
