/** What Erlang's tools are told of a process: its initial call goes by its kind, as on the BEAM. */
import { expect, test } from "vitest"
import { initialCall } from "../../src/beam/process-kind.ts"
import { boot } from "../../src/nodejs/index.ts"
import { dynamicSupervisor, genServer, supervisor } from "../../src/otp/index.ts"
import { atom, type Pid, tuple } from "../../src/term/index.ts"

const worker = genServer("kinds.worker", { init: () => ({}) })
const pool = dynamicSupervisor("kinds.pool")
const top = supervisor("kinds.top", { children: [] })

test("a dynamic supervisor has the initial call of a regular one, and a server its own", async () => {
  const node = await boot({ name: "kinds@127.0.0.1", report: () => {} })
  const told = (pid: Pid) => initialCall(node.find(pid)!)
  expect(told(await node.start(top))).toEqual(tuple(atom("supervisor"), atom("kinds.top"), 1))
  expect(told(await node.start(pool))).toEqual(tuple(atom("supervisor"), atom("kinds.pool"), 1))
  expect(told(await node.start(worker))).toEqual(tuple(atom("kinds.worker"), atom("init"), 1))
  expect(told(node.spawn(() => new Promise(() => {})))).toEqual(tuple(atom("proc_lib"), atom("init_p"), 5))
  await node.stop()
})
