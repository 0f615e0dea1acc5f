/** Via names: processes found through a registry wherever a name is expected. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { decode, encode } from "../../src/etf/index.ts"
import { boot } from "../../src/nodejs/index.ts"
import { child, genServer, name, Registry, registry, supervisor, via } from "../../src/otp/index.ts"
import {
  CallExit,
  type CrashReport,
  type Node,
  type Report,
  type Running,
  StartFailed,
} from "../../src/runtime/index.ts"
import {
  atom,
  compare,
  copy,
  equal,
  inspect,
  kill,
  type Name,
  NotATerm,
  noproc,
  type Pid,
  type Tuple,
  tuple,
} from "../../src/term/index.ts"

const room = genServer("test.room", {
  init: (topic: string) => {
    if (topic === "bad") throw new Error("bad topic")
    return { topic, got: [] as unknown[] }
  },
  calls: {
    topic: ({ state }) => state.topic,
    got: ({ state }) => state.got,
    crash: (): number => {
      throw new Error("boom")
    },
  },
  casts: {
    rename: ({ state }, topic: string) => {
      state.topic = topic
    },
  },
  info: ({ state }, message) => void state.got.push(message),
})
const ROOMS = registry<string, number | undefined, typeof room>("test.rooms", { keys: "unique" })
const ANY = registry<unknown>("test.any", { keys: "unique" })
const LOBBY = via(ROOMS, "lobby")

let node: Node
let reports: Report[]
let rooms: Pid
beforeEach(async () => {
  reports = []
  node = await boot({ name: "via@127.0.0.1", report: (report) => reports.push(report) })
  rooms = await node.start(ROOMS)
  await node.start(ANY)
})
afterEach(() => node.stop())

function inProcess<T>(run: (self: Running) => T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    node.spawn(async (self) => {
      try {
        resolve(await run(self))
      } catch (thrown) {
        reject(thrown)
      }
    })
  })
}
const downOf = (target: Pid | Name): Promise<unknown> =>
  new Promise((resolve) => void node.monitor(target, ({ reason }) => resolve(reason)))
const failure = (work: Promise<unknown>): Promise<unknown> => work.then(String, (error: unknown) => error)

describe("a server that is started under a via name", () => {
  test("is called, cast to, sent to, watched and found by it", async () => {
    const pid = await node.start(room, { arg: "cats", name: LOBBY })
    expect(node.whereis(LOBBY)).toBe(pid)
    expect(await node.call(LOBBY).topic()).toBe("cats")
    node.cast(LOBBY).rename("dogs")
    node.send(LOBBY, "hello")
    await inProcess(async (self) => {
      expect(await self.call(LOBBY).topic()).toBe("dogs")
      self.send(LOBBY, "again")
      expect(await self.ask(LOBBY, atom("got"))).toEqual(["hello", "again"])
      expect(self.whereis(LOBBY)).toBe(pid)
      const ref = self.monitor(LOBBY)
      self.exitOther(pid, "gone")
      expect(await self.receive()).toEqual({ kind: "down", ref, target: LOBBY, reason: "gone" })
    })
    expect(node.whereis(LOBBY)).toBeUndefined()
  })
  test("is registered with the value the name says, or without one", async () => {
    const pid = await node.start(room, { arg: "cats", name: via(ROOMS, "lobby", 7) })
    await node.start(room, { arg: "dogs", name: via(ROOMS, "hall") })
    expect(Registry.lookup(node, ROOMS, "lobby")).toEqual([{ pid, value: 7 }])
    expect(Registry.values(node, ROOMS, "hall", node.whereis(via(ROOMS, "hall"))!)).toEqual([undefined])
    expect(node.whereis(LOBBY)).toBe(pid)
  })
  test("is no second one: the start fails with already_started and who has it", async () => {
    const pid = await node.start(room, { arg: "cats", name: LOBBY })
    const error = (await failure(node.start(room, { arg: "dogs", name: LOBBY }))) as StartFailed
    expect(error).toBeInstanceOf(StartFailed)
    expect(error.reason).toEqual(tuple(atom("already_started"), pid))
    expect(error.message).toBe(`test.rooms["lobby"] did not start: the name test.rooms["lobby"] is taken by ${pid}`)
    expect(await node.call(LOBBY).topic()).toBe("cats")
  })
  test("leaves the name free when its init fails, and when it ends", async () => {
    expect(await failure(node.start(room, { arg: "bad", name: LOBBY }))).toBeInstanceOf(StartFailed)
    expect(Registry.count(node, ROOMS)).toBe(0)
    const pid = await node.start(room, { arg: "cats", name: LOBBY })
    const down = downOf(pid)
    node.exit(pid, kill)
    await down
    await node.start(room, { arg: "dogs", name: LOBBY })
    expect(await node.call(LOBBY).topic()).toBe("dogs")
  })
  test("has given the name up when anybody hears of its end, whoever watched first", async () => {
    const pid = node.spawn(async (self) => {
      await self.receive()
      self.register(LOBBY)
      self.exit("done")
    })
    const next = new Promise<Pid>((resolve, reject) => {
      node.monitor(pid, () => {
        expect(node.whereis(LOBBY)).toBeUndefined()
        node.start(room, { arg: "cats", name: LOBBY }).then(resolve, reject)
      })
    })
    node.send(pid, "go")
    expect(await next).toBe(node.whereis(LOBBY))
    expect(Registry.count(node, ROOMS)).toBe(1)
  })
  test("has the name again after each restart, as its supervisor's child", async () => {
    const top = await node.start(supervisor("test.top", { children: [child(room, { arg: "cats", name: LOBBY })] }))
    expect((await node.call(top).children()).map(({ id }) => id)).toEqual(['test.rooms["lobby"]'])
    const before = node.whereis(LOBBY)
    await failure(node.call(LOBBY).crash())
    await expect.poll(() => node.whereis(LOBBY)).toBeDefined()
    expect(node.whereis(LOBBY)).not.toBe(before)
    expect(await node.call(LOBBY).topic()).toBe("cats")
  })
  test("is called by that name in crash reports", async () => {
    await node.start(room, { arg: "cats", name: LOBBY })
    await failure(node.call(LOBBY).crash())
    const crash = reports.find((report): report is CrashReport => report.kind === "crash")
    expect(crash?.title).toBe('test.rooms["lobby"]')
  })
})

describe("a process registers by a via name and unregisters", () => {
  test("as by any name, and may have several", async () => {
    await inProcess((self) => {
      const [one, two] = [via(ANY, 1), via(ANY, { two: [2] })]
      self.register(name("plain"))
      self.register(one)
      self.register(two)
      expect(Registry.keys(self, ANY, self.pid)).toEqual([1, { two: [2] }])
      expect([self.whereis(one), self.whereis(via(ANY, { two: [2] }))]).toEqual([self.pid, self.pid])
      expect(() => self.register(one)).toThrow(`the name test.any[1] is taken by ${self.pid}`)
      self.unregister(one)
      expect([self.whereis(one), self.whereis(two)]).toEqual([undefined, self.pid])
    })
  })
  test("and leaves the entry of another alone", async () => {
    await node.start(room, { arg: "cats", name: LOBBY })
    await inProcess((self) => self.unregister(LOBBY))
    expect(await node.call(LOBBY).topic()).toBe("cats")
  })
})

describe("a via name without an entry", () => {
  test("is noproc to callers and watchers, and to senders nobody", async () => {
    const error = (await failure(node.call(LOBBY).topic())) as CallExit
    expect(error).toBeInstanceOf(CallExit)
    expect(error.reason).toBe(noproc)
    expect(error.message).toBe(
      'call topic to test.rooms["lobby"] failed: no such process; it never started, has ended, or its name is not registered there (noproc)',
    )
    expect(await downOf(LOBBY)).toBe(noproc)
    node.send(LOBBY, "dropped")
    node.cast(LOBBY).rename("dropped")
  })
  test("is so as well where the registry does not run; nothing starts under it there", async () => {
    node.exit(rooms, kill)
    await expect.poll(() => node.whereis(name("test.rooms"))).toBeUndefined()
    expect(((await failure(node.call(LOBBY).topic())) as CallExit).reason).toBe(noproc)
    const error = (await failure(node.start(room, { arg: "cats", name: LOBBY }))) as StartFailed
    expect(error.message).toContain('test.rooms["lobby"]: no registry test.rooms runs on this node')
    await node.start(room, { arg: "cats", name: name("test.rooms") as never })
    expect(String(await failure(node.start(room, { arg: "dogs", name: LOBBY })))).toContain("no registry test.rooms")
  })
})

describe("a via name", () => {
  test("needs unique keys", () => {
    const many = registry<string>("test.many", { keys: "duplicate" })
    // @ts-expect-error a registry of duplicate keys
    expect(() => via(many, "key")).toThrow("test.many has duplicate keys; a via name needs unique ones")
  })
  test("is good on its own node only", () => {
    expect(() => LOBBY.at("b@127.0.0.1")).toThrow('the via name test.rooms["lobby"] is good on its own node only')
    for (const profile of ["umbel", "beam"] as const) {
      expect(() => encode([{ room: LOBBY }], profile)).toThrow(
        new NotATerm("a via name is good on its own node only; send the pid it stands for")
          .within({ kind: "key", key: "room" })
          .within({ kind: "index", index: 0 })
          .complete("message"),
      )
    }
  })
  test("travels to processes of its node as it is, and is told from other names by its key", async () => {
    expect(copy({ LOBBY }).LOBBY).toBe(LOBBY)
    const same = via(ROOMS, "lobby")
    expect(equal(LOBBY, same)).toBe(true)
    expect(equal({ LOBBY }, { LOBBY: same })).toBe(true)
    for (const other of [via(ROOMS, "hall"), via(ANY, "lobby"), name("test.rooms")]) {
      expect(equal(LOBBY, other)).toBe(false)
      expect(equal({ LOBBY }, { LOBBY: other })).toBe(false)
      expect(compare(LOBBY, other)).toBe(-compare(other, LOBBY))
      expect(compare(LOBBY, other)).not.toBe(0)
    }
    expect(compare(LOBBY, same)).toBe(0)
    expect(inspect([LOBBY, via(ANY, { a: 1n })])).toBe('[#Via<test.rooms["lobby"]>, #Via<test.any[%{a: 1}]>]')
  })
  test("holds a key of its own, whatever becomes of what it was made from", async () => {
    const key = { list: [1] }
    const target = via(ANY, key)
    key.list.push(2)
    await node.start(room, { arg: "cats", name: target as Name<never> })
    expect(node.whereis(via(ANY, { list: [1] }))).toBeDefined()
    expect(() => via(ANY, () => {})).toThrow(/^key cannot be sent: a function is no term/)
  })
  test("is words in the reason that a failed call ends its process with, so that the reason can travel", async () => {
    const { pid } = await inProcess((self) => ({
      pid: self.spawn(async (its) => void (await its.call(LOBBY).topic())),
    }))
    const reason = (await downOf(pid)) as Tuple
    expect(inspect(reason)).toBe('{:noproc, {:umbel, :call, ["test.rooms[\\"lobby\\"]", "topic", 5000]}}')
    expect(inspect(decode(encode(reason, "beam")))).toBe(inspect(reason))
  })
  test("is typed by its registry", async () => {
    const other = genServer("test.other", { init: () => ({}), calls: { other: () => 1 } })
    await node.start(room, { arg: "cats", name: LOBBY })
    expect((await node.call(LOBBY).topic()) satisfies string).toBe("cats")
    child(room, { arg: "cats", name: LOBBY })
    child(room, { arg: "cats", name: via(ANY, "lobby") })
    // @ts-expect-error rooms have no such request
    await failure(node.call(LOBBY).nothing())
    // @ts-expect-error a key of another type
    via(ROOMS, 1)
    // @ts-expect-error a value of another type
    via(ROOMS, "lobby", "text")
    // @ts-expect-error another kind of server
    child(other, { name: LOBBY })
  })
})
