/**
 * A peer that knows the cookie and means harm, or is broken: over real sockets, with a real handshake, it sends damaged messages to a node.
 *
 * The node goes on, whatever comes: it may close the connection, with a reason in its log, and it may not fail, hang, or hold what came.
 */
import { connect, type Socket } from "node:net"
import { expect, test } from "vitest"
import { freePort } from "../../../../interop/support/ports.ts"
import { lookUp } from "../../src/nodejs/epmd-client.ts"
import { boot } from "../../src/nodejs/index.ts"
import { describeReport } from "../../src/otp/index.ts"
import { atom, charlist, makePid, makeRef, type Pid, tuple } from "../../src/term/index.ts"
import { genServer, name } from "../../src/umbel/index.ts"
import { announced, Channel, type Connected, type Control, Initiator } from "../../src/wire/index.ts"
import { md5 } from "../wire/support.ts"
import { join, mutate, Random } from "./mutate.ts"
import { A, B, COOKIE, handMade, streams } from "./seeds.ts"

const CONNECTIONS = 300

const counter = genServer("fuzz.counter", { init: () => ({ count: 0 }), calls: { get: ({ state }) => state.count } })
const COUNTER = name<typeof counter>("counter")

/** What peers ask of a node's own processes, with identifiers that are right. */
function aimed(flags: bigint, pid: Pid): Uint8Array[] {
  const me = makePid(B, 40, 0, 7)
  const ref = makeRef(B, 7, [1, 2, 3])
  const from = tuple(me, ref)
  const toName = (to: string, message: unknown): [Control, unknown] => [{ op: "regSend", from: me, name: to }, message]
  const spawn = (module: string, f: string, args: unknown[]): [Control, unknown] => [
    {
      op: "spawnRequest",
      ref,
      from: me,
      leader: me,
      module,
      function: f,
      arity: args.length,
      options: [atom("monitor"), atom("link")],
    },
    args,
  ]
  const system = (request: unknown): unknown => tuple(atom("system"), from, request)
  const all: [Control, unknown][] = [
    toName("net_kernel", tuple(atom("$gen_call"), from, tuple(atom("is_auth"), atom(B)))),
    toName("rex", tuple(me, tuple(atom("call"), atom("erlang"), atom("node"), [], atom("user")))),
    toName("rex", tuple(atom("$gen_call"), from, tuple(atom("block_call"), atom("erlang"), atom("memory"), [], me))),
    toName("rex", tuple(me, atom("features_request"))),
    toName("counter", tuple(atom("$gen_call"), tuple(me, [atom("alias"), ref]), atom("get"))),
    toName("counter", system(atom("get_state"))),
    toName("counter", system(tuple(atom("replace_state"), 1))),
    toName("counter", system(tuple(atom("debug"), tuple(atom("statistics"), true)))),
    toName("user", tuple(atom("io_request"), me, ref, tuple(atom("put_chars"), atom("unicode"), charlist("text")))),
    toName("user", tuple(atom("io_request"), me, ref, tuple(atom("requests"), [tuple(atom("nl"))]))),
    [{ op: "send", from: me, to: pid }, tuple(ref, { a: 1 })],
    [{ op: "link", from: me, to: pid }, undefined],
    [{ op: "unlinkId", id: 5, from: me, to: pid }, undefined],
    [{ op: "monitor", from: me, to: pid, ref }, undefined],
    [{ op: "monitor", from: me, to: "counter", ref }, undefined],
    [{ op: "demonitor", from: me, to: pid, ref }, undefined],
    [{ op: "exit2", from: me, to: pid, reason: tuple(atom("bye"), 1) }, undefined],
    [{ op: "exit", from: me, to: pid, reason: atom("noconnection") }, undefined],
    // Once ended a node: the answer to nothing that was asked, with an atom that is a JavaScript value here.
    ...["nil", "true", "undefined", "badarg"].map((result): [Control, unknown] => [
      { op: "spawnReply", ref, to: pid, linked: false, monitored: false, result },
      undefined,
    ]),
    spawn("nil", "true", [null]),
    [{ op: "groupLeader", leader: me, to: pid }, undefined],
    spawn("erpc", "execute_call", [ref, atom("erlang"), atom("system_info"), [atom("otp_release")]]),
    spawn("erpc", "execute_call", [ref, atom("observer_backend"), atom("procs_info"), [me]]),
    spawn("erpc", "execute_cast", [atom("erlang"), atom("exit"), [pid, atom("kill")]]),
    spawn("erlang", "apply", [atom("erlang"), atom("halt"), []]),
  ]
  return all.map(([control, payload]) => {
    const channel = new Channel({ flags, profile: "beam" })
    channel.write(control, payload)
    return channel.take().slice()
  })
}

/** Connects as a node of its own, to the end of the handshake. */
async function connected(port: number, challenge: number): Promise<{ socket: Socket; link: Connected }> {
  const socket = connect(port, "127.0.0.1")
  const side = new Initiator({ us: B, peer: A, flags: announced(), creation: 7, challenge, md5, cookie: COOKIE })
  return await new Promise((resolve, reject) => {
    const perform = (effects: ReturnType<typeof side.start>): void => {
      for (const effect of effects) {
        if ("send" in effect) socket.write(effect.send)
        else if ("done" in effect) resolve({ socket, link: effect.done })
        else if ("failed" in effect) reject(new Error(effect.failed.reason))
      }
    }
    socket.on("error", reject)
    socket.on("connect", () => perform(side.start()))
    socket.on("data", (chunk) => perform(side.receive(chunk)))
    socket.on("close", () => perform(side.closed()))
  })
}

test(`a node outlives ${CONNECTIONS} connections of a peer that sends it damaged messages`, async () => {
  const seed = Math.floor(Date.now() / 86_400_000)
  const reports: string[] = []
  const epmdPort = await freePort()
  await using node = await boot({
    name: A,
    cookie: COOKIE,
    epmdPort,
    report: (r) => void reports.push(describeReport(r)),
  })
  const port = (await lookUp({ host: "127.0.0.1", port: epmdPort }, "a"))!
  let refused = 0
  for (let i = 0; i < CONNECTIONS; i++) {
    const random = new Random(seed, i)
    if (node.whereis(COUNTER) === undefined) await node.start(counter, { name: COUNTER })
    const victim = node.spawn(async (self) => {
      for (;;) await self.receive()
    })
    const { socket, link } = await connected(port, i)
    const closed = new Promise((resolve) => socket.on("close", resolve))
    const seeds = [
      ...aimed(link.flags, victim),
      ...(i % 10 === 0 ? [...streams(link.flags, "beam"), ...handMade()] : []),
    ]
    const before = reports.length
    // A good deal at once, up to what it takes for the node to close; what it has not closed by its end is closed here.
    socket.write(join(Array.from({ length: 20 }, () => mutate(seeds, 4, random))))
    socket.end()
    await closed
    if (reports.slice(before).some((text) => text.includes(`lost ${B}: `) && !text.includes("it closed"))) refused++
    // It serves on.
    const answer = await new Promise((resolve) => {
      node.spawn(async (self) => resolve(await self.spawnMonitor(async () => {})[0]))
    })
    expect(answer, `seed ${seed}, connection ${i}`).toBeDefined()
  }
  // Most of what came was refused for a reason that was told.
  expect(refused).toBeGreaterThan(CONNECTIONS / 4)
  await expect.poll(() => node.nodes).toEqual([])
}, 240_000)
