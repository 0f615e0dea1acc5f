/** Who gets in, and who does not: allow-lists in both directions, cookies, and EPMD that goes and comes. */
import { boot, EpmdServer, registeredNodes } from "umbel/nodejs"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { AskedBeam } from "../support/asked-beam.ts"
import { BeamNode, evaluate } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const until = async (condition: () => Promise<boolean> | boolean): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

test("a node that is not allowed is refused when it connects and not dialed, with the reason at both ends", async () => {
  const epmdPort = await freePort()
  await using strict = await umbelNode("strict@127.0.0.1", COOKIE, epmdPort, { allow: ["friend@127.0.0.1", /^team-/] })
  await using friend = await umbelNode("friend@127.0.0.1", COOKIE, epmdPort)
  await using team = await umbelNode("team-7@127.0.0.1", COOKIE, epmdPort, { mesh: false })
  await using other = await umbelNode("other@127.0.0.1", COOKIE, epmdPort)
  expect(await friend.node.connect(strict.node.name)).toBe(true)
  expect(await strict.node.connect(team.node.name)).toBe(true)
  expect(await other.node.connect(strict.node.name)).toBe(false)
  expect(other.reports.join("\n")).toMatch(/cannot reach strict@127.0.0.1: .*does not allow us in/)
  await until(() => strict.reports.some((line) => /refused other@127.0.0.1: .*not among the nodes/.test(line)))
  expect(await strict.node.connect(other.node.name)).toBe(false)
  expect(strict.reports.join("\n")).toMatch(/cannot reach other@127.0.0.1: .*not among the nodes this one may talk to/)
  // Nor is a node that asks for a name, unless a pattern fits what it is given.
  const nameless = boot({
    name: "undefined@127.0.0.1",
    namedBy: strict.node.name,
    cookie: COOKIE,
    epmdPort,
    report: () => {},
  })
  await expect(nameless).rejects.toThrow(/does not allow us in/)
})

test("an EPMD that goes away and comes again knows the node again", async () => {
  const epmdPort = await freePort()
  const first = await EpmdServer.listen(epmdPort, "127.0.0.1")
  await using one = await umbelNode("one@127.0.0.1", COOKIE, epmdPort)
  await using two = await umbelNode("two@127.0.0.1", COOKIE, epmdPort)
  await first!.close()
  // Both look for it; one of them brings it.
  const names = async (): Promise<string> =>
    (await registeredNodes({ host: "127.0.0.1", port: epmdPort }).catch(() => []))
      .map(({ name }) => name)
      .sort()
      .join()
  await until(async () => (await names()) === "one,two")
  expect(await one.node.connect(two.node.name)).toBe(true)
})

test("a node listens on several addresses, of IPv6 too, on one port, and is found by an IPv6 name", async () => {
  const epmdPort = await freePort()
  const listenOn = ["127.0.0.1", "::1"]
  await using six = await umbelNode("six@::1", COOKIE, epmdPort, { listenOn })
  await using four = await umbelNode("four@127.0.0.1", COOKIE, epmdPort)
  expect(await four.node.connect(six.node.name)).toBe(true)
  expect(await six.node.connect(four.node.name)).toBe(true)
  await expect(boot({ name: "x@127.0.0.1", cookie: COOKIE, epmdPort, listenOn: [], report: () => {} })).rejects.toThrow(
    /no address/,
  )
})

describe.skipIf(!peers.erlang)("with Erlang", () => {
  test("a BEAM node that is not allowed gets not_allowed, and one that is gets in", async () => {
    const epmdPort = await freePort()
    await using strict = await umbelNode("strict@127.0.0.1", COOKIE, epmdPort, { allow: ["welcome@127.0.0.1"] })
    const script = `io:format("~p~n", [net_kernel:connect_node('strict@127.0.0.1')]),`
    const tried = (name: string) => evaluate({ name, cookie: COOKIE, epmdPort, script })
    expect((await tried("unwelcome@127.0.0.1")).at(-1)).toBe("false")
    expect(strict.reports.join("\n")).toMatch(/refused unwelcome@127.0.0.1: .*not among the nodes/)
    expect((await tried("welcome@127.0.0.1")).at(-1)).toBe("true")
  })

  test("their allow-list and their cookie keep us out, and our log says which of the two it may be", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("guest@127.0.0.1", COOKIE, epmdPort)
    await using strict = await BeamNode.start({
      program: "erl",
      name: "theirs@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `net_kernel:allow(['somebody@127.0.0.1']), io:format("ready~n").`,
    })
    expect(await umbel.node.connect(strict.name)).toBe(false)
    expect(umbel.reports.join("\n")).toMatch(/theirs@127.0.0.1 does not allow us in: see its log/)
    await using secret = await BeamNode.start({
      program: "erl",
      name: "secret@127.0.0.1",
      cookie: "another",
      epmdPort,
      script: `io:format("ready~n").`,
    })
    expect(await umbel.node.connect(secret.name)).toBe(false)
    expect(umbel.reports.join("\n")).toMatch(/secret@127.0.0.1 .*cookie/)
  })

  test("a member of their cluster that we may not talk to costs us our place there, and them nothing", async () => {
    const epmdPort = await freePort()
    const common = { cookie: COOKIE, epmdPort }
    await using one = await AskedBeam.start({ ...common, name: "picky1@127.0.0.1" })
    await using two = await AskedBeam.start({ ...common, name: "picky2@127.0.0.1" })
    expect(await one.ask(`net_adm:ping('${two.name}')`)).toBe("pong")
    expect(await one.ask("global:sync()")).toBe("ok")
    await using umbel = await umbelNode("picky@127.0.0.1", COOKIE, epmdPort, { hidden: false, allow: [one.name] })
    expect(await umbel.node.connect(one.name)).toBe(true)
    await until(() => umbel.reports.some((line) => line.includes(`leaves the cluster of ${two.name}`)))
    await until(() => umbel.node.nodes.length === 0)
    expect(await one.ask("global:sync()")).toBe("ok")
    expect([await one.ask("nodes()"), await two.ask("nodes()")]).toEqual([`['${two.name}']`, `['${one.name}']`])
  })
})
