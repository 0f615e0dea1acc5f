/** What a machine's handlers may do, and what tools are shown of it: `enter`, `self`, `sys`. In virtual time. */
import { describe, expect, test } from "vitest"
import { genStatem, name, type StandardSchema, Sys } from "../../src/otp/index.ts"
import { type Api, CallRefused, isDown, processDetails } from "../../src/runtime/index.ts"
import { atom, tuple } from "../../src/term/index.ts"
import { door } from "./door.ts"
import { machineWorld } from "./machine-world.ts"
import { logOf, type Puppet, puppet } from "./puppet.ts"

const on = machineWorld()

describe("enter", () => {
  test("runs for the first state and for each change, with where it came from", async () => {
    const pid = await on.node.start(door, { arg: "1" })
    await on.node.call(pid).unlock("1")
    on.node.cast(pid).lock()
    expect(await on.system(Sys.getState(on.node, pid))).toMatchObject({
      elements: [atom("locked"), { entered: ["locked → locked", "locked → closed", "closed → locked"] }],
    })
  })
  test("holds the machine while it is async", async () => {
    let open = (): void => {}
    const pid = await on.node.start(
      puppet({
        go: (self) => self.next("b"),
        "entered from a": (self) => (self.state === "b" ? new Promise<void>((resolve) => (open = resolve)) : undefined),
      }),
    )
    on.node.cast(pid).run("go")
    const answer = on.node.call(pid).run("x")
    await on.settle()
    expect(processDetails(on.node, pid)).toMatchObject({ status: "awaiting", mailbox: 1 })
    open()
    expect(await answer).toBe("done")
  })
  test("can neither change the state, nor postpone, nor insert", async () => {
    for (const verb of ["next", "postpone", "nextEvent", "repeatState"] as const) {
      const machine = genStatem<Api>()("test.entering", {
        init: () => ({ state: "a", data: {} }),
        states: { a: { enter: (self) => (self[verb] as (what: string) => unknown)("a") } },
      })
      await on.node.start(machine)
      await on.settle()
      expect(on.reports.at(-1)).toContain(`test.entering: self.${verb} is not for enter`)
    }
  })
})

describe("the self of a machine", () => {
  test("changes nothing from outside its handlers, and in init there is no state to leave", async () => {
    let kept: Puppet | undefined
    const pid = await on.node.start(puppet({ keep: (self) => void (kept = self) }))
    await on.node.call(pid).run("keep")
    for (const verb of [
      "next",
      "postpone",
      "nextEvent",
      "repeatState",
      "stateTimeout",
      "eventTimeout",
      "timer",
      "cancelTimer",
    ] as const) {
      expect(() => (kept![verb] as (what: string) => void)("b")).toThrow(
        `self.${verb === "cancelTimer" ? "timer" : verb} is not for what runs between events`,
      )
    }
    const early = genStatem<Api>()("test.early", {
      init: (_arg: void, self) => {
        ;(self as unknown as Puppet).next("b")
        return { state: "a", data: {} }
      },
      states: { a: {} },
    })
    await expect(on.node.start(early)).rejects.toThrow("self.next is not for init")
  })
  test("knows its states, and wants objects for data", async () => {
    const pid = await on.node.start(
      puppet({ typo: (self) => self.next("d" as "a"), odd: (self) => self.next("b", 1 as never) }),
    )
    await expect(on.node.call(pid).run("typo")).rejects.toThrow(/test.puppet has no state d; it has a, b, c/)
    const other = await on.node.start(puppet({ odd: (self) => self.next("b", 1 as never) }))
    await expect(on.node.call(other).run("odd")).rejects.toThrow(/the data of a state is an object, not 1/)
  })
  test("shows the state of the handler until that has returned, and takes the latest `next`", async () => {
    const seen: unknown[] = []
    const pid = await on.node.start(
      puppet({
        go(self) {
          const data = { log: ["new"], kept: [] }
          self.next("b", data)
          self.next("c", data)
          seen.push(self.state, self.data === data)
        },
      }),
    )
    await on.node.call(pid).run("go")
    expect(seen).toEqual(["a", false])
    expect(await on.node.call(pid).log()).toEqual(["new", "c entered from a"])
  })
  test("answers later, replies to kept callers, and monitors like that of any server", async () => {
    const pid = await on.node.start(
      puppet({
        keep: (self) => self.later<string>((from) => self.data.kept.push(from)),
        later: (self) => self.later(Promise.resolve("later")),
        give(self) {
          for (const from of self.data.kept.splice(0)) self.reply(from, "given")
        },
        watch: (self) => {
          self.monitor(self.spawn(async () => {}))
        },
      }),
    )
    const kept = on.node.call(pid).run("keep")
    expect(await on.node.call(pid).run("later")).toBe("later")
    on.node.cast(pid).run("give")
    expect(await kept).toBe("given")
    await on.node.call(pid).run("watch")
    await on.settle()
    expect((await logOf(on.node, pid)).at(-1)).toBe("a info [object Object]")
    expect(isDown({ kind: "down", ref: 1 })).toBe(true)
  })
  test("checks arguments by schemas before any handler", async () => {
    const text: StandardSchema<string> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) =>
          typeof value === "string" ? { value: value.trim() } : { issues: [{ message: "expected a text" }] },
      },
    }
    const titled = genStatem<{ calls: { rename(title: string): string }; casts: {} }>()("test.titled", {
      init: () => ({ state: "a", data: {} }),
      states: { a: { calls: { rename: (_self, title) => title } } },
      checks: { rename: [text] },
    })
    const pid = await on.node.start(titled)
    expect(await on.node.call(pid).rename("  Fennel ")).toBe("Fennel")
    await expect(on.node.call(pid).rename(7 as never)).rejects.toThrow(CallRefused)
  })
})

