/** The time-outs of a machine: of the state, until the next event, by name. Rules: OTP's `gen_statem`. In virtual time. */
import { describe, expect, test } from "vitest"
import { Sys } from "../../src/otp/index.ts"
import { CallExit } from "../../src/runtime/index.ts"
import { kill, type Pid } from "../../src/term/index.ts"
import { machineWorld } from "./machine-world.ts"
import { logOf, type PuppetApi, puppet, type Script } from "./puppet.ts"

const on = machineWorld()

describe("time-outs", () => {
  const at = (ms: number): Promise<void> => on.world.run(ms - (on.world.now - begun))
  let begun = 0
  const started = async (script: Script): Promise<Pid<PuppetApi>> => {
    const pid = await on.node.start(puppet(script))
    await on.node.call(pid).run("begin")
    begun = on.world.now
    return pid
  }
  const rest = async (pid: Pid<PuppetApi>): Promise<string[]> => (await logOf(on.node, pid)).slice(2)

  test("of the state are called off by a change of state, and not by events", async () => {
    const pid = await started({
      begin: (self) => self.stateTimeout(100, "state"),
      go: (self) => self.next("b"),
    })
    await at(50)
    on.node.cast(pid).run("x")
    await at(100)
    expect(await rest(pid)).toEqual(["a x", "a state timeout state"])
    const other = await started({ begin: (self) => self.stateTimeout(100, "state"), go: (self) => self.next("b") })
    await at(99)
    on.node.cast(other).run("go")
    await at(1_000)
    expect(await rest(other)).toEqual(["a go", "b entered from a"])
  })
  test("of the state that are set together with `next` belong to the new one, whichever comes first", async () => {
    const pid = await started({
      begin(self) {
        self.stateTimeout(10, "of b")
        self.next("b")
      },
      "state timeout of b": (self) => {
        self.next("c")
        self.stateTimeout(10, "of c")
      },
    })
    await at(20)
    expect(await rest(pid)).toEqual([
      "b entered from a",
      "b state timeout of b",
      "c entered from b",
      "c state timeout of c",
    ])
  })
  test("are kept when the state is repeated or replaced by itself", async () => {
    const pid = await started({
      begin: (self) => self.stateTimeout(100, 1),
      repeat: (self) => self.repeatState(),
      same: (self) => self.next("a"),
    })
    on.node.cast(pid).run("repeat")
    on.node.cast(pid).run("same")
    await at(100)
    expect(await rest(pid)).toEqual(["a repeat", "a entered from a", "a same", "a state timeout 1"])
  })
  test("until the next event are called off by any: a call, a message, another time-out", async () => {
    const pid = await started({
      begin: (self) => self.eventTimeout(100, "silence"),
      again: (self) => self.eventTimeout(100, "silence"),
      both(self) {
        self.eventTimeout(100, "silence")
        self.timer("tea", 50, "ready")
      },
    })
    await at(99)
    await on.node.call(pid).run("again")
    await at(198)
    on.node.send(pid, "hello")
    await at(400)
    on.node.cast(pid).run("both")
    await at(1_000)
    on.node.cast(pid).run("again")
    await at(1_100)
    expect(await rest(pid)).toEqual([
      "a again",
      "a info hello",
      "a both",
      "a timer tea timeout ready",
      "a again",
      "a event timeout silence",
    ])
  })
  test("until the next event are not called off by system messages", async () => {
    const pid = await started({ begin: (self) => self.eventTimeout(100, "silence") })
    await at(50)
    await on.system(Sys.getState(on.node, pid))
    await at(100)
    expect(await rest(pid)).toEqual(["a event timeout silence"])
  })
  test("by name run on through events and states, side by side, until cancelled or set anew", async () => {
    const pid = await started({
      begin(self) {
        self.timer("one", 100, 1)
        self.timer("two", 100, 2)
        self.timer("three", 100, 3)
        self.timer("state", 100, "no state time-out")
      },
      go: (self) => self.next("b"),
      cancel: (self) => self.cancelTimer("two"),
      anew: (self) => self.timer("three", 100, "anew"),
    })
    on.node.cast(pid).run("go")
    await at(50)
    on.node.cast(pid).run("cancel")
    on.node.cast(pid).run("anew")
    await at(150)
    expect((await rest(pid)).slice(4)).toEqual([
      "b timer one timeout 1",
      "b timer state timeout no state time-out",
      "b timer three timeout anew",
    ])
  })
  test("are called off by undefined, and changed in what they bring by update", async () => {
    const pid = await started({
      begin(self) {
        self.stateTimeout(100, "state")
        self.timer("tea", 100, "cold")
      },
      off: (self) => self.stateTimeout(undefined),
      update(self) {
        self.timer("tea", "update", "hot")
        self.timer("none", "update", "at once")
      },
    })
    on.node.cast(pid).run("off")
    await at(60)
    on.node.cast(pid).run("update")
    await at(100)
    expect(await rest(pid)).toEqual(["a off", "a update", "a timer none timeout at once", "a timer tea timeout hot"])
  })
  test("of 0 come in their order, after what was received and before what is new", async () => {
    const pid = await on.node.start(
      puppet({
        "a x": (self) => self.postpone(),
        go(self) {
          self.timer("t", 0, 1)
          self.stateTimeout(0, 2)
          self.timer("u", 0, 3)
          self.cancelTimer("u")
          self.next("b")
          self.nextEvent("n")
        },
        "internal n": (self) => self.timer("v", 0, 4),
      }),
    )
    on.node.cast(pid).run("x")
    on.node.cast(pid).run("go")
    on.node.cast(pid).run("new")
    expect((await logOf(on.node, pid)).slice(2)).toEqual([
      "a go",
      "b entered from a",
      "b internal n",
      "b x",
      "b timer t timeout 1",
      "b state timeout 2",
      "b timer v timeout 4",
      "b new",
    ])
  })
  test("of 0 are called off like any other", async () => {
    const pid = await on.node.start(
      puppet({
        go(self) {
          self.stateTimeout(0, "never")
          self.eventTimeout(0, "never")
          self.timer("t", 0, "first")
        },
        "timer t timeout first": (self) => self.next("b"),
        pair(self) {
          self.eventTimeout(0, "event")
          self.stateTimeout(0, "state")
        },
      }),
    )
    on.node.cast(pid).run("pair")
    await on.settle()
    on.node.cast(pid).run("go")
    const log = await logOf(on.node, pid)
    expect(log).toEqual([
      "a entered from a",
      "a pair",
      "a event timeout event",
      "a state timeout state",
      "a go",
      "a state timeout never",
      "a timer t timeout first",
      "b entered from a",
    ])
  })
  test("that ran out while the machine was busy are dropped when they are called off before their turn", async () => {
    let open = (): void => {}
    const pid = await started({
      begin(self) {
        self.timer("tea", 10, 1)
        self.stateTimeout(10, 2)
        return new Promise<void>((resolve) => {
          open = resolve
          resolve()
        })
      },
      hold: () => new Promise<void>((resolve) => (open = resolve)),
      "timer tea timeout 1": (self) => self.next("b"),
    })
    on.node.cast(pid).run("hold")
    await at(20)
    open()
    expect(await rest(pid)).toEqual(["a hold", "a timer tea timeout 1", "b entered from a"])
  })
  test("end with the machine, and take no impossible times", async () => {
    const pid = await started({ begin: (self) => self.timer("tea", 100, 1) })
    on.node.exit(pid, kill)
    await at(200)
    const bad = await on.node.start(puppet({ bad: (self) => self.stateTimeout(-1) }))
    await expect(on.node.call(bad).run("bad")).rejects.toThrow(CallExit)
    expect(on.reports.join("\n")).toContain(
      'test.puppet: stateTimeout: a time is milliseconds from 0 on, "update" or undefined, not -1',
    )
    expect(on.reports).toHaveLength(1)
  })
  test("of init begin with the first state", async () => {
    const pid = await on.node.start(puppet({}, (self) => self.stateTimeout(30, "first")))
    await on.world.run(30)
    expect(await logOf(on.node, pid)).toEqual(["a entered from a", "a state timeout first"])
  })
})
