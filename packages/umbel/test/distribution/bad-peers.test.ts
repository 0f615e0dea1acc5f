/**
 * Peers that break the protocol: their connection is closed with a reason in the log, the node goes on, and the others notice nothing. The cases are those of OTP's
 * `distribution_SUITE` (`bad_dist_*`) and `erl_distribution_wb_SUITE`, in our own words: see `docs/distribution-cases.md`.
 */
import { createConnection } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { freePort } from "../../../../interop/support/ports.ts"
import { encode } from "../../src/etf/index.ts"
import { lookUp } from "../../src/nodejs/epmd-client.ts"
import { boot } from "../../src/nodejs/index.ts"
import { describeReport, genServer, name } from "../../src/otp/index.ts"
import type { Node, Report } from "../../src/runtime/index.ts"
import { atom, makePid, makeRef, type Pid, tuple } from "../../src/term/index.ts"
import { announced, flag } from "../../src/wire/index.ts"
import { RawPeer } from "./raw-peer.ts"

const COOKIE = "bad"
const echo = genServer("bad.echo", { init: () => ({}), calls: { echo: (_self, value: unknown) => value } })
const ECHO = name<typeof echo>("echo")

let node: Node
let good: Node
let epmdPort: number
const reports: string[] = []
const report = (told: Report): void => void reports.push(describeReport(told))

beforeAll(async () => {
  epmdPort = await freePort()
  const common = { cookie: COOKIE, epmdPort }
  const limits = { frameBytes: 1_000_000, fragmentBytes: 500_000, fragmentSequences: 3, atoms: 100, halfOpen: 20 }
  node = await boot({ ...common, name: "target@127.0.0.1", report, limits })
  good = await boot({ ...common, name: "good@127.0.0.1", report: () => {} })
  await node.start(echo, { name: ECHO })
})
afterAll(async () => {
  await good.stop()
  await node.stop()
})

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
/** The node answers, over the connection that it had all the time. */
const unharmed = async (ups: number): Promise<void> => {
  expect(await good.call(ECHO.at(node.name)).echo("fine")).toBe("fine")
  expect(reports.filter((line) => line.includes("connected with good@")).length).toBe(ups)
}
const peer = (): Promise<RawPeer> => RawPeer.connect(node.name, epmdPort, COOKIE)
const ours = (): Pid => node.whereis(ECHO)!

/** What the peer says, and the reason that the log must give. */
const refused = async (say: (evil: RawPeer) => void, reason: RegExp): Promise<void> => {
  await good.connect(node.name)
  const ups = reports.filter((line) => line.includes("connected with good@")).length
  await using evil = await peer()
  say(evil)
  await evil.closed
  const lost = (line: string): boolean => line.includes(`lost ${evil.name}`)
  await until(() => reports.some(lost))
  expect(reports.find(lost)).toMatch(reason)
  await unharmed(ups)
}

