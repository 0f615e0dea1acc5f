/**
 * The same short story with each release of OTP that this machine has: a node of it, an Umbel node, and a node of the system's own release, all visible, in one cluster.
 *
 * Every test of this folder runs against one other release by `UMBEL_ERL=… UMBEL_ELIXIR=…`; this one shows that releases that differ (names of 5 words, `{ok, State}`, signals by
 * alias, `prio`) do not differ for us, nor for each other because of us.
 */
import { join } from "node:path"
import {
  atom,
  child,
  genServer,
  type Node,
  name,
  type Pid,
  type SupervisorApi,
  supervisor,
  type Tuple,
  tuple,
} from "umbel"
import { Global } from "umbel/global"
import { Pg, pgScope, Sys } from "umbel/otp"
import { beforeAll, describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { AskedBeam } from "../support/asked-beam.ts"
import { freePort } from "../support/ports.ts"
import { type TestNode, umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const counter = genServer("interop.counter", {
  init: (start: number) => ({ count: start }),
  calls: {
    get: ({ state }) => state.count,
    echo: (_self, term: unknown) => term,
    hang: (self) => self.later<number>(() => {}),
  },
})
const COUNTER = name<typeof counter>("counter")
const TOP = name<SupervisorApi>("top")
const top = supervisor("interop.top", { children: [child(counter, { arg: 5, name: COUNTER })] })

/** A process there with a state, which answers `sys` as its release does. */
const THEIR_SERVER = `proc_lib:spawn(fun() -> register(their_server, self()), gen_server:enter_loop(their_module, [], #{theirs => 7}) end)`
const ECHO = `spawn(fun() -> register(echo, self()), F = fun(F) -> receive {'$gen_call', From, X} -> gen:reply(From, X), F(F); stop -> exit(stopped) end end, F(F) end)`

interface Other {
  readonly otp: string
  readonly erl: string
}
const others: readonly Other[] = (["otp27", "otp29"] as const).flatMap((peer) => {
  const folder = peers[peer]
  return folder === undefined ? [] : [{ otp: peer.slice(3), erl: join(folder, "bin", "erl") }]
})

class Cluster implements AsyncDisposable {
  readonly umbel: TestNode
  readonly other: AskedBeam
  readonly system: AskedBeam
  private constructor(umbel: TestNode, other: AskedBeam, system: AskedBeam) {
    this.umbel = umbel
    this.other = other
    this.system = system
  }
  static async start({ otp, erl }: Other, story: string): Promise<Cluster> {
    const epmdPort = await freePort()
    const named = (word: string): string => `${story}${word}${otp}@127.0.0.1`
    const umbel = await umbelNode(named("umbel"), COOKIE, epmdPort, {
      hidden: false,
      expose: { shop: { twice: (_self, n: number) => 2 * n } },
    })
    const common = { cookie: COOKIE, epmdPort }
    const other = await AskedBeam.start({ ...common, name: named("other"), path: erl })
    const system = await AskedBeam.start({ ...common, name: named("system") })
    await umbel.node.start(top, { name: TOP })
    expect(await umbel.node.connect(other.name)).toBe(true)
    expect(await system.ask(`net_adm:ping('${other.name}')`)).toBe("pong")
    await expect.poll(() => umbel.node.nodes.length, { timeout: 10_000 }).toBe(2)
    return new Cluster(umbel, other, system)
  }
  get node(): Node {
    return this.umbel.node
  }
  async [Symbol.asyncDispose](): Promise<void> {
    await this.other[Symbol.asyncDispose]()
    await this.system[Symbol.asyncDispose]()
    await this.umbel[Symbol.asyncDispose]()
  }
}

describe.skipIf(!peers.erlang || others.length === 0).each(others)("with OTP $otp", { timeout: 60_000 }, (release) => {
  beforeAll(() => expect(release.erl).toMatch(/erl$/))

  test("calls, aliases, monitors and links go both ways, and large messages in fragments", async () => {
    await using cluster = await Cluster.start(release, "a")
    const { node, other } = cluster
    const us = `{counter, '${node.name}'}`
    expect(await other.ask("erlang:system_info(otp_release)")).toBe(`"${release.otp}"`)
    expect(await other.ask(`gen_server:call(${us}, get)`)).toBe("5")
    // A late answer goes to an alias that is no more, and to nobody's mailbox.
    expect(await other.ask(`catch element(1, element(2, catch gen_server:call(${us}, hang, 20)))`)).toBe("timeout")
    expect(await other.ask(`{A, M} = {alias(), make_ref()}, gen_server:call(${us}, {echo, [A, M]}) =:= [A, M]`)).toBe(
      "true",
    )
    expect(await other.ask(`byte_size(gen_server:call(${us}, {echo, binary:copy(<<7>>, 3000000)}))`)).toBe("3000000")
    expect(
      await other.ask(
        `{_, R} = spawn_monitor('${node.name}', shop, twice, [1]), receive {'DOWN', R, _, _, X} -> X end`,
      ),
    ).toBe("normal")

    await other.ask(ECHO)
    await expect.poll(() => other.ask("is_pid(whereis(echo))")).toBe("true")
    const ECHO_THERE = name("echo").at(other.name)
    const bytes = new Uint8Array(3_000_000).fill(255)
    const back = (await node.ask(ECHO_THERE, bytes)) as Uint8Array
    expect(Buffer.compare(back, bytes)).toBe(0)
    const ref = node.identities.ref()
    expect(String(await node.ask(ECHO_THERE, ref))).toBe(String(ref))
    const down = new Promise<unknown>((resolve) => node.monitor(ECHO_THERE, ({ reason }) => resolve(reason)))
    await expect(node.ask(name("nobody").at(other.name), 1)).rejects.toMatchObject({ reason: atom("noproc") })
    node.send(ECHO_THERE, atom("stop"))
    expect(await down).toBe(atom("stopped"))

    const linked = node.spawn(async (self) => {
      const pid = (await self.rpc(other.name).erlang!.spawn!(atom("timer"), atom("sleep"), [atom("infinity")])) as Pid
      self.link(pid)
      self.rpc(other.name).erlang!.exit!(pid, atom("bang")).catch(() => {})
      await self.receive()
    })
    await expect.poll(() => node.find(linked)).toBe(undefined)
    expect(
      await other.ask(
        `{P, R} = erlang:spawn_monitor(fun() -> link(rpc:call('${node.name}', erlang, whereis, [counter])), exit(rpc:call('${node.name}', erlang, whereis, [counter]), boom), receive _ -> ok end end), receive {'DOWN', R, _, P, X} -> X end`,
      ),
    ).toBe("boom")
  })

  test("rpc and erpc go both ways, and the release's own signals to aliases and with priority arrive", async () => {
    await using cluster = await Cluster.start(release, "b")
    const { node, other, system } = cluster
    expect(await other.ask(`rpc:call('${node.name}', shop, twice, [21])`)).toBe("42")
    expect(await other.ask(`erpc:call('${node.name}', shop, twice, [21])`)).toBe("42")
    expect(await other.ask(`erpc:multicall(['${node.name}', '${system.name}', node()], erlang, node, [])`)).toBe(
      `[{ok,'${node.name}'},{ok,'${system.name}'},{ok,'${other.name}'}]`,
    )
    expect(await node.rpc<{ lists: { sum(l: readonly number[]): number } }>(other.name).lists.sum([1, 2])).toBe(3)
    const heard: string[] = []
    await other.ask(
      `spawn(fun() -> register(relay, self()), receive {Alias, Pid} -> Alias ! by_alias, Pid ! by_pid, {listener, '${node.name}'} ! by_name end end)`,
    )
    node.spawn(async (self) => {
      self.register(name("listener"))
      self.send(name("relay").at(other.name), tuple(self.alias(), self.pid))
      for (;;) heard.push(String(await self.receive()))
    })
    await expect.poll(() => heard.toSorted().join()).toBe("by_alias,by_name,by_pid")
    if (Number(release.otp) < 28) return
    // Messages with priority need an alias with that option on the receiver's side, which ours do not give: what is sent as one arrives as any other.
    expect(await other.ask(`erlang:send({listener, '${node.name}'}, urgent, [priority])`)).toBe("ok")
    await expect.poll(() => heard).toContain("urgent")
  })

  test("names, locks and groups are those of all three", async () => {
    await using cluster = await Cluster.start(release, "c")
    const { node, other, system } = cluster
    for (const beam of [other, system]) expect(await beam.ask("global:sync()")).toBe("ok")
    await Global.sync(node)
    const ours = node.spawn(async (self) => void (await self.receive()))
    expect(await Global.register(node, atom("ours"), { pid: ours })).toBe(true)
    expect(await other.ask("global:register_name(theirs, spawn(timer, sleep, [infinity]))")).toBe("yes")
    for (const beam of [other, system]) {
      expect(await beam.ask("lists:sort([{N, node(global:whereis_name(N))} || N <- global:registered_names()])")).toBe(
        `[{ours,'${node.name}'},{theirs,'${other.name}'}]`,
      )
    }
    expect(await other.ask("global:trans({resource, self()}, fun() -> done end)")).toBe("done")
    expect(await Global.trans(node, "resource", () => "done")).toBe("done")

    await node.start(pgScope("pg"))
    await Pg.join(node, "pg", atom("room"), [ours])
    // The pg of OTP 28 and later ends that of OTP 25 with its first word, whoever else is there: those two are no cluster.
    const beams = Number(release.otp) < 28 ? [other, system] : [other]
    for (const beam of beams) {
      await beam.ask("spawn(fun() -> pg:start_link(), pg:join(room, self()), timer:sleep(infinity) end)")
    }
    const homes = (): string[] =>
      Pg.members(node, "pg", atom("room"))
        .map((pid) => pid.node)
        .sort()
    await expect.poll(homes, { timeout: 10_000 }).toEqual([...beams.map((beam) => beam.name), node.name].sort())
    for (const beam of beams) {
      await expect.poll(() => beam.ask("length(pg:get_members(room))")).toBe(String(beams.length + 1))
    }
  })

  test("states are told in the form that each release reads, and theirs are read in the form that each tells", async () => {
    await using cluster = await Cluster.start(release, "d")
    const { node, other, system } = cluster
    for (const beam of [other, system]) {
      expect(await beam.ask(`sys:get_state({counter, '${node.name}'})`)).toBe("#{count => 5}")
      expect(await beam.ask(`element(1, sys:get_status({counter, '${node.name}'}))`)).toBe("status")
      await beam.ask(THEIR_SERVER)
      await expect.poll(() => beam.ask("is_pid(whereis(their_server))")).toBe("true")
      const there = name("their_server").at(beam.name)
      expect(await Sys.getState(node, there)).toEqual({ theirs: 7 })
      // A state that looks like a reply is a state.
      expect(await beam.ask("sys:replace_state(their_server, fun(_) -> {ok, 8} end)")).toBe("{ok,8}")
      expect(String(await Sys.getState(node, there))).toBe(String(tuple(atom("ok"), 8)))
      expect(
        await beam.ask(
          `try sys:replace_state({counter, '${node.name}'}, fun(S) -> S end) of X -> X catch error:R -> {refused, R} end`,
        ),
      ).toMatch(/^\{refused,/)
    }
    expect(await other.ask(`rpc:call('${node.name}', sys, get_state, [counter])`)).toBe("#{count => 5}")
  })

  test("supervisors, and what the observer asks first, are answered", async () => {
    await using cluster = await Cluster.start(release, "e")
    const { node, other } = cluster
    expect(
      await other.ask(`[{counter, P, worker, _}] = supervisor:which_children({top, '${node.name}'}), is_pid(P)`),
    ).toBe("true")
    expect(await other.ask(`lists:sort(supervisor:count_children({top, '${node.name}'}))`)).toBe(
      "[{active,1},{specs,1},{supervisors,0},{workers,1}]",
    )
    expect(await other.ask(`rpc:call('${node.name}', erlang, system_info, [otp_release])`)).toMatch(/^"\d+"$/)
    expect(
      await other.ask(
        `proplists:get_value(process_count, rpc:call('${node.name}', observer_backend, sys_info, [])) > 5`,
      ),
    ).toBe("true")
    const procs = `Me = self(), spawn_link('${node.name}', observer_backend, procs_info, [Me]), receive {procs_info, _, L} -> length(L) > 5; Other -> Other after 5000 -> late end`
    expect(await other.ask(procs)).toBe("true")
    const kernel = await node.ask(name("kernel_sup").at(other.name), atom("count_children"))
    expect((kernel as Tuple[]).map(({ elements }) => String(elements[0]))).toContain("workers")
  })
})
