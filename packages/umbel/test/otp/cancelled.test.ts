/** A server learns when nobody waits for its answer any more: `self.cancelled`. */
import { afterEach, expect, test } from "vitest"
import { freePort } from "../../../../interop/support/ports.ts"
import { boot } from "../../src/nodejs/index.ts"
import { genServer, name } from "../../src/otp/index.ts"
import type { Node, Running } from "../../src/runtime/index.ts"

/** Lets a worker that is held go on. */
let release = (): void => {}

/** Works until it is cancelled or told to finish. */
const worker = genServer("test.worker", {
  init: () => ({ cancelled: 0, finish: [] as (() => void)[] }),
  calls: {
    work: (self) =>
      self.later(
        new Promise<string>((resolve) => {
          const { state } = self
          const late = () => {
            state.cancelled++
            resolve("too late")
          }
          if (self.cancelled.aborted) late()
          else self.cancelled.addEventListener("abort", late)
          state.finish.push(() => resolve("done"))
        }),
      ),
    finish: ({ state }) => {
      for (const finish of state.finish.splice(0)) finish()
    },
    /** Holds the server until told, so that what follows waits in its mailbox. */
    hold: () =>
      new Promise<void>((resolve) => {
        release = resolve
      }),
    cancelled: ({ state }) => state.cancelled,
    working: ({ state }) => state.finish.length,
  },
  casts: { wrongly: (self) => void self.cancelled },
})
const WORKER = name<typeof worker>("worker")

const nodes: Node[] = []
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop()
})
async function booted(options: Partial<Parameters<typeof boot>[0]> = {}): Promise<Node> {
  const node = await boot({ name: "a@127.0.0.1", report: () => {}, ...options })
  nodes.push(node)
  return node
}
async function withWorker(): Promise<Node> {
  const node = await booted()
  await node.start(worker, { name: WORKER })
  return node
}
const working = (node: Node, target: typeof WORKER) => expect.poll(() => node.call(target).working())
const cancelled = (node: Node, target: typeof WORKER) => expect.poll(() => node.call(target).cancelled())

test("a caller whose signal is aborted cancels the work", async () => {
  const node = await withWorker()
  const abort = new AbortController()
  const answer = node.call(WORKER, { signal: abort.signal }).work()
  await working(node, WORKER).toBe(1)
  abort.abort()
  await expect(answer).rejects.toThrow("aborted")
  await cancelled(node, WORKER).toBe(1)
  expect(node.calls.cancellations.size).toBe(0)
})

test("a caller whose time is up cancels the work", async () => {
  const node = await withWorker()
  await expect(node.call(WORKER, { timeout: 10 }).work()).rejects.toThrow("no answer within 10 ms")
  await cancelled(node, WORKER).toBe(1)
})

test("a caller that ends cancels the work", async () => {
  const node = await withWorker()
  const caller = node.spawn(async (self) => void (await self.call(WORKER).work()))
  await working(node, WORKER).toBe(1)
  node.exit(caller, "gone")
  await cancelled(node, WORKER).toBe(1)
})

test("an answered call cancels nothing and leaves nothing behind", async () => {
  const node = await withWorker()
  const answer = node.call(WORKER).work()
  await node.call(WORKER).finish()
  expect(await answer).toBe("done")
  expect(await node.call(WORKER).cancelled()).toBe(0)
  expect(node.calls.cancellations.size).toBe(0)
})

test("outside of a call there is nothing to be cancelled: the server crashes, and says why", async () => {
  const reasons: unknown[] = []
  const node = await booted({ report: (report) => void (report.kind === "crash" && reasons.push(report.error)) })
  const pid = await node.start(worker)
  node.cast(pid).wrongly()
  await expect.poll(() => reasons).toHaveLength(1)
  expect(String(reasons[0])).toContain("self.cancelled is for handlers of calls")
})

test("a caller on another node cancels by its signal, and by its end", async () => {
  const cluster = { cookie: "secret", epmdPort: await freePort() }
  const here = await booted({ name: "here@127.0.0.1", ...cluster })
  const there = await booted({ name: "there@127.0.0.1", ...cluster })
  await there.start(worker, { name: WORKER })
  const far = WORKER.at("there@127.0.0.1")
  const abort = new AbortController()
  const answer = here.call(far, { signal: abort.signal }).work()
  await working(there, WORKER).toBe(1)
  abort.abort()
  await expect(answer).rejects.toThrow("aborted")
  await cancelled(there, WORKER).toBe(1)
  const caller = here.spawn(async (self: Running) => void (await self.call(far).work()))
  await working(there, WORKER).toBe(2)
  here.exit(caller, "gone")
  await cancelled(there, WORKER).toBe(2)
})

test("callers that gave up while the server was busy with others cancel what it then begins", async () => {
  const cluster = { cookie: "secret", epmdPort: await freePort() }
  const here = await booted({ name: "here@127.0.0.1", ...cluster })
  const there = await booted({ name: "there@127.0.0.1", ...cluster })
  await there.start(worker, { name: WORKER })
  const before = release
  const held = there.call(WORKER).hold()
  await expect.poll(() => release !== before).toBe(true)
  const far = WORKER.at("there@127.0.0.1")
  // Of its own node's it does not even begin them.
  const gaveUp = [here, there].flatMap((node) =>
    Array.from({ length: 50 }, () => node.call(node === here ? far : WORKER, { timeout: 1 }).work()),
  )
  const answers = await Promise.allSettled(gaveUp)
  expect(answers.every(({ status }) => status === "rejected")).toBe(true)
  // What comes after the ends of its monitors on the same connection, comes after them.
  const waiting = here.call(far).work()
  release()
  await held
  await working(there, WORKER).toBe(51)
  expect(await there.call(WORKER).cancelled()).toBe(50)
  await there.call(WORKER).finish()
  expect(await waiting).toBe("done")
  expect(there.calls.cancellations.size).toBe(0)
})