describe("control messages of the wrong structure", () => {
  const far = makePid("x@y", 1, 2, 3)
  const ref = makeRef("x@y", 3, [1, 2, 3])
  const cases: readonly [string, (evil: RawPeer) => readonly unknown[], RegExp][] = [
    ["no tuple", () => [atom("link")], /no control message/],
    ["an empty tuple", () => [tuple()], /no control message/],
    ["a tuple that starts with no number", () => [tuple(atom("send"), ours())], /no control message/],
    ["an operation that nobody knows", ({ pid }) => [tuple(99, pid, ours())], /control message 99 is unknown/],
    ["a negative operation", ({ pid }) => [tuple(-1, pid, ours())], /unknown/],
    ["the old unlink", ({ pid }) => [tuple(4, pid, ours())], /obsolete/],
    ["priority messages that were not agreed on", ({ pid }) => [tuple(37, 12, pid, ours()), "x"], /control message 37/],
    ["a link with an element too few", ({ pid }) => [tuple(1, pid)], /has 2 elements instead of 3/],
    ["a link with an element too many", ({ pid }) => [tuple(1, pid, ours(), 3)], /has 4 elements instead of 3/],
    ["a link from what is no process", () => [tuple(1, atom("x"), ours())], /no pid as its from/],
    ["a link to what is no process", ({ pid }) => [tuple(1, pid, atom("echo"))], /no pid as its to/],
    ["a send without its message", ({ pid }) => [tuple(22, pid, ours())], /without its payload/],
    ["a send to a name that is a string", ({ pid }) => [tuple(6, pid, atom(""), "echo"), 1], /no name as its name/],
    ["a send to a reference", ({ pid }) => [tuple(22, pid, ref), "x"], /no pid as its to/],
    ["an alias that is a pid", ({ pid }) => [tuple(33, pid, ours()), "x"], /no ref as its to/],
    ["a monitor without a reference", ({ pid }) => [tuple(19, pid, ours(), 5)], /no ref as its ref/],
    ["a monitor of a number", ({ pid }) => [tuple(19, pid, 5, ref)], /no name as its to/],
    ["a demonitor of a list", ({ pid }) => [tuple(20, pid, [], ref)], /as its to/],
    ["the end of a monitor for no process", ({ pid }) => [tuple(28, pid, 1, ref), "x"], /no pid as its to/],
    ["an exit without its reason", ({ pid }) => [tuple(24, pid, ours())], /without its payload/],
    ["an unlink without its number", ({ pid }) => [tuple(35, atom("id"), pid, ours())], /no unlink id as its id/],
    ["an unlink with the number 0", ({ pid }) => [tuple(35, 0, pid, ours())], /no unlink id as its id/],
    ["a spawn of no function", ({ pid }) => [tuple(29, ref, pid, pid, atom("m"), []), []], /control message 29/],
    ["a group leader that is none", () => [tuple(7, 5, ours())], /no pid as its leader/],
  ]
  test.each(cases)("%s", async (_, terms, reason) => {
    await refused((evil) => evil.say(...terms(evil)), reason)
  })

  test("what is of another node, of another life of ours, or of nobody is no offence", async () => {
    await using evil = await peer()
    const dead = makePid(node.name, 999_999, 0, node.creation)
    const former = makePid(node.name, 1, 0, 1)
    evil.say(tuple(1, evil.pid, dead))
    evil.say(tuple(19, evil.pid, former, makeRef(evil.name, 7, [1, 2, 3])))
    evil.say(tuple(19, evil.pid, atom("nobody"), makeRef(evil.name, 7, [1, 2, 4])))
    evil.say(tuple(22, evil.pid, far), "to nobody")
    evil.say(tuple(6, evil.pid, atom(""), atom("nobody")), "to nobody")
    evil.say(tuple(33, evil.pid, ref), "to nobody")
    evil.say(tuple(36, 5, evil.pid, ours()))
    evil.say(tuple(20, evil.pid, ours(), ref))
    evil.say(tuple(28, far, ours(), ref), "whatever")
    await until(() => evil.heard.length === 3)
    expect(evil.heard.map(({ op }) => op)).toEqual(["exit", "monitorExit", "monitorExit"])
    expect(node.nodes).toContain(evil.name)
  })

  test("a spawn request whose arguments are no list, or not as many as it says, is answered badarg", async () => {
    await using evil = await peer()
    const request = (arity: number) => tuple(29, ref, evil.pid, evil.pid, tuple(atom("lists"), atom("x"), arity), [])
    evil.say(request(1), atom("none"))
    evil.say(request(1), [1, 2])
    await until(() => evil.heard.length === 2)
    expect(evil.heard.map(({ op }) => op)).toEqual(["spawnReply", "spawnReply"])
  })
})

describe("terms that are none", () => {
  const control = (evil: RawPeer): Uint8Array => encode(tuple(22, evil.pid, ours())).subarray(1)
  const bad: readonly [string, string][] = [
    ["an unknown tag", "01"],
    ["nothing where a list goes on", "6c 00000002 61 01"],
    ["a float that is not a number", "46 7ff8000000000000"],
    ["an infinite float", "46 7ff0000000000000"],
    ["an atom that is no UTF-8", "77 02 c3 28"],
    ["an atom of 256 characters", `76 0100 ${"61".repeat(256)}`],
    ["a map with a key twice", "74 00000002 61 01 61 01 61 01 61 02"],
    ["a list of four thousand million", "6c ffffffff 61 01"],
    ["a binary longer than the frame", "6d 7fffffff 61"],
    ["a reference to an atom that no header lists", "52 00"],
    ["a compressed term within a message", "50 00000010 789c"],
    ["a hundred thousand levels of lists", "6c 00000001".repeat(100_000)],
  ]
  test.each(bad)("%s, as a message", async (_, digits) => {
    await refused((evil) => evil.frame("83 44 00", control(evil), digits), /the message cannot be read/)
  })
  test("in a control message", async () => {
    await refused((evil) => evil.frame("83 44 00 68 03 61 01 46 7ff8000000000000"), /the control cannot be read/)
  })
  test("a version byte where none belongs", async () => {
    await refused((evil) => evil.frame("83 44 00", control(evil), "83 61 01"), /the message cannot be read/)
  })
})

