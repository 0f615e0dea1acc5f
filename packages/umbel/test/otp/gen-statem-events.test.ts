/** In which order a machine gets its events: postponed ones and inserted ones. Rules: OTP's `gen_statem`. In virtual time. */
import { describe, expect, test } from "vitest"
import { processDetails } from "../../src/runtime/index.ts"
import { atom, timeout } from "../../src/term/index.ts"
import { machineWorld } from "./machine-world.ts"
import { logOf, type Puppet, puppet } from "./puppet.ts"

const on = machineWorld()

describe("postponed events", () => {
  const postponing = puppet({
    "a x": (self) => self.postpone(),
    "a y": (self) => self.postpone(),
    "a info z": (self) => self.postpone(),
    "b x": () => undefined,
    "b y": (self) => self.postpone(),
    "go b": (self) => self.next("b"),
    "go c": (self) => self.next("c"),
    stay: (self) => self.next("a"),
    again: (self) => self.repeatState(),
  })
  test("come again in their order at each change of state, before newer ones", async () => {
    const pid = await on.node.start(postponing)
    on.node.cast(pid).run("x")
    on.node.cast(pid).run("y")
    on.node.send(pid, "z")
    on.node.cast(pid).run("stay")
    on.node.cast(pid).run("again")
    on.node.cast(pid).run("go b")
    on.node.cast(pid).run("new")
    on.node.cast(pid).run("go c")
    expect(await logOf(on.node, pid)).toEqual([
      "a entered from a",
      "a x",
      "a y",
      "a info z",
      "a stay",
      "a again",
      "a entered from a",
      "a go b",
      "b entered from a",
      "b x",
      "b y",
      "b info z",
      "b new",
      "b go c",
      "c entered from b",
      "c y",
    ])
  })
  test("stay one envelope: a call times out, is given up, and then is not handled any more", async () => {
    const pid = await on.node.start(postponing)
    const late = on.node.call(pid, { timeout: 20 }).run("x")
    const controller = new AbortController()
    const aborted = on.node.call(pid, { signal: controller.signal }).run("x")
    const kept = on.node.call(pid).run("y")
    await expect(late).rejects.toMatchObject({ reason: timeout })
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ reason: atom("aborted") })
    on.node.cast(pid).run("go b")
    on.node.cast(pid).run("go c")
    expect(await kept).toBe("done")
    expect(await logOf(on.node, pid)).toEqual([
      "a entered from a",
      "a x",
      "a x",
      "a y",
      "a go b",
      "b entered from a",
      "b y",
      "b go c",
      "c entered from b",
      "c y",
    ])
  })
  test("time-outs and inserted events can be postponed too", async () => {
    const pid = await on.node.start(
      puppet({
        begin(self) {
          self.nextEvent(1)
          self.timer("tea", 10, "hot")
        },
        "a internal 1": (self) => self.postpone(),
        "a timer tea timeout hot": (self) => self.postpone(),
        "go b": (self) => self.next("b"),
      }),
    )
    on.node.cast(pid).run("begin")
    await on.world.run(10)
    on.node.cast(pid).run("go b")
    expect(await logOf(on.node, pid)).toEqual([
      "a entered from a",
      "a begin",
      "a internal 1",
      "a timer tea timeout hot",
      "a go b",
      "b entered from a",
      "b internal 1",
      "b timer tea timeout hot",
    ])
  })
  test("wait out an async handler in their places", async () => {
    let open = (): void => {}
    const pid = await on.node.start(
      puppet({
        "a slow": (self) => new Promise<void>((resolve) => (open = resolve)).then(() => self.postpone()),
        "a x": (self) => self.postpone(),
        "go b": (self) => self.next("b"),
      }),
    )
    const slow = on.node.call(pid).run("slow")
    on.node.cast(pid).run("x")
    on.node.cast(pid).run("go b")
    await on.settle()
    open()
    expect(await slow).toBe("done")
    expect(await logOf(on.node, pid)).toEqual([
      "a entered from a",
      "a slow",
      "a x",
      "a go b",
      "b entered from a",
      "b slow",
      "b x",
    ])
  })
  test("of callers who have given up fill no mailbox", async () => {
    const pid = await on.node.start(postponing)
    const kept = on.node.call(pid, { timeout: "infinity" }).run("y")
    for (let i = 0; i < 500; i++) {
      const asked = new AbortController()
      const given = on.node.call(pid, { signal: asked.signal }).run("x")
      await on.settle()
      asked.abort()
      await expect(given).rejects.toMatchObject({ reason: atom("aborted") })
    }
    expect(processDetails(on.node, pid)!.mailbox).toBeLessThan(100)
    on.node.cast(pid).run("go b")
    on.node.cast(pid).run("go c")
    expect(await kept).toBe("done")
    expect((await logOf(on.node, pid)).slice(-5)).toEqual([
      "b entered from a",
      "b y",
      "b go c",
      "c entered from b",
      "c y",
    ])
  })
  test("thousands of them come again in their order", async () => {
    const pid = await on.node.start(
      puppet({
        "go b": (self) => self.next("b"),
        ...Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`a ${i}`, (self: Puppet) => self.postpone()])),
      }),
    )
    for (let i = 0; i < 3_000; i++) on.node.cast(pid).run(String(i))
    on.node.cast(pid).run("go b")
    const log = await logOf(on.node, pid)
    expect(log.filter((line) => /^b \d+$/.test(line))).toEqual(Array.from({ length: 3_000 }, (_, i) => `b ${i}`))
  })
})

describe("inserted events", () => {
  test("come before the mailbox, in their order; those of a later handler before those of an earlier one", async () => {
    const pid = await on.node.start(
      puppet({
        go(self) {
          self.nextEvent(1)
          self.nextEvent(2)
        },
        "internal 1": (self) => self.nextEvent("1a"),
      }),
    )
    on.node.cast(pid).run("go")
    on.node.cast(pid).run("after")
    expect(await logOf(on.node, pid)).toEqual([
      "a entered from a",
      "a go",
      "a internal 1",
      "a internal 1a",
      "a internal 2",
      "a after",
    ])
  })
  test("come before postponed ones, and a time-out of 0 until the next event comes not at all then", async () => {
    const pid = await on.node.start(
      puppet({
        "a 1": (self) => self.postpone(),
        "a 2": (self) => self.postpone(),
        buffer(self) {
          self.next("b")
          self.nextEvent(3)
          self.nextEvent(4)
          self.eventTimeout(0, 5)
          return "ok"
        },
      }),
    )
    on.node.cast(pid).run("1")
    on.node.cast(pid).run("2")
    expect(await on.node.call(pid).run("buffer")).toBe("ok")
    expect((await logOf(on.node, pid)).slice(3)).toEqual([
      "a buffer",
      "b entered from a",
      "b internal 3",
      "b internal 4",
      "b 1",
      "b 2",
    ])
  })
  test("of init come after the first `enter` and before any message", async () => {
    const pid = await on.node.start(puppet({}, (self) => self.nextEvent("begin")))
    expect(await logOf(on.node, pid)).toEqual(["a entered from a", "a internal begin"])
  })
})
