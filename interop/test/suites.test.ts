/**
 * The cases of OTP's erpc_SUITE and rpc_SUITE, and of pg_SUITE's cluster group, that make sense for a node that is no BEAM, in our own words.
 *
 * Those of erpc and rpc are run twice by one Erlang node: against another Erlang node, and against ours. What comes of them must be the same.
 */
import { fileURLToPath } from "node:url"
import { atom, type Pid, tuple } from "umbel"
import { Pg, pgScope } from "umbel/otp"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { BeamNode } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const compiled = (module: string): string => {
  const path = fileURLToPath(new URL(`../peers/${module}.erl`, import.meta.url))
  return `{ok, ${module}, B_${module}} = compile:file("${path}", [binary]), {module, _} = code:load_binary(${module}, "", B_${module}),`
}
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe.skipIf(!peers.erlang)("OTP's suites", () => {
  test("erpc and rpc come to the same on an Erlang node and on ours", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("suite1@127.0.0.1", COOKIE, epmdPort, {
      expose: {
        remote: {
          id: (_self, term: unknown) => term,
          sleep: async (_self, ms: number) => {
            await wait(ms)
            return atom("slept")
          },
          hold: async (self, by: Pid) => {
            self.send(by, tuple(atom("held"), self.pid))
            await self.receive((message): message is unknown => message === atom("go"))
            return atom("slept")
          },
          quit: (self, reason: unknown) => self.exit(reason),
          send: (self, to: Pid, message: unknown) => {
            self.send(to, message)
            return atom("sent")
          },
          large: (_self, bytes: number) => "x".repeat(bytes),
          lots: (_self, n: number) => Array.from({ length: n }, (_, i) => i + 1),
        },
      },
    })
    const common = { program: "erl", cookie: COOKIE, epmdPort } as const
    await using there = await BeamNode.start({
      ...common,
      name: "suite1there@127.0.0.1",
      script: `${compiled("remote")} io:format("ready~n").`,
    })
    const outcomes = async (target: string, name: string): Promise<readonly string[]> => {
      await using node = await BeamNode.start({
        ...common,
        name,
        script: `${compiled("cases")} ok = cases:run('${target}'), io:format("ready~n").`,
      })
      // Beside the outcomes there are reports of what crashed.
      return node.lines.filter((line) => /^[a-z_]+ \{/.test(line)).map((line) => line.replaceAll(target, "THERE"))
    }
    const theirs = await outcomes(there.name, "suite1a@127.0.0.1")
    const ours = await outcomes(umbel.node.name, "suite1b@127.0.0.1")
    expect(theirs.length).toBeGreaterThan(45)
    expect(ours).toEqual(theirs)
  }, 60_000)

  test("pg comes to the same members on both, through joins, restarts of a scope and lost connections", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("suite2@127.0.0.1", COOKIE, epmdPort)
    const { node } = umbel
    await using beam = await BeamNode.start({
      program: "erl",
      cookie: COOKIE,
      epmdPort,
      name: "suite2there@127.0.0.1",
      script: `io:format("ready~n").`,
    })
    const far = () => node.rpc(beam.name)
    const scope = atom("suite")
    /** A process over there, and one here, each in that group so many times. */
    const theirs = async (group: unknown, times = 1): Promise<Pid> => {
      const pid = (await far().erlang!.spawn!(atom("timer"), atom("sleep"), [atom("infinity")])) as Pid
      for (let i = 0; i < times; i++) expect(await far().pg!.join!(scope, group, pid)).toBe(atom("ok"))
      return pid
    }
    const ours = (group: unknown, times = 1): Pid =>
      node.spawn(async (self) => {
        for (let i = 0; i < times; i++) await Pg.join(self, "suite", group)
        await self.receive()
        await Pg.leave(self, "suite", group)
        await self.receive()
      })
    const keys = (pids: unknown): string[] => (pids as Pid[]).map((pid) => pid.key).sort()
    const here = (group: unknown): string[] => keys(Pg.members(node, "suite", group))
    const there = async (group: unknown): Promise<string[]> => keys(await far().pg!.get_members!(scope, group))
    /** Both sides see exactly these. */
    const both = async (group: unknown, ...pids: Pid[]): Promise<void> => {
      await expect.poll(() => here(group), { timeout: 10_000 }).toEqual(keys(pids))
      await expect.poll(() => there(group), { timeout: 10_000 }).toEqual(keys(pids))
    }

    // initial, disconnected_start: what was joined before the other scope was there is exchanged once it is.
    await node.start(pgScope("suite"))
    const a = ours("initial")
    await expect.poll(() => here("initial")).toEqual([a.key])
    await far().pg!.start!(scope)
    await both("initial", a)

    // two, double, nolocal: a process may be in a group several times, and leaves it once at a time.
    const b = await theirs("initial", 2)
    await both("initial", a, b, b)
    expect(await far().pg!.leave!(scope, "initial", b)).toBe(atom("ok"))
    await both("initial", a, b)
    const c = ours("nolocal", 3)
    await both("nolocal", c, c, c)
    expect(await far().pg!.get_local_members!(scope, "nolocal")).toEqual([])
    node.send(c, "leave")
    await both("nolocal", c, c)
    node.exit(c, atom("kill"))
    await both("nolocal")
    expect(await far().pg!.leave!(scope, "initial", a).catch((error: unknown) => error)).not.toBe(atom("ok"))

    // groups are any terms; join and leave of several at once.
    const group = tuple(atom("room"), 7, new Map([["key", [1.5]]]))
    const [d, e] = [await theirs(group), await theirs(group)]
    await both(group, d, e)
    expect(await far().pg!.join!(scope, "many", [d, e, d])).toBe(atom("ok"))
    await both("many", d, e, d)
    await far().erlang!.exit!(d, atom("kill"))
    await both("many", e)
    await both(group, e)

    // exchange: a good deal at once, both ways.
    const rooms = Array.from({ length: 20 }, (_, i) => i)
    const [f, g] = [await Promise.all(rooms.map((i) => theirs(i))), rooms.map((i) => ours(i))]
    for (const i of rooms) await both(i, f[i]!, g[i]!)

    // netsplit: each side keeps its own, and has all of it again afterwards.
    node.disconnect(beam.name)
    await expect.poll(() => here(3)).toEqual([g[3]!.key])
    expect(await node.connect(beam.name)).toBe(true)
    for (const i of rooms) await both(i, f[i]!, g[i]!)

    // scope_restart: what was joined in the scope that ended is gone everywhere, and ours comes back to the new one.
    await far().erlang!.exit!(await far().erlang!.whereis!(scope), atom("kill"))
    await expect.poll(() => here(3)).toEqual([g[3]!.key])
    await far().pg!.start!(scope)
    for (const i of rooms) await both(i, g[i]!)

    // missing_scope_join: a scope that nobody started.
    await expect(far().pg!.join!(atom("missing"), "group", a)).rejects.toThrow()
  }, 60_000)
})
