/** Our node, called, watched and refused by real Erlang. */
import { genServer, name, refuse, tuple } from "umbel"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { evaluate } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const counter = genServer("interop.counter", {
  init: (start: number) => ({ count: start, waited: 0, cancelled: 0 }),
  calls: {
    increment: ({ state }, by: number) => (state.count += by),
    get: ({ state }) => state.count,
    full: () => refuse("full"),
    search: (_self, words: string[], limit: number) => [{ words, limit }],
    later: (self) => self.later(Promise.resolve(tuple("late", 1))),
    wait: (self) => {
      const { state } = self
      state.waited++
      if (self.cancelled.aborted) state.cancelled++
      else self.cancelled.addEventListener("abort", () => state.cancelled++)
      return self.later(new Promise<string>(() => {}))
    },
    waited: ({ state }) => state.waited,
    cancelled: ({ state }) => state.cancelled,
    boom: () => {
      throw new RangeError("boom")
    },
  },
  casts: {
    reset: ({ state }) => {
      state.count = 0
    },
  },
})
const COUNTER = name<typeof counter>("counter")

describe.skipIf(!peers.erlang)("from Erlang", () => {
  test("a caller that gives up, and one that is killed, cancel the work they asked for", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("cancelled@127.0.0.1", COOKIE, epmdPort)
    await umbel.node.start(counter, { arg: 0, name: COUNTER })
    const to = "{counter, 'cancelled@127.0.0.1'}"
    // Connected before it calls: of a call that timed out before the connection was there, an Erlang node never takes its monitor back (25, between two of them too).
    const lines = await evaluate({
      name: "impatient@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `
        true = net_kernel:connect_node('cancelled@127.0.0.1'),
        Until = fun(Until, Request, Value) ->
          case gen_server:call(${to}, Request) of Value -> Value; _ -> Until(Until, Request, Value) end
        end,
        {'EXIT', {timeout, _}} = (catch gen_server:call(${to}, wait, 20)),
        io:format("~p~n", [Until(Until, cancelled, 1)]),
        {Pid, Ref} = spawn_monitor(fun() -> gen_server:call(${to}, wait, infinity) end),
        2 = Until(Until, waited, 2),
        exit(Pid, kill),
        receive {'DOWN', Ref, process, Pid, killed} -> ok end,
        io:format("~p~n", [Until(Until, cancelled, 2)]),
        [{'EXIT', {timeout, _}} = (catch gen_server:call(${to}, wait, 0)) || _ <- lists:seq(1, 100)],
        io:format("~p~n", [Until(Until, cancelled, 102)]),`,
    })
    expect(lines).toEqual(["1", "2", "102"])
  })

  test("a node is pinged, its servers are called and cast to, and say no", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("called@127.0.0.1", COOKIE, epmdPort)
    await umbel.node.start(counter, { arg: 5, name: COUNTER })
    const to = "{counter, 'called@127.0.0.1'}"
    const lines = await evaluate({
      name: "caller@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `
        io:format("~p~n", [net_adm:ping('called@127.0.0.1')]),
        io:format("~p~n", [gen_server:call(${to}, {increment, 2})]),
        gen_server:cast(${to}, reset),
        io:format("~p~n", [gen_server:call(${to}, get)]),
        io:format("~p~n", [gen_server:call(${to}, full)]),
        io:format("~p~n", [gen_server:call(${to}, later)]),
        io:format("~0p~n", [gen_server:call(${to}, {search, [<<"supervisor">>], 5})]),
        io:format("~p~n", [lists:member('called@127.0.0.1', nodes())]),`,
    })
    expect(lines).toEqual([
      "pong",
      "7",
      "0",
      '{error,<<"full">>}',
      '{<<"late">>,1}',
      '[#{limit => 5,words => [<<"supervisor">>]}]',
      "true",
    ])
  })

  test("a call to no one, and to a server that crashes, ends with the reason Erlang knows", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("crashing@127.0.0.1", COOKIE, epmdPort)
    await umbel.node.start(counter, { arg: 0, name: COUNTER })
    const lines = await evaluate({
      name: "caller2@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `
        {'EXIT', {A, _}} = (catch gen_server:call({nobody, 'crashing@127.0.0.1'}, get)), io:format("~p~n", [A]),
        {'EXIT', {{#{message := M, name := N}, _}, _}} = (catch gen_server:call({counter, 'crashing@127.0.0.1'}, boom)),
        io:format("~s ~s~n", [N, M]),`,
    })
    expect(lines).toEqual(["noproc", "RangeError boom"])
  })

  test("exit signals, monitors and links cross in both directions", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("bound@127.0.0.1", COOKIE, epmdPort)
    const heard: unknown[] = []
    let resolve = (): void => {}
    const both = new Promise<void>((done) => {
      resolve = done
    })
    umbel.node.spawn(async (self) => {
      self.register(name("ours"))
      self.trapExit(true)
      const hello = (await self.receive()) as { elements: [string, never] }
      self.monitor(hello.elements[1])
      self.link(hello.elements[1])
      self.send(hello.elements[1], "bound")
      heard.push(await self.receive(), await self.receive())
      resolve()
    })
    const lines = await evaluate({
      name: "binder@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `
        Main = self(),
        Victim = spawn(fun() ->
          {ours, 'bound@127.0.0.1'} ! {<<"hello">>, self()},
          receive <<"bound">> -> Main ! go end,
          receive stop -> exit(gone) end
        end),
        receive go -> ok end,
        Victim ! stop,
        Ref = monitor(process, {ours, 'bound@127.0.0.1'}),
        receive {'DOWN', Ref, process, {ours, 'bound@127.0.0.1'}, Reason} -> io:format("~p~n", [Reason]) end,`,
    })
    await both
    // Our process has ended in order once it had heard of theirs.
    expect(lines).toEqual(["normal"])
    expect(heard).toHaveLength(2)
    expect(heard.map((message) => (message as { kind: string }).kind).sort()).toEqual(["down", "exit"])
    for (const message of heard) expect((message as { reason: { text: string } }).reason.text).toBe("gone")
  })

  test("a wrong cookie gets pang, and our side says who was refused and why", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("strict@127.0.0.1", COOKIE, epmdPort)
    const lines = await evaluate({
      name: "stranger@127.0.0.1",
      cookie: "wrong",
      epmdPort,
      script: `io:format("~p~n", [net_adm:ping('strict@127.0.0.1')]),`,
    })
    expect(lines.filter((line) => line.startsWith("p"))).toEqual(["pang"])
    expect(umbel.reports.join("\n")).toContain(
      "refused stranger@127.0.0.1: stranger@127.0.0.1 does not share our cookie",
    )
  })
})