describe("headers and frames", () => {
  const cases: readonly [string, string, RegExp][] = [
    ["pass-through where headers were agreed on", "70 83 61 01", /starts with 112 where 131/],
    ["an unknown kind of frame", "83 47 00", /starts with 71 where 68/],
    ["a header that ends in the middle", "83 44 05 00", /cannot be read/],
    [
      "a slot of the cache that was never filled",
      "83 44 01 00 00 61 01",
      /slot 0 of the atom cache is used before it is set/,
    ],
    ["a new atom that is no UTF-8", "83 44 01 08 00 02 c3 28", /header cannot be read/],
  ]
  test.each(cases)("%s", async (_, digits, reason) => {
    await refused((evil) => evil.frame(digits), reason)
  })
  test("a frame over the limit, of which nothing but the length has come", async () => {
    await refused((evil) => evil.raw(Uint8Array.of(0x7f, 0xff, 0xff, 0xff)), /exceeds the limit of 1000000/)
  })
  test("more new atoms than a peer may bring, over all its connections", async () => {
    const bring = (evil: RawPeer, from: number, count: number): void =>
      evil.say(
        tuple(22, evil.pid, ours()),
        Array.from({ length: count }, (_, n) => atom(`brought ${from + n}`)),
      )
    const hostile = "hostile@127.0.0.1"
    {
      // Atoms that this very test has made are known to the node; those that it has not are written as bytes.
      await using evil = await RawPeer.connect(node.name, epmdPort, COOKIE, { name: hostile })
      bring(evil, 0, 60)
      for (let n = 0; n < 60; n++) {
        evil.frame("83 44 00", encode(tuple(22, evil.pid, ours())).subarray(1), "77 08", Buffer.from(`new-${1000 + n}`))
      }
      evil.say(tuple(19, evil.pid, atom("nobody"), makeRef(evil.name, 7, [1])))
      await until(() => evil.heard.length === 1)
    }
    await until(() => !node.nodes.includes(hostile))
    await using again = await RawPeer.connect(node.name, epmdPort, COOKIE, { name: hostile })
    for (let n = 60; n < 120; n++) {
      again.frame("83 44 00", encode(tuple(22, again.pid, ours())).subarray(1), "77 08", Buffer.from(`new-${1000 + n}`))
    }
    await again.closed
    await until(() => reports.some((line) => line.includes(`lost ${hostile}: the message cannot be read`)))
  })
})

describe("fragments", () => {
  const sequence = (id: number, left: number): string =>
    id.toString(16).padStart(16, "0") + left.toString(16).padStart(16, "0")
  const first = (evil: RawPeer, id: number, left: number, data: string): void =>
    evil.frame("83 45", sequence(id, left), "00", encode(tuple(22, evil.pid, ours())).subarray(1), data)
  const next = (evil: RawPeer, id: number, left: number, data: string): void =>
    evil.frame("83 46", sequence(id, left), data)

  const cases: readonly [string, (evil: RawPeer) => void, RegExp][] = [
    ["a piece of what has not started", (evil) => next(evil, 1, 1, "61"), /has not started/],
    ["a sequence that starts with none left", (evil) => first(evil, 1, 0, "61 01"), /starts with none left/],
    [
      "a sequence that starts twice",
      (evil) => {
        first(evil, 1, 3, "61")
        first(evil, 1, 3, "61")
      },
      /starts again before its end/,
    ],
    [
      "a piece left out",
      (evil) => {
        first(evil, 1, 3, "61")
        next(evil, 1, 1, "01")
      },
      /from 3 pieces left to 1/,
    ],
    [
      "more pieces than there were to be",
      (evil) => {
        first(evil, 1, 2, "61")
        next(evil, 1, 1, "01")
        next(evil, 1, 0, "01")
      },
      /has not started/,
    ],
    [
      "pieces that make no term",
      (evil) => {
        first(evil, 1, 2, "6d 000000ff")
        next(evil, 1, 1, "01")
      },
      /the message cannot be read/,
    ],
    [
      "more unfinished sequences than the limit",
      (evil) => {
        for (let id = 1; id <= 4; id++) first(evil, id, 2, "61")
      },
      /unfinished messages exceed the limit of 3 sequences/,
    ],
    [
      "more unfinished bytes than the limit",
      (evil) => {
        first(evil, 1, 100, "6d 00ffffff")
        for (let left = 99; left > 0; left--) next(evil, 1, left, "00".repeat(65_536))
      },
      /unfinished messages exceed the limit of 500000 bytes/,
    ],
  ]
  test.each(cases)("%s", async (_, say, reason) => {
    await refused(say, reason)
  })

  test("what was under way when the peer left is forgotten; small and interleaved pieces are read", async () => {
    {
      await using evil = await peer()
      first(evil, 1, 5, "6d 000000ff")
    }
    await using evil = await peer()
    const call = (n: number) =>
      tuple(atom("$gen_call"), tuple(evil.pid, makeRef(evil.name, 7, [n])), tuple(atom("echo"), n))
    const digits = (n: number): string => Buffer.from(encode(call(n)).subarray(1)).toString("hex")
    const [one, two] = [digits(1), digits(2)]
    const cut = (text: string, part: number): string => text.slice(part * 20, part === 2 ? undefined : part * 20 + 20)
    first(evil, 7, 3, cut(one, 0))
    first(evil, 9, 3, cut(two, 0))
    next(evil, 9, 2, cut(two, 1))
    next(evil, 7, 2, cut(one, 1))
    next(evil, 9, 1, cut(two, 2))
    next(evil, 7, 1, cut(one, 2))
    await until(() => evil.heard.length === 2)
    expect(evil.heard.map(({ payload }) => (payload as ReturnType<typeof tuple>).elements[1])).toEqual([2, 1])
  })
})

