/** Dynamic supervisors of a size that their conformance suite, which runs in simulation too, does not have. */

import { atom, child, dynamicSupervisor, genServer, name } from "umbel"
import { boot } from "umbel/nodejs"
import { expect, test } from "vitest"

const worker = genServer("many.worker", { init: (n: number) => ({ n }), calls: { n: ({ state }) => state.n } })
const pool = dynamicSupervisor("many.pool", { intensity: 1_000 })
const POOL = name<typeof pool>("pool")
const MANY = 100_000

test("100,000 children start, answer, are started again, and stop", { timeout: 60_000 }, async () => {
  const node = await boot({ name: "many@127.0.0.1", report: () => {} })
  await node.start(pool, { name: POOL })
  const starts = Array.from({ length: MANY }, (_, n) =>
    node.call(POOL, { timeout: 60_000 }).startChild(child(worker, { arg: n })),
  )
  const pids = await Promise.all(starts)
  expect(await node.call(POOL).countChildren()).toEqual({ active: MANY })
  expect(await node.ask(pids[MANY - 1]!, atom("n"))).toBe(MANY - 1)
  for (const pid of pids.slice(0, 1_000)) node.exit(pid, "again")
  await expect
    .poll(async () => new Set((await node.call(POOL).children()).map(({ key }) => key)).has(pids[0]!.key))
    .toBe(false)
  expect(await node.call(POOL).countChildren()).toEqual({ active: MANY })
  await node.stop()
  expect(node.count).toBe(0)
})
