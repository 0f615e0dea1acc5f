/** What servers can do beyond calls and casts: continue, wait for silence, be asked by tools, be found in a circle, check arguments. */
import {
  application,
  atom,
  CallExit,
  CallRefused,
  child,
  genServer,
  type Node,
  name,
  ok,
  type StandardSchema,
  shutdown,
  timeout,
  tuple,
} from "umbel"
import { boot } from "umbel/nodejs"
import { describeReport, Sys } from "umbel/otp"
import { afterEach, beforeEach, describe, expect, test } from "vitest"

let node: Node
const reports: string[] = []
beforeEach(async () => {
  reports.length = 0
  node = await boot({ name: "server@127.0.0.1", report: (report) => reports.push(describeReport(report)) })
})
afterEach(() => node.stop())

describe("continue", () => {
  const loader = genServer("test.loader", {
    init: (_arg: void, self) => {
      self.continue("load")
      return { log: ["init"] }
    },
    calls: {
      log: ({ state }) => state.log,
      twice(self) {
        self.continue(1)
        self.continue(2)
        return "soon"
      },
      stopping(self) {
        self.continue("never")
        self.stop(shutdown)
        return "bye"
      },
    },
    async continue({ state }, what) {
      await Promise.resolve()
      state.log.push(`continue ${String(what)}`)
    },
  })

  test("runs after init and before the first message, however long it takes", async () => {
    const pid = await node.start(loader)
    expect(await node.call(pid).log()).toEqual(["init", "continue load"])
  })
  test("runs in the order it was asked for, after the reply", async () => {
    const pid = await node.start(loader)
    expect(await node.call(pid).twice()).toBe("soon")
    expect(await node.call(pid).log()).toEqual(["init", "continue load", "continue 1", "continue 2"])
  })
  test("is given up when the server stops", async () => {
    const pid = await node.start(loader)
    const ended = new Promise((resolve) => node.monitor(pid, ({ reason }) => resolve(reason)))
    expect(await node.call(pid).stopping()).toBe("bye")
    expect(await ended).toBe(shutdown)
  })
  test("without a handler for it is a crash that says so", async () => {
    const careless = genServer("test.careless", { init: () => ({}), calls: { go: (self) => self.continue() } })
    const pid = await node.start(careless)
    const ended = new Promise((resolve) => node.monitor(pid, resolve))
    await node.call(pid).go()
    await ended
    expect(reports.join("\n")).toContain("test.careless has no `continue`")
  })
})

describe("idleAfter", () => {
  test("gives info the atom timeout once no message has come for so long, and stops when told", async () => {
    const sleepy = genServer("test.sleepy", {
      init: (_arg: void, self) => {
        self.idleAfter(1)
        return { idle: 0 }
      },
      calls: {
        idle: ({ state }) => state.idle,
        awake: (self) => self.idleAfter(undefined),
      },
      info({ state }, message) {
        if (message === timeout) state.idle++
      },
    })
    const pid = await node.start(sleepy)
    await expect.poll(() => Sys.getState(node, pid)).toMatchObject({ idle: expect.any(Number) })
    await expect.poll(() => node.call(pid).idle(), { interval: 20 }).toBeGreaterThan(0)
    await node.call(pid).awake()
  })
})

