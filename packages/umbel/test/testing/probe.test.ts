/** Probes and test nodes on the real platform: what they take, and in which words they fail. */
import { describe, expect, test } from "vitest"
import { child, genServer, name } from "../../src/otp/index.ts"
import { CallRefused, isDown, isExit } from "../../src/runtime/index.ts"
import { atom, kill, ok, type Pid, tuple } from "../../src/term/index.ts"
import { anything, like, TestFailure, testNode } from "../../src/testing/index.ts"
import { COUNTER, counter } from "./parts.ts"

const isText = (message: unknown): message is string => typeof message === "string"
const failure = async (work: Promise<unknown> | (() => unknown)): Promise<TestFailure> => {
  try {
    await (typeof work === "function" ? work() : work)
  } catch (error) {
    if (error instanceof TestFailure) return error
    throw error
  }
  throw new Error("expected a TestFailure")
}
/** Pids and stacks differ from run to run. */
const plain = (text: string): string => text.replace(/<\d+\.\d+\.\d+>/g, "<pid>").replace(/^[ │]+at .*\n/gm, "")

describe("expectReceive", () => {
  test("takes the first message that fits, waits for it, and leaves the others", async () => {
    await using t = await testNode()
    const probe = t.probe()
    await t.startSupervised(counter, { arg: 5, name: COUNTER })
    t.send(probe.pid, "early")
    t.send(probe.pid, 7)
    t.cast(COUNTER).tell(probe.pid)
    expect(await probe.expectReceive(tuple(atom("count"), 5))).toEqual(tuple(atom("count"), 5))
    const text: string = await probe.expectReceive(isText)
    expect([text, probe.mailbox]).toEqual(["early", [7]])
    await probe.expectReceive(expect.any(Number))
    const later = probe.expectReceive(like({ a: 1 }))
    t.send(probe.pid, { a: 1, b: 2 })
    expect(await later).toEqual({ a: 1, b: 2 })
  })
  test("brings what monitors and links bring", async () => {
    await using t = await testNode()
    const probe = t.probe()
    probe.trapExit(true)
    const victim = t.spawn(async (self) => void (await self.receive()))
    probe.monitor(victim)
    probe.link(victim)
    probe.exitOther(victim, kill)
    expect((await probe.expectReceive(isDown)).reason).toBe(atom("killed"))
    expect((await probe.expectReceive(isExit)).pid).toBe(victim)
  })
  test("fails at the line of the test, with the mailbox, where it differs, and what was taken before", async () => {
    await using t = await testNode()
    const probe = t.probe()
    for (const message of ["ready", tuple(ok, 3), { kind: "note" }]) t.send(probe.pid, message)
    await probe.expectReceive("ready")
    const failed = await failure(probe.expectReceive(tuple(ok, 2), { within: 1 }))
    expect(plain(failed.message)).toBe(
      [
        "no message matched {:ok, 2} within 1 ms",
        "  the mailbox of probe <pid>, oldest first:",
        "    1. {:ok, 3}   (message[1] is 3, expected 2)",
        '    2. %{kind: "note"}   (message is %{kind: "note"}, expected {:ok, 2})',
        '  taken before: "ready"',
      ].join("\n"),
    )
    expect(failed.stack?.split("\n").find((line) => line.startsWith("    at "))).toMatch("probe.test.ts")
    const guarded = await failure(probe.expectReceive((m: unknown) => m === 9, { within: 1 }))
    expect(guarded.message).toMatch("no message matched (m) => m === 9 within 1 ms")
  })
  test("fails on an empty mailbox with the crashes that may be why", async () => {
    const t = await testNode()
    const probe = t.probe({ name: name("listener") })
    await t.startSupervised(counter, { arg: 0, name: COUNTER })
    t.cast(COUNTER).spoil()
    const failed = await failure(probe.expectReceive(anything, { within: 5 }))
    expect(plain(failed.message)).toMatch(
      [
        "no message matched anything within 5 ms",
        "  the mailbox of listener <pid> is empty",
        "  a process has crashed:",
        `    │ ✗ crash  counter <pid> on ${t.name}`,
        "    │   Error: out of ink",
        "    │   message   cast :spoil",
        "    │   state     %{count: 0}",
        "    │   under     umbel.test, user, init",
      ].join("\n"),
    )
    // It was told once.
    await t[Symbol.asyncDispose]()
  })
  test("fails when the probe itself has ended, at once", async () => {
    await using t = await testNode()
    const probe = t.probe()
    const waiting = failure(probe.expectReceive(1, { within: 60_000 }))
    probe.exit("enough")
    expect((await waiting).message).toMatch('no message matched 1: the probe ended with "enough"')
  })
  test("fails with a guard's own error", async () => {
    await using t = await testNode()
    const probe = t.probe()
    const waiting = probe.expectReceive(() => {
      throw new Error("my guard")
    })
    t.send(probe.pid, 1)
    await expect(waiting).rejects.toThrow("my guard")
    await probe.expectReceive(1)
  })
  test("one at a time", async () => {
    await using t = await testNode()
    const probe = t.probe()
    const first = probe.expectReceive(1)
    await expect(probe.expectReceive(2)).rejects.toThrow("this probe is waiting already")
    t.send(probe.pid, 1)
    await first
  })
})