describe("sys", () => {
  const vault = genStatem<{ calls: {}; casts: { go(): void } }>()("test.vault", {
    init: (_arg: void, self) => {
      self.stateTimeout(100)
      return { state: "idle", data: { pin: "s3cret", size: 1 } }
    },
    states: {
      idle: { casts: { go: "postpone" }, timeout: (self) => self.next("busy") },
      busy: { casts: { go: (self) => void self.data.size++ } },
    },
    formatStatus: ({ size }, state) => ({ size, shown: state }),
  })
  test("gets the state and the data, also while suspended", async () => {
    const pid = await on.node.start(vault)
    const both = tuple(atom("idle"), { pin: "s3cret", size: 1 })
    expect(await on.system(Sys.getState(on.node, pid))).toEqual(both)
    await on.system(Sys.suspend(on.node, pid))
    expect(await on.system(Sys.getState(on.node, pid))).toEqual(both)
    await on.system(Sys.resume(on.node, pid))
  })
  test("replaces both; what is postponed waits on for a change of state", async () => {
    const pid = await on.node.start(vault)
    on.node.cast(pid).go()
    const replaced = await on.system(
      Sys.replaceState(on.node, pid, ([, data]: [unknown, object]) => tuple(atom("busy"), { ...data, size: 5 })),
    )
    expect(replaced).toEqual(tuple(atom("busy"), { pin: "s3cret", size: 5 }))
    await on.settle()
    expect(processDetails(on.node, pid)).toMatchObject({ mailbox: 1 })
    on.node.cast(pid).go()
    await on.settle()
    expect(await on.system(Sys.getState(on.node, pid))).toEqual(tuple(atom("busy"), { pin: "s3cret", size: 6 }))
  })
  test("leaves everything as it is when the function fails, or makes no state", async () => {
    const pid = await on.node.start(vault)
    const failed = tuple(
      atom("error"),
      expect.objectContaining({ elements: [atom("callback_failed"), expect.anything(), expect.anything()] }),
    )
    const fail = (): never => {
      throw new Error("fail")
    }
    for (const change of [fail, () => tuple(atom("none"), {}), () => ({}), () => tuple(atom("busy"), 1)]) {
      expect(await on.system(Sys.replaceState(on.node, pid, change))).toEqual(failed)
    }
    expect(await on.system(Sys.getState(on.node, pid))).toMatchObject({ elements: [atom("idle"), { size: 1 }] })
  })
  test("shows what formatStatus makes of the data, in the status, to the observer and in crash reports", async () => {
    const pid = await on.node.start(vault, { name: name("vault") })
    const shown = tuple(atom("idle"), { size: 1, shown: "idle" })
    const status = await on.system(Sys.getStatus(on.node, pid))
    expect(JSON.stringify(status)).toContain('"shown":"idle"')
    expect(JSON.stringify(status)).not.toContain("s3cret")
    expect(processDetails(on.node, pid)?.description).toEqual({ kind: "worker", module: "test.vault", state: shown })
    on.node.exit(pid, "broken")
    on.node.send(await on.node.start(vault), tuple(atom("$gen_cast"), atom("oops")))
    await on.settle()
    const report = on.reports.join("\n")
    expect(report).toContain("test.vault (idle) has no cast :oops")
    expect(report).toContain('{:idle, %{size: 1, shown: "idle"}}')
    expect(report).not.toContain("s3cret")
  })
  test("suspends: events and time-outs wait until it is resumed", async () => {
    const pid = await on.node.start(vault)
    await on.system(Sys.suspend(on.node, pid))
    on.node.cast(pid).go()
    await on.world.run(1_000)
    expect(await on.system(Sys.getState(on.node, pid))).toMatchObject({ elements: [atom("idle"), { size: 1 }] })
    await on.system(Sys.resume(on.node, pid))
    await on.settle()
    expect(await on.system(Sys.getState(on.node, pid))).toMatchObject({ elements: [atom("busy"), { size: 2 }] })
  })
})