describe("sys", () => {
  const counter = genServer("test.counter", {
    init: (count: number) => ({ count, token: "s3cret" }),
    calls: { add: ({ state }, by: number) => (state.count += by) },
    info: () => {},
  })
  const COUNTER = name<typeof counter>("counter")
  beforeEach(() => node.start(counter, { arg: 5, name: COUNTER }).then(() => {}))

  test("gets and replaces the state", async () => {
    expect(await Sys.getState(node, COUNTER)).toEqual({ count: 5, token: "s3cret" })
    expect(await Sys.replaceState(node, COUNTER, (state: { count: number }) => ({ ...state, count: 7 }))).toMatchObject(
      { count: 7 },
    )
    expect(await node.call(COUNTER).add(1)).toBe(8)
  })
  test("shows the status as BEAM tools expect it, with secrets covered", async () => {
    const status = (await Sys.getStatus(node, COUNTER)) as { elements: unknown[] }
    expect(status.elements[0]).toBe(atom("status"))
    expect(status.elements[2]).toEqual(tuple(atom("module"), atom("test.counter")))
    expect(JSON.stringify(status)).not.toContain("s3cret")
  })
  test("suspends a server, which answers nothing but system messages until it is resumed", async () => {
    await Sys.suspend(node, COUNTER)
    const answer = node.call(COUNTER).add(1)
    await expect(node.call(COUNTER, { timeout: 1 }).add(10)).rejects.toMatchObject({ reason: timeout })
    expect(await Sys.getState(node, COUNTER)).toMatchObject({ count: 5 })
    await Sys.resume(node, COUNTER)
    expect(await answer).toBe(6)
    expect(await node.call(COUNTER).add(1)).toBe(7)
  })
  test("counts messages between two moments", async () => {
    expect(await Sys.statistics(node, COUNTER, "get")).toBe(atom("no_statistics"))
    await Sys.statistics(node, COUNTER, true)
    await node.call(COUNTER).add(1)
    const counts = (await Sys.statistics(node, COUNTER, "get")) as { elements: [unknown, number] }[]
    expect(counts.find(({ elements }) => elements[0] === atom("messages_in"))?.elements[1]).toBe(2)
  })
  test("ends a server with a reason, and rejects for one that is not there", async () => {
    const ended = new Promise((resolve) => node.monitor(COUNTER, ({ reason }) => resolve(reason)))
    await Sys.terminate(node, COUNTER, "enough")
    expect(await ended).toBe("enough")
    await expect(Sys.getState(node, COUNTER)).rejects.toThrow(CallExit)
  })
  test("answers what it does not know with an error", async () => {
    expect(await node.calls.askAs(atom("system"), node.root, COUNTER, "what?")).toEqual(
      tuple(atom("error"), tuple(atom("unknown_system_msg"), "what?")),
    )
    expect(ok.text).toBe("ok")
  })
})

describe("servers that wait for one another in handlers", () => {
  test("are named with all members of the circle, and the time-out ends it", async () => {
    const A = name<{ calls: { ask(): string }; casts: {} }>("a")
    const B = name<{ calls: { ask(): string }; casts: {} }>("b")
    const waiter = (next: typeof A) =>
      genServer("test.waiter", {
        init: () => ({}),
        calls: {
          async ask(self): Promise<string> {
            return self.call(next, { timeout: 30 }).ask()
          },
        },
      })
    await node.start(waiter(B), { name: A })
    await node.start(waiter(A), { name: B })
    await expect(node.call(A).ask()).rejects.toThrow(CallExit)
    expect(reports.find((report) => report.includes("deadlock"))).toContain("b → a → b: each waits")
  })
  test("are not taken for a circle when one of them answers later", async () => {
    const A = name<{ calls: { ask(): string; leaf(): string }; casts: {} }>("a")
    const relay = genServer("test.relay", { init: () => ({}), calls: { ask: async (self) => self.call(A).leaf() } })
    const root = genServer("test.root", {
      init: () => ({}),
      calls: {
        ask: (self) => self.later(self.call(name<typeof relay>("relay")).ask()),
        leaf: () => "leaf",
      },
    })
    await node.start(relay, { name: name("relay") })
    await node.start(root, { name: A })
    expect(await node.call(A).ask()).toBe("leaf")
    expect(reports.filter((report) => report.includes("deadlock"))).toEqual([])
  })
})

describe("checked arguments", () => {
  const text: StandardSchema<string> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) =>
        typeof value === "string" ? { value: value.trim() } : { issues: [{ message: "expected a text" }] },
    },
  }
  const titled = genServer("test.titled", {
    init: () => ({ title: "" }),
    calls: { rename: ({ state }, title: string) => (state.title = title) },
    checks: { rename: [text] },
  })

  test("come to the handler as the schema makes them", async () => {
    const pid = await node.start(titled)
    expect(await node.call(pid).rename("  Fennel ")).toBe("Fennel")
  })
  test("that do not fit are refused, and the server lives", async () => {
    const pid = await node.start(titled)
    const refused = await node.ask(pid, tuple(atom("rename"), 7))
    expect(refused).toEqual(tuple(atom("error"), tuple(atom("invalid_argument"), "argument 1", "expected a text")))
    await expect(node.call(pid).rename(7 as never)).rejects.toThrow(CallRefused)
    expect(await node.ask(pid, tuple(atom("rename"), "a", "b"))).toMatchObject({ elements: [atom("error"), {}] })
    expect(await node.call(pid).rename("x")).toBe("x")
  })
})

test("what is no definition is refused with the way to mend it", async () => {
  const wrong = child(genServer("mended.worker", { init: () => ({}) })) as never
  await expect(node.start(wrong)).rejects.toThrow("what is started is a definition, made by genServer(…)")
  expect(() => child(undefined as never)).toThrow("child(…) is given a definition, made by genServer(…) and the like")
  expect(() => application("shop" as never)).toThrow('an application is made of one object, { name: "shop", start: … }')
})
