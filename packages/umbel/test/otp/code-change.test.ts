/** That nothing keeps the older definitions of changed code. What changes and how is in `conformance/code-changes.ts`. */
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, test } from "vitest"
import { boot } from "../../src/nodejs/index.ts"
import { changeCode, child, dynamicSupervisor, genServer, genStatem, supervisor } from "../../src/otp/index.ts"
import type { Api, Definition } from "../../src/runtime/index.ts"
import type { Pid } from "../../src/term/index.ts"

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

interface EditionApi extends Api {
  calls: { edition(): number }
  casts: {}
}
/** Each edition is heavy enough to be missed: what keeps one of them keeps its ballast. */
const server = (edition: number) => {
  const ballast = new Uint8Array(1_000)
  return genServer("collected.server", {
    init: () => ({ edition }),
    calls: { edition: () => edition + ballast[0]! },
    codeChange: () => ({ edition }),
  })
}
const machine = (edition: number) =>
  genStatem<EditionApi>()("collected.machine", {
    init: () => ({ state: "on", data: {} }),
    states: { on: { calls: { edition: () => edition } } },
  })
const family = (edition: number) =>
  supervisor("collected.family", {
    children: [child(server(edition)), child(server(edition), { id: "again" }), child(machine(edition))],
  })

test("a thousand changes leave no older definition behind", { timeout: 60_000 }, async () => {
  const CHANGES = 1_000
  await using node = await boot({ name: "collected@127.0.0.1", report: () => {} })
  const top = await node.start(family(0))
  const dynamic = await node.start(dynamicSupervisor("collected.dynamic"))
  const added = await node.call(dynamic).startChild(child(server(0), { id: "added" }))
  const older: WeakRef<object>[] = []
  const change = async (edition: number): Promise<void> => {
    const definitions: readonly Definition<never, Api>[] = [server(edition), machine(edition), family(edition)]
    if (edition < CHANGES) for (const definition of definitions) older.push(new WeakRef(definition))
    const changes = await changeCode(node, definitions)
    expect(changes.map(({ outcome }) => outcome)).toEqual(["changed", "changed", "changed", "changed", "changed"])
  }
  for (let edition = 1; edition <= CHANGES; edition++) await change(edition)
  const startStale = async (): Promise<Pid> => {
    const stale = server(-1)
    older.push(new WeakRef(stale))
    return node.call(dynamic).startChild(child(stale, { id: "stale" }))
  }
  const late = await startStale()
  // The latest message of a process may be kept until the next one comes.
  expect(await node.call(dynamic).countChildren()).toEqual({ active: 2 })
  // Weak references hold until the turn in which they were made is over.
  for (let rounds = 0; rounds < 10 && older.some((ref) => ref.deref() !== undefined); rounds++) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
  expect(older.length).toBe(3 * (CHANGES - 1) + 1)
  expect(older.filter((ref) => ref.deref() !== undefined)).toEqual([])
  const children = await node.call(top).children()
  expect(children.map(({ id }) => id)).toEqual(["collected.server", "again", "collected.machine"])
  for (const pid of [added, late]) expect(await node.call(pid as Pid<EditionApi>).edition()).toBe(CHANGES)
})
