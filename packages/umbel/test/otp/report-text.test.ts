/** Reports as people read them. */
import { expect, test } from "vitest"
import { boot } from "../../src/nodejs/index.ts"
import { describeReport, genServer } from "../../src/otp/index.ts"
import type { CrashReport } from "../../src/runtime/index.ts"
import { atom, makePid, tuple } from "../../src/term/index.ts"

const pid = makePid("a@host", 12, 0, 1)
const error = new TypeError('cannot add "two"')
error.stack = [
  'TypeError: cannot add "two"',
  "    at increment (/app/shop/counter.ts:14:11)",
  "    at Server.step (/app/node_modules/umbel/dist/otp/server.js:80:5)",
  "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
].join("\n")
const crash: CrashReport = {
  kind: "crash",
  at: 0,
  node: "a@host",
  pid,
  title: "shop.counter",
  reason: tuple(error, []),
  error,
  message: 'call {:increment, "two"}',
  state: { count: 5, password: "hunter2" },
  ancestors: ["shop.stores", "init"],
  unread: 3,
}

test("a crash says who, why, where in the user's own source, with which message and state, and under whom", () => {
  expect(describeReport(crash)).toMatchInlineSnapshot(`
    "✗ crash  shop.counter <0.12.0> on a@host
      TypeError: cannot add "two"
          at increment (/app/shop/counter.ts:14:11)
      message   call {:increment, "two"}
      state     %{count: 5, password: "[redacted]"}
      under     shop.stores, init
      unread    3 messages"
  `)
})

test("an exit without a throw shows its reason", () => {
  const exit: CrashReport = {
    ...crash,
    reason: tuple(atom("boom"), 1),
    error: undefined,
    message: undefined,
    state: undefined,
    unread: 0,
  }
  expect(describeReport(exit)).toMatchInlineSnapshot(`
    "✗ crash  shop.counter <0.12.0> on a@host
      exit {:boom, 1}
      under     shop.stores, init"
  `)
})

test("a handler that held the thread, and notes, are a line each", () => {
  expect(describeReport({ kind: "long-handler", at: 0, node: "a@host", pid, title: "shop.counter", ms: 81.4 })).toMatch(
    /shop\.counter <0\.12\.0> held the thread for 81 ms/,
  )
  expect(
    describeReport({ kind: "note", at: 0, node: "a@host", level: "warning", from: "supervisor", text: "x gives up" }),
  ).toBe("! supervisor  x gives up")
})

test("paint marks words and takes nothing away", () => {
  const mark = (text: string): string => `<${text}>`
  const painted = describeReport(crash, { bad: mark, warn: mark, dim: mark, strong: mark })
  expect(painted.replace(/[<>]/g, "")).toBe(describeReport(crash).replace(/[<>]/g, ""))
})

test("a crash tells of the message in hand and of the first ones behind it, with what sounds like a secret covered", async () => {
  const told: string[] = []
  const door = genServer("text.door", {
    init: () => ({}),
    calls: {
      open: async (_self, key: { password: string }) => {
        await gate
        throw new Error(`no ${typeof key.password}`)
      },
    },
    casts: { knock: () => {} },
  })
  let open = (): void => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const node = await boot({ name: "text@127.0.0.1", report: (report) => told.push(describeReport(report)) })
  const door1 = await node.start(door)
  const failed = node
    .call(door1)
    .open({ password: "hunter2" })
    .catch(() => {})
  for (let n = 0; n < 7; n++) node.send(door1, { n, token: "t" })
  node.cast(door1).knock()
  open()
  await failed
  expect(told.at(-1)).toContain('  message   call {:open, %{password: "[redacted]"}}')
  expect(told.at(-1)).toContain('  unread    8 messages: %{n: 0, token: "[redacted]"}, ')
  expect(told.at(-1)).toMatch(/%\{n: 4, token: "\[redacted\]"\}, …$/)
  await node.stop()
})
