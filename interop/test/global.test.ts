/** `global` among Umbel and Erlang nodes: names, clashes, locks, in both directions. */
import { atom, exported, genServer, type Node, type Pid, StartFailed, type Tuple, tuple } from "umbel"
import { Global, global, notifyAllName, type Resolver, randomNotifyName } from "umbel/global"
import type { BootOptions } from "umbel/nodejs"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { AskedBeam } from "../support/asked-beam.ts"
import { freePort } from "../support/ports.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"

const counter = genServer("interop.counter", {
  init: (start: number) => ({ count: start }),
  calls: { increment: ({ state }, by: number) => (state.count += by) },
  info: () => {},
})

/** A process that keeps what it is sent. */
function listener(node: Node): { readonly pid: Pid; readonly heard: unknown[] } {
  const heard: unknown[] = []
  const pid = node.spawn(async (self) => {
    for (;;) heard.push(await self.receive())
  })
  return { pid, heard }
}
/** An Erlang process that prints what it is sent, as `heard Term`. */
const echo = `spawn(fun() -> F = fun(F) -> receive M -> io:format("heard ~0p~n", [M]), F(F) end end, F(F) end)`
const heardBy = (beam: AskedBeam, text: string): Promise<string> =>
  beam.line((line) => line.startsWith(`heard ${text}`))

async function together(ours: string, theirs: string, options: Partial<BootOptions> = {}) {
  const epmdPort = await freePort()
  const { node, ...umbel } = await umbelNode(ours, COOKIE, epmdPort, { ...options, hidden: false })
  const beam = await AskedBeam.start({ name: theirs, cookie: COOKIE, epmdPort })
  const end = async (): Promise<void> => {
    await beam[Symbol.asyncDispose]()
    await umbel[Symbol.asyncDispose]()
  }
  const meet = async (): Promise<void> => {
    expect(await node.connect(theirs)).toBe(true)
    await Global.sync(node)
    expect(await beam.ask("global:sync()")).toBe("ok")
  }
  return { node, beam, epmdPort, meet, [Symbol.asyncDispose]: end }
}

