/** A cluster to look at: two Umbel nodes, an Erlang and an Elixir node, and the observer on the first. */
import { AsyncLocalStorage } from "node:async_hooks"
import { fileURLToPath } from "node:url"
import type { Application, DeepPartial, Node } from "umbel"
import { boot } from "umbel/nodejs"
import type { TraceContext } from "umbel/runtime"
import { BeamNode } from "../../../../interop/support/beam-node.ts"
import { freePort } from "../../../../interop/support/ports.ts"
import { type ObserverConfig, observer, observerAddress } from "../../src/index.ts"
import { index, letter, MAILER, shop } from "./system.ts"

export const FRONT = "obs1@127.0.0.1"
export const BACK = "obs2@127.0.0.1"
export const ERLANG = "erl@127.0.0.1"
export const ELIXIR = "elixir@127.0.0.1"
export const LETTERS = 30

/** A process by hand, to be sent to and killed, which owns two tables; `sasl`, for a tree. */
const ERLANG_SCRIPT =
  "application:start(sasl)," +
  "Tables = fun() -> ets:new(prices, [named_table, public, ordered_set])," +
  '[ets:insert(prices, {N, #{bread => rye, password => <<"hunter2">>}}) || N <- lists:seq(1, 120)],' +
  "ets:new(safe, [named_table, private]) end," +
  "Starter = self()," +
  "register(counter, spawn(fun() -> Tables(), {ok, _} = socket:open(inet, stream, tcp), Starter ! up, " +
  "(fun Loop() -> receive stop -> ok after infinity -> Loop() end end)() end))," +
  "receive up -> ok end," +
  'io:format("ready~n").'

/** Runs `work` as a part of that trace: what it sends is, too. */
export const inTrace = <T>(id: string, work: () => T): T => requests.run(id, work)
const requests = new AsyncLocalStorage<string>()
const requestContext: TraceContext = {
  capture: () => requests.getStore(),
  run: (id, handle) => requests.run(String(id), handle),
}

export interface TestCluster extends AsyncDisposable {
  readonly front: Node
  back: Node
  readonly address: string
  bootBack(): Promise<Node>
}

export async function testCluster({
  beam = false,
  more = [],
  load = [],
  ...config
}: DeepPartial<ObserverConfig> & {
  beam?: boolean
  more?: Application[]
  load?: Application[]
} = {}): Promise<TestCluster> {
  const epmdPort = await freePort()
  const common = { cookie: "c", epmdPort, report: () => {}, traceContext: requestContext, rememberMessages: 3 }
  const front = await boot({
    ...common,
    name: FRONT,
    load,
    applications: [
      shop,
      ...more,
      observer.with({ port: await freePort(), refreshMs: 100, requestsPerSecond: 1_000, ...config }),
    ],
  })
  const bootBack = () => boot({ ...common, name: BACK, applications: [index] })
  const back = await bootBack()
  await front.connect(BACK)
  const beams = beam
    ? await Promise.all([
        BeamNode.start({ program: "erl", name: ERLANG, cookie: "c", epmdPort, script: ERLANG_SCRIPT }),
        BeamNode.start({
          program: "elixir",
          name: ELIXIR,
          cookie: "c",
          epmdPort,
          script: fileURLToPath(new URL("bakery.exs", import.meta.url)),
        }),
      ])
    : []
  for (const { name } of beams) await front.connect(name)
  for (let number = 0; number <= LETTERS; number++) front.send(MAILER, letter(number))
  const cluster: TestCluster = {
    front,
    back,
    bootBack,
    address: await observerAddress(front),
    async [Symbol.asyncDispose]() {
      for (const one of beams) await one[Symbol.asyncDispose]()
      await cluster.back.stop()
      await front.stop()
    },
  }
  return cluster
}
