/** C programs that join the cluster by Erlang's own C library, and `erl_call`, which is one. */
import { fileURLToPath } from "node:url"
import {
  atom,
  bitString,
  charlist,
  genServer,
  isDown,
  isExit,
  isTuple,
  type Node,
  name,
  noconnection,
  Pid,
  Ref,
  tuple,
} from "umbel"
import { decodeFrom, Reader } from "umbel/etf"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { peers } from "../peers.ts"
import { TemporaryFolder } from "../support/folder.ts"
import { freePort } from "../support/ports.ts"
import { Program, runProgram } from "../support/program.ts"
import { umbelNode } from "../support/umbel-node.ts"

const COOKIE = "interop"
const SOURCE = fileURLToPath(new URL("../c/cnode.c", import.meta.url))

const counter = genServer("interop.ccounter", {
  init: () => ({ count: 0 }),
  calls: { increment: ({ state }, by: number) => (state.count += by), get: ({ state }) => state.count },
})
const COUNTER = name<typeof counter>("counter")

/** `{From, Term}` is answered with the term, and kept. */
function echo(node: Node): unknown[] {
  const heard: unknown[] = []
  node.spawn(async (self) => {
    self.register(name("echo"))
    for (;;) {
      const message = await self.receive(isTuple)
      const [from, term] = message.elements
      heard.push(term)
      self.send(from as Pid, term)
    }
  })
  return heard
}

/** The terms that were said in hex after that word. */
const said = (lines: readonly string[], word: string): unknown[] =>
  lines.flatMap((line) => {
    const [first, hex] = line.split(" ")
    return first === word ? [decodeFrom(new Reader(Buffer.from(hex!, "hex")), {})] : []
  })

describe.skipIf(!peers.gcc || !peers.ei)("a C node", () => {
  const folder = new TemporaryFolder()
  const program = folder.file("cnode")
  beforeAll(async () => {
    await runProgram(peers.gcc!, ["-pthread", "-Wall", "-Werror", "-O1", "-o", program, SOURCE, "-lei"])
  })
  afterAll(() => folder[Symbol.dispose]())

  test("connects, has its terms echoed, calls a server and exposed functions, and sends what is large", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("c1@127.0.0.1", COOKIE, epmdPort, {
      expose: { shop: { total: (_self, prices: readonly number[]) => prices.reduce((sum, price) => sum + price, 0) } },
    })
    await umbel.node.start(counter, { name: COUNTER })
    const heard = echo(umbel.node)
    const lines = await runProgram(program, ["call", "c1c@127.0.0.1", COOKIE, umbel.node.name], {
      ERL_EPMD_PORT: String(epmdPort),
    })
    expect(lines).not.toContainEqual(expect.stringContaining("unreadable"))
    const terms = [
      atom("an_atom"),
      atom("ümlaut"),
      atom("ümlaut"),
      -7,
      2n ** 63n - 1n,
      -9007199254740993n,
      -(2n ** 81n - 1n),
      0.1,
      -1e300,
      "text",
      new Uint8Array([0, 255, 128]),
      bitString(new Uint8Array([0xab, 0xe0]), 3),
      charlist("a string"),
      [],
      [1, 300],
      new Map<unknown, unknown>([
        [atom("key"), 1],
        ["k", {}],
      ]),
      tuple(true, false, tuple()),
      expect.any(Pid),
      expect.any(Ref),
    ]
    expect(heard.slice(0, -1)).toEqual(terms)
    expect(said(lines, "echoed")).toEqual(terms)
    expect(said(lines, "replied")).toEqual([5, 5])
    const [total, undef, me] = said(lines, "rpc")
    expect(total).toBe(1002)
    expect(undef).toEqual(tuple(atom("badrpc"), tuple(atom("EXIT"), expect.anything())))
    expect(me).toBe(atom(umbel.node.name))
    expect(lines).toContain("large equal")
    expect(lines.at(-1)).toBe("done")
  })

  test("is called by ours, reads every kind of term, is monitored and linked to", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("c2@127.0.0.1", COOKIE, epmdPort)
    const { node } = umbel
    await using c = new Program("cnode", program, ["serve", "c2c@127.0.0.1", COOKIE], {
      ERL_EPMD_PORT: String(epmdPort),
    })
    await c.line((line) => line === "ready")
    const anybody = name("anybody").at("c2c@127.0.0.1")

    // The first signal to it connects; calls are answered by the plain reference in their tag.
    expect(await node.connect("c2c@127.0.0.1")).toBe(true)
    const pid = await new Promise<Pid>((resolve) => {
      node.spawn(async (self) => {
        self.send(anybody, tuple(atom("whoami"), self.pid))
        resolve(await self.receive((message): message is Pid => message instanceof Pid))
      })
    })
    const terms = [
      atom("ünïcode"),
      255,
      -1,
      2n ** 64n,
      -(2n ** 2100n),
      1.5,
      "ünïcode ✓",
      new Uint8Array([0, 255, 128]),
      "",
      bitString(new Uint8Array([0xe0]), 3),
      [1, 2, 300],
      [1, 2, 3],
      { nested: { list: [null, true] } },
      new Map<unknown, unknown>([["key", 1]]),
      tuple(),
      undefined,
      new Date(1_700_000_000_123),
      new Set([1]),
      pid,
      node.root.pid,
    ]
    for (const term of terms) {
      expect(await node.ask(pid, term)).toEqual(tuple(atom("answered"), term))
    }
    const large = "x".repeat(5_000_000)
    expect(await node.ask(pid, large)).toEqual(tuple(atom("answered"), large))

    // It has no processes to be asked for, and says so.
    await expect(node.rpc("c2c@127.0.0.1").erlang!.node!()).rejects.toThrow(/SPAWN/)

    // What it is told it can read to the end: an answer to a process, and a message.
    node.send(anybody, tuple(atom("told"), terms))
    const told = await c.line((line) => line.startsWith("told"))
    expect(told).not.toContain("unreadable")
    expect(said([told], "told")).toEqual([tuple(atom("told"), terms)])

    // It has no use for links, but hears of them; that a linked process has ended, too.
    const linked = node.spawn(async (self) => {
      self.link(pid)
      await self.receive()
      self.exit(atom("enough"))
    })
    await c.line((line) => line === "link")
    node.send(linked, "go")
    await c.line((line) => line === "exit")

    const ends = new Promise<unknown[]>((resolve) => {
      node.spawn(async (self) => {
        self.trapExit(true)
        self.monitor(pid)
        self.link(pid)
        self.send(anybody, atom("stop"))
        const exit = await self.receive(isExit)
        const down = await self.receive(isDown)
        resolve([exit.reason, down.reason])
      })
    })
    expect(await ends).toEqual([noconnection, noconnection])
    await c.ended()
  })

  test("that shares no cookie is refused, and the node goes on", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("c3@127.0.0.1", COOKIE, epmdPort)
    const env = { ERL_EPMD_PORT: String(epmdPort) }
    await expect(runProgram(program, ["call", "c3c@127.0.0.1", "wrong", umbel.node.name], env)).rejects.toThrow(
      "failed ei_connect",
    )
    expect(umbel.node.nodes).toEqual([])
    expect(umbel.reports.join("\n")).toContain("does not share our cookie")
  })
})

