/** TLS between nodes, as `inet_tls_dist` speaks it, with certificates both ways. */
import { genServer, name } from "umbel"
import { describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { BeamNode } from "../support/beam-node.ts"
import { makeAuthority, sslDistOptions } from "../support/certificates.ts"
import { TemporaryFolder } from "../support/folder.ts"
import { freePort } from "../support/ports.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const echo = genServer("tls.echo", {
  init: () => ({}),
  calls: { echo: (_self, value: unknown) => value },
})
const ECHO = name<typeof echo>("echo")
/** Erlang looks for an address among the names. */
const NAMES = "IP:127.0.0.1,DNS:127.0.0.1,DNS:localhost"

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe("among Umbel nodes", () => {
  test("nodes with certificates of one authority talk; large messages as well", async () => {
    using folder = new TemporaryFolder()
    const authority = makeAuthority(folder, "ca")
    const epmdPort = await freePort()
    const tls = (file: string) => ({ ...authority.sign(file, NAMES), ca: authority.cert })
    const pick = ({ key, cert, ca }: ReturnType<typeof tls>) => ({ tls: { key, cert, ca } })
    await using a = await umbelNode("tls-a@127.0.0.1", COOKIE, epmdPort, pick(tls("a")))
    await using b = await umbelNode("tls-b@127.0.0.1", COOKIE, epmdPort, pick(tls("b")))
    await b.node.start(echo, { name: ECHO })
    const bytes = new Uint8Array(3_000_000).fill(7)
    expect(Buffer.compare((await a.node.call(ECHO.at(b.node.name)).echo(bytes)) as Uint8Array, bytes)).toBe(0)
    expect(await a.node.connect(b.node.name)).toBe(true)
  })

  test("one whose certificate is of another authority, or not of its host, or that has none, is refused in words, and the node goes on", async () => {
    using folder = new TemporaryFolder()
    const authority = makeAuthority(folder, "ca")
    const other = makeAuthority(folder, "other")
    const epmdPort = await freePort()
    const { key, cert } = authority.sign("a", NAMES)
    await using a = await umbelNode("tls-a@127.0.0.1", COOKIE, epmdPort, { tls: { key, cert, ca: authority.cert } })
    await a.node.start(echo, { name: ECHO })

    const foreign = other.sign("b", NAMES)
    await using b = await umbelNode("tls-b@127.0.0.1", COOKIE, epmdPort, {
      tls: { key: foreign.key, cert: foreign.cert, ca: [other.cert, authority.cert] },
    })
    // It knows our authority, and so finds us in order; we do not know its.
    expect(await b.node.connect(a.node.name)).toBe(false)
    await until(() => a.reports.some((line) => /its certificate is of no authority that this node knows/.test(line)))
    // And from our side.
    expect(await a.node.connect(b.node.name)).toBe(false)
    expect(a.reports.join("\n")).toMatch(
      /cannot reach tls-b@127.0.0.1: TLS with 127.0.0.1 failed: its certificate is of no authority/,
    )

    const elsewhere = authority.sign("c", "DNS:elsewhere.example")
    await using c = await umbelNode("tls-c@127.0.0.1", COOKIE, epmdPort, {
      tls: { key: elsewhere.key, cert: elsewhere.cert, ca: authority.cert },
    })
    expect(await a.node.connect(c.node.name)).toBe(false)
    expect(a.reports.join("\n")).toMatch(/its certificate is for DNS:elsewhere.example, not for 127.0.0.1/)
    // The one who connects is known by its certificate only, as in OTP.
    expect(await c.node.connect(a.node.name)).toBe(true)

    await using plain = await umbelNode("plain@127.0.0.1", COOKIE, epmdPort)
    expect(await plain.node.connect(a.node.name)).toBe(false)
    expect(plain.reports.join("\n")).toMatch(/cannot reach tls-a@127.0.0.1/)
    await until(() => a.reports.some((line) => /refused a TLS connection from .*does not speak TLS/.test(line)))
    expect(await c.node.call(ECHO.at(a.node.name)).echo("on")).toBe("on")
  })

  test("without an authority TLS is refused at boot, in words", async () => {
    using folder = new TemporaryFolder()
    const { key, cert } = makeAuthority(folder, "self")
    const epmdPort = await freePort()
    await expect(umbelNode("tls@127.0.0.1", COOKIE, epmdPort, { tls: { key, cert } })).rejects.toThrow(/tls needs `ca`/)
  })
})

describe.skipIf(!peers.erlang)("with Erlang", () => {
  test("both call each other over TLS, with certificates both ways, whoever connects; a stranger is refused by either", async () => {
    using folder = new TemporaryFolder()
    const authority = makeAuthority(folder, "ca")
    const epmdPort = await freePort()
    const { key, cert } = authority.sign("umbel", NAMES)
    const options = { tls: { key, cert, ca: authority.cert } }
    await using umbel = await umbelNode("tls-umbel@127.0.0.1", COOKIE, epmdPort, options)
    await umbel.node.start(echo, { name: ECHO })
    const optfile = sslDistOptions(folder, authority.sign("erlang", NAMES), authority)
    await using beam = await BeamNode.start({
      program: "erl",
      name: "tls-beam@127.0.0.1",
      cookie: COOKIE,
      epmdPort,
      flags: ["-proto_dist", "inet_tls", "-ssl_dist_optfile", optfile],
      script: `
        io:format("~p~n", [gen_server:call({echo, 'tls-umbel@127.0.0.1'}, {echo, hello}, 20000)]),
        Big = binary:copy(<<"x">>, 3000000),
        io:format("~p~n", [gen_server:call({echo, 'tls-umbel@127.0.0.1'}, {echo, Big}) =:= Big]),
        io:format("ready~n").`,
    })
    expect(beam.lines).toEqual(expect.arrayContaining(["hello", "true"]))
    expect(await umbel.node.rpc("tls-beam@127.0.0.1").lists!.reverse!([1, 2])).toEqual([2, 1])

    await using dialer = await umbelNode("tls-dialer@127.0.0.1", COOKIE, epmdPort, options)
    expect(await dialer.node.rpc("tls-beam@127.0.0.1").lists!.reverse!([1, 2])).toEqual([2, 1])

    const strange = makeAuthority(folder, "strange")
    const own = strange.sign("stranger", NAMES)
    const ca = [strange.cert, authority.cert]
    await using stranger = await umbelNode("tls-stranger@127.0.0.1", COOKIE, epmdPort, {
      tls: { key: own.key, cert: own.cert, ca },
    })
    expect(await stranger.node.connect("tls-beam@127.0.0.1")).toBe(false)
    expect(stranger.reports.join("\n")).toMatch(/cannot reach tls-beam@127.0.0.1/)
    expect(await umbel.node.rpc("tls-beam@127.0.0.1").lists!.reverse!([1])).toEqual([1])
  })
})