describe.skipIf(!peers.erlang)("global names", { timeout: 60_000 }, () => {
  test("of either side are seen on the other, called through, taken once, and go with their processes and nodes", async () => {
    await using pair = await together("g1umbel@127.0.0.1", "g1beam@127.0.0.1")
    const { node, beam, meet, epmdPort } = pair
    const early = await node.start(counter, { arg: 10 })
    expect(await Global.register(node, atom("early"), { pid: early })).toBe(true)
    await meet()
    await using other = await AskedBeam.start({ name: "g1other@127.0.0.1", cookie: COOKIE, epmdPort })
    expect(await other.ask(`net_adm:ping('${beam.name}')`)).toBe("pong")
    expect(await other.ask("global:sync()")).toBe("ok")
    await expect.poll(() => node.nodes.toSorted()).toEqual([beam.name, other.name])
    for (const each of [beam, other]) {
      expect(await each.ask("node(global:whereis_name(early))")).toBe(`'${node.name}'`)
      expect(await each.ask("gen_server:call({global, early}, {increment, 1})")).toMatch(/1[12]/)
    }

    const serve = `spawn(fun() -> F = fun(F) -> receive {'$gen_call', From, R} -> gen_server:reply(From, {got, R}), F(F); stop -> ok end end, F(F) end)`
    expect(await beam.ask(`global:register_name(theirs, ${serve})`)).toBe("yes")
    await expect.poll(() => Global.whereis(node, atom("theirs"))?.node).toBe(beam.name)
    expect(String(await node.ask(global("theirs"), 5))).toBe(String(tuple(atom("got"), 5)))
    expect(await Global.register(node, atom("theirs"), { pid: early })).toBe(false)
    expect(await other.ask(`global:register_name(early, ${echo})`)).toBe("no")
    expect(await node.rpc(other.name).global!.whereis_name!(atom("early"))).toMatchObject({ key: early.key })

    node.exit(early, atom("kill"))
    await expect.poll(() => other.ask("global:whereis_name(early)")).toBe("undefined")
    await beam.ask("global:whereis_name(theirs) ! stop")
    await expect.poll(() => Global.whereis(node, atom("theirs"))).toBe(undefined)
    expect(await other.ask(`global:register_name(last, ${echo})`)).toBe("yes")
    await expect.poll(() => Global.names(node).map(String)).toEqual(["last"])
    await other[Symbol.asyncDispose]()
    await expect.poll(() => Global.names(node)).toEqual([])
    expect(await beam.ask("global:registered_names()")).toBe("[]")
  })

  test("name servers as they start, and a second one anywhere is already_started", async () => {
    await using pair = await together("g2umbel@127.0.0.1", "g2beam@127.0.0.1")
    const { node, beam, epmdPort, meet } = pair
    await meet()
    await using second = await umbelNode("g2second@127.0.0.1", COOKIE, epmdPort, { hidden: false })
    expect(await second.node.connect(beam.name)).toBe(true)
    await Global.sync(second.node)
    await expect.poll(() => second.node.nodes.length).toBe(2)
    const LEADER = global<typeof counter>("leader")
    const pid = await node.start(counter, { arg: 5, name: LEADER })
    expect(await second.node.call(LEADER).increment(2)).toBe(7)
    expect(await beam.ask("gen_server:call({global, leader}, {increment, 3})")).toBe("10")
    const failed: unknown = await second.node.start(counter, { arg: 5, name: LEADER }).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(StartFailed)
    expect((failed as StartFailed).reason).toEqual(tuple(atom("already_started"), pid))
    expect(second.node.whereis(LEADER)?.key).toBe(pid.key)
    await Global.unregister(second.node, atom("leader"))
    expect(await beam.ask("global:whereis_name(leader)")).toBe("undefined")
  })

  // The smaller node decides: once it is ours, once theirs.
  describe.each([
    ["ours decides", "g3a@127.0.0.1", "g3b@127.0.0.1"],
    ["theirs decides", "g4b@127.0.0.1", "g4a@127.0.0.1"],
  ])("that both have when they meet, where the node of %s", (_, ours, theirs) => {
    const ourMerges: BootOptions["expose"] = {
      interop: { keep_beam: (_self, _name, one: Pid, two: Pid) => [one, two].find(({ node }) => node === theirs) },
    }
    const clash = async (resolve: Resolver | undefined, method: string) => {
      const pair = await together(ours, theirs, { expose: ourMerges })
      const mine = listener(pair.node)
      expect(await Global.register(pair.node, atom("both"), { pid: mine.pid, resolve })).toBe(true)
      expect(await pair.beam.ask(`global:register_name(both, ${echo}, ${method})`)).toBe("yes")
      const pid = await pair.beam.ask("P = global:whereis_name(both), register(mine, P), P")
      await pair.meet()
      const where = await pair.beam.ask("try node(global:whereis_name(both)) catch _:_ -> none end")
      expect(Global.whereis(pair.node, atom("both"))?.node ?? "none").toBe(where.replaceAll("'", ""))
      return { ...pair, mine, pid, where }
    }

    test("are one's, and the other process is killed", async () => {
      await using met = await clash(undefined, "fun global:random_exit_name/3")
      const keeps = [ours, theirs].sort()[0]
      expect(met.where).toBe(`'${keeps}'`)
      await expect.poll(() => met.beam.ask("whereis(mine)")).toBe(keeps === ours ? "undefined" : met.pid)
      await expect.poll(() => met.node.rpc(ours).erlang!.is_process_alive!(met.mine.pid)).toBe(keeps === ours)
    })
    test("are one's, and the other is told", async () => {
      await using met = await clash(randomNotifyName, "fun global:random_notify_name/3")
      if (met.where === `'${ours}'`) await heardBy(met.beam, "{global_name_conflict,both}")
      else
        await expect
          .poll(() => met.mine.heard.map(String))
          .toEqual([String(tuple(atom("global_name_conflict"), atom("both")))])
    })
    test("are nobody's, and both are told", async () => {
      await using met = await clash(notifyAllName, "fun global:notify_all_name/3")
      expect(met.where).toBe("none")
      await heardBy(met.beam, "{global_name_conflict,both,")
      await expect.poll(() => met.mine.heard.length).toBe(1)
      expect((met.mine.heard[0] as Tuple).elements[2]).toMatchObject({ node: theirs })
    })
    test("are whose a function says that the deciding node has", async () => {
      const own = exported("interop", "keep_beam", 3)
      // Theirs is a closure of a shell: it decides where it was made.
      await using met = await clash(own, "fun(_, A, B) -> hd([P || P <- [A, B], node(P) =:= node()]) end")
      expect(met.where).toBe(`'${theirs}'`)
    })
  })
})

