/** Nodes without a name are given one: Erlang's by us, and ours by Erlang. */
import { genServer, name } from "umbel"
import { boot } from "umbel/nodejs"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { BeamNode, evaluate } from "../support/beam-node.ts"
import { freePort } from "../support/ports.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const echo = genServer("names.echo", { init: () => ({}), calls: { echo: (_self, value: unknown) => value } })
const ECHO = name<typeof echo>("echo")

test("a node named by another Umbel node is connected with it, calls and is called, and is on no EPMD", async () => {
  const epmdPort = await freePort()
  await using host = await umbelNode("host@127.0.0.1", COOKIE, epmdPort)
  await host.node.start(echo, { name: ECHO })
  await using guest = await umbelNode("undefined@127.0.0.1", COOKIE, epmdPort, { namedBy: host.node.name })
  await using second = await umbelNode("undefined@127.0.0.1", COOKIE, epmdPort, { namedBy: host.node.name })
  expect(guest.node.name).toMatch(/^[0-9A-Z]+@127\.0\.0\.1$/)
  expect(second.node.name).not.toBe(guest.node.name)
  expect(guest.node.nodes).toEqual([host.node.name])
  expect([...host.node.nodes].sort()).toEqual([guest.node.name, second.node.name].sort())
  await guest.node.start(echo, { name: ECHO })
  expect(await guest.node.call(ECHO.at(host.node.name)).echo("there")).toBe("there")
  expect(await host.node.call(ECHO.at(guest.node.name)).echo("back")).toBe("back")
  // What it lost it takes up again, under the name that it has now.
  guest.node.disconnect(host.node.name)
  expect(await guest.node.call(ECHO.at(host.node.name)).echo("again")).toBe("again")
})

test("a name that nobody is to give, and one who is to give it that is not there, are told in words", async () => {
  const epmdPort = await freePort()
  const common = { cookie: COOKIE, epmdPort, report: () => {} }
  await expect(boot({ ...common, name: "undefined@127.0.0.1" })).rejects.toThrow(/say which in `namedBy`/)
  await expect(boot({ ...common, name: "a@127.0.0.1", namedBy: "b@127.0.0.1" })).rejects.toThrow(
    /call it undefined@host/,
  )
  const nobody = boot({ ...common, name: "undefined@127.0.0.1", namedBy: "nobody@127.0.0.1" })
  await expect(nobody).rejects.toThrow(/EPMD/)
})

describe.skipIf(!peers.erlang)("with Erlang", () => {
  test("we give a name to an Erlang node that has none", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("giver@127.0.0.1", COOKIE, epmdPort)
    await umbel.node.start(echo, { name: ECHO })
    const lines = await evaluate({
      name: "undefined@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `
        nonode@nohost = node(),
        true = net_kernel:connect_node('giver@127.0.0.1'),
        io:format("~s~n", [node()]),
        io:format("~p~n", [gen_server:call({echo, 'giver@127.0.0.1'}, {echo, self()}) =:= self()]),
        io:format("~p~n", [net_adm:ping('giver@127.0.0.1')]),`,
    })
    expect(lines[0]).toMatch(/^[0-9A-Z]+@/)
    expect(lines.slice(1)).toEqual(["true", "pong"])
  })

  test("an Erlang node gives us a name", async () => {
    const epmdPort = await freePort()
    await using beam = await BeamNode.start({
      program: "erl",
      name: "named@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      script: `io:format("ready~n").`,
    })
    await using umbel = await umbelNode("undefined@127.0.0.1", COOKIE, epmdPort, { namedBy: beam.name })
    expect(umbel.node.name).toMatch(/^[0-9A-Z]+@127\.0\.0\.1$/)
    const known = await umbel.node.rpc(beam.name).erlang!.nodes!("connected" as never).catch(() => undefined)
    expect(known === undefined || Array.isArray(known)).toBe(true)
    expect(await umbel.node.rpc(beam.name).lists!.reverse!([1, 2])).toEqual([2, 1])
    await umbel.node.start(echo, { name: ECHO })
    const pid = umbel.node.whereis(ECHO)!
    expect(pid.node).toBe(umbel.node.name)
  })
})
