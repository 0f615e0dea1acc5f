/** Process groups over Erlang, Elixir and Umbel nodes. */
import { atom, child, type Node, name, type Pid, supervisor, tuple } from "umbel"
import { isPgNews, Pg, pgScope } from "umbel/otp"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { BeamNode } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const scopes = supervisor("interop.scopes", { children: [child(pgScope("pg"))] })

/** A process that is in the group until it is told to end. */
const member = (node: Node, group: unknown): Pid =>
  node.spawn(async (self) => {
    await Pg.join(self, "pg", group)
    await self.receive()
  })
const memberNodes = (node: Node, group: unknown): string[] => Pg.members(node, "pg", group).map((pid) => pid.node)

describe.skipIf(!peers.erlang)("pg", () => {
  const erlang = (nodeName: string, epmdPort: number) =>
    BeamNode.start({
      program: "erl",
      name: nodeName,
      cookie: COOKIE,
      epmdPort,
      script: `
        {ok, _} = pg:start_link(),
        Loop = fun(Loop) -> receive
          {join, Group} -> Pid = spawn(fun() -> receive stop -> ok end end), pg:join(Group, Pid), put(Group, Pid), Loop(Loop);
          {leave, Group} -> pg:leave(Group, get(Group)), Loop(Loop);
          {stop, Group} -> get(Group) ! stop, Loop(Loop);
          {members, Group, From} -> From ! length(pg:get_members(Group)), Loop(Loop)
        end end,
        spawn(fun() -> register(member, self()), io:format("ready~n"), Loop(Loop) end).`,
    })

  test("members of an Erlang node and of ours are seen on both sides, and go with their processes", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("pg1@127.0.0.1", COOKIE, epmdPort)
    const { node } = umbel
    await node.start(scopes)
    await using beam = await erlang("pg1beam@127.0.0.1", epmdPort)
    const remote = name("member").at(beam.name)
    const group = atom("rooms")
    const theirs = async (): Promise<number> =>
      new Promise((resolve) => {
        node.spawn(async (self) => {
          self.send(remote, tuple(atom("members"), group, self.pid))
          resolve((await self.receive()) as number)
        })
      })

    const before = member(node, group)
    node.send(remote, tuple(atom("join"), group))
    await expect.poll(() => memberNodes(node, group)).toEqual([node.name, beam.name])
    await expect.poll(theirs).toBe(2)

    const after = member(node, group)
    await expect.poll(theirs).toBe(3)
    node.send(after, "end")
    await expect.poll(theirs).toBe(2)

    node.send(remote, tuple(atom("leave"), group))
    await expect.poll(() => memberNodes(node, group)).toEqual([node.name])
    node.send(remote, tuple(atom("join"), group))
    await expect.poll(() => memberNodes(node, group)).toHaveLength(2)
    node.send(remote, tuple(atom("stop"), group))
    await expect.poll(() => memberNodes(node, group)).toEqual([node.name])
    node.send(before, "end")
    await expect.poll(theirs).toBe(0)
  })

  test("members of a node that is lost are gone, and a watcher is told of each change", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("pg2@127.0.0.1", COOKIE, epmdPort)
    const { node } = umbel
    await node.start(scopes)
    const group = tuple(atom("room"), 7)
    const news: string[] = []
    node.spawn(async (self) => {
      await Pg.monitor(self, "pg", group)
      for (;;) {
        const { change, pids } = await self.receive(isPgNews)
        news.push(...pids.map((pid) => `${change} ${pid.node}`))
      }
    })
    {
      await using beam = await erlang("pg2beam@127.0.0.1", epmdPort)
      node.send(name("member").at(beam.name), tuple(atom("join"), group))
      await expect.poll(() => news).toEqual([`join ${beam.name}`])
    }
    await expect.poll(() => memberNodes(node, group)).toEqual([])
    await expect.poll(() => news).toEqual(["join pg2beam@127.0.0.1", "leave pg2beam@127.0.0.1"])
  })

  test("scopes of Umbel nodes find one another", async () => {
    const epmdPort = await freePort()
    await using a = await umbelNode("pg3a@127.0.0.1", COOKIE, epmdPort)
    await using b = await umbelNode("pg3b@127.0.0.1", COOKIE, epmdPort)
    await a.node.start(scopes)
    await b.node.start(scopes)
    member(a.node, "hall")
    await a.node.connect(b.node.name)
    await expect.poll(() => memberNodes(b.node, "hall")).toEqual([a.node.name])
    member(b.node, "hall")
    await expect.poll(() => memberNodes(a.node, "hall")).toEqual([a.node.name, b.node.name])
    expect(Pg.groups(a.node, "pg")).toEqual(["hall"])
    expect(Pg.localMembers(a.node, "pg", "hall")).toHaveLength(1)
  })
})