describe.skipIf(!peers.erlCall)("erl_call", () => {
  test("calls what is exposed, asks for the node's address, and is told what it cannot have", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("ec@127.0.0.1", COOKIE, epmdPort, {
      expose: { shop: { total: (_self, prices: readonly number[]) => prices.reduce((sum, price) => sum + price, 0) } },
    })
    const erlCall = (...args: string[]) =>
      runProgram(peers.erlCall!, ["-name", umbel.node.name, "-c", COOKIE, ...args], {
        ERL_EPMD_PORT: String(epmdPort),
      })
    // -a: a module, a function, a list of arguments
    expect(await erlCall("-a", "shop total [[1,2,300]]")).toEqual(["303"])
    expect(await erlCall("-a", "erlang node []")).toEqual(["'ec@127.0.0.1'"])
    expect(await erlCall("-a", "shop nosuch []")).toEqual([expect.stringContaining("badrpc")])
    // -h: a name of its own; -timeout: how long it waits
    expect(await erlCall("-h", "asker", "-timeout", "5", "-a", "shop total [[7]]")).toEqual(["7"])
    // -e: Erlang to be evaluated, and -q: the node's end. Neither is to be had here.
    const evaluated = `printf 'X = 1 + 1.' | "$0" -name ${umbel.node.name} -c ${COOKIE} -e`
    const env = { ERL_EPMD_PORT: String(epmdPort) }
    const refused = await runProgram("/bin/sh", ["-c", `${evaluated} 2>&1 || true`, peers.erlCall!], env)
    expect(refused.join(" ")).toContain("undef")
    await erlCall("-q").catch(() => {})
    expect(await erlCall("-a", "shop total [[8]]")).toEqual(["8"])
    await expect.poll(() => umbel.node.nodes).toEqual([])
  })
})