describe.skipIf(!peers.erlang)("global locks", { timeout: 60_000 }, () => {
  test("let one transaction at a time through, whichever node each is of", async () => {
    await using pair = await together("g5umbel@127.0.0.1", "g5beam@127.0.0.1")
    const { node, beam, epmdPort, meet } = pair
    await meet()
    await using other = await AskedBeam.start({ name: "g5other@127.0.0.1", cookie: COOKIE, epmdPort })
    expect(await other.ask(`net_adm:ping('${node.name}')`)).toBe("pong")
    expect(await other.ask("global:sync()")).toBe("ok")
    await expect.poll(() => beam.ask("length(nodes())")).toBe("2")
    // The counter is read, and later written: what two do at once is lost.
    await beam.ask(
      "spawn(fun() -> ets:new(shared, [named_table, public]), ets:insert(shared, {n, 0}), register(owner, self()), receive stop -> ok end end)",
    )
    await expect.poll(() => beam.ask("whereis(owner) =/= undefined andalso ets:lookup(shared, n)")).toBe("[{n,0}]")
    const ROUNDS = 10
    const theirs = (at: AskedBeam): Promise<string> =>
      at.ask(
        `[global:trans({shared, self()}, fun() -> [{n, V}] = rpc:call('${beam.name}', ets, lookup, [shared, n]), timer:sleep(1), rpc:call('${beam.name}', ets, insert, [shared, {n, V + 1}]) end) || _ <- lists:seq(1, ${ROUNDS})], ok`,
      )
    const ets = node.rpc(beam.name).ets!
    const shared = atom("shared")
    const once = (): Promise<unknown> =>
      Global.trans(node, shared, async () => {
        const [row] = (await ets.lookup!(shared, atom("n"))) as Tuple[]
        await ets.insert!(shared, tuple(atom("n"), (row!.elements[1] as number) + 1))
      })
    const ours = async (): Promise<void> => {
      for (let i = 0; i < ROUNDS; i++) await once()
    }
    await Promise.all([theirs(beam), theirs(other), ours(), ours()])
    expect(await beam.ask("ets:lookup(shared, n)")).toBe(`[{n,${4 * ROUNDS}}]`)
  })

  test("are refused while another has them, and go with their holders", async () => {
    await using pair = await together("g6umbel@127.0.0.1", "g6beam@127.0.0.1")
    const { node, beam, meet } = pair
    await meet()
    const resource = atom("disk")
    expect(await Global.setLock(node, resource)).toBe(true)
    expect(await beam.ask("global:set_lock({disk, me}, [node()|nodes()], 0)")).toBe("false")
    await Global.delLock(node, resource)
    await beam.ask("spawn(fun() -> global:set_lock({disk, me}), register(holder, self()), receive stop -> ok end end)")
    await expect.poll(() => beam.ask("is_pid(whereis(holder))")).toBe("true")
    await expect(Global.trans(node, resource, () => 1, { retries: 0 })).rejects.toThrow("was another's")
    await beam.ask("holder ! stop")
    expect(await Global.trans(node, resource, () => "mine")).toBe("mine")
  })
})
