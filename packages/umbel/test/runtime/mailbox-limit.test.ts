/** Mailboxes with a limit, aliases, and what a process keeps for itself. */
import { type Down, genServer, isDown, type MailboxLimit, type Node, type Ref } from "umbel"
import { boot } from "umbel/nodejs"
import { describeReport } from "umbel/otp"
import { afterEach, beforeEach, describe, expect, test } from "vitest"

let node: Node
const reports: string[] = []
beforeEach(async () => {
  reports.length = 0
  node = await boot({ name: "limit@127.0.0.1", report: (report) => reports.push(describeReport(report)) })
})
afterEach(() => node.stop())

/** A server that is held until it is let go, and remembers what it was sent. */
const holding = (mailbox: MailboxLimit) => {
  let release = (): void => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const server = genServer("test.holding", {
    init: () => ({ got: [] as unknown[] }),
    mailbox,
    calls: { got: ({ state }) => state.got, ask: () => "answer" },
    async info(self, message) {
      if (message === "hold") await gate
      else self.state.got.push(isDown(message) ? "down" : message)
    },
    casts: {
      watchOne(self) {
        self.monitor(self.spawn(async () => {}))
      },
    },
  })
  return { server, release }
}

describe("a mailbox with a limit", () => {
  test("drops the newest, and tells a caller at once", async () => {
    const { server, release } = holding({ limit: 2 })
    const pid = await node.start(server)
    node.send(pid, "hold")
    await new Promise(setImmediate)
    for (const n of [1, 2, 3]) node.send(pid, n)
    await expect(node.call(pid).ask()).rejects.toMatchObject({ reason: { text: "mailbox_full" } })
    release()
    await expect.poll(() => node.find(pid)?.size).toBe(0)
    expect(await node.call(pid).got()).toEqual([1, 2])
    expect(reports.join("\n")).toContain("has 2 messages waiting, its limit; 1 met it full so far (drop_newest)")
  })
  test("drops the oldest", async () => {
    const { server, release } = holding({ limit: 2, policy: "drop_oldest" })
    const pid = await node.start(server)
    node.send(pid, "hold")
    await new Promise(setImmediate)
    for (const n of [1, 2, 3]) node.send(pid, n)
    release()
    // Not by calling it: that would be one more message to a full mailbox.
    await expect.poll(() => node.find(pid)?.size).toBe(0)
    expect(await node.call(pid).got()).toEqual([2, 3])
  })
  test("ends its process", async () => {
    const { server } = holding({ limit: 1, policy: "exit" })
    const pid = await node.start(server)
    const ended = new Promise<Down>((resolve) => node.monitor(pid, resolve))
    node.send(pid, "hold")
    await new Promise(setImmediate)
    for (const n of [1, 2]) node.send(pid, n)
    expect((await ended).reason).toMatchObject({ text: "mailbox_full" })
  })
  test("never drops what the runtime sends", async () => {
    const { server, release } = holding({ limit: 1 })
    const pid = await node.start(server)
    node.cast(pid).watchOne()
    node.send(pid, "hold")
    await new Promise(setImmediate)
    for (const n of [1, 2, 3]) node.send(pid, n)
    release()
    await expect.poll(() => node.find(pid)?.size).toBe(0)
    const got = await node.call(pid).got()
    expect(got).toContain("down")
    expect(got).toHaveLength(2)
  })
  test("has a limit that is one", () => {
    node.spawn(async (self) => {
      expect(() => self.limitMailbox({ limit: 0 })).toThrow("whole number from 1")
    })
  })
})

describe("an alias", () => {
  test("reaches its process until it is taken back, or the process ends", async () => {
    const got: unknown[] = []
    let alias: Ref | undefined
    let other: Ref | undefined
    const pid = node.spawn(async (self) => {
      alias = self.alias()
      other = self.alias()
      for (;;) {
        const message = await self.receive()
        got.push(message)
        if (message === "enough") got.push(self.unalias(alias), self.unalias(alias))
      }
    })
    await expect.poll(() => other).toBeDefined()
    node.send(alias!, 1)
    node.send(alias!, "enough")
    await expect.poll(() => got).toEqual([1, "enough", true, false])
    node.send(alias!, "unheard")
    node.send(other!, 2)
    await expect.poll(() => got).toHaveLength(5)
    node.exit(pid, "gone")
    node.send(other!, "unheard")
    expect(got.at(-1)).toBe(2)
  })
})

test("a dictionary is its process's own", async () => {
  const kept = await new Promise((resolve) => {
    node.spawn(async (self) => {
      self.dictionary.set("key", 1)
      resolve(self.dictionary.get("key"))
    })
  })
  expect(kept).toBe(1)
})