describe("refute", () => {
  test("passes when nothing fits, and fails with the message that does", async () => {
    await using t = await testNode()
    const probe = t.probe()
    probe.refuteReceived(anything)
    await probe.refuteReceive(isText, { within: 1 })
    t.send(probe.pid, "text")
    const failed = await failure(() => probe.refuteReceived(isText))
    expect(plain(failed.message)).toBe(
      [
        'a message matched isText, and none was to: "text"',
        "  the mailbox of probe <pid>, oldest first:",
        '    1. "text"',
      ].join("\n"),
    )
    const waiting = failure(probe.refuteReceive(5, { within: 60_000 }))
    t.send(probe.pid, 5)
    expect((await waiting).message).toMatch("a message matched 5, and none was to: 5")
    probe.refuteReceived(6)
  })
})

describe("a probe in a server's place", () => {
  test("takes calls, here and written by hand, and answers, refuses, or ends", async () => {
    await using t = await testNode()
    const mailer = t.probe({ name: COUNTER })
    const answer = t.call(COUNTER).increment(2)
    const call = await mailer.expectCall(tuple(atom("increment"), 2))
    expect(call.request).toEqual(tuple(atom("increment"), 2))
    call.reply(42)
    expect(await answer).toBe(42)
    const no = t.call(COUNTER).get()
    ;(await mailer.expectCall(atom("get"))).refuse("closed")
    await expect(no).rejects.toBeInstanceOf(CallRefused)
    const failed = failure(mailer.expectCall(atom("get"), { within: 1 }))
    expect(plain((await failed).message)).toBe(
      "no call matched :get within 1 ms\n  the mailbox of counter <pid> is empty\n  taken before: call {:increment, 2}, call :get",
    )
    const [taken, untaken] = [t.call(COUNTER).get(), t.call(COUNTER).increment(1)]
    const both = Promise.allSettled([taken, untaken])
    await mailer.expectCall(atom("get"))
    mailer.exit(kill)
    expect((await both).map((one) => one.status === "rejected" && String(one.reason.reason))).toEqual([
      "killed",
      "killed",
    ])
  })
  test("says where a call differs", async () => {
    await using t = await testNode()
    const mailer = t.probe({ name: COUNTER })
    const answer = t.call(COUNTER).increment(3)
    const failed = await failure(mailer.expectCall(tuple(atom("increment"), 2), { within: 5 }))
    expect(failed.message).toMatch("(request[1] is 3, expected 2)")
    ;(await mailer.expectCall()).reply(0)
    await answer
  })
})