describe("handshakes", () => {
  const failure = (options: Parameters<typeof RawPeer.connect>[3], cookie = COOKIE): Promise<unknown> =>
    RawPeer.connect(node.name, epmdPort, cookie, options).then(
      () => "connected",
      (failed: unknown) => failed,
    )

  test("each mandatory flag that is missing is named, and its node not allowed; the digest of OTP 25 stands for its set", async () => {
    for (const without of ["UTF8_ATOMS", "MAP_TAG", "BIG_CREATION", "EXPORT_PTR_TAG"] as const) {
      const flags = announced({ without: [without, "MANDATORY_25_DIGEST"] })
      expect(await failure({ name: `lacks-${without}@127.0.0.1`, flags })).toMatchObject({ reason: "not_allowed" })
      expect(reports.join("\n")).toMatch(new RegExp(`refused lacks-${without}@127.0.0.1: .* lacks .*${without}`))
    }
    const digest = flag("MANDATORY_25_DIGEST") | flag("V4_NC") | flag("UNLINK_ID")
    await using modern = await RawPeer.connect(node.name, epmdPort, COOKIE, { flags: digest })
    expect(node.nodes).toContain(modern.name)
  })

  test("a wrong cookie is refused and named; the cookie itself is told to nobody", async () => {
    expect(await failure({ name: "stranger@127.0.0.1" }, "guess")).toMatchObject({ reason: "closed" })
    await until(() => reports.some((line) => /refused stranger@127.0.0.1: .*does not share our cookie/.test(line)))
    expect(reports.join("\n")).not.toMatch(/guess|cookie "?bad/)
  })

  test("who calls itself by our name is refused", async () => {
    expect(await failure({ name: node.name })).toMatchObject({ reason: "not_allowed" })
  })

  test("a node that connects while it is connected proves itself before its old connection goes", async () => {
    await using old = await RawPeer.connect(node.name, epmdPort, COOKIE, { name: "twice@127.0.0.1" })
    expect(await failure({ name: "twice@127.0.0.1" }, "guess")).toMatchObject({ reason: "closed" })
    expect(node.nodes).toContain("twice@127.0.0.1")
    await using fresh = await RawPeer.connect(node.name, epmdPort, COOKIE, { name: "twice@127.0.0.1" })
    await old.closed
    fresh.say(tuple(19, fresh.pid, atom("nobody"), makeRef(fresh.name, 7, [1])))
    await until(() => fresh.heard.length === 1)
  })

  test("what is no handshake at all is closed, and half-open connections are bounded", async () => {
    const port = (await lookUp({ host: "127.0.0.1", port: epmdPort }, "target"))!
    const open = () =>
      new Promise<{ closed: Promise<void>; write(bytes: Uint8Array): void; destroy(): void }>((resolve) => {
        const socket = createConnection({ host: "127.0.0.1", port })
        socket.on("error", () => {})
        const closed = new Promise<void>((done) => void socket.on("close", () => done()))
        socket.on("connect", () =>
          resolve({ closed, write: (b) => void socket.write(b), destroy: () => socket.destroy() }),
        )
        socket.resume()
      })
    for (const text of ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\x00\x05hello", "\x00\x00", "\xff\xff"]) {
      const socket = await open()
      socket.write(Buffer.from(text, "latin1"))
      await socket.closed
    }
    const silent = await Promise.all(Array.from({ length: 20 }, open))
    const extra = await open()
    await extra.closed
    expect(reports.join("\n")).toMatch(/20 others have not said who they are yet/)
    for (const socket of silent) socket.destroy()
    await Promise.all(silent.map(({ closed }) => closed))
    await using evil = await peer()
    await until(() => node.nodes.includes(evil.name))
  })
})
