/** Elixir's own modules, pointed at processes of ours, and our verbs at processes of Elixir's own modules. */
import { fileURLToPath } from "node:url"
import {
  type Api,
  agent,
  atom,
  child,
  type DynamicSupervisorApi,
  dynamicSupervisor,
  genServer,
  isTuple,
  name,
  ok,
  Pid,
  shutdown,
  supervisor,
  type Tuple,
  tuple,
} from "umbel"
import { Sys, taskSupervisor } from "umbel/otp"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { BeamNode } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const TOOLS = fileURLToPath(new URL("../peers/tools.exs", import.meta.url))

const counter = genServer("interop.counted", {
  init: () => ({ count: 0 }),
  calls: { increment: ({ state }, by: number) => (state.count += by), get: ({ state }) => state.count },
  casts: {
    reset: ({ state }) => {
      state.count = 0
    },
  },
})

describe.skipIf(!peers.elixir)("Elixir's modules", () => {
  test("find what they expect in our servers, supervisors, agents and tasks", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("tools4@127.0.0.1", COOKIE, epmdPort, {
      expose: {
        shop: {
          total: (_self, prices: readonly number[]) => prices.reduce((sum, price) => sum + price, 0),
          plus: (_self, state: number, by: number) => state + by,
          swap: (_self, state: number, next: number) => tuple(state, next),
          broken: () => {
            throw new RangeError("no such price")
          },
          quit: (self) => self.exit(tuple(atom("shutdown"), 7)),
          send_back: (self, to: Pid, text: string) => self.send(to, text),
        },
      },
    })
    const { node } = umbel
    await node.start(counter, { name: name("counter") })
    await node.start(counter, { name: name("brief") })
    await node.start(supervisor("interop.top", { children: [child(counter, { id: "kept" })] }), { name: name("top") })
    await node.start(
      agent("interop.cache", () => 1),
      { name: name("cache") },
    )
    await node.start(taskSupervisor("interop.tasks"), { name: name("tasks") })
    const rooms = name<DynamicSupervisorApi>("rooms")
    await node.start(dynamicSupervisor("interop.rooms"), { name: rooms })
    await node.call(rooms).startChild(child(counter))
    await using beam = await BeamNode.start({
      program: "elixir",
      name: "tools4beam@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: TOOLS,
      args: [node.name],
    })
    const said = Object.fromEntries(
      beam.lines.filter((line) => line.includes(" => ")).map((line) => line.split(/ => (.*)/, 2)),
    )
    expect(said).toEqual({
      "GenServer.call": "2",
      "GenServer.cast": "{:ok, 0}",
      "GenServer.multi_call": ":ok",
      "GenServer.whereis": "true",
      "sys.get_state": "%{count: 0}",
      "sys.get_status": ":status",
      "sys.suspend": "{:ok, :ok, 0}",
      "sys.statistics": "[:start_time, :current_time, :messages_in]",
      // Functions do not cross nodes.
      "sys.replace_state": '{:error, "replace_state needs a function, and functions do not cross nodes"}',
      "GenServer.stop": ":ok",
      "Supervisor.which_children": '{:kept, true, :worker, [:"interop.counted"]}',
      "Supervisor.count_children": "[active: 1, specs: 1, supervisors: 0, workers: 1]",
      "Supervisor.terminate_child": ":ok",
      "Supervisor.restart_child": "true",
      "Supervisor.delete_child": "{:error, :running}",
      "DynamicSupervisor.count_children": "[active: 1, specs: 1, supervisors: 0, workers: 1]",
      "DynamicSupervisor.which_children": '[{:undefined, true, :worker, [:"interop.counted"]}]',
      "DynamicSupervisor.terminate_child": "{:ok, {:error, :not_found}}",
      "Agent.get": "11",
      "Agent.update": "{:ok, 6}",
      "Agent.get_and_update": "6",
      "Agent.cast": "{:ok, 101}",
      "Agent.stop": ":ok",
      "Task.Supervisor.async": "303",
      "Task.Supervisor.async_nolink":
        '[__exception__: true, __struct__: RuntimeError, message: "no such price", name: "RangeError"]',
      "Task.Supervisor.async_stream": "[ok: 11, ok: 12, ok: 13]",
      "Task.Supervisor.start_child": "true",
      "Node.spawn": '"over there"',
      "Node.spawn_link": "{:shutdown, 7}",
      "Node.spawn_monitor": "{:shutdown, 7}",
      ":erpc.multicall": "true",
      "Process.monitor": ":noproc",
      "Node.ping": ":pong",
    })

    // The other way round: Elixir's own processes, asked from here.
    const there = <A extends Api>(registered: string) => name<A>(registered).at(beam.name)
    const [only] = (await node.ask(there("theirs"), atom("which_children"))) as Tuple[]
    const [, theirs] = only!.elements as readonly [unknown, Pid]
    expect(only).toEqual(tuple(undefined, expect.any(Pid), atom("worker"), [atom("Elixir.Agent")]))
    expect(await node.ask(there("theirs"), atom("count_children"))).toContainEqual(tuple(atom("active"), 1))
    expect(await node.ask(there("agent"), tuple(atom("get"), tuple(atom("Elixir.Kernel"), atom("+"), [1])))).toBe(42)
    expect(await node.ask(there("agent"), tuple(atom("update"), tuple(atom("Elixir.Kernel"), atom("*"), [2])))).toBe(ok)
    expect(await Sys.getState(node, there("agent"))).toBe(82)
    await Sys.suspend(node, there("agent"))
    const held = node.ask(there("agent"), tuple(atom("get"), tuple(atom("Elixir.Kernel"), atom("-"), [2])))
    await Sys.resume(node, there("agent"))
    expect(await held).toBe(80)
    expect(isTuple(await Sys.getStatus(node, there("agent")))).toBe(true)
    const elixir = node.rpc(beam.name)
    const [[who, value]] = ((await elixir["Elixir.Registry"]!.lookup!(atom("Elixir.Names"), "room")) as Tuple[]).map(
      ({ elements }) => elements,
    ) as [readonly [unknown, unknown]]
    expect([who, value]).toEqual([expect.any(Pid), 7])
    expect(await elixir["Elixir.String"]!.upcase!("żółw")).toBe("ŻÓŁW")
    const down = new Promise((resolve) => node.monitor(theirs, resolve))
    expect(await node.ask(there("theirs"), tuple(atom("terminate_child"), theirs))).toBe(ok)
    expect(await down).toMatchObject({ kind: "down", reason: shutdown })
  }, 60_000)
})
