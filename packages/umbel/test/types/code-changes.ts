/** Types of code changes, `ignore`, start time-outs, tasks by name, and configuration at boot. Compiled, never run. */

import { type DynamicSupervisorApi, startApplication, type stopApplication, Task } from "../../src/otp/index.ts"
import {
  type Api,
  agent,
  application,
  type Caller,
  type CodeChange,
  type CodeChanging,
  changeCode,
  child,
  genServer,
  genStatem,
  ignore,
  type Node,
  name,
  type Pid,
  supervisor,
} from "../../src/umbel/index.ts"
import { check, type Equal } from "./equal.ts"

// `ignore` is no part of the state.
const maybe = genServer("types.maybe", {
  init: (on: boolean) => (on ? { count: 0 } : ignore),
  calls: { count: ({ state }) => state.count },
  codeChange: (old, change) => {
    check<Equal<typeof old, unknown>>()
    check<Equal<typeof change, CodeChanging>>()
    return { count: 1 }
  },
  version: 2,
})
genServer("types.wrong", {
  init: () => ({ count: 0 }),
  // @ts-expect-error a changed state is of the type of the state
  codeChange: () => ({ total: 1 }),
})
const held = agent("types.agent", (): number => 0, { codeChange: async () => 3 })
agent("types.agent", (): number => 0, {
  // @ts-expect-error a changed value is of the type of the value
  codeChange: () => "three",
})

interface LightApi extends Api {
  calls: { push(): boolean }
  casts: {}
}
const light = genStatem<LightApi>()("types.light", {
  init: () => ({ state: "off", data: { pushes: 0 } }),
  states: { off: {}, on: { calls: { push: () => true } } },
  codeChange: ({ state, data }) => {
    check<Equal<typeof state, string>>()
    check<Equal<typeof data, unknown>>()
    return { state: "on", data: { pushes: 1 } }
  },
})
genStatem<LightApi>()("types.light", {
  init: () => ({ state: "off", data: { pushes: 0 } }),
  states: { off: {} },
  // @ts-expect-error there is no such state
  codeChange: () => ({ state: "broken", data: { pushes: 1 } }),
})

export async function changes(node: Node): Promise<void> {
  const done = await changeCode(node, [maybe, held, light, supervisor("types.top", { children: [] })], { extra: 1 })
  check<Equal<typeof done, readonly CodeChange[]>>()
  check<Equal<CodeChange["outcome"], "changed" | "restarted" | "failed">>()
  // @ts-expect-error definitions, not their names
  await changeCode(node, ["types.maybe"])
  const shop = application({ name: "shop", config: { limit: 1 } })
  await startApplication(node, shop.with({ limit: 2 }, "prod.ts"), { type: "permanent" })
  check<Equal<Awaited<ReturnType<typeof stopApplication>>, boolean>>()
}

export async function starts(node: Caller): Promise<void> {
  // A start gives a pid, or rejects: also where `init` may say ignore.
  const pid = await node.start(maybe, { arg: true, timeoutMs: 100 })
  check<Equal<typeof pid extends Pid<unknown> ? true : false, true>>()
  const count = await node.call(pid).count()
  check<Equal<typeof count, number>>()
  // @ts-expect-error milliseconds
  await node.start(maybe, { arg: true, timeoutMs: "100" })
  supervisor("types.top", { children: (on: boolean) => (on ? [child(maybe, { arg: on, startTimeoutMs: 5 })] : ignore) })
}

export async function tasks(node: Node): Promise<void> {
  const TASKS = name<DynamicSupervisorApi>("tasks")
  const near = await Task.asyncNoLink(node, TASKS, () => 1)
  check<Equal<typeof near, Task<number>>>()
  const named = await Task.asyncUnder<string>(node, TASKS.at("b@host"), { module: "m", function: "f", args: [1] })
  check<Equal<typeof named, Task<string>>>()
  // @ts-expect-error a function is named with its module
  await Task.asyncUnder(node, TASKS, { function: "f" })
  supervisor("types.top", { children: [Task.child(() => {}, { id: "once", restart: "transient" })] })
}
