/** Java programs that join the cluster by Erlang's own Java library, JInterface. */
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import {
  atom,
  bitString,
  charlist,
  genServer,
  isExit,
  isTuple,
  name,
  noconnection,
  normal,
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
const SOURCE = fileURLToPath(new URL("../java/JavaNode.java", import.meta.url))

const counter = genServer("interop.jcounter", {
  init: () => ({ count: 0 }),
  calls: { increment: ({ state }, by: number) => (state.count += by), get: ({ state }) => state.count },
})
const COUNTER = name<typeof counter>("counter")

/** The terms that were said in hex after that word. */
const said = (lines: readonly string[], word: string): unknown[] =>
  lines.flatMap((line) => {
    const [first, hex] = line.split(" ")
    return first === word ? [decodeFrom(new Reader(Buffer.from(hex!, "hex")), {})] : []
  })

describe.skipIf(!peers.java || !peers.jinterface)("a Java node", () => {
  const folder = new TemporaryFolder()
  const java = (epmdPort: number, ...args: string[]) => {
    const path = `${peers.jinterface}:${folder.path}`
    // Fast to start, and at home in little memory: it runs for a second.
    const options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m", "-cp", path]
    return [join(dirname(peers.java!), "java"), [...options, "JavaNode", ...args], env(epmdPort)] as const
  }
  const env = (epmdPort: number) => ({ ERL_EPMD_PORT: String(epmdPort) })
  beforeAll(async () => {
    await runProgram(peers.java!, ["-encoding", "UTF-8", "-cp", peers.jinterface!, "-d", folder.path, SOURCE])
  }, 60_000)
  afterAll(() => folder[Symbol.dispose]())

  test("pings, has its terms echoed, calls a server, links, and sends what is large", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("j1@127.0.0.1", COOKIE, epmdPort, {
      expose: { shop: { total: (_self, prices: readonly number[]) => prices.reduce((sum, price) => sum + price, 0) } },
    })
    const { node } = umbel
    await node.start(counter, { name: COUNTER })
    const heard: unknown[] = []
    node.spawn(async (self) => {
      self.register(name("echo"))
      for (;;) {
        const [from, term] = (await self.receive(isTuple)).elements
        heard.push(term)
        self.send(from as Pid, term)
      }
    })
    node.spawn(async (self) => {
      self.register(name("maker"))
      for (;;) {
        const from = await self.receive((message): message is Pid => message instanceof Pid)
        const made = self.spawn(async (it) => {
          await it.receive()
          it.exit(atom("enough"))
        })
        self.send(from, made)
      }
    })
    const lines = await runProgram(...java(epmdPort, "call", "j1j@127.0.0.1", COOKIE, node.name))
    const terms = [
      atom("an_atom"),
      atom("ünïcode"),
      -7,
      2n ** 63n - 1n,
      -(2n ** 80n),
      2n ** 3000n,
      0.1,
      -1e300,
      new Uint8Array([0, 255, 128]),
      "ünïcode ✓",
      bitString(new Uint8Array([0xab, 0xe0]), 3),
      charlist("a string"),
      charlist("ünïcode ✓"),
      [],
      new Map<unknown, unknown>([
        [atom("key"), 1],
        ["k", {}],
      ]),
      tuple(true, false, tuple()),
      expect.any(Pid),
      expect.any(Ref),
    ]
    expect(lines[0]).toBe("ping true")
    expect(lines.filter((line) => line.startsWith("different"))).toEqual([])
    expect(heard.slice(0, -1)).toEqual(terms)
    expect(said(lines, "echoed")).toEqual(terms)
    expect(said(lines, "replied")).toEqual([5, 5, 5])
    expect(said(lines, "rpc")).toEqual([1002])
    expect(lines).toContain("large equal")
    expect(lines.filter((line) => line.startsWith("exit"))).toEqual(["exit enough true", "exit noproc"])
    expect(lines.at(-1)).toBe("done")
  })

  test("is called by ours, reads every kind of term, and is linked to", async () => {
    const epmdPort = await freePort()
    await using umbel = await umbelNode("j2@127.0.0.1", COOKIE, epmdPort)
    const { node } = umbel
    await using peer = new Program("java", ...java(epmdPort, "serve", "j2j@127.0.0.1", COOKIE))
    await peer.line((line) => line === "ready")
    const mailbox = name("java").at("j2j@127.0.0.1")
    const terms = [
      atom("ünïcode"),
      255,
      -1,
      2n ** 64n,
      -(2n ** 3000n),
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
      node.root.pid,
    ]
    for (const term of terms) expect(await node.ask(mailbox, term)).toEqual(tuple(atom("answered"), term))
    const large = "x".repeat(5_000_000)
    expect(await node.ask(mailbox, large)).toEqual(tuple(atom("answered"), large))

    const ends = await new Promise<unknown[]>((resolve) => {
      node.spawn(async (self) => {
        self.trapExit(true)
        // Theirs links to ours, and ends.
        self.send(mailbox, tuple(atom("exit"), self.pid, tuple(atom("bye"), "ünïcode")))
        const first = await self.receive(isExit)
        // Ours links to theirs, and ends.
        self.send(mailbox, tuple(atom("whoami"), self.pid))
        const pid = await self.receive((message): message is Pid => message instanceof Pid)
        const linked = self.spawn(async (it) => {
          it.link(pid)
          it.exit(atom("enough"))
        })
        self.send(linked, "go")
        await peer.line((line) => line === "exit enough")
        // Theirs is gone with its node.
        self.link(pid)
        self.send(mailbox, atom("stop"))
        const last = await self.receive(isExit)
        resolve([first.reason, last.reason])
      })
    })
    expect(ends[0]).toEqual(tuple(atom("bye"), "ünïcode"))
    expect([normal, noconnection]).toContain(ends[1])
    await peer.ended()
  })
})