describe("startSupervised", () => {
  test("starts under the test's supervisor, which starts again, and stops in reverse order", async () => {
    const stopped: string[] = []
    const server = genServer("test.stops", {
      init: (id: string, self) => {
        self.trapExit(true)
        return { id }
      },
      terminate: ({ state }) => void stopped.push(state.id),
    })
    {
      await using t = await testNode()
      const first: Pid = await t.startSupervised(child(counter, { arg: 1, name: COUNTER }))
      for (const id of ["a", "b", "c"]) await t.startSupervised(server, { arg: id, id })
      await t.stopSupervised("b")
      expect(stopped).toEqual(["b"])
      t.cast(COUNTER).spoil()
      await t.expectCrash("out of ink")
      await t.settled()
      expect(t.whereis(COUNTER)).not.toBe(first)
      expect(await t.call(COUNTER).get()).toBe(1)
      expect((await failure(t.stopSupervised("b"))).message).toBe("no child of this test is called b")
    }
    expect(stopped).toEqual(["b", "c", "a"])
  })
  test("fails with what init threw, or with the id that is taken, at the line of the test", async () => {
    await using t = await testNode()
    const failed = await failure(t.startSupervised(counter, { arg: -1 }))
    expect(failed.message).toMatch(
      /^shop\.counter did not start: RangeError: a counter starts at 0 or more\n {4}at \S*init \(.*parts\.ts:\d+:1\)$/,
    )
    expect(failed.stack?.split("\n")[2]).toMatch("probe.test.ts")
    await t.startSupervised(counter, { arg: 1 })
    expect((await failure(t.startSupervised(counter, { arg: 1 }))).message).toBe(
      "shop.counter did not start: a child called shop.counter runs already; give one of them an `id`",
    )
  })
})

describe("the end of a test", () => {
  test("fails for a crash that nobody expected, with its report", async () => {
    const t = await testNode()
    await t.startSupervised(counter, { arg: 0, name: COUNTER })
    t.cast(COUNTER).spoil()
    await t.settled()
    const failed = await failure(t[Symbol.asyncDispose]())
    expect(plain(failed.message)).toMatch(
      /^a process crashed, which the test did not expect \(`await t\.expectCrash\(…\)` says that it does\):\n {2}✗ crash {2}counter <pid> on test-\w+@127\.0\.0\.1\n {4}Error: out of ink/,
    )
  })
  test("does not, where crashes are of no matter, or were expected", async () => {
    await using careless = await testNode({ unexpectedCrashes: "ignore" })
    careless.spawn(async () => {
      throw new Error("whatever")
    })
    await careless.settled()
    await using t = await testNode()
    t.spawn(async () => {
      throw new Error("expected")
    })
    const report = await t.expectCrash(/expec?ted/)
    expect(report.title).toBe("spawn")
    const failed = await failure(t.expectCrash("another", { within: 1 }))
    expect(failed.message).toBe('no crash matched "another" within 1 ms')
  })
  test("stops what was started by other means", async () => {
    const t = await testNode()
    await t.start(counter, { arg: 0 })
    await t[Symbol.asyncDispose]()
    expect(t.node.count).toBe(0)
  })
})

test("captured reports are those of a part of the test", async () => {
  await using t = await testNode()
  await t.startSupervised(counter, { arg: 0, name: COUNTER })
  t.node.reports.note("info", "test", "before")
  const during = await t.captureReports(() => t.cast(COUNTER).spoil())
  await t.expectCrash()
  expect(during.reports.map((report) => report.kind)).toEqual(["crash", "note"])
  expect(during.text).toMatch(/✗ crash {2}counter .*out of ink.*umbel\.test restarted counter/s)
  expect(t.reports.text).toMatch("before")
})

test("expectDown tells how something ended, or that it has not", async () => {
  await using t = await testNode()
  const pid = t.spawn(async (self) => void (await self.receive()))
  expect((await failure(t.expectDown(pid, { within: 1 }))).message).toMatch("has not ended within 1 ms")
  t.send(pid, "go")
  expect(String((await t.expectDown(pid)).reason)).toBe("normal")
})
